#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a cmocka program and mends its TAP: cmocka 1.1 says "not ok" of a test
# that was skipped, which would be counted as a failure.
set -o pipefail
"$@" | sed 's/^not ok \([0-9]*\) # SKIP/ok \1 # SKIP/'

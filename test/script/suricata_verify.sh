#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every fifth rule test of another engine: alerts by sid as expected. The whole
# is test/differential/suricata_verify.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 test/differential/suricata_verify.py build/release/tenet \
    --every 5 --at-least 90

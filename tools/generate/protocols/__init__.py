# SPDX-License-Identifier: Apache-2.0
"""Payloads, one protocol a module: pure functions from values to bytes."""

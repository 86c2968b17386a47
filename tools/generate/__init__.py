# SPDX-License-Identifier: Apache-2.0
"""Turns recipes into captures, the same bytes every time. See data/recipes/README.md."""

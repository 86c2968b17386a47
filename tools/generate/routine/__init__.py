# SPDX-License-Identifier: Apache-2.0
"""What devices do when nothing is wrong, including what merely looks wrong."""

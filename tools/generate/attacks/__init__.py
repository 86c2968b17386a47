# SPDX-License-Identifier: Apache-2.0
"""What hostile or careless devices do; every activity here declares its ground truth."""

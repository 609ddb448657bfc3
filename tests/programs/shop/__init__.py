# SPDX-License-Identifier: GPL-3.0-or-later
"""A web shop that leaks in every way the textbooks know. leaky.py runs it; each module has its
own sins.
"""

# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low default-argument the default of __main__.edit_distance(memo=) is a dict of 13,161
"""The recursive function with memo={} as its default, called with ever new arguments."""
import sys


def edit_distance(a, b, memo={}):
    if not a or not b:
        return len(a) + len(b)
    key = a, b
    if key not in memo:
        memo[key] = min(edit_distance(a[1:], b) + 1, edit_distance(a, b[1:]) + 1,
                        edit_distance(a[1:], b[1:]) + (a[0] != b[0]))
    return memo[key]


for n in range(150):
    edit_distance("warehouse%d" % n, "horse%d" % (n * 7))
print("ready")
sys.stdout.flush()
sys.stdin.readline()

# SPDX-License-Identifier: GPL-3.0-or-later
"""A cache that nobody empties: results by request."""
# finds: medium container __main__.RESULTS, a dict of 20,000
# versions: all
import sys
import time


RESULTS = {}


def compute(request):
    if request not in RESULTS:
        RESULTS[request] = ("result of " + request) * 10
    return RESULTS[request]


for number in range(20000):
    compute("request %d" % number)

print("ready")
sys.stdout.flush()
time.sleep(1000)

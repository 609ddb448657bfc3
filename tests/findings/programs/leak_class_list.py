# SPDX-License-Identifier: GPL-3.0-or-later
"""A class remembers all of its instances."""
# finds: low container __main__.Session.everyone* 1,000 __main__.Session
# versions: all
import sys
import time


class Session(object):
    everyone = []

    def __init__(self, user):
        self.user = user
        Session.everyone.append(self)


for number in range(1000):
    Session("user %d" % number)

print("ready")
sys.stdout.flush()
time.sleep(1000)

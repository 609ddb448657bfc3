# SPDX-License-Identifier: GPL-3.0-or-later
"""A list that is being sorted: its items are in C's hands meanwhile."""
import time


class Held(object):
    """In the list."""


def key(item):
    print("ready", flush=True)
    time.sleep(1000)


LIST = [Held() for _ in range(10)]
LIST.sort(key=key)

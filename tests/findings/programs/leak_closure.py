# SPDX-License-Identifier: GPL-3.0-or-later
"""A handler that needs one number and keeps the table it came from."""
# finds: medium closure the closure __main__.make_handler.<locals>.handler keeps * alive through `table`
# versions: all
import sys
import time


HANDLERS = {}


def make_handler(size):
    table = [str(number) for number in range(size)]

    def handler():
        return len(table)

    return handler


HANDLERS["report"] = make_handler(100000)

print("ready")
sys.stdout.flush()
time.sleep(1000)

# SPDX-License-Identifier: GPL-3.0-or-later
"""A handler that needs one number and keeps the table it came from."""
# finds: medium closure the closure __main__.make_handler.<locals>.handler keeps * alive through `table`
# finds: medium closure the closure __main__.make_finder.<locals>.find keeps * alive through `index`
# says: closure hold only what is needed of an app.Index of 50,000
# versions: all
import sys
import time


HANDLERS = {}


def make_handler(size):
    table = [str(number) for number in range(size)]

    def handler():
        return len(table)

    return handler


class Index(list):
    __module__ = "app"


def make_finder(size):
    index = Index(str(number) for number in range(size))

    def find():
        return len(index)

    return find


HANDLERS["report"] = make_handler(100000)
HANDLERS["find"] = make_finder(50000)

print("ready")
sys.stdout.flush()
time.sleep(1000)

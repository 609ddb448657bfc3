# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low suspended 150 generators of lines() leak_book_generator.py:
"""Pages of a report as generators, begun to show the first line, then forgotten in a dict of views."""
import sys

VIEWS = {}


def lines(report):
    table = ["line %d of report %d" % (i, report) for i in range(200)]
    for line in table:
        yield line


def preview(report):
    view = lines(report)
    VIEWS[report] = view
    return next(view)


for report in range(150):
    preview(report)
print("ready")
sys.stdout.flush()
sys.stdin.readline()

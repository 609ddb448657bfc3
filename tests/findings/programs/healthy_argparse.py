# SPDX-License-Identifier: GPL-3.0-or-later
"""A command line tool that has read its own library's sources into a table and waits at its prompt."""
import argparse
import collections
import os
import re
import sys
import tokenize


def parser():
    top = argparse.ArgumentParser(description="counts names in Python files")
    kinds = top.add_subparsers(dest="command")
    count = kinds.add_parser("count")
    count.add_argument("files", nargs="*")
    count.add_argument("--least", type=int, default=2)
    count.add_argument("--only", type=re.compile)
    kinds.add_parser("list").add_argument("--long", action="store_true")
    return top


def words(path):
    with open(path, "rb") as file:
        text = file.read().decode("utf-8", "replace")
    return re.findall("[A-Za-z_][A-Za-z_0-9]*", text)


folder = os.path.dirname(tokenize.__file__)
files = [os.path.join(folder, name) for name in ("argparse.py", "tokenize.py", "os.py", "re.py", "collections/__init__.py")]
args = parser().parse_args(["count", "--least", "3"] + [name for name in files if os.path.exists(name)])
table = collections.Counter()
for name in args.files:
    table.update(words(name))
common = [(count, word) for word, count in table.items() if count >= args.least]
common.sort(reverse=True)
print("ready")
sys.stdout.flush()
sys.stdin.readline()

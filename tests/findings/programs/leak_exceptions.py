# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors kept for later, with all that was on the stack when they were raised."""
# finds: low exceptions 50 kept ValueError keep the locals of their tracebacks' frames alive, like __main__.ERRORS[*
# finds: low exceptions __main__.Service.last_error keeps the locals
# versions: all
import sys
import time


ERRORS = []


class Service(object):
    last_error = None


def parse(number):
    scratch = "scratch %d " % number * 500
    raise ValueError("cannot parse %d of %d" % (number, len(scratch)))


def work(number):
    lines = ["line"] * 1000
    try:
        parse(number)
    except ValueError as error:
        ERRORS.append(error)
    return lines


def connect():
    block = bytearray(100000)
    raise OSError("not there, %d" % len(block))


for number in range(50):
    work(number)
try:
    connect()
except OSError as error:
    Service.last_error = error

print("ready")
sys.stdout.flush()
time.sleep(1000)

# SPDX-License-Identifier: GPL-3.0-or-later
# versions: all
# finds: low container Service.handle.__globals__['SESSIONS']* 300 Session
"""A program that a library runs with exec(), as twistd does with a .tac file: its globals are no module's."""
import logging
import sys

SOURCE = """
SESSIONS = {}

class Session:
    def __init__(self, number):
        self.number, self.data = number, "d" * 400 + str(number)

class Service:
    def handle(self, number):
        SESSIONS[number] = Session(number)

    def filter(self, record):
        return True
"""
SOURCE += "".join("SETTING_%d = [%d] * 40\n" % (n, n) for n in range(200))


def load():
    names = {}
    exec(compile(SOURCE, "service.tac", "exec"), names)
    return names["Service"]()


service = load()
logging.getLogger("service").addFilter(service)
for number in range(300):
    service.handle(number)
del service
print("ready")
sys.stdout.flush()
sys.stdin.readline()

# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low container __main__.Sessions._instance.by_token* 3,000 __main__.Session
"""Sessions by token in a dict of a singleton's instance, never expired; each with a cart and the pages it saw."""
import sys
import uuid


class Session(object):
    def __init__(self, user):
        self.user = user
        self.cart = []
        self.pages = ["/page/%d" % n for n in range(10)]


class Sessions(object):
    _instance = None

    def __new__(cls):
        if cls._instance is None:
            cls._instance = super(Sessions, cls).__new__(cls)
            cls._instance.by_token = {}
        return cls._instance

    def open(self, user):
        token = uuid.uuid4().hex
        self.by_token[token] = Session(user)
        return token


for n in range(3000):
    Sessions().open("user %d" % n)
print("ready")
sys.stdout.flush()
sys.stdin.readline()

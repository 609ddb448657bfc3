# SPDX-License-Identifier: GPL-3.0-or-later
"""What `replay` asks about: objects held in many ways. Says "ready", then evaluates the expressions that it is sent, one a
line, and answers with id() of each value.
"""
import collections
import functools
import json
import sys


class Slotted(object):
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right


class Node(object):
    registry = {}
    everyone = []

    def __init__(self, name, parent=None):
        self.name = name
        self.parent = parent
        self.children = []
        self.extra = {"text": ["a %s" % name], 7: (name, [name])}
        Node.everyone.append(self)

    def method(self):
        return self

    @staticmethod
    def plain(value=(object(), [object()])):
        return value

    @classmethod
    def made(cls):
        return cls("made")

    @property
    def shown(self):
        return self.name


class Child(Node):
    def __init__(self, name, parent):
        Node.__init__(self, name, parent)
        self.own = Slotted([object()], {"deep": {"deeper": [object(), (object(), object())]}})


def closure():
    kept = [object(), {"in": "closure"}]

    def inner():
        return kept
    return inner


@functools.wraps(closure)
def wrapped():
    return None


CACHE = {"k": [object(), {"a b": object(), "it's": object(), "x" * 300: object()}], 3: [object()], (1, 2): [object()]}
TREE = Node("root")
for index in range(20):
    TREE.children.append(Child("child %d" % index, TREE))
HOOK = closure()
BOUND = TREE.method
PARTIAL = functools.partial(Node.plain, [object()])
QUEUE = collections.deque([[object()], [object()]])
ORDERED = collections.OrderedDict([("one", [object()]), ("two", [object()])])
DEFAULT = collections.defaultdict(list, {"x": [object()]})
NAMED = collections.namedtuple("Named", "first second")([object()], [object()])
wrapped.attribute = [object()]
wrapped.__dict__["not a name"] = [object()]
FOREIGN = json.JSONEncoder()
FOREIGN.added = [object()]

print("ready")
sys.stdout.flush()
for line in iter(sys.stdin.readline, ""):
    try:
        print("%d" % id(eval(line, {"sys": sys})))
    except Exception as error:
        print("%s: %s" % (type(error).__name__, error))
    sys.stdout.flush()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Rings of several forms: what is to be cut is something that a program can cut, and enough. The program tries it itself before it says so."""
# finds: low garbage-rings 200 reference cycles of garbage through __main__.Node
# says: garbage-rings without the references Node.left, .owner (weak ones, or None when done) they would be freed at once
# says: garbage-rings without the reference Pipeline.on_complete (a weak one, or None when done) they would be freed at once
# says: garbage-rings without the reference ValueError.__traceback__ (a weak one, or None when done) they would be freed at once
# says: garbage-rings without the reference Child.parent (a weak one, or None when done) they would be freed at once
# says: garbage-rings without the reference Inner.peer (a weak one, or None when done) no cycle is left, and * would be freed at once; the others are held
# says: garbage-rings no reference of this ring can be taken out: only a collection frees it
# never: __closure__ (
# never: tb_frame (
# versions: all
import gc
import sys
import time
import weakref


class Node(object):
    __slots__ = ("left", "right", "owner", "__weakref__")


class Pipeline(object):
    on_complete = None


class Worker(object):
    def go(self):
        try:
            raise ValueError("boom")
        except ValueError as error:
            self.error = error
            error = error.args


class Parent(object):
    def __init__(self):
        self.children = []


class Child(object):
    def __init__(self, parent):
        self.parent = parent


class Inner(object):
    pass


class Outer(object):
    pass


def nodes():
    a, b = Node(), Node()
    a.left, b.right, a.owner = b, a, [a, b]
    return a


def pipeline():
    p = Pipeline()

    def handler(result):
        p.on_complete = None

    p.on_complete = handler
    return p


def worker():
    w = Worker()
    w.go()
    return w


def family():
    parent = Parent()
    parent.children = [Child(parent) for _ in range(3)]
    return parent


def nested():
    outer, inner = Outer(), Inner()
    inner.peer = Inner()
    inner.peer.peer = inner
    outer.me, outer.inner = outer, inner


def local_class():
    class Local(object):
        pass

    return Local.__name__


def cut_nodes(a):
    a.left = a.owner = None


def cut_worker(w):
    w.error.__traceback__ = None


def cut_family(parent):
    for child in parent.children:
        child.parent = None


def cut_pipeline(p):
    p.on_complete = None


gc.disable()
for make, cut in (nodes, cut_nodes), (pipeline, cut_pipeline), (worker, cut_worker), (family, cut_family):
    made = make()
    seen = weakref.ref(made)
    cut(made)
    del made
    assert seen() is None, make
for _ in range(200):
    nodes()
    pipeline()
    worker()
    family()
    nested()
    local_class()

print("ready")
sys.stdout.flush()
time.sleep(1000)

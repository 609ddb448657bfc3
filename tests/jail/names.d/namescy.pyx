# SPDX-License-Identifier: GPL-3.0-or-later
# Cython's classes for tests/jail/names: one, one that derives from it, one of the same size, a closure, a generator.

cdef class Node:
    cdef public Node parent
    cdef public list children
    cdef double weight
    cdef object label

    def __init__(self, label):
        self.label = label
        self.children = []


cdef class Leaf(Node):
    cdef object payload

    def put(self, payload):
        self.payload = payload


cdef class Twin:
    cdef Node twin_parent
    cdef list twin_children
    cdef double weight
    cdef object twin_label

    def fill(self, parent, children, label):
        self.twin_parent, self.twin_children, self.twin_label = parent, children, label


def closure(first, second):
    third = [second]

    def inner():
        return first, second, third
    return inner


def walk(items):
    for item in items:
        yield item

# SPDX-License-Identifier: GPL-3.0-or-later
# Cython's classes for tests/jail/names: one, one that derives from it, two of the same size, a closure, a generator.

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


# Its struct has a name of its own, and just the size of Twin's.
cdef public class Public [object PublicStruct, type PublicType]:
    cdef object public_first
    cdef double weight
    cdef list public_second, public_third

    def fill(self, first, second):
        self.public_first, self.public_second = first, second


def closure(first, second):
    third = [second]

    def inner():
        return first, second, third
    return inner


def walk(items):
    for item in items:
        yield item

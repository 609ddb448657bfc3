# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low container __main__.Model.instances['Row']* 3,000 __main__.Row
"""A metaclass that keeps every class made; and every class keeps its instances, by name, in a defaultdict of the base."""
import collections
import sys


class Meta(type):
    classes = {}

    def __init__(cls, name, bases, namespace):
        super(Meta, cls).__init__(name, bases, namespace)
        Meta.classes[name] = cls


Model = Meta("Model", (object,), {"instances": collections.defaultdict(list)})


class Row(Model):
    def __init__(self, values):
        self.values = values
        self.instances[type(self).__name__].append(self)


def request(n):
    form = Meta("Form%d" % n, (Model,), {"fields": ["field"] * 30, "__doc__": "made for request %d" % n})
    return form


for n in range(300):
    request(n)
for n in range(3000):
    Row(list(range(n, n + 40)))
print("ready")
sys.stdout.flush()
sys.stdin.readline()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that only numpy's arrays, dtypes and the datetime module's objects hold: nothing of which
the collector knows."""
import datetime
import gc
import sys
import time

import numpy as np


class Leaf:
    def __init__(self, name):
        self.name = name


class Array(np.ndarray):
    pass


class Moment(datetime.datetime):
    pass


class Zone(datetime.tzinfo):
    def __init__(self, name):
        self.leaf = Leaf(name)


class Box:
    pass


def array_of(leaf):
    array = np.empty(1, dtype=object)
    array[0] = Leaf(leaf)
    return array


box = Box()
box.row = array_of('row')
box.table = np.empty((2, 3), dtype=object)
box.table[1, 2] = Leaf('table')
box.view = array_of('view')[::1]
box.fields = np.zeros(4, dtype=[('a', 'i4'), ('b', 'O'), ('c', [('x', 'f8'), ('y', 'O')])])
box.fields['b'][1] = Leaf('field')
box.fields['c']['y'][2] = Leaf('inner field')
record = np.zeros(2, dtype=[('a', 'i4'), ('b', 'O')])
record['b'][1] = Leaf('record')
box.record = record[1]
del record
box.turned = np.empty((2, 3, 4), dtype=object).transpose(2, 0, 1).copy(order='K')
box.turned[3, 1, 2] = Leaf('turned')
box.derived = array_of('derived').view(Array).copy()
box.large = np.empty(20000, dtype=object).view(Array).copy()
box.large[19999] = Leaf('large')
box.flat = array_of('flat').flat
box.dtype = np.dtype('f8', metadata={'leaf': Leaf('dtype')})
box.time = datetime.time(1, 2, tzinfo=Zone('time'))
box.datetime = datetime.datetime(2020, 1, 1, tzinfo=Zone('datetime'))
box.moment = Moment(2020, 1, 1, tzinfo=Zone('moment'))
gc.collect()
print('ready', flush=True)
while True:
    time.sleep(1000)

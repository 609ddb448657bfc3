# SPDX-License-Identifier: GPL-3.0-or-later
"""program.py FRAMES TRUTH: allocates with tracemalloc on, tells in TRUTH what tracemalloc knows, and aborts.

The truth is told by a forked child, so that telling it does not change the heap that is dumped. TRUTH is JSON:
traceback of each object by its address, the traces as (domain, size, traceback), and the module's numbers.
"""
import _tracemalloc
import ctypes
import gc
import json
import os
import sys
import threading
import tracemalloc

KEPT = []
DOMAINS = (7, 389047)


class Plain(object):
    pass


class Slotted(object):
    __slots__ = ('a', '__weakref__')


class Words(str):
    pass


def deep(n, make):
    return make() if n == 0 else deep(n - 1, make)


def allocate():
    for i in range(300):
        KEPT.append(Plain())
        KEPT[-1].name = 'name %d' % i
        KEPT.append(Slotted())
        KEPT.append(Words('w%d' % i))
        KEPT.append({i: [i], 'x': (i, 'tuple %d' % i)})
        KEPT.append(set([i + 1000, 'y']))
        KEPT.append(deep(i % 40, lambda: [object()]))
        KEPT.append(b'bytes %d' % i)
        KEPT.append(i * 1000003 + 12345678901)
        KEPT.append(lambda: i)
    KEPT.append(bytearray(100000))
    KEPT.append(type('Made', (object,), {'__slots__': ()}))
    space = {}
    exec(compile('def named():\n    return [[], {}, "\\u4e2d" * 9]\n', 'dir/n\xe4me \u4e2d.py', 'exec'), space)
    KEPT.append(space['named']())


def in_threads():
    gates = [threading.Thread(target=allocate) for _ in range(3)]
    for gate in gates:
        gate.start()
    for gate in gates:
        gate.join()


def track_in_domains():
    """Blocks that an extension says it has; where the function is exported."""
    track = getattr(ctypes.pythonapi, 'PyTraceMalloc_Track', None) or getattr(
        ctypes.pythonapi, '_PyTraceMalloc_Track', None)
    if track is None:
        return False
    track.argtypes = [ctypes.c_uint, ctypes.c_size_t, ctypes.c_size_t]
    for i in range(100):
        track(DOMAINS[i % 2], 0x10000 + 64 * i, 1000 + i)
    track(DOMAINS[0], id(KEPT[0]), 77)  # the same address in two domains
    return True


def frames_of(traceback):
    return [list(frame) for frame in traceback]


def traceback_of(o):
    """3.11 asks for a block of an instance with attributes 16 bytes behind its beginning: here it is asked rightly."""
    if sys.version_info[:2] == (3, 11) and type(o).__flags__ & 1 << 4:
        get = ctypes.pythonapi._PyTraceMalloc_GetTraceback
        get.argtypes, get.restype = [ctypes.c_uint, ctypes.c_size_t], ctypes.py_object
        return get(0, id(o) - 32)
    return _tracemalloc._get_object_traceback(o)


END = sys._getframe().f_lineno  # what is allocated below differs between parent and child


def tell(path, objects):
    own = _tracemalloc.get_tracemalloc_memory()
    traced = _tracemalloc.get_traced_memory()
    traces = _tracemalloc._get_traces()
    told = {}
    for o in objects:
        traceback = traceback_of(o)
        told['0x%x' % id(o)] = None if traceback is None else frames_of(traceback)
    with open(path + '.part', 'w') as out:
        json.dump({'own': own, 'traced': traced, 'limit': tracemalloc.get_traceback_limit(), 'objects': told,
                   'end': END, 'file': __file__, 'traces': [[t[0], t[1], frames_of(t[2])] for t in traces]}, out)
    os.rename(path + '.part', path)


def main():
    frames, path, domains = int(sys.argv[1]), sys.argv[2], sys.argv[3:] == ['domains']
    before = [Plain(), [1], {}]
    tracemalloc.start(frames)
    allocate()
    in_threads()
    if domains:
        track_in_domains()
    libc = ctypes.PyDLL(None)  # os.fork() would run hooks, which allocate
    fork, waitpid, abort = libc.fork, libc.waitpid, libc.abort
    fork.argtypes, waitpid.argtypes = [], [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
    gc.collect()
    objects = KEPT + before + [sys, int, None, KEPT] + [o.__dict__ for o in KEPT if type(o) is Plain]
    objects += [o for o in gc.get_objects() if type(o).__name__ in ('function', 'dict', 'list', 'tuple')][:3000]
    child = fork()
    if child == 0:
        try:
            tell(path, objects)
        finally:
            os._exit(0)
    waitpid(child, None, 0)
    abort()


main()

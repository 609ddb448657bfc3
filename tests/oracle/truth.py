# SPDX-License-Identifier: GPL-3.0-or-later
"""The truth about one heap, told by the interpreter that owns it.

    truth.py WORKLOAD OUTDIR [--pause]

Runs inside the interpreter under test (CPython 2.7 to 3.15, standard library only).  It builds the
workload's heap, forks children that ask their own gc module (addresses are the same in a child,
and the parent's heap stays as it was), then dies into a core, or with --pause waits to be read.

    truth.1 truth.2     two children, each: every tracked object and all that is reachable from one
    collect.0 .1 .2     one child each: what gc.collect(N) finds unreachable, before any finalizer
    core*               the parent

Lines of truth.N, addresses in hexadecimal, "-" for unknown:
    H name value                                 the interpreter and its collector
    O addr type gen tracked size ref,ref,...     gen: 0 1 2 p (permanent) - (none)
    T addr sizeof name                           sizeof: the class that defines __sizeof__
    L addr line                                  where a traceback, frame, generator ... stands
    E                                            the end: a file without it was cut off

A workload is a file that builds objects when executed; if it defines run(snapshot), it is called
and decides where the picture is taken (inside a coroutine, an except block, beside threads).
Exit status 77 and a last line of words mean that this interpreter cannot have it; the comment
"# needs: 3.7" says so for versions that could not even compile it.

Between the fork of the first child and the end, the parent runs no Python code that keeps a new
object, and it never gives up the GIL: PyDLL keeps it through every call.  fork is the C library's
own, so no at-fork hook runs and the states of the other threads stay as they are.
"""
import ctypes
import gc
import os
import sys
import time

HAS_GENERATIONS = sys.version_info >= (3, 8)
FREE_THREADED = 't' in getattr(sys, 'abiflags', '')
CHILD_SECONDS = 300

libc = ctypes.PyDLL(None)
fork, abort, pause = libc.fork, libc.abort, libc.pause
waitpid, alarm, exit_now = libc.waitpid, libc.alarm, libc._exit
prctl = libc.prctl

PR_SET_PTRACER = 0x59616d61     # where Yama is on, lets any process of this user read this one


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data):]


def write_file(name, lines):
    # The name appears only when the whole file is there.
    fd = os.open(name + '.part', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for at in range(0, len(lines), 4096):
        write_all(fd, ('\n'.join(lines[at:at + 4096]) + '\n').encode('utf-8', 'replace'))
    os.close(fd)
    os.rename(name + '.part', name)


# ---------------------------------------------------------------- the lists, first act of a child

def after(objects, mark):
    for at, one in enumerate(objects):
        if one is mark:
            return at + 1
    raise RuntimeError('the mark is not in its list')


def lists_by_generation(mark):
    """3.8+: (generation, object) for every tracked object that the parent has, too."""
    young = gc.get_objects(0)
    middle = gc.get_objects(1)
    old = gc.get_objects(2)
    del young[after(young, mark):]
    counted = gc.get_freeze_count()
    gc.unfreeze()
    again = gc.get_objects(2)
    return [('0', young), ('1', middle), ('2', old), ('p', without(again, old))], counted


def without(objects, known):
    ids = set(map(id, known))
    return [one for one in objects if id(one) not in ids]


def lists_of_free_threaded(mark):
    """No lists and no generations: all that is tracked is called 0, unless it is frozen.  Nothing
    tells what this child made by its place, so it makes nothing that is tracked before it looks."""
    objects = gc.get_objects()
    counted = gc.get_freeze_count()
    gc.unfreeze()
    again = gc.get_objects()
    return [('0', objects), ('p', without(again, objects + [objects]))], counted


def lists_by_order(mark):
    """Before 3.8 get_objects() takes no generation, but it lists 0, then 1, then 2, and a new
    object goes to the end of 0.  So a mark in 0 shows where 0 ends; and as collect(0) appends 0
    to 1 (all of it: this child holds every object), the same mark then shows where 2 begins."""
    last = []
    objects = gc.get_objects()
    cut, start = after(objects, mark), after(objects, last)
    young, elder = objects[:cut], objects[start:]
    elder_ids = set(map(id, elder))
    permanent, counted = [], 0
    if hasattr(gc, 'unfreeze'):
        counted = gc.get_freeze_count()
        gate = []
        gc.unfreeze()
        again = gc.get_objects()
        permanent = [one for one in again[after(again, gate):] if id(one) not in elder_ids]
    gc.collect(0)
    again = gc.get_objects()
    middle_ids = set(map(id, again[:after(again, mark)])) & elder_ids
    middle = [one for one in elder if id(one) in middle_ids]
    old = [one for one in elder if id(one) not in middle_ids]
    return [('0', young), ('1', middle), ('2', old), ('p', permanent)], counted


# ---------------------------------------------------------------- the closure, sizes, names

def closure(lists):
    """Every object reachable from the lists: objects, their referents' addresses, generations."""
    gen, objects, refs = {}, [], []
    for name, members in lists:
        for one in members:
            if id(one) not in gen:
                gen[id(one)] = name
                objects.append(one)
    at = 0
    while at < len(objects):
        found = gc.get_referents(objects[at])
        refs.append([id(one) for one in found])
        for one in found:
            if id(one) not in gen:
                gen[id(one)] = '-'
                objects.append(one)
        at += 1
    return objects, refs, gen


C_METHOD = type(object.__sizeof__)
DICT_OF, MRO_OF = type.__dict__['__dict__'].__get__, type.__dict__['__mro__'].__get__   # in C


def sizes_of(objects):
    """sys.getsizeof where C code answers; a __sizeof__ in Python may do anything, and a mock's
    changes the mock."""
    # No call of a Python function per object: before 3.11 a function that is called often is given
    # a cache, and its own code object would have grown in this child. And no getattr() of a class:
    # a mock's class makes a child of the mock when it is asked for __sizeof__.
    in_c = {}
    for cls in set(map(type, objects)):
        for owner in MRO_OF(cls) or (object,):  # None: a static type that nobody has used yet
            if issubclass(type(owner), type) and '__sizeof__' in DICT_OF(owner):
                # BytesIO counts its buffer when nobody else refers to it: from 3.12 on we do, in `objects`.
                shared = owner.__name__ in ('BytesIO', '_BytesIO') and sys.version_info >= (3, 12)
                in_c[cls] = type(DICT_OF(owner)['__sizeof__']) is C_METHOD and not shared
                break
    sizes = []
    for one in objects:
        size = '-'
        if in_c.get(type(one)):
            try:
                size = '%d' % sys.getsizeof(one)
            except Exception:
                pass
        sizes.append(size)
    return sizes


def kinds_with_lines():
    """{type: (is it a frame or has one: attribute or None)}"""
    def one():
        yield 1

    found = {type(sys._getframe()): '', type(one()): 'gi_frame'}
    try:
        raise ValueError
    except ValueError:
        found[type(sys.exc_info()[2])] = None
    import types
    for name, attribute in (('CoroutineType', 'cr_frame'), ('AsyncGeneratorType', 'ag_frame')):
        if hasattr(types, name):
            found[getattr(types, name)] = attribute
    return found


def lines_of(objects):
    """[(object, line)]; frames that run are somewhere else in this child than in the parent."""
    kinds, running, frame = kinds_with_lines(), set(), sys._getframe()
    while frame is not None:
        running.add(id(frame))
        frame = frame.f_back
    found = []
    for one in objects:
        attribute = kinds.get(type(one), 0)
        if attribute is None:
            line = one.tb_lineno            # 3.12 on: works it out, and keeps it, here
        elif attribute == 0:
            continue
        else:
            frame = getattr(one, attribute) if attribute else one
            if frame is None or id(frame) in running:
                continue
            line = frame.f_lineno
        if line:                            # None: an instruction of no line
            found.append((one, line))
    return found


def of_type(name):
    found = type.__dict__[name]
    return lambda cls: found.__get__(cls, type(cls))


type_dict, type_mro, type_module = of_type('__dict__'), of_type('__mro__'), of_type('__module__')
type_name = of_type('__qualname__' if '__qualname__' in type.__dict__ else '__name__')


def name_of(cls):
    name = type_name(cls)
    try:
        module = type_module(cls)
    except AttributeError:
        return name
    if not isinstance(module, str) or module in ('builtins', '__builtin__'):
        return name
    return module + '.' + name


def sizeof_owner(cls):
    for one in type_mro(cls) or ():         # None: a static type that nobody has used yet
        if issubclass(type(one), type) and '__sizeof__' in type_dict(one):
            return one
    return object


def header(counted):
    stats = gc.get_stats() if hasattr(gc, 'get_stats') else []
    if not HAS_GENERATIONS and stats:
        stats[0]['collections'] -= 1        # the look at the order was one
    yield 'version', '%d.%d.%d' % sys.version_info[:3]
    yield 'hexversion', '%x' % sys.hexversion
    yield 'free_threaded', '%d' % FREE_THREADED
    yield 'executable', sys.executable
    yield 'enabled', '%d' % gc.isenabled()
    yield 'debug', '%d' % gc.get_debug()
    yield 'thresholds', ','.join(map(str, gc.get_threshold()))
    yield 'frozen', '%d' % counted
    yield 'garbage', '%d' % len(gc.garbage)
    if hasattr(gc, 'callbacks'):            # not in 2.7
        yield 'callbacks', '%d' % len(gc.callbacks)
    for at, one in enumerate(stats):
        for name in 'collections', 'collected', 'uncollectable':
            yield 'stats%d.%s' % (at, name), '%d' % one[name]


look = (lists_of_free_threaded if FREE_THREADED else
        lists_by_generation if HAS_GENERATIONS else lists_by_order)


def tell_truth(name, mark):
    """A child's whole life: looks at the lists before it makes anything else, names come last."""
    lists, counted = look(mark)
    objects, refs, gen = closure(lists)
    # Before 3.8 the look at the order has just let the collector untrack tuples of generation 0.
    tracked = [gc.is_tracked(one) or not HAS_GENERATIONS and gen[id(one)] != '-' for one in objects]
    types = [id(type(one)) for one in objects]
    classes = dict((id(type(one)), type(one)) for one in objects)
    sizes = sizes_of(objects)
    out = ['H %s %s' % pair for pair in header(counted)]
    out.append('H mark %x' % id(mark))
    for at, one in enumerate(objects):
        out.append('O %x %x %s %d %s %s' % (id(one), types[at], gen[id(one)], tracked[at],
                                           sizes[at], ','.join(['%x' % ref for ref in refs[at]])))
    out += ['L %x %d' % (id(one), line) for one, line in lines_of(objects)]
    for address in sorted(classes):
        out.append('T %x %s %s' % (address, name_of(sizeof_owner(classes[address])),
                                   name_of(classes[address])))
    out.append('E')
    write_file(name, out)


def collect_and_tell(generation, _):
    """DEBUG_COLLECTABLE prints each unreachable object before any finalizer runs, and
    DEBUG_UNCOLLECTABLE those kept for a tp_del; the number comes last."""
    name = 'collect.%d' % generation
    fd = os.open(name + '.part', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(fd, 2)
    flags = gc.DEBUG_SAVEALL | gc.DEBUG_COLLECTABLE | gc.DEBUG_UNCOLLECTABLE
    # 2.7 prints only the kinds that two more flags ask for.
    flags |= getattr(gc, 'DEBUG_INSTANCES', 0) | getattr(gc, 'DEBUG_OBJECTS', 0)
    gc.set_debug(flags)
    count = gc.collect(generation)
    gc.set_debug(0)
    sys.stderr.flush()
    write_all(fd, ('gc: returned %d\n' % count).encode())
    os.rename(name + '.part', name)


def child(task, what, mark):
    # No *args: in a free-threaded build the tuple would be taken for one of the parent's.
    status = 1
    try:
        alarm(CHILD_SECONDS)
        task(what, mark)
        status = 0
    except BaseException:
        import traceback
        write_all(2, traceback.format_exc().encode('utf-8', 'replace'))
    finally:
        exit_now(status)


# ---------------------------------------------------------------- the parent

def keep_the_gil():
    """No other thread may ask for the GIL with a time limit: a child would give it up and wait
    for a thread that it does not have.  Threads that wait in take_gil get the long interval as
    soon as they start waiting anew, which the short sleep lets them do."""
    if hasattr(sys, 'setswitchinterval'):
        sys.setswitchinterval(1000.0)
    else:
        sys.setcheckinterval(2 ** 30)
    time.sleep(0.3)


def rehearse():
    """Everything that the first call of a function may leave behind is left before the mark."""
    if not fork():
        exit_now(0)
    waitpid(-1, None, 0)


def snapshot():
    gc.disable()
    prctl(PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)
    keep_the_gil()
    rehearse()
    take_picture()


def take_picture():
    # No variable changes from here on: the frame of this call is part of the picture.
    mark = []
    if not fork():
        child(tell_truth, 'truth.1', mark)
    waitpid(-1, None, 0)
    if not fork():
        child(tell_truth, 'truth.2', mark)
    waitpid(-1, None, 0)
    if not fork():
        child(collect_and_tell, 0, mark)
    waitpid(-1, None, 0)
    if not fork():
        child(collect_and_tell, 1, mark)
    waitpid(-1, None, 0)
    if not fork():
        child(collect_and_tell, 2, mark)
    waitpid(-1, None, 0)
    ending()


ending = pause if '--pause' in sys.argv else abort


def check_version(text):
    for line in text.decode('utf-8').splitlines()[:20]:
        if line.startswith('# needs: '):
            needs = line[9:].split('.')
            if sys.version_info[:2] < tuple(int(part) for part in needs):
                print('this workload needs ' + '.'.join(needs))
                sys.exit(77)


def main():
    workload, outdir = os.path.abspath(sys.argv[1]), sys.argv[2]
    os.chdir(outdir)
    sys.path.insert(0, os.path.dirname(workload))
    module = type(sys)('workload')
    module.__file__ = workload
    sys.modules['workload'] = module
    with open(workload, 'rb') as file:
        text = file.read()
    check_version(text)
    exec(compile(text, workload, 'exec'), module.__dict__)
    if hasattr(module, 'run'):
        module.run(snapshot)
    else:
        snapshot()


if __name__ == '__main__':
    main()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions, cells, frames, generators in every state, coroutines, exceptions and tracebacks."""
import functools
import sys

from kinds import since


def functions():
    big = [0] * 1000

    def closed(a, b=[1], *rest, **named):
        """Its words."""
        return big, free

    def other():
        return later
    free = {'free': [1]}
    closed.attribute = [closed]
    partly = functools.partial(closed, [1], b=2)
    empty_cell = other
    made = [closed, other, partly, closed.__closure__, closed.__code__, (lambda: 0), empty_cell,
            functools.wraps(closed)(lambda: 1), functools.partial(partly, 3), sys.exit, print_it]
    if len(made) > 1000:
        later = 1
    return made


def print_it(text=u'text', _cache={}):
    return _cache.setdefault(text, [text])


def counting(start, data):
    local = [start]
    for n in range(5):
        received = yield n
        local.append(received)
    yield data


def delegating(inner):
    got = yield inner
    del got
    for one in inner:
        yield one


def guarded(data):
    try:
        yield 1
        raise ValueError(data)
    except ValueError:
        yield 2
    finally:
        data.append('closed')


def generators():
    fresh, started, finished, raised, closed, advanced = (counting(n, [n]) for n in range(6))
    next(started)
    for _ in range(3):
        advanced.send(None)
    list(finished)
    try:
        next(raised)
        raised.throw(KeyError('thrown'))
    except KeyError:
        pass
    closed.close()
    handling = guarded([1])
    next(handling)
    next(handling)
    waiting = guarded([2])
    next(waiting)
    with_frame = counting(1, [2])
    next(with_frame)
    frame = with_frame.gi_frame
    alone = counting(3, [4]).gi_frame
    outer = delegating(counting(5, [6]))
    next(outer)
    next(outer)
    nested = ([x, y] for x in [[1], [2]] for y in [[3]])
    next(nested)
    locals_seen = counting(7, [8])
    next(locals_seen)
    locals_seen.gi_frame.f_locals
    return [fresh, started, finished, raised, closed, advanced, handling, waiting, with_frame,
            frame,
            alone, outer, nested, (x for x in []), locals_seen]


def kept_frames():
    kept = []

    def deep(n, data):
        local = [n]
        if n:
            return deep(n - 1, data)
        kept.append(sys._getframe())
        return local
    deep(4, {'data': 1})

    def with_locals():
        value = [1]
        cell = [2]
        seen = sys._getframe()
        seen.f_locals
        kept.append(seen)
        return lambda: cell, value
    kept.append(with_locals())
    return kept


def failing(n, data):
    local = [data]
    if n == 0:
        raise ValueError('deep', local)
    failing(n - 1, local)


def caught(call, *args):
    try:
        call(*args)
    except BaseException:
        return sys.exc_info()[1]


def tracebacks():
    kept = [caught(failing, n, {'n': n}) for n in (0, 1, 5)]
    try:
        failing(2, [])
    except ValueError:
        info = sys.exc_info()
        kept.append(info)
        kept.append(info[2].tb_frame)
        kept.append(info[2])

    def chained():
        try:
            failing(1, 'x')
        except ValueError:
            raise KeyError('second')

    def in_generator():
        try:
            yield 1
        finally:
            failing(1, 'generator')
    one = in_generator()
    next(one)
    kept.append(caught(list, one))
    kept.append(caught(chained))
    return kept


def exceptions():
    classes, todo = [], [BaseException]
    while todo:
        cls = todo.pop()
        if cls.__module__ in ('builtins', 'exceptions'):
            classes.append(cls)
            todo.extend(type.__subclasses__(cls))
    made = []
    for cls in classes:
        for args in ((), ('message', [1])):
            try:
                made.append(cls(*args))
            except (TypeError, ValueError, IndexError):
                pass
    os_error = OSError(2, 'words', 'file', None, 'file2')
    unicode_ = [caught(lambda: b'\xff'.decode('ascii')), caught(lambda: u'\xff'.encode('ascii')),
                UnicodeTranslateError(u'x', 0, 1, 'reason') if str is not bytes else None]
    syntax = caught(compile, 'a b', 'file', 'exec')
    stop = caught(next, iter([]))
    exit_ = SystemExit([1])
    attributed = ValueError(1)
    attributed.attribute, attributed.more = [1], attributed
    return made + unicode_ + [os_error, syntax, stop, exit_, attributed, caught(lambda: [].nothing),
                              caught(lambda: unknown_name), caught(__import__, 'no_such_module'),
                               # noqa
                              caught(lambda: {}[(1, 2)]), caught(lambda: open('/no/such/file')),
                              StopIteration([1]), KeyboardInterrupt(), caught(lambda: 1 // 0)]


since((3, 0), '''
def keyword_only(a: int, *, b: [1] = [2], c=(3, [4])) -> 'text':
    return __class__ if False else a

def yield_from(inner):
    got = yield from inner
    return got

def causes():
    def cause():
        try:
            failing(1, 'cause')
        except ValueError as error:
            raise KeyError('with a cause') from error
    def suppressed():
        try:
            failing(0, 'gone')
        except ValueError:
            raise TypeError('alone') from None
    delegate = yield_from(counting(1, [2]))
    next(delegate)
    twice = yield_from(yield_from(iter([[1], [2]])))
    next(twice)
    no_next = ImportError('words', name='name', path='path')
    stop = StopIteration([1])
    return [keyword_only, caught(cause), caught(suppressed), delegate, twice, no_next, stop,
            BlockingIOError(1, 'b', 5)]
''', globals())
since((3, 6), '''
import types

class Wait:
    def __await__(self):
        got = yield [1]
        return got

async def coroutine(data):
    local = [data]
    await Wait()
    return local

async def outer(inner):
    return await inner

async def agen(data):
    try:
        yield data
        await Wait()
        yield 2
    finally:
        data.append(1)

@types.coroutine
def decorated(data):
    got = yield data
    return got

def step(one, times=1):
    for _ in range(times):
        try:
            one.send(None)
        except StopIteration:
            pass
    return one

def coroutines():
    fresh, waiting, done = coroutine([1]), step(coroutine([2])), step(coroutine([3]), 2)
    nested = step(outer(coroutine([4])))
    a_fresh, a_started, a_waiting = agen([1]), agen([2]), agen([3])
    sending = a_started.asend(None)
    step(sending)
    step(a_waiting.asend(None))
    halfway = a_waiting.asend(None)
    step(halfway)
    throwing = agen([5]).athrow(ValueError)
    closing = agen([6]).aclose()
    closed = coroutine([7])
    closed.close()
    async def comprehension(data):
        return [x async for x in data]
    comp = step(comprehension(agen([8])))
    awaiting = coroutine([9]).__await__()
    return [fresh, waiting, done, nested, a_fresh, a_started, a_waiting, sending, halfway, throwing,
            closing, closed, comp, awaiting, step(decorated([11])), waiting.cr_frame,
            nested.cr_await, a_fresh.__anext__(), sys.version_info >= (3, 10) and anext(agen([1]),
                                                                                        [2])]
''', globals())
since((3, 11), '''
def groups():
    def raise_group():
        raise ExceptionGroup('group', [ValueError([1]), ExceptionGroup('inner', [KeyError(2)])])
    noted = ValueError('noted')
    noted.add_note('a note')
    group = caught(raise_group)
    return [group, noted, BaseExceptionGroup('base', [KeyboardInterrupt()]),
            group.split(ValueError)]
''', globals())
since((3, 14), '''
from annotationlib import ForwardRef
def templates():
    name = [1]
    template = t'hello {name!r:>10} and {1 + 2}'
    def lazily(a: Unknown, b: list[int]) -> name: pass
    class Annotated:
        x: int
        y: Missing
    return [template, template.interpolations, iter(template), t'', lazily, lazily.__annotate__,
            Annotated, Annotated.__annotate__]
''', globals())


def build(keep):
    for part in functions, generators, kept_frames, tracebacks, exceptions:
        keep(part())
    for name in 'causes', 'coroutines', 'groups', 'templates':
        if name in globals():
            keep(globals()[name]())

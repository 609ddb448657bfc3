# SPDX-License-Identifier: GPL-3.0-or-later
"""shapes.py NAME: a small program that leaks in one way, beside the ordinary data of a small office.

The table at the end says of each what `findings` must say above `info`, in which of its rows at the latest: run reads it. A new shape is a
function and a row. None of them may need more than a few seconds. What they do not need they do not import, and where a library is missing
the shape is skipped, aloud.
"""
import collections
import functools
import gc
import heapq
import sys
import threading
import time


class Customer:
    def __init__(self, number):
        self.number, self.name, self.orders = number, "customer %d" % number, []


class Office:
    """Built once, in a constructor: no leak."""

    def __init__(self):
        self.customers = {n: Customer(n) for n in range(2000)}
        for n in range(4000):
            self.customers[n % 2000].orders.append(("article %d" % (n % 300), n))


class Thing:
    """What a program is about, in various leaks."""

    def __init__(self, n, lines=20):
        self.n = n
        self.lines = ["line %d.%d" % (n, i) for i in range(lines)]

    def close(self):
        self.lines = None


def rows(n, count=20):
    return ["row %d.%d" % (n, i) for i in range(count)]


def text(n, size=300):
    return "text %d " % n + "x" * size


class App:
    pass


APP = App()
LOOKED_UP, MODELS, CLIENTS = {}, {}, {}
VISITED, WORDS = set(), set()
LOGGED = []
KEPT, RECEIVERS, TASKS, HEADERS, LAST, NAMES = [], [], [], [], [], []


# --- containers that code adds to ---------------------------------------------------------------

def global_dict():
    def lookup(n):
        if n not in LOOKED_UP:
            LOOKED_UP[n] = rows(n)
        return LOOKED_UP[n]
    for n in range(4000):
        lookup(n)


def global_set():
    def visit(n):
        VISITED.add(text(n))
    for n in range(10000):
        visit(n)


class Pipeline:
    def __init__(self):
        self.todo = collections.deque()

    def put(self, item):
        self.todo.append(item)

    def step(self):
        return self.todo.popleft()


def deque_backlog():
    APP.pipeline = Pipeline()
    for n in range(20000):
        APP.pipeline.put({"n": n, "text": text(n, 50)})
        if n % 10 == 0:
            APP.pipeline.step()


class Sessions:
    def __init__(self):
        self.by_id = {}

    def login(self, n):
        self.by_id[n] = Thing(n)

    def logout(self, n):
        self.by_id.pop(n, None)


def sessions_few_log_out():
    APP.sessions = Sessions()
    for n in range(5000):
        APP.sessions.login(n)
        if n % 4 == 0:
            APP.sessions.logout(n)


class Stats:
    def __init__(self):
        self.by_user = collections.defaultdict(list)

    def hit(self, user, n):
        self.by_user[user].append((n, "GET /page/%d" % n))


def lists_in_a_dict():
    APP.stats = Stats()
    for n in range(40000):
        APP.stats.hit("user %d" % (n % 50), n)


class Registry:
    def __init__(self):
        self.refs = []


def remember(registry, thing):
    kept = registry.refs
    kept.append(thing)


def through_an_alias():
    APP.registry = Registry()
    for n in range(3000):
        remember(APP.registry, Thing(n))


def keep(where, thing):
    where.append(thing)


def through_an_argument():
    def work(n):
        keep(KEPT, Thing(n))
    for n in range(3000):
        work(n)


def attributes_of_an_object():
    def note(n):
        setattr(APP, "result_%d" % n, rows(n))
    for n in range(4000):
        note(n)


def new_globals():
    def run(n):
        globals()["run_%d" % n] = rows(n)
    for n in range(4000):
        run(n)


class Recorder:
    def __init__(self):
        self.raw = bytearray()

    def feed(self, data):
        self.raw += data


def bytearray_grows():
    APP.recorder = Recorder()
    for n in range(6000):
        APP.recorder.feed(b"x" * 1000)


def price(n):
    if n not in price.cache:
        price.cache[n] = rows(n)
    return price.cache[n]


price.cache = {}


def cache_of_a_function():
    for n in range(4000):
        price(n)


def classes_in_a_dict():
    def model(n):
        MODELS[n] = type("Model%d" % n, (), {"field_%d" % i: n for i in range(10)})
    for n in range(3000):
        model(n)


class Child:
    def __init__(self, parent, n):
        self.children, self.text = [], text(n, 100)
        if parent:
            parent.children.append(self)


def children_of_a_parent():
    APP.root = Child(None, 0)

    def handle(n):
        Child(APP.root, n)
    for n in range(8000):
        handle(n)


class Log:
    def __init__(self):
        self.events = ()

    def add(self, n):
        self.events = self.events + (text(n),)


def sum_of_tuples():
    APP.log = Log()
    for n in range(3000):
        APP.log.add(n)


class Guard:
    def __init__(self):
        import threading
        self.locks = collections.defaultdict(threading.RLock)

    def run(self, key):
        with self.locks[key]:
            return len(key)


def looked_up_in_a_defaultdict():
    APP.guard = Guard()
    for n in range(20000):
        APP.guard.run("order %d" % n)


class Storage:
    def keep(self, n, lines):
        self.kept[n] = lines


class Desk(Thing, Storage):
    def __init__(self):
        Thing.__init__(self, 0)
        self.kept = {}


def method_of_a_second_base():
    APP.desk = Desk()
    for n in range(4000):
        APP.desk.keep(n, rows(n))


class Loader:
    def __init__(self):
        self.seen = set()

    def visit(self, n):
        def mark(page):
            self.seen.add(page)
        return mark(text(n))


def function_in_a_method():
    APP.loader = Loader()
    for n in range(10000):
        APP.loader.visit(n)


class Member:
    def __init__(self):
        self.outbox = collections.deque()

    def tell(self, message):
        self.outbox.append(message)


class Room:
    def __init__(self):
        self.members = {n: Member() for n in range(20)}

    def say(self, message):
        for member in self.members.values():
            member.tell((message, len(message)))


def outboxes_of_members():
    APP.room = Room()
    for n in range(2000):
        APP.room.say(text(n, 50))


COPIES, MAILS, TABLES, COUNTS = {}, {}, {}, collections.Counter()


def copies_with_a_memo():
    import copy

    def snapshot(order):
        return copy.deepcopy(order, COPIES)
    for n in range(1500):
        snapshot({"n": n, "lines": rows(n)})


def values_under_tuples():
    import email.message

    def send(n):
        mail = email.message.Message()
        mail["Subject"], mail["To"] = "order %d" % n, "customer %d" % (n % 100)
        mail.set_payload(text(n))
        MAILS[mail["To"], n] = mail
    for n in range(4000):
        send(n)


def list_of_a_context():
    import contextvars
    APP.trail = contextvars.ContextVar("trail", default=None)

    def visit(n):
        seen = APP.trail.get()
        if seen is None:
            seen = []
            APP.trail.set(seen)
        seen.append((n, text(n, 100)))
    for n in range(10000):
        visit(n)


def cached_properties():
    class Account:
        def __init__(self, n):
            self.n = n

        @functools.cached_property
        def entries(self):
            return rows(self.n, 40)
    APP.accounts = [Account(n) for n in range(3000)]
    for account in APP.accounts:
        len(account.entries)


# --- structures ---------------------------------------------------------------------------------

class Node:
    __slots__ = ("value", "next")

    def __init__(self, value, next_one):
        self.value, self.next = value, next_one


def linked_list():
    APP.head = None
    for n in range(30000):
        APP.head = Node(text(n, 50), APP.head)


def wrapped_again_and_again():
    APP.request = len
    def wrap(n):
        inner, token = APP.request, text(n, 1500)
        def request(url):
            return inner(url + token)
        APP.request = request
    for n in range(3000):
        wrap(n)


def partial_chain():
    def step(before, token, x):
        return x
    APP.step = len
    for n in range(4000):
        APP.step = functools.partial(step, APP.step, text(n, 800))


# --- what the standard library keeps ------------------------------------------------------------

def finalizers():
    import weakref

    class Pool(Thing):
        def __init__(self, n):
            Thing.__init__(self, n)
            self.fin = weakref.finalize(self, self.close)
    for n in range(2000):
        Pool(n)


def exit_functions():
    import atexit
    atexit.register(lambda: None)

    def connect(n):
        atexit.register(Thing(n).close)
    for n in range(2500):
        connect(n)


def dead_references():
    import weakref

    def connect(n):
        RECEIVERS.append(weakref.ref(Thing(n)))
    for n in range(20000):
        connect(n)


def method_in_a_cache():
    class Data(Thing):
        @functools.lru_cache(maxsize=64)
        def sweep(self, number):
            return self.lines[number]
    APP.Data = Data
    for n in range(200):
        Data(n, 1500).sweep(3)


def memory_handler():
    import logging.handlers
    log = logging.getLogger("office")
    log.propagate = False
    log.setLevel(10)
    APP.handler = logging.handlers.MemoryHandler(10 ** 9, flushLevel=99)
    log.addHandler(APP.handler)
    for n in range(8000):
        log.debug("day %d: %s", n, text(n))


def logger_each():
    import logging
    for n in range(6000):
        logging.getLogger("connection %d" % n).propagate = False


def executor_backlog():
    import concurrent.futures
    import threading
    gate = threading.Event()
    APP.executor = concurrent.futures.ThreadPoolExecutor(2)

    def work(body):
        gate.wait()
        return len(body)
    for n in range(5000):
        APP.executor.submit(work, text(n))


def simple_queue():
    import queue
    APP.todo = queue.SimpleQueue()
    for n in range(15000):
        APP.todo.put({"n": n, "body": text(n)})


def bytes_io():
    import io
    APP.out = io.BytesIO()

    def log(n):
        APP.out.write(b"z" * 1000)
    for n in range(6000):
        log(n)


class Null:
    def write(self, data):
        return len(data)


def pickler():
    import pickle
    APP.pickler = pickle.Pickler(Null())
    for n in range(10000):
        APP.pickler.dump([n, text(n)])


def tee_lags():
    import itertools
    fast, APP.slow = itertools.tee({"n": n, "text": text(n, 50)} for n in itertools.count())
    for n in range(20000):
        next(fast)


def timers():
    import asyncio

    async def main():
        loop = asyncio.get_running_loop()
        for n in range(2500):
            loop.call_later(3600, Thing(n).close)
        ready()
    asyncio.run(main())


def timer_threads():
    import threading
    threading.stack_size(256 * 1024)
    for n in range(150):
        timer = threading.Timer(36000, Thing(n, 200).close)
        timer.daemon = True
        timer.start()


def done_tasks():
    import asyncio

    async def handle(n):
        return rows(n)

    async def main():
        for n in range(3000):
            TASKS.append(asyncio.ensure_future(handle(n)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        ready()
    asyncio.run(main())


def cycle_without_end():
    import itertools
    APP.source = itertools.cycle({"n": n, "text": text(n, 50)} for n in itertools.count())
    for n in range(20000):
        next(APP.source)


def stream_not_read():
    import asyncio

    async def main():
        APP.reader = asyncio.StreamReader(limit=2 ** 40)
        for n in range(4000):
            APP.reader.feed_data(b"x" * 1000)
        ready()
    asyncio.run(main())


def schedule():
    import sched
    APP.plan = sched.scheduler(time.time, time.sleep)
    for n in range(3000):
        APP.plan.enter(36000, 1, Thing(n).close)


def exit_stack():
    import contextlib
    APP.stack = contextlib.ExitStack()
    for n in range(3000):
        APP.stack.callback(Thing(n).close)


def array_types():
    import ctypes
    for size in range(1, 2500):
        ctypes.POINTER(ctypes.c_ubyte * size)


def memory_views():
    def receive(n):
        HEADERS.append(memoryview(bytes(20000 + n))[:16])
    for n in range(600):
        receive(n)


def scripts_as_modules():
    import types
    source = "TABLE = ['r%d' % i for i in range(60)]\ndef run(x):\n    return x in TABLE\n"

    def load_script(n):
        module = types.ModuleType("script_%d" % n)
        exec(compile(source, "<script %d>" % n, "exec"), module.__dict__)
        sys.modules[module.__name__] = module
        return module.run("r1")
    for n in range(1500):
        load_script(n)


def last_exception():
    def compute(n):
        table = [[i] * 50 for i in range(n)]
        return table[n]
    try:
        compute(10000)
    except IndexError as error:
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__


def thread_local():
    import threading
    local = APP.local = threading.local()

    def handle(n):
        if not hasattr(local, "seen"):
            local.seen = []
        local.seen.append({"n": n, "text": text(n, 50)})
    for n in range(15000):
        handle(n)


def dispatch():
    @functools.singledispatch
    def encode(x):
        return str(x)
    APP.encode = encode

    def answer(n):
        Row = collections.namedtuple("Row", ["id", "name"])
        encode.register(Row, lambda r: r.id)
        return encode(Row(n, "x"))
    for n in range(800):
        answer(n)


class Job(Thing):
    def __init__(self, n):
        import signal
        Thing.__init__(self, n)
        self.before = signal.signal(signal.SIGUSR1, self.on_signal)

    def on_signal(self, number, frame):
        if callable(self.before):
            self.before(number, frame)


def signal_handlers():
    for n in range(2500):
        Job(n)


class Middleware:
    def __init__(self, variable):
        self.tokens, self.variable = [], variable

    def __call__(self, n):
        self.tokens.append(self.variable.set({"id": n, "rows": rows(n)}))


def context_tokens():
    import contextvars
    APP.middleware = Middleware(contextvars.ContextVar("request"))
    for n in range(3000):
        APP.middleware(n)


class Service:
    def __init__(self):
        from unittest import mock
        self.client = mock.MagicMock()

    def send(self, n):
        self.client.post("/x", json={"n": n, "text": text(n)})


def mock_calls():
    APP.service = Service()
    for n in range(4000):
        APP.service.send(n)


class Tracer(Thing):
    def __init__(self, n):
        Thing.__init__(self, n)
        gc.callbacks.append(self.collected)

    def collected(self, phase, info):
        pass


def collector_callbacks():
    for n in range(1500):
        Tracer(n)


class Emitter:
    def __init__(self):
        self._handlers = collections.defaultdict(list)

    def on(self, event, function):
        self._handlers[event].append(function)


def lambdas_that_listen():
    APP.events = Emitter()

    def handle(n):
        kept = rows(n)
        APP.events.on("closed", lambda x: kept.clear())
    for n in range(3000):
        handle(n)


def memo(function):
    cache = {}

    def inner(*key):
        if key not in cache:
            cache[key] = function(*key)
        return cache[key]
    return inner


def memo_of_a_decorator():
    @memo
    def report(n, when):
        return rows(n)
    APP.report = report
    for n in range(3000):
        report(n, time.time())


def class_of_thread_locals():
    import concurrent.futures
    import threading

    class Context(threading.local):
        def __init__(self):
            self.history = []
    APP.context = Context()
    APP.pool = concurrent.futures.ThreadPoolExecutor(4)

    def job(n):
        APP.context.history.append(text(n))
    APP.job = job
    for n in range(12000):
        APP.pool.submit(job, n).result()


def data_of_many_threads():
    import threading
    APP.context = threading.local()
    done = threading.Barrier(5)

    def job(n):
        if not hasattr(APP.context, "history"):
            APP.context.history = []
        APP.context.history.append(text(n))

    def loop():
        for n in range(3000):
            APP.job(n)
        done.wait()
        threading.Event().wait()
    APP.job = job
    for _ in range(4):
        threading.Thread(target=loop, daemon=True).start()
    done.wait()


def history_of_each_worker():
    class Worker:
        def __init__(self):
            self.history = []

        def work(self, n):
            self.history.append(text(n))
    APP.workers = [Worker() for _ in range(4)]
    for n in range(12000):
        APP.workers[n % 4].work(n)


def healthy_tables_of_each():
    class Table:
        def __init__(self, first):
            self.rows = []
            for n in range(first, first + 3000):
                self.rows.append(text(n))

        def row(self, n):
            return self.rows[n]
    APP.tables = [Table(3000 * i) for i in range(4)]
    for n in range(12000):
        APP.tables[n % 4].row(n // 4)


def handlers_of_one_logger():
    import logging
    log = logging.getLogger("app")
    log.propagate = False

    def request(n):
        handler = logging.NullHandler()
        handler.rows = rows(n)
        log.addHandler(handler)
    for n in range(1500):
        request(n)


class Router:
    def __init__(self):
        self.patterns = {}

    def match(self, n):
        import re
        if n not in self.patterns:
            self.patterns[n] = re.compile("^/user/%d/(?P<name>[a-z]+)/item/(?P<id>[0-9]+)(/(a|b|c|d%d))?$" % (n, n))
        return self.patterns[n].match("/user/1")


def patterns_of_data():
    APP.router = Router()
    for n in range(1500):
        APP.router.match(n)


def records_of_a_handler():
    import logging

    class Capture(logging.Handler):
        def __init__(self):
            logging.Handler.__init__(self)
            self.records = []

        def emit(self, record):
            self.records.append(record)
    APP.handler = Capture()
    log = logging.getLogger("captured")
    log.propagate = False
    log.addHandler(APP.handler)
    for n in range(3000):
        log.error("x %s", rows(n))


def string_io():
    import io
    APP.report = io.StringIO()

    def line(n):
        APP.report.write(text(n, 100) + "\n")
    for n in range(20000):
        line(n)


def stuck_threads():
    import threading
    threading.stack_size(256 * 1024)
    gate = threading.Lock()
    gate.acquire()

    def work(lines):
        with gate:
            return len(lines)
    for n in range(150):
        threading.Thread(target=work, args=(rows(n, 300),), daemon=True).start()
    ready()


def hook(name):
    def put(function):
        HOOKS.setdefault(name, []).append(function)
        return function
    return put


HOOKS = {}


def module_again_and_again():
    source = "@hook('save')\ndef on_save(x, table={n: 'entry %d' % n for n in range(100)}):\n    return table.get(x)\n"
    for n in range(400):
        exec(compile(source, "plugin.py", "exec"), {"hook": hook, "__name__": "plugin"})


def rows_of_one_class():
    def answer(n):
        Row = collections.namedtuple("Row", ["id", "name"])
        KEPT.append(Row(n, text(n)))
    for n in range(800):
        answer(n)


# --- usual libraries ----------------------------------------------------------------------------

def contexts():
    import ssl
    class Client:
        def __init__(self):
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def call(n):
        CLIENTS[n] = Client()
    for n in range(120):
        call(n)


def numpy_views():
    import numpy

    def measure(n):
        LAST.append(numpy.arange(20000 + n)[-5:])
    for n in range(150):
        measure(n)


def figures():
    import matplotlib
    import warnings
    warnings.simplefilter("ignore")
    matplotlib.use("Agg")
    import matplotlib.pyplot
    for n in range(40):
        matplotlib.pyplot.subplots(figsize=(2, 2))


def smart_strings():
    from lxml import etree
    document = "<feed><name>n%d</name>" + "<x>y</x>" * 200 + "</feed>"

    def read(n):
        NAMES.extend(etree.fromstring(document % n).xpath("//name/text()"))
    for n in range(500):
        read(n)


def numpy_append():
    import numpy

    class Signal:
        def __init__(self):
            self.y = numpy.zeros(0)

        def add(self, chunk):
            self.y = numpy.append(self.y, chunk)
    APP.signal = Signal()
    for n in range(800):
        APP.signal.add(numpy.arange(1000.0))


def gevent_queue():
    import gevent.queue
    APP.todo = gevent.queue.Queue()
    for n in range(8000):
        APP.todo.put({"n": n, "text": text(n)})


def delayed_calls():
    from twisted.internet import reactor
    for n in range(2000):
        reactor.callLater(3600, Thing(n).close)


def waiting_for_results():
    import gevent
    import gevent.event
    APP.pending = {}

    def call(n):
        result = APP.pending[n] = gevent.event.AsyncResult()
        arguments = rows(n)
        reply = result.get()
        APP.pending.pop(n)
        return len(arguments), reply
    for n in range(1500):
        gevent.spawn(call, n)
        gevent.sleep(0)
    for n in range(100):
        APP.pending[n].set(n)
    gevent.sleep(0)


def waiting_in_a_nursery():
    import trio
    APP.gate = trio.Event()

    async def deliver(n):
        parcel = rows(n)
        await APP.gate.wait()
        return parcel

    async def main():
        async with trio.open_nursery() as nursery:
            for n in range(1500):
                nursery.start_soon(deliver, n)
            await trio.sleep(0.01)
            ready()
    trio.run(main)


def handlers_of_a_gobject():
    from gi.repository import GObject

    class Settings(GObject.Object):
        level = GObject.Property(type=int)

    class Panel(Thing):
        def __init__(self, n):
            Thing.__init__(self, n)
            APP.settings.connect("notify::level", self.on_level)

        def on_level(self, settings, spec):
            pass
    APP.settings = Settings()
    for n in range(2000):
        Panel(n)


def lines_of_axes():
    import matplotlib
    import warnings
    warnings.simplefilter("ignore")
    matplotlib.use("Agg")
    import matplotlib.pyplot
    APP.axes = matplotlib.pyplot.subplots()[1]

    def update(n):
        APP.axes.plot(range(10), range(n, n + 10))
    for n in range(700):
        update(n)


def cache_of_cachetools():
    import cachetools

    class Prices:
        def __init__(self):
            self.kept = {}

        @cachetools.cachedmethod(lambda self: self.kept)
        def quote(self, n):
            return rows(n)
    APP.prices = Prices()
    for n in range(4000):
        APP.prices.quote(n)


def edges_of_a_graph():
    import networkx
    APP.graph = networkx.DiGraph()

    def see(n):
        APP.graph.add_edge("card %d" % n, "shop %d" % (n % 10))
    for n in range(20000):
        see(n)


def waiting_greenlets():
    import gevent
    import gevent.event
    APP.ready = gevent.event.Event()

    def handle(thing):
        APP.ready.wait()
        return thing
    for n in range(1500):
        gevent.spawn(handle, Thing(n))
        gevent.sleep(0)


# --- healthy ------------------------------------------------------------------------------------

class Index:
    def __init__(self, texts):
        self.words = {}
        for n in texts:
            self.take_in(n)

    def take_in(self, n):
        self.words["word %d" % n] = rows(n, 3)


class Requests:
    """What a request has on its way, under a name in the thread's own dict."""

    def __init__(self):
        self.local = threading.local()

    def note(self, n):
        self.local.__dict__.setdefault("notes", []).append(rows(n))


def dict_of_a_thread_local():
    APP.requests = Requests()
    for n in range(4000):
        APP.requests.note(n)


class Application:
    """Keeps its state behind square brackets, as aiohttp's and Flask's do."""

    def __init__(self):
        self._state = {}

    def __getitem__(self, key):
        return self._state[key]

    def __setitem__(self, key, value):
        self._state[key] = value


def join(app, n):
    app["peers"].add(Thing(n))


def state_under_a_key():
    APP.server = Application()
    APP.server["peers"] = set()
    for n in range(3000):
        join(APP.server, n)


class Board:
    def __init__(self):
        self._cards = {}

    def cards(self):
        return self._cards

    def pin(self, n):
        cards = self.cards()
        cards["card %d" % n] = rows(n)


def through_a_method_that_returns_it():
    APP.board = Board()
    for n in range(4000):
        APP.board.pin(n)


class Names(dict):
    def __missing__(self, key):
        self[key] = value = rows(key)
        return value


def dict_that_fills_itself():
    APP.names = Names()
    for n in range(4000):
        APP.names[n]


def comprehension_in_a_call():
    def log(n):
        LOGGED.append({"n": n, "lines": ["line %d.%d" % (n, i) for i in range(20)]})
    for n in range(4000):
        log(n)


class Retries:
    def __init__(self):
        self.waiting = []

    def later(self, n):
        heapq.heappush(self.waiting, (n + 10000, rows(n)))

    def due(self, now):
        while self.waiting and self.waiting[0][0] < now:
            heapq.heappop(self.waiting)


def heap_of_retries():
    APP.retries = Retries()
    for n in range(4000):
        APP.retries.later(n)
        APP.retries.due(n)


class Scopes:
    def __init__(self):
        self.scope = collections.ChainMap({})

    def enter(self, n):
        self.scope = self.scope.new_child({"x%d" % n: rows(n)})


def chain_of_scopes():
    APP.scopes = Scopes()
    for n in range(4000):
        APP.scopes.enter(n)


def lines_of_tracemalloc():
    import tracemalloc
    tracemalloc.start()
    for n in range(4000):
        keep(KEPT, rows(n))


def healthy_constructor_calls():
    APP.index_of_words = Index(range(8000))


class Bounded:
    def __init__(self):
        self.items = {}

    def get(self, n):
        if n not in self.items:
            if len(self.items) >= 1500:
                self.items.pop(next(iter(self.items)))
            self.items[n] = rows(n)
        return self.items[n]


def healthy_bounded_cache():
    APP.bounded = Bounded()
    for n in range(4000):
        APP.bounded.get(n)


def healthy_loaded_once():
    def load_words():
        for n in range(30000):
            WORDS.add("word %d" % n)
    load_words()


def healthy_rebuilt():
    class Index:
        def refresh(self):
            self.by_name = {}
            for n in range(6000):
                self.by_name["name %d" % n] = rows(n, 3)
    APP.index = Index()
    for _ in range(3):
        APP.index.refresh()


ZONES = {}


def take(n):
    ZONES[n] = rows(n)


def zones():
    for n in range(4000):
        take(n)


def healthy_name_without_a_hint():
    zones()
    ready()


class Geo:
    def __init__(self):
        self.points = []

    def slurp(self, lines):
        for line in lines:
            self.eat(line)

    def eat(self, line):
        self.points.append((line, text(line, 60)))


def healthy_method_without_a_hint():
    APP.geo = Geo()
    APP.geo.slurp(range(12000))
    ready()


class Vocabulary:
    def __init__(self):
        self.ids, self.words = {}, []

    def number(self, word):
        if word not in self.ids:
            self.ids[word] = len(self.words)
            self.words.append(word)
        return self.ids[word]

    @classmethod
    def of(cls, words):
        self = cls()
        for word in words:
            self.number(word)
        return self


def healthy_vocabulary():
    APP.vocabulary = Vocabulary.of("word %d" % (n % 20000) for n in range(30000))
    ready()


def healthy_ring_buffer():
    APP.last = collections.deque(maxlen=8000)

    def note(n):
        APP.last.append((n, text(n)))
    for n in range(20000):
        note(n)


class Pool:
    def __init__(self, count):
        self.free = [bytearray(8000) for _ in range(count)]

    def take(self):
        return self.free.pop()

    def give(self, buffer):
        self.free.append(buffer)


def healthy_pool():
    APP.pool = Pool(600)
    for n in range(3000):
        APP.pool.give(APP.pool.take())


class Expiring:
    def __init__(self):
        self.items, self.order = {}, collections.deque()

    def put(self, key, value, now):
        self.items[key] = value
        self.order.append((now, key))
        self.sweep(now)

    def sweep(self, now):
        while self.order and self.order[0][0] < now - 2500:
            self.items.pop(self.order.popleft()[1], None)


def healthy_expiring():
    APP.expiring = Expiring()
    for n in range(6000):
        APP.expiring.put(n, rows(n), n)


def healthy_cache_that_is_hit():
    @functools.lru_cache(maxsize=None)
    def page(n):
        return rows(n)
    APP.page = page
    for n in range(20000):
        page(n % 1000)


class Words:
    def __init__(self):
        self.places = {}

    def add(self, n):
        for word in ("a%d" % (n % 900), "b%d" % n):
            self.places.setdefault(word, []).append(n)

    def find(self, word):
        return self.places.get(word)


def healthy_index_in_steps():
    index = Words()
    for n in range(12000):
        index.add(n)
    for n in range(1000):
        index.find("a%d" % n)
    ready()


class Rates:
    def __init__(self):
        self.by_pair = {}

    def refresh(self, moment):
        for n in range(4000):
            self.by_pair["pair %d" % n] = [moment, text(n, 50)]


def healthy_refreshed():
    APP.rates = Rates()
    for moment in range(3):
        APP.rates.refresh(moment)


def healthy_filled_once():
    def table(n):
        if n not in TABLES:
            TABLES[n] = rows(n, 500)
        return TABLES[n]
    for n in range(40000):
        table(n % 60)
        COUNTS[n % 7] += 1
    ready()


def healthy_lines_at_a_prompt():
    import code
    console = code.InteractiveConsole({"__name__": "__console__"})
    for line in ["table = {}", "def fill():", "    for i in range(6000):", "        table[i] = ['row', str(i)]", "", "fill()", ""]:
        console.push(line)
    APP.console = console


class Latest:
    def __init__(self):
        self.of_host = {}

    def report(self, host, n):
        self.of_host[host] = Thing(n)


def healthy_latest_of_each_host():
    APP.latest = Latest()
    state = 1
    for n in range(4000):
        state = state * 1103515245 + 12345 & 0x7fffffff
        APP.latest.report("host %d" % ((state >> 8) % 700), n)


def healthy_latest_in_rounds():
    APP.latest = Latest()
    for n in range(10000):     # more than the collector lets become young at once
        APP.latest.report("host %d" % (n % 2500), n)


def healthy_latest_of_known_hosts():
    APP.hosts = tuple("host %d" % n for n in range(300))
    APP.latest = Latest()
    for n in range(2000):
        APP.latest.report(APP.hosts[n % 300], n)


class Lines:
    """Connections that are open: closed ones are taken out."""

    def __init__(self):
        self.open = {}

    def connect(self, n):
        self.open[n] = Thing(n)

    def close(self, n):
        del self.open[n]


def healthy_connections():
    APP.lines = Lines()
    for n in range(4000):
        APP.lines.connect(n)
        if n >= 700:
            APP.lines.close(n - 700)


def healthy_default():
    exec("def on_save(x, table={n: 'entry %d' % n for n in range(500)}):\n    return table.get(x)\n", globals())
    APP.on_save = globals().pop("on_save")


class Uploads:
    """Begun in bursts, never finished."""

    def __init__(self):
        self.by_token = {}

    def begin(self, token):
        self.by_token[token] = Thing(token)


def bursts_before_a_batch():
    APP.uploads = Uploads()
    for n in range(3000):
        APP.uploads.begin(n)
    batch = [Thing(n) for n in range(3000)]
    ready()
    return batch


NIGHTLY = []


def bursts_before_a_night():
    """What else comes since is little beside the rows of a coroutine."""
    import asyncio
    APP.uploads = Uploads()
    for n in range(3000):
        APP.uploads.begin(n)

    async def night():
        lines = []
        for n in range(6000):
            lines.append({"n": n, "parts": [n, n]})
        for n in range(400):
            keep(NIGHTLY, [n])
        ready()
        return lines
    asyncio.run(night())


def bursts_before_rows():
    APP.uploads = Uploads()
    for n in range(3000):
        APP.uploads.begin(n)
    APP.table = [{"n": n, "name": "row %d" % n, "parts": [n, n]} for n in range(12000)]
    ready()


class Uploaded:
    def __init__(self):
        self.parts = bytearray(150000)


class Reception:
    def __init__(self):
        self.by_user = {}

    def enter(self, user):
        self.by_user[user] = Uploaded()

    def leave(self, user):
        self.by_user.pop(user, None)


def few_large_sessions():
    APP.reception = Reception()
    for n in range(80):
        APP.reception.enter("user %d" % n)
        if n % 8 == 0:
            APP.reception.leave("user %d" % n)


class Connection:
    def __init__(self):
        import socket
        self.socket, self.peer = socket.socketpair()
        self.buffer = bytearray(150000)


class Server:
    def __init__(self):
        self.open = {}

    def accept(self, n):
        self.open[n] = Connection()

    def hang_up(self, n):
        self.open.pop(n, None)


def healthy_large_connections():
    APP.server = Server()
    for n in range(80):
        APP.server.accept(n)
        if n >= 76:
            APP.server.hang_up(n - 76)


class Feed:
    def __init__(self):
        import xml.parsers.expat
        self.count = 0
        self.parser = xml.parsers.expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.Parse("<stream>")

    def start(self, name, attributes):
        self.count += 1

    def feed(self, n):
        self.parser.Parse("<item-%060d/>" % n)


def names_of_a_parser():
    APP.feed = Feed()
    for n in range(15000):
        APP.feed.feed(n)


def halt(n, last):
    if n == last:
        ready()
        raise SystemExit


def endless_loop():
    done, n = {}, 0
    while True:
        done["job %d" % n] = rows(n)
        halt(n, 4000)
        n += 1


def healthy_endless_loop():
    seen, n = {}, 0
    while True:
        batch = []
        for i in range(4000):
            batch.append(rows(i))
        seen[n] = len(batch)
        if len(seen) > 1000:
            seen.clear()
        halt(n, 3)
        n += 1


def tables_of_each_tenant():
    import sqlalchemy
    APP.metadata = sqlalchemy.MetaData()

    def table_of(n):
        return sqlalchemy.Table("orders_%d" % n, APP.metadata, sqlalchemy.Column("id", sqlalchemy.Integer))
    for n in range(600):
        table_of(n)


def healthy_tables():
    import sqlalchemy
    APP.schema = sqlalchemy.MetaData()

    def declare():
        for n in range(600):
            sqlalchemy.Table("orders_%d" % n, APP.schema, sqlalchemy.Column("id", sqlalchemy.Integer))
    declare()
    ready()


class Archive:
    def __init__(self):
        import zipfile
        self.zip = zipfile.ZipFile(open("/dev/null", "wb"), "w")

    def log(self, n):
        self.zip.writestr("log/%d.txt" % n, "x")


def members_of_an_archive():
    APP.archive = Archive()
    for n in range(4000):
        APP.archive.log(n)


def closed_files():
    for _ in range(3000):
        with open("/dev/null") as file:
            keep(KEPT, file)


def closed_sockets():
    import socket
    for _ in range(12000):
        with socket.socket() as made:
            keep(KEPT, made)


def exhausted_generators():
    for n in range(12000):
        lines = (line for line in rows(n, 3))
        list(lines)
        keep(KEPT, lines)


def finished_threads():
    for _ in range(1500):
        thread = threading.Thread(target=gc.isenabled)
        thread.start()
        thread.join()
        keep(KEPT, thread)


def cancelled_timers():
    import asyncio

    async def main():
        loop = asyncio.get_event_loop()
        for n in range(4000):
            timer = loop.call_later(1000, print, rows(n, 5))
            timer.cancel()
            keep(KEPT, timer)
        ready()
    asyncio.run(main())


# --- the table ----------------------------------------------------------------------------------

# name: (the row at the latest, a pattern of its `what`, a pattern of its `why`, a module that it needs, or a version, or
# < and the first version that does not leak so).
# Of those without a row, or with a version alone, nothing may be above info.
SHAPES = {
    "global_dict": (1, "__main__.LOOKED_UP, a dict of 4,000, keeps*4,000 list", "lookup() *adds to it", None),
    "looked_up_in_a_defaultdict": (1, "__main__.APP.guard.locks, a collections.defaultdict of 20,000", "Guard.run()*adds to it", None),
    "method_of_a_second_base": (1, "__main__.APP.desk.kept, a dict of 4,000", "Storage.keep()*adds to it", None),
    "function_in_a_method": (1, "__main__.APP.loader.seen, a set of 10,000", "mark()*adds to it", None),
    "outboxes_of_members": (1, "__main__.APP.room.members", ".outbox*Member.tell()*adds to", None),
    "copies_with_a_memo": (1, "__main__.COPIES, a dict", "deepcopy()*adds to it", None),
    "values_under_tuples": (1, "__main__.MAILS*4,000 email.message.Message", "send()*adds to it*one is <email.message.Message>", None),
    "list_of_a_context": (1, "ContextVar 'trail'*a list of 10,000", "visit()*add*", "3.7"),
    "cached_properties": (1, "__main__.APP.accounts", "cached_property*entries*del", "3.8"),
    "cycle_without_end": (1, "__main__.APP.source, an itertools.cycle", "itertools.cycle()", None),
    "stream_not_read": (1, "__main__.APP.reader._buffer, a bytearray", "limit", "3.8"),
    "waiting_for_results": (1, "greenlets of *call()", "__main__.APP.pending", "gevent"),
    "waiting_in_a_nursery": (1, "__main__.APP.gate._tasks*trio", "trio.move_on_after()", "trio"),
    "handlers_of_a_gobject": (1, "__main__.APP.settings", "disconnect()", "gi"),
    "lines_of_axes": (1, "__main__.APP.axes._children", "set_data()", "matplotlib"),
    "cache_of_cachetools": (1, "__main__.APP.prices.kept", "LRUCache(maxsize=N)", "cachetools"),
    "edges_of_a_graph": (1, "__main__.APP.graph._adj", "add_edge()*called in*see()", "networkx"),
    "global_set": (1, "__main__.VISITED, a set of 10,000", "visit() *adds to it", None),
    "deque_backlog": (1, "__main__.APP.pipeline.todo, a collections.deque", "Pipeline.put()*adds to it*Pipeline.step()*maxlen", None),
    "sessions_few_log_out": (1, "__main__.APP.sessions.by_id*Thing", "Sessions.login()*adds to it*logout()", None),
    "lists_in_a_dict": (1, "__main__.APP.stats.by_user", "Stats.hit()*adds to it", None),
    "through_an_alias": (1, "__main__.APP.registry.refs*3,000 __main__.Thing", "remember()*add", None),
    "through_an_argument": (1, "__main__.KEPT*3,000 __main__.Thing", "keep()*add", None),
    "attributes_of_an_object": (1, "__main__.APP.__dict__", "note()*adds to it*dict of their own", None),
    "new_globals": (1, "__main__.__dict__", "run()*adds to it", None),
    "bytearray_grows": (1, "__main__.APP.recorder.raw, a bytearray", "Recorder.feed()*adds to it", None),
    "cache_of_a_function": (1, "__main__.price.cache", "price()*add*", None),
    "classes_in_a_dict": (1, "__main__.MODELS*3,000 classes like", "model()*adds to it", None),
    "children_of_a_parent": (1, "__main__.APP.root.children*8,000 __main__.Child", "Child.__init__()*add", None),
    "sum_of_tuples": (1, "__main__.APP.log.events, a tuple", "Log.add()*add", None),
    "linked_list": (1, "__main__.APP.head*chain*Node", "cut the link", None),
    "wrapped_again_and_again": (1, "__main__.APP.request", "`inner`*wrap it once", None),
    "partial_chain": (1, "__main__.APP.step*chain*functools.partial", "cut the link", None),
    "finalizers": (1, "weakref.finalize._registry", "detach()", None),
    "exit_functions": (1, "atexit*Thing", "atexit.unregister()", "3.7"),
    "dead_references": (1, "__main__.RECEIVERS, a list of 20,000", "dead*", None),
    "method_in_a_cache": (1, "Data.sweep has an lru_cache of 64 entries", "`self`", None),
    "memory_handler": (1, "__main__.APP.handler.buffer*logging.LogRecord", "MemoryHandler", None),
    "logger_each": (1, "loggerDict", "LoggerAdapter", None),
    "executor_backlog": (1, "__main__.APP.executor._work_queue", "ThreadPoolExecutor", None),
    "simple_queue": (1, "__main__.APP.todo", "maxsize", None),
    "bytes_io": (1, "__main__.APP.out, a* _io.BytesIO", "truncate(0)", None),
    "pickler": (1, "__main__.APP.pickler, a _pickle.Pickler", "clear_memo()", None),
    "tee_lags": (1, "__main__.APP.slow", "*", None),
    "timers": (1, "_scheduled*asyncio.events.TimerHandle", "cancel()", "3.8"),
    "timer_threads": (1, "threading._active*threading.Timer", "cancel()", None),
    "done_tasks": (1, "__main__.TASKS*3,000 _asyncio.Task", "of 1,000 checked, 1,000 are finished*add_done_callback", "3.8"),
    "schedule": (1, "__main__.APP.plan._queue", "*", None),
    "exit_stack": (1, "__main__.APP.stack._exit_callbacks", "*", None),
    "array_types": (1, "ctypes._pointer_type_cache", "POINTER(c_ubyte)", "<3.14"),
    "memory_views": (1, "__main__.HEADERS*600 memoryview", "shows 16 B and keeps 20*times as much: a bytes*bytes(view)", None),
    "scripts_as_modules": (1, "sys.modules", "sys.modules", None),
    "last_exception": (1, "sys.last_value", "locals", None),
    "thread_local": (1, "__main__.APP.local", "handle()*add*", None),
    "dispatch": (1, "encode", "singledispatch", None),
    "signal_handlers": (1, "handler of signal SIGUSR1*chain*Job", "weakref.WeakSet", None),
    "context_tokens": (1, "__main__.APP.middleware.tokens*Token", "reset()", "3.8"),
    "mock_calls": (1, "__main__.APP.service.client*mock._CallList", "reset_mock()", "3.8"),
    "collector_callbacks": (1, "gc.callbacks*Tracer", "Tracer.__init__()*add", None),
    "lambdas_that_listen": (1, "__main__.APP.events._handlers['closed']*closures", "Emitter.on()*adds to it*remove each", None),
    "memo_of_a_decorator": (1, "__main__.APP.report*`cache`", "inner()*adds to it*lru_cache(maxsize=N)", None),
    "class_of_thread_locals": (1, "__main__.APP.context.history", "job()*add*deque(maxlen=N)", "3.9"),
    "data_of_many_threads": (1, "__main__.APP.context", "`.history` of each*job()*add*deque(maxlen=N)", None),
    "history_of_each_worker": (1, "__main__.APP.workers", "`.history` of each*Worker.work()*adds to it", None),
    "healthy_tables_of_each": None,
    "handlers_of_one_logger": (1, "loggerDict['app'].handlers: the logger 'app' has 1,500 handlers", "addHandler()*removeHandler()", None),
    "patterns_of_data": (1, "__main__.APP.router.patterns", "Router.match()*adds to it*keep data out of patterns", "3.7"),
    "records_of_a_handler": (1, "__main__.APP.handler.records", "emit()*adds to it*format what must be kept", None),
    "rows_of_one_class": (1, "__main__.KEPT, a list of 800*800 __main__.Row", "*adds to it*", None),
    "string_io": (1, "__main__.APP.report, a* _io.StringIO", "line()*add*truncate(0)", None),
    "stuck_threads": (1, "local lines of *work() shapes.py", "`threads`*timeout", None),
    "module_again_and_again": (1, "__main__.HOOKS['save'], a list of 400", "the same name*importlib.reload()*put()*adds to it*store them by name", None),
    "numpy_append": (1, "__main__.APP.signal.y, a numpy.ndarray", "Signal.add()*adds to it", "numpy"),
    "gevent_queue": (1, "__main__.APP.todo, a gevent*Queue", "maxsize", "gevent"),
    "contexts": (1, "__main__.CLIENTS*ssl.SSLContext", "one context", None),
    "numpy_views": (1, "__main__.LAST*numpy.ndarray", "shows 40 B and keeps 15*times as much: a numpy.ndarray*copy()", "numpy"),
    "figures": (1, "Gcf.figs", "plt.close(fig)", "matplotlib"),
    "smart_strings": (1, "__main__.NAMES*lxml.etree._", "smart_strings=False", "lxml"),
    "delayed_calls": (1, "_newTimedCalls*DelayedCall", "cancel()", "twisted"),
    "waiting_greenlets": (1, "__main__.APP.ready, a gevent", "timeout", "gevent"),
    "dict_of_a_thread_local": (1, "__main__.APP.requests.local", "Requests.note()*add*", None),
    "state_under_a_key": (1, "__main__.APP.server._state['peers'], a set of 3,000", "join()*add*drop the oldest", None),
    "through_a_method_that_returns_it": (1, "__main__.APP.board._cards, a dict of 4,000", "Board.pin()*add*", None),
    "dict_that_fills_itself": (1, "__main__.APP.names, a __main__.Names of 4,000", "Names.__missing__()*adds to it", None),
    "comprehension_in_a_call": (1, "__main__.LOGGED, a list of 4,000", "log()*adds to it", None),
    "heap_of_retries": (1, "__main__.APP.retries.waiting, a list of 4,000", "Retries.later()*adds to it*Retries.due()*takes things out", None),
    "chain_of_scopes": (1, "__main__.APP.scopes.scope.maps, a list of 4,001", "the code of ChainMap, whose new_child() is called in Scopes.enter()*.parents", None),
    "lines_of_tracemalloc": (1, "__main__.KEPT, a list of 4,000", "what is in it is allocated at *shapes.py:", None),
    "bursts_before_a_batch": (1, "__main__.APP.uploads.by_token", "Uploads.begin()*adds to it", None),
    "bursts_before_a_night": (1, "__main__.APP.uploads.by_token", "Uploads.begin()*adds to it", "3.8"),
    "bursts_before_rows": (1, "__main__.APP.uploads.by_token", "Uploads.begin()*adds to it", None),
    "few_large_sessions": (1, "__main__.APP.reception.by_user", "70 entries of*Reception.leave()*takes things out*still in use*try/finally", None),
    "names_of_a_parser": (1, "__main__.APP.feed.parser", "every name*new parser", None),
    "endless_loop": (1, "local done, a dict of 4,001", "endless_loop()*adds to it", None),
    "tables_of_each_tenant": (1, "__main__.APP.metadata.tables", "table_of()*adds to it*metadata.remove(table)", "sqlalchemy"),
    "healthy_endless_loop": None,
    "healthy_tables": "sqlalchemy",
    "members_of_an_archive": (1, "__main__.APP.archive.zip.NameToInfo", "the code of ZipFile, whose writestr() is called in Archive.log()*start a new archive", None),
    "closed_files": (1, "__main__.KEPT, a list of 3,000", "of 1,000 checked, 1,000 are closed", None),
    "closed_sockets": (1, "__main__.KEPT, a list of 12,000", "of 1,000 checked, 1,000 are closed", None),
    "exhausted_generators": (1, "__main__.KEPT, a list of 12,000", "of 1,000 checked, 1,000 are exhausted", None),
    "finished_threads": (1, "__main__.KEPT, a list of 1,500", "of 1,000 checked, 1,000 are finished", None),
    "cancelled_timers": (1, "__main__.KEPT, a list of 4,000", "of 1,000 checked, 1,000 are cancelled*cancel()", "3.8"),
    "healthy_large_connections": None,
    "healthy_latest_of_each_host": None,
    "healthy_latest_in_rounds": None,
    "healthy_latest_of_known_hosts": None,
    "healthy_connections": None,
    "healthy_index_in_steps": None,
    "healthy_refreshed": None,
    "healthy_filled_once": "<3.14",
    "healthy_lines_at_a_prompt": None,
    "healthy_name_without_a_hint": None,
    "healthy_method_without_a_hint": None,
    "healthy_vocabulary": None,
    "healthy_ring_buffer": None,
    "healthy_pool": None,
    "healthy_expiring": None,
    "healthy_cache_that_is_hit": None,
    "healthy_default": None,
    "healthy_bounded_cache": None,
    "healthy_loaded_once": None,
    "healthy_rebuilt": None,
    "healthy_constructor_calls": None,
}


def ready():
    print("ready")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    APP.office = Office()
    globals()[sys.argv[1]]()
    ready()

// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of containers that are known by name: see registries.h.
#include "finding/registries.h"

#include <string.h>

#include "finding/living_keys.h"
#include "heap/names/task.h"
#include "py/read.h"
#include "py/runtime/frames.h"

#define STREAM "_io._IOBase"
#define STREAMS_MAX 3   // one inside of the other
#define PARTS_LOOKED 32 // references of a thing that may be at work

#define ATEXIT_ROW                                                                                 \
    NULL, NULL, NULL,                                                                              \
        "atexit keeps every registered function until the process ends, and a "                    \
        "bound method keeps its object",                                                           \
        "register one function once that closes whatever is in a weakref.WeakSet, or call "        \
        "atexit.unregister() when the object is closed",                                           \
        true

// The first match wins: specific rows come before general ones.
static const struct registry rows[] = {
    // --- the standard library
    { "*handler of signal *", NULL, NULL, NULL,
      "a signal handler stays until another one is set: a bound method keeps its object, and a "
      "handler that chains to the previous one keeps that, too",
      "set the handler once, at startup, and let it work on a weakref.WeakSet of live objects",
      true },
    { "gc.callbacks", NULL, NULL, NULL,
      "gc.callbacks keeps every function that was appended to it, and calls it at each collection",
      "append a function once, and remove() it when its work is done", true },
    { "*weakref.finalize._registry*", NULL, NULL, NULL,
      "a weakref.finalize() stays until its object dies or it is called; if its callback is a "
      "method of the object, or takes the object as an argument, the object never dies",
      "give finalize() a function and arguments that do not refer to the object, or call detach()",
      true },
    { "*atexit callback*", ATEXIT_ROW },
    { "the module atexit", ATEXIT_ROW }, // up to 3.9
    { "immortality alone", "str", NULL, NULL,
      "from 3.12 on interned strings are immortal: sys.intern(), attribute names that setattr() "
      "makes, and **keywords keys are never freed, even when nothing refers to them",
      "do not intern strings that come from data, or use them as attribute names: keep them in a "
      "dict",
      true },
    { NULL, "gi.repository.GObject.Object", NULL, NULL,
      "GObject's connect() keeps its callback until disconnect(), or until the sending object "
      "dies: a bound method keeps its object",
      "disconnect() the id that connect() returned when the receiver is done, or connect a "
      "function that holds the receiver in a weakref.ref",
      true },
    { NULL, NULL, "method", NULL,
      "a bound method holds its object: a subscriber that never unsubscribes lives as long as what "
      "it subscribed to",
      "unsubscribe when done, or hold a weakref.WeakMethod", false },
    { NULL, NULL, "threading.Timer", NULL,
      "each threading.Timer is a thread that waits until it fires, and holds its function and "
      "everything reachable from it",
      "cancel() timers that are no longer needed; use one scheduler for many", true },
    { "threading._active*", NULL, "threading.Thread", NULL,
      "these threads have not ended: each keeps its target, its arguments and its locals",
      "end threads when their work is done: `threads` shows where they wait", true },
    { "threading._dangling*", NULL, NULL, NULL, "threads that exist",
      "end them when their work is done", false },
    { "*._threads", NULL, "threading.Thread", NULL,
      "socketserver.ThreadingMixIn keeps its threads, finished ones included, so that "
      "server_close() can join them",
      "set daemon_threads = True or block_on_close = False; newer Pythons drop finished threads",
      true },
    { NULL, NULL, "threading.Thread", NULL,
      "a finished Thread object keeps its attributes and events",
      "drop Thread objects after join(), or use a pool", false },
    { NULL, NULL, "concurrent.futures.thread._WorkItem", NULL,
      "work submitted to a ThreadPoolExecutor waits in its unbounded queue: it arrives faster than "
      "the threads process it",
      "limit what is submitted: a semaphore around submit(), more workers, or bounded batches",
      true },
    { "*_work_queue*", NULL, NULL, NULL,
      "work submitted to an executor waits in its unbounded queue",
      "limit what is submitted: a semaphore around submit(), or more workers", true },
    { NULL, NULL, "concurrent.futures._base.Future", NULL, "a finished future keeps its result",
      "drop futures once their results have been taken", false },
    { "*_pending_work_items*", NULL, NULL, NULL,
      "work submitted to a ProcessPoolExecutor is waiting", "limit what is submitted", true },
    { "*pool*._inqueue*", NULL, NULL, NULL,
      "a multiprocessing pool reads its whole input at once: imap() enqueues tasks faster than the "
      "workers take them, and the queue is unbounded",
      "feed it in batches, or acquire a semaphore before each item of the input", true },
    { "*pool*._taskqueue*", NULL, NULL, NULL,
      "tasks wait for the pool's workers; the queue is unbounded",
      "feed it in batches, or acquire a semaphore before each item of the input", true },
    { "*pool*._cache", NULL, NULL, NULL, "results of a pool that nobody has taken yet",
      "call get(), or iterate over the results to the end", false },
    { NULL, "_queue.SimpleQueue", NULL, NULL,
      "an unbounded queue: the producer is faster than the consumer, or the consumer is stuck",
      "queue.Queue(maxsize=N) makes the producer wait", true },
    { NULL, "queue.Queue", NULL, NULL,
      "the producer is faster than the consumer, or the consumer is stuck",
      "with a maxsize the producer waits", true },
    { NULL, NULL, "asyncio.events.TimerHandle", NULL,
      "timers of an event loop: each keeps its callback until it fires, and cancelled ones stay, "
      "too, until they are half of all",
      "cancel() the handle that call_later() returned when it is no longer needed; "
      "asyncio.timeout() does so by itself",
      true },
    { NULL, NULL, "uvloop.loop.UVTimer", NULL,
      "timers of the event loop: each keeps its callback until it fires",
      "cancel() the handle that call_later() returned when it is no longer needed", true },
    { NULL, NULL, "uvloop.loop.TimerHandle", NULL,
      "timers of the event loop: each keeps its callback until it fires",
      "cancel() the handle that call_later() returned when it is no longer needed", true },
    { NULL, NULL, "asyncio.events.Handle", NULL, "callbacks wait for their turn in the event loop",
      "the loop is busy, or callbacks keep adding callbacks: use call_soon() less", false },
    { NULL, NULL, "_asyncio.Task", NULL, "tasks, and the results of finished ones",
      "discard a task when it is done: task.add_done_callback(tasks.discard)", false },
    { NULL, NULL, "asyncio.tasks.Task", NULL, "tasks, and the results of finished ones",
      "discard a task when it is done: task.add_done_callback(tasks.discard)", false },
    { NULL, NULL, "sched.Event", NULL, "scheduler events that are not due yet",
      "scheduler.cancel(event) when it is no longer needed", true },
    { NULL, NULL, "logging.LogRecord", "logging.handlers.BufferingHandler",
      "log records with their arguments: a handler that buffers records passes them on only when "
      "it is full or a severe one arrives",
      "give MemoryHandler a smaller capacity, and flush() it", true },
    { NULL, NULL, "logging.LogRecord", NULL,
      "log records with their arguments, frame names and exceptions: whatever collects records "
      "keeps all of that",
      "format what must be kept, and keep only the last N: collections.deque(maxlen=N)", true },
    { NULL, "unittest.mock._CallList", NULL, NULL,
      "a Mock records every call made to it and to its attributes, with the arguments",
      "call reset_mock() now and then, or use a plain class where calls are not checked", true },
    { NULL, NULL, "unittest.mock._Call", NULL,
      "a Mock records every call made to it and to its attributes, with the arguments",
      "call reset_mock() now and then, or use a plain class where calls are not checked", true },
    { "re._cache*", NULL, NULL, NULL, "re caches the last 512 compiled patterns", "", false },
    { "*struct._cache*", NULL, NULL, NULL, "struct caches the last 100 formats", "", false },
    { NULL, NULL, "re.Pattern", NULL,
      "compiled patterns: data interpolated into patterns makes ever new ones",
      "keep data out of patterns: match a group and compare it; or bound the cache: "
      "functools.lru_cache(maxsize=N)",
      false },
    { NULL, NULL, "_struct.Struct", NULL, "parsed formats: those built from sizes never repeat",
      "read a size first, then that many bytes; or use struct.unpack(), whose cache is bounded",
      false },
    { NULL, NULL, "tempfile.TemporaryDirectory", NULL,
      "temporary directories, which also exist on disk",
      "use `with`, or cleanup() each one and drop it", false },
    { NULL, NULL, "_ctypes.PyCFuncPtr", NULL,
      "callbacks for C code: each has a closure in C memory and keeps its function",
      "make one callback once, and tell calls apart by an argument", false },
    { NULL, NULL, "_asyncio.Future", NULL,
      "futures: an unresolved one keeps its callbacks, a finished one keeps its result",
      "discard each future when it is done or given up: asyncio.wait_for(), "
      "future.add_done_callback()",
      false },
    { "*loggerDict", NULL, NULL, NULL,
      "logging keeps every logger that getLogger() was ever asked for, by name",
      "use a fixed set of names, and a LoggerAdapter or `extra` for what changes", true },
    { "*__warningregistry__*", NULL, NULL, NULL,
      "warnings remembers every text that it has shown: texts with changing parts make it grow",
      "keep changing parts out of warning texts", true },
    { "sys.modules", NULL, NULL, NULL, "imported modules stay, each under its own name",
      "give modules that are made at run time one name, or remove them from sys.modules", true },
    { "linecache.cache", NULL, NULL, NULL, "source lines of files that appeared in tracebacks",
      "linecache.clearcache(); exec() of code under ever new file names fills it", true },
    { "*ctypes._pointer_type_cache*", NULL, NULL, NULL,
      "ctypes.POINTER() makes a class for each type that it is given and keeps it; `c_ubyte * "
      "size` is a different type for each size",
      "use POINTER(c_ubyte) and a length, or from_address(); do not make array types of varying "
      "sizes",
      true },
    { "*ctypes*cache*", NULL, NULL, NULL, "ctypes keeps every type that it has made",
      "make each type once", true },
    { "*.registry -> mapping", NULL, NULL, NULL,
      "functools.singledispatch keeps every class that was registered or that it was called with",
      "register classes at startup; do not make classes in calls", true },
    { "*.registry*", "mappingproxy", NULL, NULL,
      "functools.singledispatch keeps every class that was registered or that it was called with",
      "register classes at startup; do not make classes in calls", true },
    { "*dispatch_cache*", NULL, NULL, NULL, "functools.singledispatch remembers classes",
      "do not make classes in calls", false },
    { NULL, "_abc._abc_data", NULL, NULL,
      "an abstract class remembers every class that isinstance() was asked about",
      "do not make classes in calls", true },
    { "*unittest*._tests", NULL, NULL, NULL,
      "a suite keeps its test cases, and they keep their fixtures",
      "set attributes to None in tearDown(), or let the suite drop its tests (_cleanup)", true },
    { NULL, NULL, "unittest.case.TestCase", NULL,
      "a suite keeps test cases that have run, and each keeps what setUp() made",
      "set attributes to None in tearDown(), use addCleanup(), or let the suite drop its tests "
      "(_cleanup = True)",
      true },
    { NULL, "_pickle.Pickler", NULL, NULL,
      "a Pickler remembers every object that it has written, and keeps it alive",
      "use a new Pickler for each message, or call clear_memo()", true },
    { NULL, "_pickle.Unpickler", NULL, NULL, "an Unpickler remembers every object that it has read",
      "use a new one for each stream", true },
    { NULL, "itertools._tee_dataobject", NULL, NULL,
      "itertools.tee() keeps what one branch has consumed and the other has not: one lags behind",
      "advance both together, or use list() where one is read first", true },
    { NULL, "itertools._tee", NULL, NULL,
      "itertools.tee() keeps what one branch has consumed and the other has not: this one lags "
      "behind",
      "advance both together, or drop the branch that nobody reads", true },
    { NULL, "itertools.cycle", NULL, NULL,
      "itertools.cycle() keeps every item to repeat it: if its input does not end, it never "
      "forgets",
      "use the iterator itself, or cycle() over a short list", true },
    { NULL, "list", "dict", "collections.ChainMap",
      "each new_child() puts one more dict in front, and every look-up goes through all of them",
      "go back to `.parents` when the inner scope is left, or copy what is needed into one dict",
      true },
    { NULL, NULL, "type", NULL, "a class made at run time lives as long as whatever holds it",
      "make each class once, when its module is loaded, and keep what varies in its instances",
      false },
    { NULL, "bytearray", NULL, "asyncio.streams.StreamReader",
      "received data that was not read: the reader's limit should pause the sender, but this limit "
      "is high, or feed_data() is called without a transport",
      "read it, or leave the limit at its default (64 KiB), so that the transport pauses", true },
    { NULL, NULL, "multiprocessing.pool.ApplyResult", NULL,
      "a pool's result object keeps what its task returned, and its lock",
      "call get() and drop the result, or use imap_unordered() on bounded batches", false },
    { "kombu.transport.memory.Channel.queues*", NULL, NULL, NULL,
      "messages of the memory:// transport, which stay in this process until a worker in it takes "
      "them",
      "start a worker in this process, or use an external broker; memory:// is for tests", true },
    { "*.before_request_funcs*", NULL, NULL, NULL,
      "hooks of a Flask application, which are called on every request from now on",
      "register hooks once, when the application is created, and never while it serves", true },
    { "*.after_request_funcs*", NULL, NULL, NULL,
      "hooks of a Flask application, which are called on every request from now on",
      "register hooks once, when the application is created, or use flask.after_this_request",
      true },
    { "*.teardown_request_funcs*", NULL, NULL, NULL,
      "hooks of a Flask application, which are called on every request from now on",
      "register hooks once, when the application is created, and never while it serves", true },
    { NULL, NULL, "trio.lowlevel.Task", "trio.Event",
      "tasks wait for an event that nobody sets: each keeps all its locals",
      "wait with a timeout: trio.move_on_after(); or set the event on every exit path", true },
    { NULL, NULL, "trio.lowlevel.Task", NULL, "tasks: each keeps its locals until it ends",
      "end tasks when their work is done: a timeout (trio.move_on_after()), or cancel()", false },
    { NULL, "_io.BytesIO", NULL, NULL, "a BytesIO keeps everything that was written to it",
      "truncate(0) and seek(0) it once its content has been used, or write to a file", false },
    { NULL, "_io.StringIO", NULL, NULL, "a StringIO keeps everything that was written to it",
      "truncate(0) and seek(0) it once its content has been used, or write to a file", false },
    { NULL, "xml.etree.ElementTree.TreeBuilder", NULL, NULL,
      "a tree that is being parsed keeps all its elements: with iterparse() they stay under the "
      "root unless they are cleared",
      "clear() each element after use, and remove it from the root", true },
    { NULL, "pyexpat.xmlparser", NULL, NULL,
      "a parser keeps every name of an element or attribute that it has read, in its dict "
      "`intern`: names that are made of data never repeat",
      "use a new parser for each document, and put data into attributes' values or text", true },
    { NULL, NULL, NULL, "http.cookiejar.CookieJar", "cookies that were never cleared",
      "call clear_expired_cookies(), or use a new jar for each unit of work", false },
    { NULL, NULL, "sqlalchemy.sql.schema.Table", "sqlalchemy.sql.schema.MetaData",
      "a MetaData keeps every Table that was declared with it",
      "declare tables once, at import; for those made at run time, a MetaData of their own, or "
      "metadata.remove(table)",
      false },
    { NULL, NULL, NULL, "zipfile.ZipFile",
      "an archive keeps an entry for each member until it is closed",
      "close it after reading; when writing one without end, start a new archive now and then",
      false },
    { NULL, NULL, "concurrent.futures.process._WorkItem", NULL,
      "work submitted to a ProcessPoolExecutor is waiting", "limit what is submitted", true },
    { NULL, NULL, "xml.etree.ElementTree.Element", NULL,
      "a tree keeps all its elements; with iterparse() they stay under the root unless they are "
      "cleared",
      "clear() each element after use, and the root too", false },
    { NULL, "xml.etree.ElementTree.Element", NULL, NULL,
      "a tree keeps all its elements; with iterparse() they stay under the root unless they are "
      "cleared",
      "clear() each element after use, and the root too", false },
    { NULL, NULL, "xml.dom.minidom.Node", NULL,
      "the nodes of a document refer to one another: any one keeps the whole tree",
      "unlink() the document, or keep only the text", false },
    { "sys.last_*", NULL, NULL, NULL,
      "the interactive prompt keeps the last exception, with its frames",
      "del sys.last_value, sys.last_traceback (and sys.last_exc from 3.12 on)", true },
    { NULL, NULL, "_contextvars.Token", NULL,
      "a Token keeps the variable's previous value and the context that it was set in",
      "reset() the variable with its token when the work is done, and do not keep tokens", true },
    { NULL, NULL, "subprocess.Popen", NULL, "processes that were started",
      "wait() for them, and drop them", false },
    { NULL, NULL, "selectors.SelectorKey", NULL, "files and sockets registered with a selector",
      "unregister() and close what is no longer needed", false },
    { NULL, NULL, "socket.socket", NULL, "sockets", "close them when done, and drop them", false },
    { NULL, NULL, "weakref.ReferenceType", NULL,
      "a weak reference outlives its object, and its callback keeps what it refers to",
      "remove it in its callback, which must not be a method of the object that it should release; "
      "or use weakref.WeakSet",
      false },
    { NULL, NULL, NULL, "shelve.Shelf",
      "a shelf with writeback=True keeps every entry that was read or written, to write it back on "
      "sync() or close()",
      "call sync() now and then, or open it without writeback and assign changed entries back",
      true },
    { "*._exit_callbacks", NULL, NULL, "contextlib._BaseExitStack",
      "an ExitStack keeps each callback and what it refers to until it is closed",
      "use one stack for each unit of work: `with ExitStack() as stack`", true },
    { NULL, NULL, "inspect.FrameInfo", NULL, "frames from inspect.stack() keep all their locals",
      "keep names and line numbers, not frames", true },
    { NULL, NULL, "frame", NULL,
      "a frame keeps all its local variables, and the frames that called it",
      "keep names and line numbers, not frames", true },
    { NULL, NULL, "traceback", NULL, "a traceback keeps its frames and all their locals",
      "keep traceback.format_exc(), which is text", true },
    { NULL, NULL, "tracemalloc.Snapshot", NULL, "tracemalloc snapshots are large",
      "compare two, and drop them", true },
    // --- usual libraries
    { "*Gcf.figs", NULL, NULL, NULL, "pyplot keeps every figure until it is closed",
      "plt.close(fig) after savefig(), or make figures with matplotlib.figure.Figure", true },
    { NULL, NULL, "matplotlib.figure.Figure", NULL, "figures keep their axes and all their data",
      "plt.close(fig)", true },
    { NULL, NULL, "twisted.internet.base.DelayedCall", NULL,
      "calls scheduled by reactor.callLater(): each keeps its function until it fires, and a "
      "cancelled one until the reactor's next iteration",
      "cancel() the call that callLater() returned when it is no longer needed", true },
    { NULL, NULL, "twisted.python.failure.Failure", NULL,
      "a Failure keeps its exception, and its traceback's frames or copies of their locals",
      "call cleanFailure(), or keep getTraceback(), which is text", true },
    { "*_handlers._root*", NULL, NULL, NULL,
      "handlers registered for events of a botocore session: every boto3.Session on the same "
      "botocore session registers its own again, and they stay",
      "make one boto3.Session and reuse it; do not make sessions in calls", true },
    { NULL, "gevent._gevent_cevent.Event", NULL, NULL,
      "greenlets wait for an event that nobody sets: each keeps its frames and all their locals",
      "wait with a timeout, or set the event on every exit path", true },
    { NULL, "gevent._gevent_cevent.AsyncResult", NULL, NULL,
      "greenlets wait for a result that nobody sets: each keeps its frames and all their locals",
      "get() with a timeout, and set_exception() when the other side is gone", true },
    { NULL, "gevent._event.Event", NULL, NULL,
      "greenlets wait for an event that nobody sets: each keeps its frames and all their locals",
      "wait with a timeout, or set the event on every exit path", true },
    { NULL, NULL, "gevent._gevent_cgreenlet.Greenlet", NULL,
      "greenlets that have not ended, or that something keeps", "kill() or join() them", false },
    { "*.fingerprints", NULL, NULL, NULL,
      "a crawler's duplicate filter remembers every request ever seen",
      "set JOBDIR and an on-disk filter, bound the crawl, or clear it between crawls", true },
    { NULL, "gevent._gevent_cqueue.Queue", NULL, NULL,
      "an unbounded queue: the producer is faster than the consumer, or the consumer is stuck",
      "gevent.queue.Queue(maxsize=N) makes the producer wait", true },
    { NULL, "gevent._gevent_cqueue.SimpleQueue", NULL, NULL,
      "an unbounded queue: the producer is faster than the consumer, or the consumer is stuck",
      "gevent.queue.Queue(maxsize=N) makes the producer wait", true },
    { NULL, "gevent.queue.Queue", NULL, NULL,
      "an unbounded queue: the producer is faster than the consumer, or the consumer is stuck",
      "gevent.queue.Queue(maxsize=N) makes the producer wait", true },
    { NULL, NULL, "aiohttp.client.ClientSession", NULL,
      "each ClientSession has its own connector, with its pool and DNS cache",
      "make one ClientSession for the program's lifetime, or use `async with`", true },
    { NULL, NULL, "httpx.Client", NULL, "each Client has its own connection pool and TLS context",
      "make one Client and reuse it, or use `with`", true },
    { NULL, NULL, "httpx.AsyncClient", NULL,
      "each Client has its own connection pool and TLS context",
      "make one Client and reuse it, or use `async with`", true },
    { NULL, NULL, "botocore.client.BaseClient", NULL,
      "each client has its own service models, endpoint rules and connection pool",
      "make one client for each service and reuse it: clients may be shared between threads",
      true },
    { NULL, NULL, "boto3.session.Session", NULL,
      "each Session has its own loader, models and credentials", "make one Session and reuse it",
      true },
    { NULL, NULL, "matplotlib.artist.Artist", NULL,
      "axes keep every line, text and patch that was drawn in them",
      "call ax.clear() or artist.remove(), or set_data() on one line instead of plotting again",
      false },
    { NULL, NULL, "celery.result.AsyncResult", NULL, "a result keeps what its task returned",
      "forget() results once they are taken, or set ignore_result", false },
    { NULL, NULL, "google.protobuf.message.Message", NULL,
      "messages, whose fields are in C memory that Python's sizes do not count",
      "copy what is needed out of each message and drop it", false },
    { NULL, NULL, "PIL.Image.Image", NULL,
      "images, whose pixels are in C memory that Python's sizes do not count",
      "close() images after use, or keep their file names", false },
    { NULL, NULL, "requests.models.Response", NULL,
      "a Response keeps its whole content, its headers and its request",
      "keep what is needed of response.json() or .text, and drop the response", false },
    { NULL, NULL, "pandas.core.frame.DataFrame", NULL,
      "a DataFrame that is a slice of another one is a view, and keeps the whole other one",
      "copy() the part to keep: df.iloc[-1:].copy()", false },
    { NULL, NULL, "pandas.core.series.Series", NULL,
      "a Series that is a column or a slice of a DataFrame is a view, and keeps the whole "
      "DataFrame",
      "copy() the part to keep", false },
    { NULL, NULL, "numpy.ndarray", NULL,
      "an array that is a view of another one (its .base) keeps the whole other one",
      "copy() the part to keep", false },
    { NULL, NULL, "bs4.element.Tag", NULL, "an element of a soup keeps its whole document",
      "keep str(element) or its text, or call extract() or decompose()", true },
    { NULL, NULL, "bs4.element.NavigableString", NULL,
      "a string of a soup keeps its whole document", "keep str(string)", true },
    { NULL, NULL, "lxml.etree._Element", NULL, "an element keeps its whole document",
      "keep only its text, and clear() what has been used", false },
    { NULL, NULL, "twisted.internet.defer.Deferred", NULL,
      "a Deferred that never fires keeps its callbacks and what they refer to; one that has fired "
      "keeps its result, and a Failure in it the frames of a traceback",
      "give it a timeout: addTimeout(seconds, reactor); drop Deferreds that have fired", false },
    { NULL, NULL, "jinja2.environment.Template", NULL,
      "from_string() compiles a template on every call",
      "compile each template once: Environment.get_template() has a bounded cache", false },
    { NULL, NULL, "requests.sessions.Session", NULL,
      "each Session has its own adapters and connection pools",
      "make one Session and reuse it, or close() it", true },
    { NULL, NULL, "urllib3.poolmanager.PoolManager", NULL,
      "each PoolManager has its own connections", "make one and reuse it", true },
    { NULL, NULL, "memoryview", NULL, "a memoryview keeps the whole object that it views",
      "keep bytes(view) where only a part is needed", false },
    { NULL, "cProfile.Profile", NULL, NULL,
      "a profiler keeps an entry for each function and caller",
      "disable() it, and collect its statistics", true },
};

// By the class of the dict's keys.
static const struct registry keys[] = {
    { NULL, "dict", "cachetools.keys._HashedTuple", NULL,
      "results that a cachetools decorator keeps by call arguments: a plain dict is unbounded",
      "give the decorator a bounded cache: cachetools.LRUCache(maxsize=N), or TTLCache", true },
};

static const struct registry_dead deaths[] = {
    { "asyncio.events.Handle", "_cancelled", "True", "cancelled" },
    { "threading.Thread", "_is_stopped", "True", "finished" },
    { "socket.socket", "_closed", "True", "closed" },
    { "twisted.internet.base.DelayedCall", "cancelled", "1", "cancelled" },
    { "twisted.internet.base.DelayedCall", "cancelled", "True", "cancelled" },
    { "twisted.internet.base.DelayedCall", "called", "1", "over" },
    { "concurrent.futures._base.Future", "_state", "'FINISHED'", "finished" },
    { "asyncio.futures.Future", "_state", "'FINISHED'", "done" },
    { "tempfile._TemporaryFileCloser", "close_called", "True", "closed" },
    { "multiprocessing.process.BaseProcess", "_closed", "True", "closed" },
    { STREAM, "__IOBase_closed", "True", "closed" },
};

static const char *const workers[] = {
    "socket.socket",
    "asyncio.transports.BaseTransport",
    "asyncio.tasks.Task",
    "_asyncio.Task",
    "threading.Thread",
    "multiprocessing.process.BaseProcess",
    "subprocess.Popen",
    "twisted.internet.abstract.FileDescriptor",
    "gevent._gevent_cgreenlet.Greenlet",
};

const struct registry_heavy registry_heavy_rows[] = {
    { "_ssl._SSLContext", 20,
      "each has some hundred KiB of OpenSSL's memory outside of Python's heap: the certificates "
      "that it trusts",
      "make one context and reuse it: ssl.create_default_context() once, one httpx.Client or "
      "requests.Session for all calls" },
    { "lxml.etree._Document", 100,
      "each is a libxml2 tree outside of Python's heap; an element, or a string that xpath() "
      "returned, keeps the whole tree",
      "keep str(text), call xpath(..., smart_strings=False), and clear() elements after use" },
    { "sqlite3.Connection", 100, "each has its own cache and file outside of Python's heap",
      "close() connections, or reuse one" },
    { "subprocess.Popen", 200, "each has pipes", "wait() for them and drop them" },
    { "_io.FileIO", 1000, "each holds a file descriptor while it is open",
      "close them: use `with`" },
    { NULL, 0, NULL, NULL },
};

// Whether a text fits a pattern with * for anything.
static bool registry_fits(const char *pattern, const char *text)
{
    const char *star = NULL, *again = NULL; // the last *, and where it began to match
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            again = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++again;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

static bool registry_is(const struct finder *f, node n, const char *type)
{
    return n != NODE_NONE && finder_derives(f, finder_type(f, n), type);
}

// The object whose attribute it is.
static node registry_holder(const struct finder *f, node n)
{
    node from = f->paths.from[n];
    if (from == NODE_NONE || from == n)
        return NODE_NONE;
    return finder_is_attributes(f, from) ? f->paths.from[from] : from;
}

const struct registry *registry_find(const struct finder *f, const char *name, node n, node items)
{
    node holder = registry_holder(f, n);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct registry *row = &rows[i];
        if ((!row->name || registry_fits(row->name, name))
            && (!row->type || registry_is(f, n, row->type))
            && (!row->items || registry_is(f, items, row->items))
            && (!row->holder || registry_is(f, holder, row->holder)))
            return row;
    }
    return NULL;
}

const struct registry *registry_of_keys(const struct finder *f, node n, uint32_t type)
{
    node holder = registry_holder(f, n);
    if (type == UINT32_MAX || registry_is(f, holder, "cachetools.Cache"))
        return NULL;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (finder_derives(f, type_row(f->py->types, type), keys[i].items)
            && !strcmp(finder_type_name(f, n), keys[i].type))
            return &keys[i];
    return NULL;
}

static const char *registry_dead_reference(const struct finder *f, node n)
{
    addr to = READ(f->py, heap_addr(f->heap, n), PyWeakReference_wr_object);
    return !to || to == f->py->none ? "dead: what they referred to is gone" : NULL;
}

static const char *registry_dead_generator(const struct finder *f, node n)
{
    struct frame frame;
    return frame_of_generator(f->py, finder_type(f, n), heap_addr(f->heap, n), &frame)
               ? NULL
               : "exhausted";
}

// A task whose coroutine has come to its end.
static const char *registry_dead_task(const struct finder *f, node n, enum task_kind kind)
{
    struct task task;
    return task_read(f->heap, n, kind, &task) && task.coroutine != NODE_NONE
                   && task_is_generator(f->heap, task.coroutine)
                   && registry_dead_generator(f, task.coroutine)
               ? "finished"
               : NULL;
}

// From 3.13 on a Thread does not say that it has ended: it had a number, and no thread has it now.
static const char *registry_dead_thread(const struct finder *f, node n)
{
    node ident = heap_attribute(f->heap, n, "_ident");
    addr number = ident == NODE_NONE ? 0 : living_keys_int(f, heap_addr(f->heap, ident));
    return number && !living_keys_is_thread(f, number) ? "finished" : NULL;
}

// What a buffer is for: the stream inside of a stream.
static node registry_stream_inside(const struct finder *f, node n)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, n), end = csr_end(forward, n);
    for (uint64_t e = first; e < end && e < first + PARTS_LOOKED; e++) {
        node part = forward->to[e] & EDGE_NODE;
        if (part != n && registry_is(f, part, STREAM))
            return part;
    }
    return NODE_NONE;
}

static const char *registry_dead_by_row(struct finder *f, node n)
{
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
        if (!registry_is(f, n, deaths[i].type))
            continue;
        node value = heap_attribute(f->heap, n, deaths[i].attribute);
        if (value != NODE_NONE && !strcmp(finder_preview(f, value, 24), deaths[i].value))
            return deaths[i].word;
    }
    return NULL;
}

const char *registry_death(struct finder *f, node n)
{
    enum task_kind task = task_kind_of(f->py, finder_type(f, n));
    const char *word;
    if (!python_has_values(f->py))
        return NULL;
    if (finder_roles(f, n) & ROLE_WEAK)
        return registry_dead_reference(f, n);
    if (task_is_generator(f->heap, n))
        return registry_dead_generator(f, n);
    if (task && (word = registry_dead_task(f, n, task)))
        return word;
    if (registry_is(f, n, "threading.Thread")
        && heap_attribute(f->heap, n, "_is_stopped") == NODE_NONE)
        return registry_dead_thread(f, n);
    for (int i = 0; i < STREAMS_MAX && registry_is(f, n, STREAM); i++) {
        node inside = registry_stream_inside(f, n);
        if (inside == NODE_NONE)
            break;
        n = inside;
    }
    return registry_dead_by_row(f, n);
}

static bool registry_is_worker(struct finder *f, node n)
{
    for (size_t i = 0; i < sizeof workers / sizeof *workers; i++)
        if (registry_is(f, n, workers[i]))
            return !registry_death(f, n);
    return false;
}

static bool registry_has_worker(struct finder *f, node n)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, n), end = csr_end(forward, n);
    for (uint64_t e = first; e < end && e < first + PARTS_LOOKED; e++)
        if (registry_is_worker(f, forward->to[e] & EDGE_NODE))
            return true;
    return false;
}

bool registry_is_at_work(struct finder *f, node n)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, n), end = csr_end(forward, n);
    if (registry_is_worker(f, n) || registry_has_worker(f, n))
        return true;
    for (uint64_t e = first; e < end && e < first + PARTS_LOOKED; e++) {
        node part = forward->to[e] & EDGE_NODE;
        if (finder_is_attributes(f, part) && registry_has_worker(f, part))
            return true;
    }
    return false;
}

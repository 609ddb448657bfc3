// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of what is known by name: see registries.h.
#include "finding/registries.h"

#include <string.h>

#include "heap/names/task.h"
#include "py/runtime/frames.h"

#define ATEXIT_ROW                                                                                 \
    NULL, NULL, NULL,                                                                              \
        "what atexit.register() was given stays until the process ends, with the object that a "   \
        "bound method is of",                                                                      \
        "register one function once, that closes what is in a weakref.WeakSet, or call "           \
        "atexit.unregister() when the object is closed",                                           \
        true

// The first that fits is taken: the particular before the general.
static const struct registry rows[] = {
    // --- the standard library
    { "*handler of signal *", NULL, NULL, NULL,
      "what signal.signal() was given stays until another handler is set: a bound method keeps its "
      "object, and one that remembers the handler before it keeps that, too",
      "set a handler once, when the program starts, and let it look at what is alive: a "
      "weakref.WeakSet",
      true },
    { "gc.callbacks", NULL, NULL, NULL,
      "gc.callbacks keeps each function that was appended to it, and calls it at each collection",
      "append one function once, and remove() it when its work is done", true },
    { "*weakref.finalize._registry*", NULL, NULL, NULL,
      "a weakref.finalize() stays until its object dies or it is called; where its callback is a "
      "method of the object, or has the object among its arguments, the object never dies",
      "give finalize() a function and arguments that do not lead to the object, or call detach()",
      true },
    { "*atexit callback*", ATEXIT_ROW },
    { "the module atexit", ATEXIT_ROW }, // up to 3.9
    { "nothing but their immortality", "str", NULL, NULL,
      "from 3.12 on interned strings are immortal: sys.intern(), names of attributes that "
      "setattr() "
      "makes, and keys of **keywords never go, though nobody holds them",
      "do not intern, or use as names of attributes, what comes from data: keep it in a dict",
      true },
    { NULL, "gi.repository.GObject.Object", NULL, NULL,
      "what GObject's connect() was given stays until disconnect(), or until the object that sends "
      "the signal goes: a bound method keeps its object",
      "disconnect() the number that connect() returned when the receiver is done with, or connect "
      "a function that has the receiver in a weakref.ref",
      true },
    { NULL, NULL, "method", NULL,
      "a bound method holds its object: who subscribed and never unsubscribed lives as long as "
      "what "
      "it subscribed to",
      "unsubscribe when done, or hold a weakref.WeakMethod", false },
    { NULL, NULL, "threading.Timer", NULL,
      "each threading.Timer is a thread that waits for its time to come, with its function and all "
      "that this leads to",
      "cancel() a timer when it is not needed any more; use one scheduler for many", true },
    { "threading._active*", NULL, "threading.Thread", NULL,
      "these threads have not ended: each keeps its target, its arguments and its locals",
      "end threads when their work is done: `threads` shows where they wait", true },
    { "threading._dangling*", NULL, NULL, NULL, "threads that exist",
      "end them when their work is done", false },
    { "*._threads", NULL, "threading.Thread", NULL,
      "socketserver.ThreadingMixIn remembers its threads, finished ones too, to join them in "
      "server_close()",
      "set daemon_threads = True or block_on_close = False; newer Pythons forget the finished ones",
      true },
    { NULL, NULL, "threading.Thread", NULL,
      "a finished Thread object keeps its arguments' place and its events",
      "drop Thread objects that were joined, or use a pool", false },
    { NULL, NULL, "concurrent.futures.thread._WorkItem", NULL,
      "work that was submitted to a ThreadPoolExecutor waits in its queue, which has no bound: it "
      "comes in faster than the threads do it",
      "submit no more than what can be done: a semaphore around submit(), more workers, or bounded "
      "batches",
      true },
    { "*_work_queue*", NULL, NULL, NULL,
      "work that was submitted to an executor waits in its queue, which has no bound",
      "submit no more than what can be done: a semaphore around submit(), or more workers", true },
    { NULL, NULL, "concurrent.futures._base.Future", NULL, "a finished future keeps its result",
      "drop futures when their results were taken", false },
    { "*_pending_work_items*", NULL, NULL, NULL,
      "work that was submitted to a ProcessPoolExecutor waits",
      "submit no more than what can be done", true },
    { "*pool*._inqueue*", NULL, NULL, NULL,
      "a multiprocessing pool reads all of its input at once: imap() puts tasks faster than the "
      "workers take them, and its queue has no bound",
      "feed it in batches, or take a semaphore before each item of the input", true },
    { "*pool*._taskqueue*", NULL, NULL, NULL,
      "tasks wait for the pool's workers; the queue has no bound",
      "feed it in batches, or take a semaphore before each item of the input", true },
    { "*pool*._cache", NULL, NULL, NULL, "results of a pool that nobody has taken yet",
      "call get(), or iterate over the results to their end", false },
    { NULL, "_queue.SimpleQueue", NULL, NULL,
      "a queue without a bound: what puts is faster than what takes, or what takes is stuck",
      "queue.Queue(maxsize=N) makes the faster one wait", true },
    { NULL, "queue.Queue", NULL, NULL,
      "what puts is faster than what takes, or what takes is stuck",
      "with a maxsize the faster one waits", true },
    { NULL, NULL, "asyncio.events.TimerHandle", NULL,
      "timers of an event loop: each keeps its callback until its time comes, and cancelled ones "
      "too, until they are half of all",
      "cancel() the handle that call_later() returned when it is not needed any more; "
      "asyncio.timeout() does it by itself",
      true },
    { NULL, NULL, "uvloop.loop.UVTimer", NULL,
      "timers of the event loop: each keeps its callback until its time comes",
      "cancel() the handle that call_later() returned when it is not needed any more", true },
    { NULL, NULL, "uvloop.loop.TimerHandle", NULL,
      "timers of the event loop: each keeps its callback until its time comes",
      "cancel() the handle that call_later() returned when it is not needed any more", true },
    { NULL, NULL, "asyncio.events.Handle", NULL, "callbacks wait for their turn in the event loop",
      "the loop is busy, or callbacks add callbacks: call_soon() less", false },
    { NULL, NULL, "_asyncio.Task", NULL, "tasks, and their results where they are done",
      "take a task out when it is done: task.add_done_callback(tasks.discard)", false },
    { NULL, NULL, "asyncio.tasks.Task", NULL, "tasks, and their results where they are done",
      "take a task out when it is done: task.add_done_callback(tasks.discard)", false },
    { NULL, NULL, "sched.Event", NULL, "events of a scheduler whose time has not come",
      "scheduler.cancel(event) when it is not needed any more", true },
    { NULL, NULL, "logging.LogRecord", "logging.handlers.BufferingHandler",
      "log records, with their arguments: a handler that collects them hands them on only when it "
      "is "
      "full or something bad comes",
      "give MemoryHandler a smaller capacity, and flush() it", true },
    { NULL, NULL, "logging.LogRecord", NULL,
      "log records, with their arguments, the frames' names and any exceptions: whoever collects "
      "them keeps all that",
      "format what is to be kept, and keep the last ones alone: collections.deque(maxlen=N)",
      true },
    { NULL, "unittest.mock._CallList", NULL, NULL,
      "a Mock remembers each call that was made of it and of its attributes, with the arguments",
      "call reset_mock() now and then, or use a plain class where calls are not looked at", true },
    { NULL, NULL, "unittest.mock._Call", NULL,
      "a Mock remembers each call that was made of it and of its attributes, with the arguments",
      "call reset_mock() now and then, or use a plain class where calls are not looked at", true },
    { "re._cache*", NULL, NULL, NULL, "re keeps the 512 patterns that were compiled last", "",
      false },
    { "*struct._cache*", NULL, NULL, NULL,
      "struct keeps the formats that were used last, 100 at most", "", false },
    { NULL, NULL, "re.Pattern", NULL,
      "compiled patterns: texts that data is put into make ever new ones",
      "keep data out of patterns: a group and a comparison; or bound what keeps them: "
      "functools.lru_cache(maxsize=N)",
      false },
    { NULL, NULL, "_struct.Struct", NULL, "formats that were parsed: those made of sizes never end",
      "read a size first, then that many bytes; or use struct.unpack(), whose cache is bounded",
      false },
    { NULL, NULL, "tempfile.TemporaryDirectory", NULL, "temporary folders, that are there as well",
      "use `with`, or cleanup() each and drop it", false },
    { NULL, NULL, "_ctypes.PyCFuncPtr", NULL,
      "callbacks for C code: each has a closure in C memory, and keeps its function",
      "make one callback once, and tell calls apart by an argument", false },
    { NULL, NULL, "_asyncio.Future", NULL,
      "futures: one that nobody resolves keeps its callbacks, one that is done keeps its result",
      "take each out when it is done or was given up: asyncio.wait_for(), "
      "future.add_done_callback()",
      false },
    { "*loggerDict", NULL, NULL, NULL,
      "logging keeps every logger that getLogger() was ever asked for, by its name",
      "use a fixed set of names, and a LoggerAdapter or `extra` for what changes", true },
    { "*__warningregistry__*", NULL, NULL, NULL,
      "warnings remembers each text that was shown: texts with changing parts make it grow",
      "keep what changes out of warnings' texts", true },
    { "sys.modules", NULL, NULL, NULL, "modules that were imported stay, each under its own name",
      "give modules that are made at run time one name, or take them out of sys.modules", true },
    { "linecache.cache", NULL, NULL, NULL, "source lines of files that tracebacks were shown of",
      "linecache.clearcache(); code that exec() runs under ever new file names fills it", true },
    { "*ctypes._pointer_type_cache*", NULL, NULL, NULL,
      "ctypes.POINTER() makes a class for each type that it is given and keeps it; "
      "`c_ubyte * size` is another type for each size",
      "use POINTER(c_ubyte) and a length, or from_address(); do not make array types of changing "
      "sizes",
      true },
    { "*ctypes*cache*", NULL, NULL, NULL, "ctypes keeps every type that it made",
      "make each type once", true },
    { "*.registry -> mapping", NULL, NULL, NULL,
      "functools.singledispatch keeps each class that was registered, and classes that calls were "
      "made with",
      "register classes when the program starts; do not make classes in calls", true },
    { "*.registry*", "mappingproxy", NULL, NULL,
      "functools.singledispatch keeps each class that was registered, and classes that calls were "
      "made with",
      "register classes when the program starts; do not make classes in calls", true },
    { "*dispatch_cache*", NULL, NULL, NULL, "functools.singledispatch remembers classes",
      "do not make classes in calls", false },
    { NULL, "_abc._abc_data", NULL, NULL,
      "an abstract class remembers all classes that isinstance() was asked about",
      "do not make classes in calls", true },
    { "*unittest*._tests", NULL, NULL, NULL,
      "a suite keeps its test cases, and they keep their fixtures",
      "set attributes to None in tearDown(), or let the suite drop its tests (_cleanup)", true },
    { NULL, NULL, "unittest.case.TestCase", NULL,
      "a suite keeps test cases that have run, and each keeps what setUp() gave it",
      "set attributes to None in tearDown(), use addCleanup(), or let the suite drop its tests "
      "(_cleanup = True)",
      true },
    { NULL, "_pickle.Pickler", NULL, NULL,
      "a Pickler remembers every object that it has written, and keeps it alive",
      "make a new Pickler for each message, or call clear_memo()", true },
    { NULL, "_pickle.Unpickler", NULL, NULL, "an Unpickler remembers every object that it has read",
      "make a new one for each stream", true },
    { NULL, "itertools._tee_dataobject", NULL, NULL,
      "itertools.tee() keeps what one branch has been given and the other not: one lags behind",
      "advance both together, or use list() where one is read first", true },
    { NULL, "itertools._tee", NULL, NULL,
      "itertools.tee() keeps what one branch has been given and the other not: this one lags "
      "behind",
      "advance both together, or drop the branch that nobody reads", true },
    { NULL, "itertools.cycle", NULL, NULL,
      "itertools.cycle() keeps each item that it has given, to give them all again: where its "
      "input "
      "does not end, it never forgets",
      "use the iterator itself, or cycle() over a list that is short", true },
    { NULL, "bytearray", NULL, "asyncio.streams.StreamReader",
      "what came in and was not read: the reader's limit is what stops the other side, and this "
      "one "
      "has a high limit, or feed_data() is called without a transport",
      "read it, or leave the limit as it is (64 KiB), so that the transport pauses", true },
    { NULL, NULL, "multiprocessing.pool.ApplyResult", NULL,
      "a result of a pool keeps what its task returned, and its lock",
      "call get() and drop the result, or use imap_unordered() over bounded batches", false },
    { "kombu.transport.memory.Channel.queues*", NULL, NULL, NULL,
      "messages of the memory:// transport, which stay in this process until a worker in it takes "
      "them",
      "start a worker in this process, or use a broker outside of it; memory:// is for tests",
      true },
    { "*.before_request_funcs*", NULL, NULL, NULL,
      "hooks of a Flask application, which are called for each request from now on",
      "register hooks once, when the application is made, and never while it serves", true },
    { "*.after_request_funcs*", NULL, NULL, NULL,
      "hooks of a Flask application, which are called for each request from now on",
      "register hooks once, when the application is made, or use flask.after_this_request", true },
    { "*.teardown_request_funcs*", NULL, NULL, NULL,
      "hooks of a Flask application, which are called for each request from now on",
      "register hooks once, when the application is made, and never while it serves", true },
    { NULL, NULL, "trio.lowlevel.Task", "trio.Event",
      "tasks wait for an event that nobody sets: each keeps all its locals",
      "wait with a timeout: trio.move_on_after(); or set the event on every way out", true },
    { NULL, NULL, "trio.lowlevel.Task", NULL, "tasks: each keeps its locals until it ends",
      "end tasks when their work is done: a timeout (trio.move_on_after()), or cancel()", false },
    { NULL, "_io.BytesIO", NULL, NULL, "a BytesIO keeps all that was written to it",
      "truncate(0) and seek(0) it when its content was used, or write to a file", false },
    { NULL, "_io.StringIO", NULL, NULL, "a StringIO keeps all that was written to it",
      "truncate(0) and seek(0) it when its content was used, or write to a file", false },
    { NULL, "xml.etree.ElementTree.TreeBuilder", NULL, NULL,
      "a tree that is being read keeps all its elements: with iterparse() they stay under the root "
      "unless they are cleared",
      "clear() each element when it was used, and take it out of the root", true },
    { NULL, NULL, NULL, "http.cookiejar.CookieJar", "cookies that were never cleared",
      "clear_expired_cookies(), or a new jar for each piece of work", false },
    { NULL, NULL, NULL, "zipfile.ZipFile",
      "an archive keeps an entry for each member until it is closed",
      "close it when it was read; when one is written without end, begin a new one now and then",
      false },
    { NULL, NULL, "concurrent.futures.process._WorkItem", NULL,
      "work that was submitted to a ProcessPoolExecutor waits",
      "submit no more than what can be done", true },
    { NULL, NULL, "xml.etree.ElementTree.Element", NULL,
      "a tree keeps all its elements; with iterparse() they stay under the root unless they are "
      "cleared",
      "clear() each element when it was used, and the root too", false },
    { NULL, "xml.etree.ElementTree.Element", NULL, NULL,
      "a tree keeps all its elements; with iterparse() they stay under the root unless they are "
      "cleared",
      "clear() each element when it was used, and the root too", false },
    { NULL, NULL, "xml.dom.minidom.Node", NULL,
      "nodes of a document refer to one another: one keeps the tree",
      "unlink() the document, or keep the text alone", false },
    { "sys.last_*", NULL, NULL, NULL,
      "the interactive prompt keeps the last exception, with its frames",
      "del sys.last_value, sys.last_traceback (and sys.last_exc from 3.12 on)", true },
    { NULL, NULL, "_contextvars.Token", NULL,
      "a Token keeps the value that its variable had before, and the context that it was set in",
      "reset() the variable with its token when the work is done, and keep no tokens", true },
    { NULL, NULL, "subprocess.Popen", NULL, "processes that were started",
      "wait() for them, and drop them", false },
    { NULL, NULL, "selectors.SelectorKey", NULL, "files and sockets that a selector watches",
      "unregister() and close what is done with", false },
    { NULL, NULL, "socket.socket", NULL, "sockets",
      "close them when they are done with, and drop them", false },
    { NULL, NULL, "weakref.ReferenceType", NULL,
      "a weak reference stays when its object is dead, and its callback keeps what it leads to",
      "take it out in its callback, which must not be a method of what it is to let go; or use "
      "weakref.WeakSet",
      false },
    { NULL, NULL, NULL, "shelve.Shelf",
      "a shelf with writeback=True keeps every entry that was read or written, to write it back in "
      "sync() or close()",
      "call sync() now and then, or open it without writeback and assign entries that were changed",
      true },
    { "*._exit_callbacks", NULL, NULL, "contextlib._BaseExitStack",
      "an ExitStack keeps each callback and what it leads to until it is closed",
      "use one stack for each piece of work: `with ExitStack() as stack`", true },
    { NULL, NULL, "inspect.FrameInfo", NULL, "frames of inspect.stack() keep all their locals",
      "keep names and line numbers, not frames", true },
    { NULL, NULL, "frame", NULL,
      "a frame keeps all its local variables, and the frames that called it",
      "keep names and line numbers, not frames", true },
    { NULL, NULL, "traceback", NULL, "a traceback keeps its frames and all their locals",
      "keep traceback.format_exc(), a text", true },
    { NULL, NULL, "tracemalloc.Snapshot", NULL, "snapshots of tracemalloc are large",
      "compare two, and drop them", true },
    // --- usual libraries
    { "*Gcf.figs", NULL, NULL, NULL, "pyplot keeps every figure until it is closed",
      "plt.close(fig) after savefig(), or make figures with matplotlib.figure.Figure", true },
    { NULL, NULL, "matplotlib.figure.Figure", NULL, "figures keep their axes and all their data",
      "plt.close(fig)", true },
    { NULL, NULL, "twisted.internet.base.DelayedCall", NULL,
      "calls that reactor.callLater() was asked for: each keeps its function until its time comes, "
      "and a cancelled one until the reactor's next turn",
      "cancel() the call that callLater() returned when it is not needed any more", true },
    { NULL, NULL, "twisted.python.failure.Failure", NULL,
      "a Failure keeps its exception, and its traceback's frames or copies of their locals",
      "call cleanFailure(), or keep getTraceback(), a text", true },
    { "*_handlers._root*", NULL, NULL, NULL,
      "handlers that were registered for events of a botocore session: each boto3.Session on the "
      "same "
      "botocore session registers its own once more, and they stay",
      "make one boto3.Session and use it again; do not make sessions in calls", true },
    { NULL, "gevent._gevent_cevent.Event", NULL, NULL,
      "greenlets wait for an event that nobody sets: each keeps its frames and all their locals",
      "wait with a timeout, or set the event on every way out", true },
    { NULL, "gevent._gevent_cevent.AsyncResult", NULL, NULL,
      "greenlets wait for a result that nobody sets: each keeps its frames and all their locals",
      "get() with a timeout, and set_exception() when the other side is gone", true },
    { NULL, "gevent._event.Event", NULL, NULL,
      "greenlets wait for an event that nobody sets: each keeps its frames and all their locals",
      "wait with a timeout, or set the event on every way out", true },
    { NULL, NULL, "gevent._gevent_cgreenlet.Greenlet", NULL,
      "greenlets that have not ended, or that somebody keeps", "kill() or join() them", false },
    { "*.fingerprints", NULL, NULL, NULL,
      "a crawler's filter remembers each request that was ever seen",
      "set JOBDIR and a filter on disk, bound the crawl, or clear it between crawls", true },
    { NULL, "gevent._gevent_cqueue.Queue", NULL, NULL,
      "a queue without a bound: what puts is faster than what gets, or what gets is stuck",
      "gevent.queue.Queue(maxsize=N) makes the faster one wait", true },
    { NULL, "gevent._gevent_cqueue.SimpleQueue", NULL, NULL,
      "a queue without a bound: what puts is faster than what gets, or what gets is stuck",
      "gevent.queue.Queue(maxsize=N) makes the faster one wait", true },
    { NULL, "gevent.queue.Queue", NULL, NULL,
      "a queue without a bound: what puts is faster than what gets, or what gets is stuck",
      "gevent.queue.Queue(maxsize=N) makes the faster one wait", true },
    { NULL, NULL, "aiohttp.client.ClientSession", NULL,
      "each ClientSession has its own connector, with its pool and its cache of names",
      "make one ClientSession for the program's life, or use `async with`", true },
    { NULL, NULL, "httpx.Client", NULL,
      "each Client has its own pool of connections and its own TLS context",
      "make one Client and use it again, or use `with`", true },
    { NULL, NULL, "httpx.AsyncClient", NULL,
      "each Client has its own pool of connections and its own TLS context",
      "make one Client and use it again, or use `async with`", true },
    { NULL, NULL, "botocore.client.BaseClient", NULL,
      "each client has its own models of the service, its endpoint rules and its pool of "
      "connections",
      "make one client for each service and use it again: clients may be shared by threads", true },
    { NULL, NULL, "boto3.session.Session", NULL,
      "each Session has its own loader, models and credentials",
      "make one Session and use it again", true },
    { NULL, NULL, "matplotlib.artist.Artist", NULL,
      "axes keep each line, text and patch that was drawn in them",
      "call ax.clear() or artist.remove(), or set_data() of one line rather than plot() again",
      false },
    { NULL, NULL, "celery.result.AsyncResult", NULL, "a result keeps what its task returned",
      "forget() results that were taken, or set ignore_result", false },
    { NULL, NULL, "google.protobuf.message.Message", NULL,
      "messages, whose fields are in C memory that Python's sizes do not count",
      "take what is needed out of each message and drop it", false },
    { NULL, NULL, "PIL.Image.Image", NULL,
      "images, whose pixels are in C memory that Python's sizes do not count",
      "close() images that were used, or keep their files' names", false },
    { NULL, NULL, "requests.models.Response", NULL,
      "a Response keeps its whole content, its headers, and the request that it answers",
      "keep what is needed of response.json() or .text, and drop the response", false },
    { NULL, NULL, "pandas.core.frame.DataFrame", NULL,
      "where a DataFrame is a slice of another one, it is a view, and keeps all of the other",
      "copy() what is kept: df.iloc[-1:].copy()", false },
    { NULL, NULL, "pandas.core.series.Series", NULL,
      "where a Series is a column or a slice of a DataFrame, it is a view, and keeps all of it",
      "copy() what is kept", false },
    { NULL, NULL, "numpy.ndarray", NULL,
      "an array that is a view of another one (its .base) keeps all of it",
      "copy() what is kept of it", false },
    { NULL, NULL, "bs4.element.Tag", NULL, "an element of a soup leads to its whole document",
      "keep str(element) or its text, or call extract() or decompose()", true },
    { NULL, NULL, "bs4.element.NavigableString", NULL,
      "a string of a soup leads to its whole document", "keep str(string)", true },
    { NULL, NULL, "lxml.etree._Element", NULL, "an element keeps its whole document",
      "keep its text alone, and clear() what was used", false },
    { NULL, NULL, "twisted.internet.defer.Deferred", NULL,
      "a Deferred that nobody fires keeps its callbacks and what they lead to; one that has fired "
      "keeps its result, and a Failure in it the frames of a traceback",
      "let it end by itself: addTimeout(seconds, reactor); drop Deferreds that have fired", false },
    { NULL, NULL, "jinja2.environment.Template", NULL,
      "from_string() compiles a template each time that it is called",
      "compile each once: Environment.get_template() has a bounded cache", false },
    { NULL, NULL, "requests.sessions.Session", NULL,
      "each Session has its own adapters and pools of connections",
      "make one Session and use it again, or close() it", true },
    { NULL, NULL, "urllib3.poolmanager.PoolManager", NULL,
      "each PoolManager has its own connections", "make one and use it again", true },
    { NULL, NULL, "memoryview", NULL, "a memoryview keeps all of what it is a view of",
      "keep bytes(view) where only a part is needed", false },
    { NULL, "cProfile.Profile", NULL, NULL,
      "a profiler keeps an entry for each function and caller",
      "disable() it, and take its statistics", true },
};

// By the class of a dict's keys.
static const struct registry keys[] = {
    { NULL, "dict", "cachetools.keys._HashedTuple", NULL,
      "results that a decorator of cachetools keeps by the arguments of their calls: a plain dict "
      "has no bound",
      "give the decorator a cache that has one: cachetools.LRUCache(maxsize=N), or TTLCache",
      true },
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
};

const struct registry_heavy registry_heavy_rows[] = {
    { "_ssl._SSLContext", 20,
      "each has some hundred KiB of OpenSSL's memory outside of Python's heap: "
      "the certificates that it trusts",
      "make one context and use it again: ssl.create_default_context() once, one httpx.Client or "
      "requests.Session for all calls" },
    { "lxml.etree._Document", 100,
      "each is a tree of libxml2's outside of Python's heap; an element, "
      "or a string that xpath() returned, keeps the whole tree",
      "keep str(text), call xpath(..., smart_strings=False), and clear() elements that were used" },
    { "sqlite3.Connection", 100, "each has its own cache and file outside of Python's heap",
      "close() connections, or use one again" },
    { "subprocess.Popen", 200, "each has pipes", "wait() for them and drop them" },
    { "_io.FileIO", 1000, "each holds a descriptor while it is open", "close them: use `with`" },
    { NULL, 0, NULL, NULL },
};

bool registry_fits(const char *pattern, const char *text)
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

// Whose attribute it is.
static node registry_holder(const struct finder *f, node n)
{
    node from = f->ways.from[n];
    if (from == NODE_NONE || from == n)
        return NODE_NONE;
    return finder_is_attributes(f, from) ? f->ways.from[from] : from;
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
    addr to = python_word(f->py, heap_addr(f->heap, n), f->py->layout.PyWeakReference_wr_object);
    return !to || to == f->py->none ? "dead: what they led to is gone" : NULL;
}

static const char *registry_dead_generator(const struct finder *f, node n)
{
    struct frame frame;
    return frame_of_generator(f->py, finder_type(f, n), heap_addr(f->heap, n), &frame)
               ? NULL
               : "exhausted";
}

const char *registry_death(struct finder *f, node n)
{
    if (f->py->redacted)
        return NULL;
    if (finder_roles(f, n) & ROLE_WEAK)
        return registry_dead_reference(f, n);
    if (task_is_generator(f->heap, n))
        return registry_dead_generator(f, n);
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
        if (!registry_is(f, n, deaths[i].type))
            continue;
        node value = heap_attribute(f->heap, n, deaths[i].attribute);
        if (value != NODE_NONE && !strcmp(finder_preview(f, value, 24), deaths[i].value))
            return deaths[i].word;
    }
    return NULL;
}

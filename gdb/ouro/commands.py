# SPDX-License-Identifier: GPL-3.0-or-later
"""gdb's commands: `ouro` (the screen), and `ouro NAME` for every row of ouro's table of commands.

One heap is open at a time: that of the inferior gdb looks at, opened by the first command. When the inferior has run
since, the heap is stale: one is asked, and it is read again.
"""

import codecs
import os
import re
import sys
import time

import gdb

from ouro import heap as api
from ouro import lib as library
from ouro import memory

NEWS_MOST = 10      # rows about what is new, when nobody asked for all
QUIET = 0.5         # seconds before progress is shown


class State:
    """What is open. There is one, below."""

    def __init__(self):
        self.data = None
        self.lib = None
        self.table = []
        self.heap = None
        self.place = None
        self.stale = False
        self.declined = False      # the user wants the stale heap, for this stop


state = State()


# ---- The terminal

def is_batch():
    try:
        with open("/proc/self/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except OSError:
        return False
    if b"--args" in words:
        words = words[:words.index(b"--args")]
    return any(word in (b"-batch", b"--batch", b"-batch-silent", b"--batch-silent") for word in words[1:])


def is_dumb():
    return os.environ.get("TERM", "") in ("", "dumb")


def has_terminal():
    return os.isatty(0) and os.isatty(1) and not is_batch()


def say(sentence):
    gdb.write("ouro: %s\n" % sentence, gdb.STDERR)


def is_yes(question):
    """Asks as gdb does: without a terminal, in batch mode and after `set confirm off` the answer is yes."""
    if not has_terminal() or not memory.parameter("confirm"):
        return True
    while True:
        gdb.write(question + " (y or n) ")
        gdb.flush()
        try:
            answer = sys.stdin.readline()
        except KeyboardInterrupt:
            return False
        if not answer or answer.strip().lower() in ("n", "no"):
            return False
        if answer.strip().lower() in ("y", "yes"):
            return True
        gdb.write("Please answer y or n.\n")


class Progress:
    """One line on the terminal, drawn over itself."""

    def __init__(self):
        self.started = None
        self.drawn = False

    def __call__(self, _, phase, done, total):
        if phase is None:
            self.clear()
            self.started = None
            return
        if self.started is None:
            self.started = time.monotonic()
        if time.monotonic() - self.started < QUIET or not os.isatty(2) or is_batch():
            return
        share = " %d%%" % (100 * done // total) if total else " %d" % done if done else ""
        os.write(2, b"\r\033[K" + phase + share.encode())
        self.drawn = True

    def clear(self):
        if self.drawn:
            os.write(2, b"\r\033[K")
        self.drawn = False


class Writer:
    """Hands an answer to gdb, which pages it. An exception in it ends the answer and is raised afterwards."""

    def __init__(self, progress):
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.progress = progress
        self.error = None

    def __call__(self, data):
        try:
            self.progress.clear()
            gdb.write(self.decoder.decode(data))
        except (KeyboardInterrupt, gdb.error) as error:     # q at the pager, or Ctrl-C
            self.error = error
        return self.error is not None


progress = Progress()


def warn(_, sentence):
    progress.clear()
    say("warning: " + library.decode(sentence))


def look():
    """How answers are written: as wide as gdb's lines, coloured where gdb is."""
    terminal = os.isatty(1) and not is_batch()
    width = memory.parameter("width") or 0
    color = terminal and not is_dumb() and not os.environ.get("NO_COLOR") and memory.parameter("style enabled") is True
    return {"width": width if terminal else 0, "color": color}


# ---- The heap

def close():
    if state.heap is not None:
        state.heap.close()
    state.heap = state.place = None
    state.stale = state.declined = False


def new_heap(place, options):
    # With neither a way to read nor maps, ouro reads the process itself.
    read = memory.reader() if place.kind == "remote" else None
    heap = library.Heap(state.lib, dict(options, data=state.data, programs=library.programs(state.lib)), warn=warn, progress=progress, read=read)
    if place.kind == "core":
        return heap.open_core(place.core)
    return heap.open_callback(*memory.stopped(place))


def open_place(place):
    options = memory.options(place)
    try:
        return new_heap(place, options)
    except library.Failed as failed:
        if failed.status == library.CANCELLED or "exe" not in options:
            raise
        # gdb's program may not be the one that ran; the core knows better.
        exe = options.pop("exe")
        heap = new_heap(place, options)
        say("warning: gdb's program was left aside (%s): %s" % (exe, failed))
        return heap


def rescan(most=None):
    """Reads everything again, and tells what is new."""
    parts = []
    summary = state.heap.rescan(memory.stopped(state.place), lambda data: parts.append(data), **look())
    state.stale = state.declined = False
    lines = library.decode(b"".join(parts)).splitlines(True)
    cut = most is not None and len(lines) > most + 1
    return "".join(lines[:most + 1] if cut else lines), summary


def refresh():
    """Sees to it that a stale heap is not taken for what is there now."""
    state.heap.set_stale(True)
    if state.declined:
        say("as it was before the program ran; `ouro rescan` reads it again")
    elif is_yes("The program has run since its heap was read. Read it again?"):
        rows, summary = rescan(NEWS_MOST)
        if has_terminal() and rows:
            gdb.write(rows)
        say("read again, since the program ran: " + (summary or "nothing to compare with"))
    else:
        state.declined = True


def heap_now():
    """The heap of what gdb looks at, opened where need be."""
    place = memory.current()
    if state.heap is not None and state.heap.is_dead():
        say("the engine has ended since; what it knew is read again")
        close()
    elif state.heap is not None and state.place.key != place.key:
        close()
    if state.heap is None:
        state.heap = open_place(place)
        state.place = place
    elif state.stale:
        refresh()
    return state.heap


def on_run(event):
    thread = getattr(event, "inferior_thread", None)
    inferior = thread.inferior if thread is not None else gdb.selected_inferior()
    if state.place is not None and state.place.kind != "core" and inferior.num == state.place.key[1]:
        state.stale = True
        state.declined = False


def on_exit(event):
    if state.place is not None and state.place.kind != "core" and event.inferior.num == state.place.key[1]:
        close()


# ---- $ouro and $ouro_addr

def object_value(address):
    """The address as a PyObject *, or as a void * where nothing says what that is."""
    for name in ("PyObject", "struct _object"):
        try:
            return gdb.Value(address).cast(gdb.lookup_type(name).pointer())
        except gdb.error:
            pass
    return gdb.Value(address).cast(gdb.lookup_type("void").pointer())


def publish():
    if state.heap is not None and not state.heap.is_dead():
        address, _ = state.heap.selected()
        if address:
            gdb.set_convenience_variable("ouro", object_value(address))


class Address(gdb.Function):
    """$ouro_addr("NAME"): the object that `ouro object NAME` would show, as a PyObject *.

    (gdb) print *$ouro_addr("sys.modules")"""

    def __init__(self):
        gdb.Function.__init__(self, "ouro_addr")

    def invoke(self, name):
        text = name.string() if name.type.strip_typedefs().code != gdb.TYPE_CODE_INT else hex(int(name))
        return object_value(answer(lambda: heap_now().object(text)))


# ---- Commands

def answer(ask):
    """Runs ask(); what goes wrong with ouro becomes one sentence."""
    try:
        return ask()
    except (library.Failed, memory.Unfit) as error:
        raise gdb.GdbError("ouro: %s" % error)
    finally:
        progress.clear()


def take_json(line):
    """--json is for whoever shows the rows, not for the command."""
    head, end, tail = line.partition(" -- ")
    found = re.sub(r"(?:^|\s)--json(?=\s|$)", " ", head)
    return found + end + tail, found != head


def run(line):
    line, json = take_json(line)
    writer = Writer(progress)

    def ask():
        heap = heap_now()
        try:
            summary = heap.run(line, writer, json=json, **look())
        except library.Failed as failed:
            if writer.error is None or failed.status != library.CANCELLED:
                raise
            return
        publish()
        if summary and not json and has_terminal():
            say(summary)
    answer(ask)
    if isinstance(writer.error, KeyboardInterrupt):
        raise writer.error


def run_rescan(line):
    line, json = take_json(line)
    if line.strip():
        raise gdb.GdbError("ouro: rescan takes no words")
    writer = Writer(progress)

    def ask():
        place = memory.current()
        if state.heap is None or state.heap.is_dead() or state.place.key != place.key:
            heap_now()
            say("read for the first time: there is nothing to compare with")
            return
        summary = state.heap.rescan(memory.stopped(place), writer, json=json, **look())
        state.stale = state.declined = False
        if not json:
            say(summary or "read again: nothing had been read that could be compared")
    answer(ask)


def complete(line, word):
    """gdb's word may be only the end of ouro's: what stands before it is taken off. Before gdb asks,
    it calls without a word, to learn where words end: it takes its own rule then."""
    if word is None:
        return []
    try:
        heap = state.heap if state.heap is not None and not state.heap.is_dead() else None
        found = library.complete(state.lib, heap, line, len(os.fsencode(line)))
    except library.Failed:
        return []
    begun = len(re.search(r"\S*$", line).group(0)) - len(word)
    return [name[begun:] for name in found]


def describe(row):
    lines = [row["summary"] + ".", "Usage: ouro %s %s" % (row["name"], row["usage"]), "", row["help"].strip()]
    if row["example"]:
        lines += ["", "Example: ouro " + row["example"]]
    return "\n".join(lines)


class Command(gdb.Command):
    def __init__(self, row):
        self.name = row["name"]
        self.__doc__ = describe(row)
        gdb.Command.__init__(self, "ouro " + self.name, gdb.COMMAND_DATA)

    def invoke(self, line, from_tty):
        run(self.name + " " + line)

    def complete(self, text, word):
        return complete(self.name + " " + text, word)


class Rescan(gdb.Command):
    """read the heap again, after the program has run: what is new, and what is gone, by type.
Usage: ouro rescan

The screen keeps its history and its marks. An object counts as the same when its address and its
type are the same."""

    def __init__(self):
        gdb.Command.__init__(self, "ouro rescan", gdb.COMMAND_DATA, gdb.COMPLETE_NONE)

    def invoke(self, line, from_tty):
        run_rescan(line)


def tui_is_on():
    try:
        return "not active" not in gdb.execute("info win", to_string=True)
    except gdb.error:
        return False


def show_screen():
    heap = heap_now()
    on = tui_is_on()
    if on:
        gdb.execute("tui disable")
    try:
        heap.screen()
        publish()
    finally:
        if on:
            gdb.execute("tui enable")


class Ouro(gdb.Command):
    """the Python heap of what gdb looks at: a core, a stopped process, a remote one.
Usage: ouro
       ouro COMMAND [ARG...]

Without a command it is the screen; its key ! leads to this prompt, and `ouro` leads back to the
same place. Without a terminal it is `ouro info`. $ouro is the object that was selected last, and
$ouro_addr("app.CACHE") any object by its name."""

    def __init__(self):
        gdb.Command.__init__(self, "ouro", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)

    def invoke(self, line, from_tty):
        if line.strip() and not line.strip().startswith("--json"):
            raise gdb.GdbError("ouro: no command %s; `help ouro` lists them" % line.split()[0])
        if line.strip() or not has_terminal() or is_dumb():
            run("info " + line)
        else:
            answer(show_screen)


def register(data):
    """Loads the library and adds the commands; OSError when it cannot be loaded."""
    if state.lib is None:
        state.lib = library.load(data)
        gdb.events.cont.connect(on_run)
        gdb.events.exited.connect(on_exit)
    state.data = data
    api.Heap._current = staticmethod(heap_now)
    Ouro()
    for row in library.commands(state.lib):
        Command(row)
    Rescan()
    Address()

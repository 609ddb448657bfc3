# SPDX-License-Identifier: GPL-3.0-or-later
"""gdb's commands: `ouro` (the screen), and `ouro NAME` for every row of ouro's table of commands.

Each inferior has a heap, opened by the first command about it and kept while the inferior is stopped. Once the inferior
has run, or gdb has changed its memory, the heap is stale: it is read again (`set ouro reread`).
"""

import codecs
import json
import os
import re
import sys
import termios
import time

import gdb

from ouro import heap as api
from ouro import lib as library
from ouro import memory

NEWS_MOST = 10      # rows about new objects, unless the user asks for all
QUIET = 0.5         # seconds before progress is shown


class Slot:
    """An inferior's heap."""

    def __init__(self):
        self.heap = None
        self.place = None
        self.stale = False
        self.midway = False        # it was read while a breakpoint's condition was evaluated
        self.declined = False      # the user chose to keep the stale heap at this stop


class State:
    """What is open. There is one, below."""

    def __init__(self):
        self.data = None
        self.lib = None
        self.slots = {}     # by the inferior's number
        self.shown = None   # the slot that $ouro belongs to

    @property
    def slot(self):
        return self.slots.setdefault(gdb.selected_inferior().num, Slot())

    @property
    def heap(self):
        return self.slot.heap


state = State()


class Manner:
    """How the current command is to be answered. There is one at a time, below."""

    terminal = False    # it goes to gdb's own terminal
    person = False      # a person typed the command, and may be asked a question
    json = False
    kept = False        # gdb's output becomes part of the answer: a string, a pipe, a log


manner = Manner()


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


def is_front_end():
    """Whether gdb talks to a program (MI, DAP)."""
    try:
        with open("/proc/self/cmdline", "rb") as file:
            words = [word.decode(errors="replace") for word in file.read().split(b"\0")]
    except OSError:
        return False
    for at, word in enumerate(words):
        if word == "--args":
            break
        match = re.match(r"--?i(?:nterpreter|nterprete|nterpret|nterpre|nterpr|nterp|nter|nte|nt|n)?(?:=(.*))?$", word)
        if match:
            name = match.group(1) if match.group(1) is not None else "".join(words[at + 1:at + 2])
            return name not in ("console", "tui")
    return False


def is_piped():
    """Whether the answer goes to gdb's `pipe` command: a pipe that another program reads."""
    ends = {}
    try:
        for name in os.listdir("/proc/self/fd"):
            if int(name) > 2:
                try:
                    target = os.readlink("/proc/self/fd/" + name)
                    if target.startswith("pipe:"):
                        with open("/proc/self/fdinfo/" + name) as file:
                            flags = int(re.search(r"^flags:\s*([0-7]+)", file.read(), re.M).group(1), 8)
                        ends.setdefault(target, set()).add(flags & 3)
                except OSError:
                    pass
    except OSError:
        return False
    return any(kinds == {os.O_WRONLY} for kinds in ends.values())


def is_between_commands():
    """Whether gdb's prompt is waiting on the terminal: then another interpreter (`new-ui mi`) asks, or nobody. While it
    waits, readline reads single keys; before a command runs it returns the terminal to line mode."""
    try:
        return not tui_is_on() and not termios.tcgetattr(0)[3] & termios.ICANON
    except termios.error:
        return False


def is_within_python():
    """Whether Python code asks, through gdb.execute(): a command that gdb runs itself has no Python caller."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename != __file__:
            return True
        frame = frame.f_back
    return False


def take_manner(from_tty, json_wanted=False):
    manner.json = json_wanted
    manner.kept = is_within_python() or is_piped() or bool(memory.parameter("logging enabled"))
    manner.terminal = has_terminal() and not is_front_end() and not manner.kept and not is_between_commands()
    manner.person = bool(from_tty) and manner.terminal and not tui_is_on()


def say(sentence):
    """Prints what accompanies an answer. If gdb would make it a part of the answer (as it does with errors), it is
    printed past gdb, and to an editor (DAP) when gdb is done."""
    line = "ouro: %s\n" % sentence
    if not manner.kept:
        gdb.write(line, gdb.STDERR)
    elif is_front_end():
        gdb.post_event(lambda: gdb.write(line, gdb.STDERR))
    elif not tui_is_on():
        os.write(2, os.fsencode(line))


def is_yes(question):
    """Asks as gdb does: without a terminal, in batch mode and after `set confirm off` the answer is yes."""
    if not manner.person or manner.json or not memory.parameter("confirm"):
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
        if time.monotonic() - self.started < QUIET or not manner.person or not os.isatty(2):
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
        except (KeyboardInterrupt, gdb.error) as error:     # q in the pager, or Ctrl-C
            self.error = error
        return self.error is not None


progress = Progress()


def warn(_, sentence):
    progress.clear()
    say("warning: " + in_gdb(library.decode(sentence)))


def look():
    """How answers are formatted: as wide as gdb's lines, in colour if gdb uses colours."""
    terminal = manner.terminal
    width = memory.parameter("width") or 0
    color = terminal and not is_dumb() and not os.environ.get("NO_COLOR") and memory.parameter("style enabled") is True
    return {"width": width if terminal else 0, "color": color}


# ---- The heap

def forget(slot):
    if slot.heap is not None:
        slot.heap.close()
    slot.heap = slot.place = None
    slot.stale = slot.declined = slot.midway = False
    if state.shown is slot:
        state.shown = None
        gdb.set_convenience_variable("ouro", None)


def new_heap(place, options):
    # Without a read function and maps, ouro reads the process itself.
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
        # gdb may have loaded another program than the one that ran; the core names it.
        exe = options.pop("exe")
        heap = new_heap(place, options)
        say("warning: gdb's program was left aside (%s): %s" % (exe, in_gdb(failed)))
        return heap


def rescan(slot, most=None):
    """Reads everything again, and prints what is new."""
    parts = []
    summary = slot.heap.rescan(memory.stopped(slot.place), lambda data: parts.append(data), **look())
    slot.stale = slot.declined = slot.midway = False
    lines = library.decode(b"".join(parts)).splitlines(True)
    cut = most is not None and len(lines) > most + 1
    return "".join(lines[:most + 1] if cut else lines), summary


def wants_again():
    wish = memory.parameter("ouro reread")
    return wish == "on" or wish != "off" and is_yes("The program has run since its heap was read. Read it again?")


def refresh(slot):
    """Reads a stale heap again, unless the user wants it as it was."""
    if not slot.midway:     # otherwise there may be no heap yet to keep
        slot.heap.set_stale(True)
    if slot.midway or not slot.declined and wants_again():
        rows, summary = rescan(slot, NEWS_MOST)
        if manner.person and not manner.json and rows:
            gdb.write(rows)
        say("read again, since the program ran" + (": " + summary if summary else ""))
    else:
        slot.declined = True
        say("as it was before the program ran; `ouro rescan` reads it again")


def heap_now():
    """The heap of gdb's current inferior, opened if necessary. While a condition is evaluated it is always read again,
    and nobody is asked."""
    place = memory.current()
    slot = state.slot
    midway = place.kind != "core" and memory.is_midway()
    if slot.heap is not None and slot.heap.is_dead():
        say("the engine has ended since; what it knew is read again")
        forget(slot)
    elif slot.heap is not None and slot.place.key != place.key:
        forget(slot)
    if slot.heap is None:
        slot.heap = open_place(place)
        slot.place = place
        slot.stale = slot.declined = slot.midway = False
    elif midway:
        slot.heap.renew(memory.stopped(place))
    elif slot.stale:
        refresh(slot)
    if midway:
        slot.stale = slot.midway = True
    return slot.heap


def note_change(number):
    slot = state.slots.get(number)
    if slot is not None and slot.place is not None and slot.place.kind != "core":
        slot.stale = True
        slot.declined = False


def on_run(event):
    thread = getattr(event, "inferior_thread", None)
    note_change((thread.inferior if thread is not None else gdb.selected_inferior()).num)


def on_change(_):
    """gdb wrote memory, or called a function. An event that names no inferior is about the selected one."""
    note_change(gdb.selected_inferior().num)


def on_exit(event):
    slot = state.slots.get(event.inferior.num)
    if slot is not None and slot.place is not None and slot.place.kind != "core":
        forget(slot)


def on_deleted(event):
    slot = state.slots.pop(event.inferior.num, None)
    if slot is not None:
        forget(slot)


# ---- $ouro and $ouro_addr

def object_value(address):
    """The address as a PyObject *, or as a void * if gdb does not know that type."""
    for name in ("PyObject", "struct _object"):
        try:
            return gdb.Value(address).cast(gdb.lookup_type(name).pointer())
        except gdb.error:
            pass
    return gdb.Value(address).cast(gdb.lookup_type("void").pointer())


def publish():
    slot = state.slot
    if slot.heap is not None and not slot.heap.is_dead():
        address, _ = slot.heap.selected()
        if address:
            state.shown = slot
            gdb.set_convenience_variable("ouro", object_value(address))


def rows_of(heap, line):
    """The rows of an answer, as dicts."""
    parts = []
    heap.run(line, lambda data: parts.append(data), json=True)
    return [json.loads(row) for row in library.decode(b"".join(parts)).splitlines()][:-1]


def facts(heap, address):
    return dict((row["name"], row.get("value")) for row in rows_of(heap, "object 0x%x" % address))


def address_of(heap, value):
    """The address of the object that a gdb value means: a name in a string, a pointer, a number, a struct in memory."""
    kind = value.type.strip_typedefs().code
    if kind in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION) and value.address is not None:
        return int(value.address)
    letters = (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_CHAR)
    if kind == gdb.TYPE_CODE_PTR and value.type.strip_typedefs().target().strip_typedefs().code not in letters:
        return int(value) & (1 << 64) - 1
    if kind == gdb.TYPE_CODE_INT:
        return int(value) & (1 << 64) - 1
    return heap.object(value.string())


class Function(gdb.Function):
    """A function in gdb's expressions. It works in the conditions of breakpoints, too, and asks nothing."""

    name = None

    def __init__(self):
        gdb.Function.__init__(self, self.name)

    def invoke(self, *words):
        take_manner(False)
        return answer(lambda: self.about(heap_now(), *words))


class Address(Function):
    """$ouro_addr("NAME"): the object that `ouro object NAME` would show, as a PyObject *.

    (gdb) print *$ouro_addr("sys.modules")"""

    name = "ouro_addr"

    def about(self, heap, name):
        return object_value(heap.object("0x%x" % address_of(heap, name)))


class Type(Function):
    """$ouro_type(OBJ): the name of its type, as a string.

    (gdb) break _PyObject_Free if $_streq($ouro_type(op), "app.Order")"""

    name = "ouro_type"

    def about(self, heap, value):
        return heap.glance(address_of(heap, value))[0]


class Refcount(Function):
    """$ouro_refcount(OBJ): its reference count, whichever way this Python keeps it."""

    name = "ouro_refcount"

    def about(self, heap, value):
        address = address_of(heap, value)
        count = heap.glance(address)[1]
        if count is None:
            count = facts(heap, address).get("refcount")
        if not isinstance(count, int):
            raise library.Failed(library.FAILED, "the reference count is not known")
        return count


class Name(Function):
    """$ouro_name(OBJ): how the program gets there, as Python source, by the shortest path from a module, or, where there
is none, from another root."""

    name = "ouro_name"

    def about(self, heap, value):
        address = address_of(heap, value)
        for start in "--from module", "":
            rows = rows_of(heap, "path 0x%x -n 1 %s" % (address, start))
            if rows:
                return str(rows[-1].get("name") or "?")
        return "?"


class In(Function):
    """$ouro_in(OBJ, "app.CACHE"): 1 where that container refers to the object itself, else 0."""

    name = "ouro_in"

    def about(self, heap, value, container):
        there = "0x%x" % address_of(heap, container)
        return int(any(row.get("object") == there for row in rows_of(heap, "referrers 0x%x" % address_of(heap, value))))


# ---- A printer for pointers to objects

class Preview:
    def __init__(self, text):
        self.text = text

    def to_string(self):
        return self.text


def printer(value):
    """ouro's preview of a PyObject *, if no other printer has one. It uses only a heap that is open and not stale: a
    backtrace must not read a heap."""
    try:
        kind = value.type.strip_typedefs()
        if kind.code != gdb.TYPE_CODE_PTR or not memory.parameter("ouro print"):
            return None
        target = kind.target().strip_typedefs()
        slot = state.slots.get(gdb.selected_inferior().num)
        if (target.tag or target.name) != "_object" or slot is None or slot.heap is None or slot.stale or slot.heap.is_dead():
            return None
        address = int(value)
        known = facts(slot.heap, address) if address else {}
        if known.get("address") != "0x%x" % address:
            return None
        return Preview("0x%x %s" % (address, known.get("preview") or "<%s>" % known.get("type")))
    except (library.Failed, gdb.error, KeyboardInterrupt):
        return None
    finally:
        progress.clear()


printer.name = "ouro"
printer.enabled = True


# ---- gdb's expressions for OBJ

def is_value_of_option(words, at):
    return at > 0 and re.match(r"--?[a-z]", words[at - 1]) and "=" not in words[at - 1]


def value_address(text):
    """The address that a gdb expression evaluates to; None: it is no expression, or no address of an object."""
    try:
        value = gdb.parse_and_eval(text)
        kind = value.type.strip_typedefs()
        if kind.code == gdb.TYPE_CODE_STRUCT and value.address is not None:
            return int(value.address)
        if kind.code == gdb.TYPE_CODE_PTR or kind.code == gdb.TYPE_CODE_INT and "$" in text and kind.sizeof == 8:
            return int(value) & (1 << 64) - 1
    except (gdb.error, RuntimeError, ValueError):
        pass
    return None


def resolve(heap, text):
    """The word for OBJ in ouro's command line: an address, if it is gdb's expression. Python's names come first."""
    if not text or re.match(r"(0x[0-9a-fA-F]+|\d+|#\d+|\$)$", text) or text[0] in "'\"":
        return text
    address = value_address(text)
    if not address:
        return text
    if re.match(r"[A-Za-z_]\w*(\.\w+|\[.*\])*$", text):
        try:
            if heap.object(text) != address:
                say("%s is Python's name here; gdb's is 0x%x" % (text, address))
            return text
        except library.Failed as failed:
            if failed.status in (library.CANCELLED, library.DEAD):
                raise
    return "0x%x" % address


def with_objects(heap, name, rest):
    """The words of a command that takes OBJ, with gdb's expressions replaced by addresses."""
    if not re.search(r"\bOBJ\b", usages.get(name, "")) or not rest.strip():
        return rest
    words = rest.split()
    options = next((at for at, word in enumerate(words) if re.match(r"--?[a-z]", word)), len(words))
    if options > 1:     # an expression with blanks: (PyObject *) self
        whole = resolve(heap, " ".join(words[:options]))
        if re.match(r"0x[0-9a-f]+$", whole):
            return " ".join([whole] + words[options:])
    return " ".join(word if word.startswith("-") or is_value_of_option(words, at) else resolve(heap, word)
                    for at, word in enumerate(words))


usages = {}


# ---- Commands

HINTS = (("--exe or --sysroot", "gdb's `file` or `set sysroot`"), ("--exe", "gdb's `file`"),
         ("give --layout FILE", "`set ouro layout FILE`"))


def in_gdb(sentence):
    """ouro's message, with the options of its command line replaced by their counterparts in gdb."""
    text = str(sentence)
    for ours, gdbs in HINTS:
        text = text.replace(ours, gdbs)
    return text


def answer(ask):
    """Runs ask(); an error of ouro's becomes one sentence of gdb's."""
    try:
        return ask()
    except (library.Failed, memory.Unfit) as error:
        if getattr(error, "status", None) == library.CANCELLED:
            raise KeyboardInterrupt()
        raise gdb.GdbError("ouro: %s" % in_gdb(error))
    finally:
        progress.clear()


def take_json(line):
    """Takes --json off the line: it is an option of the output, not of the command."""
    head, end, tail = line.partition(" -- ")
    found = re.sub(r"(?:^|\s)--json(?=\s|$)", " ", head)
    return found + end + tail, found != head


def at_home(line):
    """Expands ~ to the user's folder, as gdb's own commands do."""
    return re.sub(r"(?<!\S)~(?=/|\s|$)", lambda _: os.path.expanduser("~"), line)


def run(name, rest, from_tty):
    rest, json_wanted = take_json(rest)
    take_manner(from_tty, json_wanted)
    writer = Writer(progress)

    def ask():
        heap = heap_now()
        line = rest if name == "sql" else at_home(with_objects(heap, name, rest))
        try:
            summary = heap.run(name + " " + line, writer, json=json_wanted, **look())
        except library.Failed as failed:
            if writer.error is None or failed.status != library.CANCELLED:
                raise
            return
        publish()
        if summary and not json_wanted and manner.terminal:
            say(summary)
    answer(ask)
    if isinstance(writer.error, KeyboardInterrupt):
        raise writer.error


def run_rescan(line, from_tty):
    line, json_wanted = take_json(line)
    if line.strip():
        raise gdb.GdbError("ouro: rescan takes no arguments")
    take_manner(from_tty, json_wanted)
    writer = Writer(progress)

    def ask():
        place, slot = memory.current(), state.slot
        if place.kind == "core":
            say("a core does not change: there is nothing to reload")
            return
        if slot.heap is None or slot.heap.is_dead() or slot.place.key != place.key:
            heap_now()
            say("read for the first time: there is nothing to compare with")
            return
        summary = slot.heap.rescan(memory.stopped(place), writer, json=json_wanted, **look())
        slot.stale = slot.declined = slot.midway = False
        if not json_wanted:
            say(summary or "read again: nothing had been read that could be compared")
    answer(ask)


# ---- Watching an object

COUNTS = ("ob_size", "ma_used", "used", "fill")     # the word with a container's length


class Change(gdb.Breakpoint):
    """A watchpoint on one word of an object; says what became of it, and which Python line did it."""

    def __init__(self, address, what, member, kind):
        self.spoken = what
        self.member = member
        self.cell = "*(%s *) 0x%x" % (kind, address)
        self.before = self.read()
        hardware = memory.parameter("can-use-hw-watchpoints")
        # While gdb replays a recording, its own hardware watchpoints do not trigger.
        recorded = gdb.current_recording() is not None
        try:
            if recorded:
                gdb.execute("set can-use-hw-watchpoints 0")
            gdb.Breakpoint.__init__(self, self.cell, gdb.BP_WATCHPOINT, gdb.WP_WRITE)
        finally:
            if recorded:
                gdb.execute("set can-use-hw-watchpoints %s" % hardware)

    def read(self):
        return int(gdb.parse_and_eval(self.cell))

    def stop(self):
        try:
            new = self.read()
        except gdb.error:
            return True
        old, self.before = self.before, new
        backwards = is_backwards()
        if backwards:
            old, new = new, old
        take_manner(False)
        try:
            heap = heap_now()
            line = python_line(heap)
            if not self.ignore_count and not self.condition:     # the program stops here, and the prompt sees this
                state.slot.stale = state.slot.midway = False
        except (library.Failed, memory.Unfit, gdb.error, KeyboardInterrupt) as error:
            # It stops even if the heap cannot be read.
            heap, line = None, "an unknown line: %s" % error
        finally:
            progress.clear()
        told = self.tell_reference(heap, old, new) if self.member == "slot" else self.tell_count(new - old, new)
        gdb.write("ouro: %s%s in %s%s\n" % (self.spoken, told, line, " (backwards)" if backwards else ""))
        return True

    def tell_count(self, step, now):
        verb = "grew by" if step > 0 else "shrank by" if step < 0 else "was written again with"
        return "%s %s %d" % ("" if self.member in COUNTS else ": its refcount", verb, abs(step) if step else now)

    def tell_reference(self, heap, old, new):
        return " refers to %s, no longer to %s" % (describe_object(heap, new), describe_object(heap, old))


def describe_object(heap, word):
    """Describes what a reference leads to; if that is no object, its address."""
    address = word & ~3 & (1 << 64) - 1     # frames of 3.14 and later have tags there
    if not address:
        return "nothing"
    try:
        return "%s 0x%x" % (heap.glance(address)[0], address)
    except (AttributeError, library.Failed, KeyboardInterrupt):
        return "0x%x" % address


def is_backwards():
    """Whether the program runs backwards (`record`, rr)."""
    try:
        return "everse" in memory.told("show exec-direction")
    except gdb.error:
        return False


def python_line(heap):
    """Where the selected thread's Python code is."""
    thread = gdb.selected_thread()
    rows = rows_of(heap, "threads")
    tid = thread.ptid[1] or thread.ptid[2]
    for row in rows:
        if row.get("thread") == tid and row.get("file"):
            call = "" if row["function"].startswith("<") else "()"
            return "%s%s %s:%s" % (row["function"], call, row["file"], row["line"])
    return "no known Python code"


def references_to(heap, name, address):
    """The references that `name` means: those of the holder that it names, else all to the object."""
    last = re.search(r"(\.\w+|\[[^\[\]]*\])$", name)
    holders = []
    for holder in ([name[:last.start()], name[:last.start()] + ".__dict__"] if last and name[:last.start()] else []):
        try:
            holders.append(heap.object(resolve(heap, holder)))
        except library.Failed as failed:
            if failed.status in (library.CANCELLED, library.DEAD):
                raise
    wanted = (last.group(1), "['%s']" % last.group(1)[1:]) if last else ()
    for holder in holders:
        found = [dict(row, holder=holder) for row in rows_of(heap, "referents 0x%x" % holder)
                 if row["object"] == "0x%x" % address and row["edge"] in wanted and row.get("slot")]
        if found:
            return found
    return [dict(row, holder=int(row["object"], 16)) for row in rows_of(heap, "referrers 0x%x" % address)
            if row.get("slot") and row.get("object")]


def slot_of(heap, name, address):
    """(edge, holder in words, address of the word) of the one reference that the name means."""
    found = references_to(heap, name, address)
    told = ["%s of %s" % (row["edge"], describe_object(heap, row["holder"])) for row in found]
    if not found:
        raise memory.Unfit("watch: no word is known that holds a reference to 0x%x" % address)
    if len(found) > 1:
        raise memory.Unfit("watch: %d references lead to 0x%x: %s%s; name one as in app.CACHE['key'], or `watch *(void **) SLOT`"
                           % (len(found), address, ", ".join(told[:3]), ", ..." if len(told) > 3 else ""))
    return found[0]["edge"], describe_object(heap, found[0]["holder"]), int(found[0]["slot"], 16)


class Watch(gdb.Command):
    """stop when an object changes: a container's length, any object's reference count, or a reference.
Usage: ouro watch [--refcount | --slot] OBJ

It is a hardware watchpoint on one word: of a list, tuple, dict or set the one that says how long it
is (with --refcount the reference count), of all others the reference count. With --slot it is the
word that holds the reference to it: `ouro watch --slot app.CACHE['key']`, `... --slot job.owner`;
an object that is named by its address must have only one reference. (A dict or list that makes room
for more moves its slots.) The stop says what changed and which line of Python did it. The watchpoint
is gdb's: `delete`. After `record full`, or under rr, `reverse-continue` leads back to the line that
changed it last: who created this reference?"""

    OPTIONS = ("--refcount", "--slot")

    def __init__(self):
        gdb.Command.__init__(self, "ouro watch", gdb.COMMAND_BREAKPOINTS)

    def invoke(self, line, from_tty):
        take_manner(from_tty)
        words = line.split()
        options = [word for word in words if word.startswith("--")]
        name = " ".join(word for word in words if word not in options)
        unknown = [option for option in options if option not in self.OPTIONS]
        if unknown or len(options) > 1:
            raise gdb.GdbError("ouro: watch: " + ("no option " + unknown[0] if unknown else "one of %s" % " and ".join(options)))
        if not name:
            raise gdb.GdbError("ouro: watch: missing argument; usage: watch [--refcount | --slot] OBJ")
        answer(lambda: self.watch(name, options))

    def watch(self, name, options):
        if memory.current().kind == "core":
            raise memory.Unfit("nothing changes in a core")
        heap = heap_now()
        address = heap.object(resolve(heap, name))
        if "--slot" in options:
            edge, holder, slot = slot_of(heap, name, address)
            Change(slot, "%s of %s" % (edge, holder), "slot", "long")
        else:
            self.watch_object(heap, address, "--refcount" in options)

    def watch_object(self, heap, address, refcount):
        known = facts(heap, address)
        found = {}
        for row in rows_of(heap, "bytes 0x%x" % address):
            at = int(row["address"], 16)
            if at >= address:
                found.setdefault(row["what"].partition(":")[0], at)
        member = next((member for member in COUNTS if member in found and not refcount), "refcount")
        if member not in found:
            raise memory.Unfit("watch: where the reference count of 0x%x lies is not known" % address)
        Change(found[member], "%s 0x%x" % (known["type"], address), member, "int" if member == "refcount" else "long")

    def complete(self, text, word):
        if re.search(r"(^|\s)-\S*$", text):
            begun = re.search(r"\S*$", text).group(0)
            cut = len(begun) - len(word or "")
            return [option[cut:] for option in self.OPTIONS if option.startswith(begun)]
        return complete("object " + text, word)


def complete(line, word):
    """gdb's word may be only the end of ouro's: the part before it is removed. gdb first calls without
    a word, to learn where words end: then its own rule applies."""
    if word is None:
        return []
    try:
        heap = state.heap
        heap = heap if heap is not None and not heap.is_dead() else None
        found = library.complete(state.lib, heap, line, len(os.fsencode(line)))
    except library.Failed:
        return []
    begun = len(re.search(r"\S*$", line).group(0)) - len(word)
    return [name[begun:] for name in found]


def describe(row):
    lines = [row["summary"] + ".", "Usage: ouro %s %s" % (row["name"], row["usage"]), "", row["help"].strip()]
    for title, key in (("Options:", "options"), ("Columns:", "columns")):
        if row.get(key):
            lines += ["", title] + ["  %-22s %s" % (part["name"], part["help"]) for part in row[key]]
    if row["example"]:
        lines += ["", "Example: ouro " + row["example"]]
    return "\n".join(lines)


class Command(gdb.Command):
    def __init__(self, row):
        self.name = row["name"]
        self.__doc__ = describe(row)
        gdb.Command.__init__(self, "ouro " + self.name, gdb.COMMAND_DATA)

    def invoke(self, line, from_tty):
        run(self.name, line, from_tty)

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
        run_rescan(line, from_tty)


def tui_is_on():
    try:
        return "not active" not in memory.told("info win")
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
       ouro [--python N] [COMMAND [ARG...]]

Without a command it is the screen; its key ! leads to this prompt, and `ouro` leads back to the
same place. Without a terminal it is `ouro info`. $ouro is the object that was selected last, and
$ouro_addr("app.CACHE") any object by its name."""

    def __init__(self):
        gdb.Command.__init__(self, "ouro", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)

    def invoke(self, line, from_tty):
        chosen = re.match(r"\s*--python(?:\s+|=)(\d+)(?=\s|$)", line)
        if chosen:
            gdb.execute("set ouro python " + chosen.group(1))
            line = line[chosen.end():]
        rest, json_wanted = take_json(line)
        words = rest.split(None, 1)
        if words and words[0] in usages:
            run(words[0], line.replace(words[0], " ", 1), from_tty)
            return
        if words:
            raise gdb.GdbError("ouro: no command %s; `help ouro` lists them" % words[0])
        take_manner(from_tty)
        if json_wanted or not manner.terminal or is_dumb():
            run("info", line, from_tty)
        else:
            answer(show_screen)


class Reread(gdb.Parameter):
    """Whether a heap is read again where the program has run since it was read.
on: yes. off: no, the answers are about the heap as it was; `ouro rescan` reads it again. ask: a person at
gdb's prompt is asked, and it is read for all others."""

    set_doc = "Set whether a heap is read again where the program has run since."
    show_doc = "Show whether a heap is read again where the program has run since."

    def __init__(self):
        gdb.Parameter.__init__(self, "ouro reread", gdb.COMMAND_DATA, gdb.PARAM_ENUM, ["on", "off", "ask"])
        self.value = "on"

    def get_set_string(self):
        for slot in state.slots.values():
            slot.declined = False
        return ""

    def get_show_string(self, value):
        return "Reading a heap again where the program has run since is %s." % value


def forget_where_changed(parameter):
    """Forgets heaps that were read with the former value."""
    if parameter.value != parameter.known:
        for slot in state.slots.values():
            forget(slot)
    parameter.known = parameter.value
    return ""


class Python(gdb.Parameter):
    """Which of several Pythons in the process is read, as `ouro info` counts them; 0: the first that runs.
`ouro --python N COMMAND` sets it, too."""

    set_doc = "Set which of several Pythons in the process is read."
    show_doc = "Show which of several Pythons in the process is read."

    def __init__(self):
        gdb.Parameter.__init__(self, "ouro python", gdb.COMMAND_DATA, gdb.PARAM_ZUINTEGER)
        self.value = self.known = 0

    def get_set_string(self):
        return forget_where_changed(self)

    def get_show_string(self, value):
        return "The Python that ouro reads is %s." % (value if self.value else "the first that runs")


class Layout(gdb.Parameter):
    """A layout file, for a build of Python that ouro does not know and that has no debug information here.
gdb/ouro/locate.py makes it where the same build has some. Without one, ouro finds the layout itself."""

    set_doc = "Set the file that says how this build of Python lays out its structs."
    show_doc = "Show the file that says how this build of Python lays out its structs."

    def __init__(self):
        gdb.Parameter.__init__(self, "ouro layout", gdb.COMMAND_DATA, gdb.PARAM_OPTIONAL_FILENAME)
        self.value = self.known = ""

    def get_set_string(self):
        self.value = os.path.abspath(os.path.expanduser(self.value)) if self.value else ""
        return forget_where_changed(self)

    def get_show_string(self, value):
        return "The layout file is %s." % (value or "ouro's own choice")


class Print(gdb.Parameter):
    """Whether ouro prints what a PyObject * points to, where no other printer does.
It takes the heap that was read at this stop, and reads none."""

    set_doc = "Set whether ouro prints what a PyObject * points to."
    show_doc = "Show whether ouro prints what a PyObject * points to."

    def __init__(self):
        gdb.Parameter.__init__(self, "ouro print", gdb.COMMAND_DATA, gdb.PARAM_BOOLEAN)
        self.value = True

    def get_set_string(self):
        return ""

    def get_show_string(self, value):
        return "ouro's printing of what a PyObject * points to is %s." % value


class SetOuro(gdb.Command):
    """What ouro does in gdb."""

    def __init__(self, name):
        self.name = name
        gdb.Command.__init__(self, name, gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)

    def invoke(self, line, from_tty):
        gdb.execute("help " + self.name)


def listen():
    gdb.events.cont.connect(on_run)
    gdb.events.exited.connect(on_exit)
    for name, call in (("inferior_call", on_change), ("memory_changed", on_change), ("inferior_deleted", on_deleted)):
        if hasattr(gdb.events, name):
            getattr(gdb.events, name).connect(call)


def register(data):
    """Loads the library and adds the commands; OSError when it cannot be loaded."""
    if state.lib is None:
        state.lib = library.load(data)
        listen()
        gdb.pretty_printers.append(printer)
    state.data = data
    api.Heap._current = staticmethod(heap_now)
    Ouro()
    for row in library.commands(state.lib):
        usages[row["name"]] = row["usage"]
        Command(row)
    Rescan()
    Watch()
    for name in ("set ouro", "show ouro"):
        SetOuro(name)
    for kind in (Reread, Python, Layout, Print, Address, Type, Refcount, Name, In):
        kind()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the members of extension types out of debug information: which offset holds which pointer to an object.

Runs inside a batch gdb that ouro starts (src/layout/members.c), on one file with debug information:
    OURO_MEMBERS_FILES  the file: "FD -1 NAME", a descriptor and a name that no gdb command ever contains
    OURO_MEMBERS_WANT   questions, as below: a descriptor
    OURO_MEMBERS_OUT    where answers go: a descriptor

A question is about one Python type. Debug information does not know it: what is known are the functions that the
type object names.

    type KEY BASICSIZE ITEMSIZE OB_TYPE OUTSIDE ADDS
                                    a new question; OB_TYPE: the offset of ob_type; OUTSIDE: 1 if CPython's own structs
                                    are out of the question; ADDS: 1 if instances are larger than those of the base
    name WORD                       the type's name without its module
    own ROLE ADDRESS                a function: traverse, clear, dealloc, or other
    member OFFSET                   tp_members, tp_dictoffset or tp_weaklistoffset has something there
    short SIZE                      of the instances without a dict and weak references at their end

The answer:

    struct KEY NAME                 the struct of the type's instances
    at OFFSET COUNT PATH            COUNT pointers to objects; 0: to the end of the object; -1: a single one
    by OFFSET INNER COUNT PATH      the same in a struct that the pointer at OFFSET leads to
    body SIZE NAME                  a struct that pointers lead to, directly or through others; the first one is 0
    to BODY OFFSET TO NAME          the pointer at OFFSET of that body (-1: of the instances) leads to the body TO
    none KEY                        not known, or not for sure

How the struct is found: code that visits a member was compiled with the struct's definition, so the struct is in the
compilation unit of tp_traverse (tp_clear, tp_dealloc), begins with an object's head and has the size tp_basicsize. If
there are several such structs, the type of the functions' first argument decides, or else the only struct that
variables of at least two of these functions have (of one function, if the struct is named like the type). If there is
just one, a function has to mention it, or it is named like the type and nothing else can be meant: C++ may have the
struct in another unit, a type may add nothing to its base, the functions may be about other structs. Otherwise there
is no answer: no name is better than a wrong one.
"""

import os
import re
import sys

import gdb

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from ouro import lock  # noqa: E402

ROWS_MOST = 2000        # of one struct
ELEMENTS_MOST = 64      # of an array of structs
BODIES_MOST = 300       # reached by pointers from one type's instances
DEPTH_MOST = 8
SYMBOLS_MOST = 200000   # of one compilation unit
UNITS_MOST = 500
PROBES_MOST = 4000      # addresses of one function that are searched for blocks
WORD = 8
TELLING = ("traverse", "clear", "dealloc")  # the functions that know all members
WHOLE = (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION)


class Question:
    def __init__(self, words):
        self.key = words[1]
        self.basicsize, self.itemsize, self.ob_type = (int(word) for word in words[2:5])
        self.outside, self.adds = words[5] == "1", words[6] == "1"
        self.name = ""
        self.functions = {}     # role: [address]
        self.members = []
        self.short = self.basicsize


def questions(path):
    found = []
    with open(lock.place(path), encoding="ascii", errors="replace") as file:
        for line in file:
            words = line.split()
            if words[0] == "type":
                found.append(Question(words))
            elif words[0] == "name":
                found[-1].name = words[1]
            elif words[0] == "own":
                found[-1].functions.setdefault(words[1], []).append(int(words[2], 16))
            elif words[0] == "short":
                found[-1].short = int(words[1])
            elif words[0] == "member":
                found[-1].members.append(int(words[1]))
    return found


# ---- Structs

def is_whole(type_):
    """Whether it is a struct, class or union whose members are known."""
    return type_.code in WHOLE and type_.sizeof > 0 and len(type_.fields()) > 0


def members_of(type_):
    """The members with an offset in whole bytes: neither static ones nor bit-fields."""
    return [field for field in type_.fields()
            if hasattr(field, "bitpos") and field.bitpos % 8 == 0 and not field.bitsize]


def has_head(type_, ob_type, depth=0):
    """Whether the struct begins with an object's head: a pointer named ob_type at the right offset."""
    if depth > DEPTH_MOST or not is_whole(type_):
        return False
    for field in members_of(type_):
        at, inner = field.bitpos // 8, field.type.strip_typedefs()
        if at == ob_type and field.name == "ob_type":
            return inner.code == gdb.TYPE_CODE_PTR
        if at <= ob_type < at + inner.sizeof and inner.code in WHOLE:
            return has_head(inner, ob_type - at, depth + 1)
    return False


def pointer_kind(type_, ob_type):
    """"object" when the pointer leads to one, "anything" when it may, "struct" when it leads to another known struct,
    else None."""
    target = type_.target().strip_typedefs()
    if target.code == gdb.TYPE_CODE_VOID or target.code in WHOLE and not is_whole(target):
        return "anything"
    if target.code not in WHOLE:
        return None
    return "object" if has_head(target, ob_type) else "struct"


class Members:
    """The pointers in a struct, as (offset, count, path); those to other structs, as (offset, type, path); and those to
    neither (numbers, text, pointers) likewise, as they are spelt."""

    def __init__(self, type_, ob_type, end=None, kinds=("object", "anything")):
        self.ob_type, self.end, self.kinds = ob_type, end, kinds
        self.objects, self.structs, self.plain, self.starts = [], [], [], set()
        self.full = False
        self.add_struct(type_.strip_typedefs(), 0, "", 0)

    def add(self, rows, row):
        if len(rows) < ROWS_MOST:
            rows.append(row)
        else:
            self.full = True

    def add_struct(self, type_, at, path, depth):
        fields = members_of(type_)
        if depth > DEPTH_MOST or not path and depth and not fields:
            return
        # It is unknown which member of a union is in use: they all go by the union's name.
        if type_.code == gdb.TYPE_CODE_UNION:
            if any(self.is_object(field.type) for field in fields) and path:
                self.add(self.objects, (at, -1, path))
            self.starts.add(at)
            return
        for field in fields:
            name = field.name or ""
            if field.is_base_class or not name:
                inner = path            # as in C++ and in unnamed structs: its members are ours
            else:
                inner = path + "." + name if path else name
            self.add_member(field.type.strip_typedefs(), at + field.bitpos // 8, inner, depth)

    def is_object(self, type_):
        type_ = type_.strip_typedefs()
        return type_.code == gdb.TYPE_CODE_PTR and pointer_kind(type_, self.ob_type) in self.kinds

    def add_member(self, type_, at, path, depth):
        self.starts.add(at)
        if type_.code == gdb.TYPE_CODE_PTR:
            kind = pointer_kind(type_, self.ob_type)
            if kind in self.kinds and path != "ob_type" and not path.endswith(".ob_type"):
                self.add(self.objects, (at, -1, path))
            elif kind == "struct":
                self.add(self.structs, (at, type_.target(), path))
            elif kind is None:
                self.add(self.plain, (at, type_.target(), path))
        elif type_.code == gdb.TYPE_CODE_ARRAY:
            self.add_array(type_, at, path, depth)
        elif is_handle(type_) and self.is_handle_of_object(type_):
            self.add(self.objects, (at, -1, path))
        elif type_.code in WHOLE:
            self.add_struct(type_, at, "" if is_head(type_) else path, depth + 1)

    def is_handle_of_object(self, type_):
        inner = Members(type_, self.ob_type)
        return [row[:2] for row in inner.objects] == [(0, -1)]

    def add_array(self, type_, at, path, depth):
        element = type_.target().strip_typedefs()
        low, high = type_.range()
        count = max(high - low + 1, 0)
        last = self.end is not None and at + count * element.sizeof >= self.end
        if self.is_object(element):
            self.add(self.objects, (at, 0 if last or count == 0 else count, path))
            self.starts.update(at + i * WORD for i in range(min(count, ROWS_MOST)))
        elif element.code in WHOLE and element.sizeof and count <= ELEMENTS_MOST:
            for i in range(count):
                self.add_member(element, at + i * element.sizeof, "%s[%d]" % (path, i), depth + 1)


def is_handle(type_):
    """Whether it is a C++ class around one pointer, like pybind11::object: the pointer's own name says nothing."""
    return type_.code in WHOLE and type_.sizeof == WORD and any(field.is_base_class for field in type_.fields())


def is_head(type_):
    """Whether it is PyObject or PyVarObject itself."""
    return not [field for field in type_.fields() if not (field.name or "").startswith(("ob_", "_ob_"))]


# ---- Functions

def outermost(block, address):
    """The function that a block is in, inlined ones aside; None outside of functions. A lambda's block is inside of the
    enclosing function's, but its code is not."""
    found = None
    while block is not None and not block.is_static and not block.is_global:
        if block.function is not None and block.start <= address < block.end:
            found = block
        block = block.superblock
    return found


def function_at(address):
    block = gdb.block_for_pc(address)
    function = outermost(block, address) if block is not None else None
    if function is None or function.function.symtab is None:
        return None
    # Rust describes only structs that functions use by name, perhaps not the one that they are about.
    return None if function.function.symtab.filename.endswith(".rs") else function


def pointed(type_):
    """The struct that a pointer or reference leads to, or None."""
    type_ = type_.strip_typedefs()
    if type_.code not in (gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_REF, getattr(gdb, "TYPE_CODE_RVALUE_REF", -1)):
        return None
    target = type_.target().strip_typedefs()
    return target if is_whole(target) else None


def first_argument(function):
    for symbol in function:
        if symbol.is_argument:
            return pointed(symbol.type)
    return None


def blocks_of(function, inlined=False):
    """The function's block and those inside of it, without inlined functions (or with them)."""
    found = {}
    step = max(1, (function.end - function.start) // PROBES_MOST)
    for address in range(function.start, function.end, step):
        block, chain = gdb.block_for_pc(address), []
        while block is not None and (block.start, block.end) != (function.start, function.end):
            chain = chain if block.function is None or inlined else []
            if block.function is None or inlined:
                chain.append(block)
            if block.is_static or block.is_global:
                chain = []
                break
            block = block.superblock
        for depth, block in enumerate(reversed(chain)):     # a block may have the same addresses as the one around it
            found[block.start, block.end, depth] = block
    return [function] + list(found.values())


def variables(function, inlined=False):
    for block in blocks_of(function, inlined):
        for symbol in block:
            if symbol.is_variable or symbol.is_argument:
                target = pointed(symbol.type)
                if target is not None:
                    yield target


def identity(type_):
    """A key that is equal for one type in different compilation units, or as typedef and tag."""
    return (type_.name or type_.tag, type_.sizeof, tuple((field.name, getattr(field, "bitpos", None))
                                                         for field in type_.fields()))


# ---- Choosing

class Unit:
    """The structs of a compilation unit that begin with an object's head, by size."""

    def __init__(self, blocks, ob_type):
        self.by_size = {}
        self.python = None              # the folder of Python.h
        structs = []
        for block in blocks:
            for count, symbol in enumerate(block):
                if count > SYMBOLS_MOST:
                    break
                if symbol.addr_class != gdb.SYMBOL_LOC_TYPEDEF:
                    continue
                type_ = symbol.type.strip_typedefs()
                where = symbol.symtab.filename if symbol.symtab is not None else ""
                if symbol.name == "_object" and os.path.basename(where) == "object.h":
                    self.python = os.path.dirname(where)
                if has_head(type_, ob_type):
                    structs.append((symbol.name, type_, where))
        for name, type_, where in structs:
            rows = self.by_size.setdefault(type_.sizeof, {})
            kept = rows.get(identity(type_))
            # A struct may have a tag and a typedef: the tag is spelled CPython's way, the typedef the author's.
            if kept is None or not kept[0]:
                rows[identity(type_)] = (name, type_, self.is_python(where))

    def is_python(self, where):
        return bool(self.python) and (where + "/").startswith(self.python + "/")


def linked_blocks():
    """After link-time optimisation a function is in a unit of its own, and its structs are in that of its source: these
    are all blocks of units that know objects."""
    if not hasattr(gdb, "lookup_static_symbols"):
        return []
    found = gdb.lookup_static_symbols("_object", gdb.SYMBOL_STRUCT_DOMAIN)
    return [symbol.symtab.static_block() for symbol in found[:UNITS_MOST] if symbol.symtab is not None]


class Chooser:
    def __init__(self, asked):
        self.units = {}
        self.sizes = {}     # by function: the sizes of the instances of its types
        for question in asked:
            for role in TELLING:
                for address in question.functions.get(role, []):
                    self.sizes.setdefault(address, set()).add(question.basicsize)

    def unit(self, function, ob_type):
        whole, file = function.global_block, function.function.symtab.filename
        key = (whole.start, whole.end, file, ob_type)
        if key not in self.units:
            blocks = linked_blocks() if file == "<artificial>" else [function.static_block, whole]
            self.units[key] = Unit(blocks, ob_type)
        return self.units[key]

    def candidates(self, question, functions):
        """{identity: (name, type)} of the structs in the unit of the TELLING functions."""
        sizes = {question.basicsize, question.basicsize + question.itemsize, question.short}
        for role in TELLING:
            for function in functions.get(role, []):
                unit = self.unit(function, question.ob_type)
                rows = [row for size in sizes for row in unit.by_size.get(size, {}).items()]
                return {key: (name, type_) for key, (name, type_, python) in rows
                        if not (python and question.outside) and fits(type_, question)}
        return {}

    def choose(self, question):
        functions = {}
        for role, addresses in question.functions.items():
            # A function that types of several sizes share tells about none of them.
            found = [function_at(address) for address in addresses if len(self.sizes.get(address, ())) < 2]
            functions[role] = [function for function in found if function is not None]
        known = self.candidates(question, functions)
        if len(known) > 1:
            known = decide(question, functions, known)
        else:
            known = confirmed(question, functions, known)
        if len(known) != 1:
            return None
        name, type_ = next(iter(known.values()))
        if is_others(name, question.name):
            return None
        return name, type_, value_of(question, functions, name, type_)


def fits(type_, question):
    starts = Members(type_, question.ob_type).starts
    return all(at in starts for at in question.members if at < question.short or type_.sizeof > question.short)


def is_complete(functions):
    """Whether the unit defines all structs that its functions are about. C++ may define a class only in the unit of its
    constructors."""
    return all(function.function.symtab.filename.endswith((".c", "<artificial>"))
               for role in TELLING for function in functions.get(role, []))


def confirmed(question, functions, known):
    """The structs that a function has a variable of, or that are named like the type, unless something else could be
    meant. pybind11's own struct is in every unit that uses it."""
    found = {identity(target) for role in TELLING for function in functions.get(role, [])
             for target in variables(function, inlined=True)}
    found |= {identity(target) for target in map(first_argument, sum(functions.values(), [])) if target is not None}
    strict = (not question.adds or question.short != question.basicsize or not is_complete(functions)
              or speaks_of_others(question, functions))
    return {key: row for key, row in known.items()
            if key in found or is_instance(row[0]) or not strict and is_alike(row[0], question.name)}


def speaks_of_others(question, functions):
    """Whether the functions that know the members have variables of objects' structs other than CPython's: then the one
    that they are about should be among those."""
    for role in TELLING:
        for function in functions.get(role, []):
            for target in variables(function):
                name = target.name or target.tag or ""
                if has_head(target, question.ob_type) and not name.startswith(("Py", "_Py", "_object", "_typeobject")):
                    return True
    return False


def is_instance(name):
    return name.startswith("pybind11") and name.split("::")[-1] == "instance"


def is_others(name, wanted):
    """Whether it is Cython's struct for a class of another name."""
    return name.startswith("__pyx_obj_") and not name.endswith("_" + wanted)


def decide(question, functions, known):
    """The structs for which the functions are evidence."""
    said = {}
    for role, found in functions.items():
        for function in found:
            target = first_argument(function)
            if target is not None and identity(target) in known:
                said[identity(target)] = known[identity(target)]
    said = without_bases(said)
    if said:
        return said
    common, times = None, 0
    for role in TELLING:
        for function in functions.get(role, []):
            here = {identity(target) for target in variables(function)} & set(known)
            if here:
                common = here if common is None else common & here
                times += 1
    common = without_bases({key: known[key] for key in common or ()})
    if all(is_alike(name, question.name) for name, _ in common.values()):
        return common
    # A struct named like the type may be the right one without a variable.
    rival = any(is_alike(name, question.name) for key, (name, _) in known.items() if key not in common)
    return common if times > 1 and not rival else {}


def is_alike(name, wanted):
    """Whether a struct is named like the type: NodeObject, PyNode, __pyx_obj_3app_Node."""
    if name.startswith("__pyx_obj_"):
        return not is_others(name, wanted)
    plain = re.sub(r"^_*py|(object|struct|_obj|_t)$|_", "", name.split("::")[-1].lower())
    return bool(wanted) and plain == wanted.lower().replace("_", "")


def without_bases(structs):
    """Leaves out a struct that begins another one of the same size: the base of a type that adds nothing."""
    begun = set()
    for _, type_ in structs.values():
        fields = members_of(type_)
        if fields and fields[0].bitpos == 0:
            begun.add(identity(fields[0].type.strip_typedefs()))
    return {key: row for key, row in structs.items() if key not in begun}


# ---- What pybind11 keeps

VALUE = "simple_value_holder"       # pybind11::detail::instance: the address of the C++ object, then its holder


def value_of(question, functions, name, type_):
    """(offset, struct) of the C++ object that a pybind11 instance holds, if the type's own tp_traverse names its type;
    else None."""
    if not is_instance(name):
        return None
    at = offset_of(type_, VALUE)
    targets = {}
    for function in functions.get("traverse", []):
        for target in variables(function, inlined=True):    # a lambda's body may be inlined into its caller
            others = (target.name or "").startswith(("pybind11::", "std::"))
            if not others and not has_head(target, question.ob_type):
                targets[identity(target)] = target
    return (at, next(iter(targets.values()))) if at is not None and len(targets) == 1 else None


def offset_of(type_, name):
    """Where a member lies, looking through unnamed unions and structs."""
    for field in members_of(type_):
        inner = field.type.strip_typedefs()
        if field.name == name:
            return field.bitpos // 8
        if not field.name and inner.code in WHOLE:
            found = offset_of(inner, name)
            if found is not None:
                return field.bitpos // 8 + found
    return None


# ---- Answers

def clean(text):
    """A name without blanks: C++ spells some with them."""
    return re.sub(r"\s+", "", text)[:400] or "?"


def write_answer(file, question, name, type_, value):
    members = Members(type_, question.ob_type, type_.sizeof if question.itemsize else None)
    if members.full:
        file.write("none %s\n" % question.key)
        return
    file.write("struct %s %s\n" % (question.key, clean(name)))
    for at, count, path in members.objects:
        file.write("at %d %d %s\n" % (at, count, clean(path)))
    rows = 0
    for at, target, path in members.structs + ([value + ("",)] if value else []):
        for inner, count, rest in Members(target, question.ob_type, None, ("object",)).objects:
            rows += 1
            if count != 0 and rows < ROWS_MOST:
                name = clean(path) + "->" + clean(rest) if path else clean(rest)
                file.write("by %d %d %d %s\n" % (at, inner, count, name))
    bodies = Bodies(question.ob_type)
    bodies.add(-1, members)
    bodies.follow()
    bodies.write(file)


class Bodies:
    """The targets of pointers: structs with their members; numbers and text; and pointers to either, perhaps through
    several more pointers."""

    def __init__(self, ob_type):
        self.ob_type = ob_type
        self.numbers, self.rows, self.links = {}, [], []

    def number(self, type_):
        """The number of a body; None: it is not described."""
        plain = type_.strip_typedefs()
        if plain.code in WHOLE and (not is_whole(plain) or has_head(plain, self.ob_type)):
            return None
        if plain.code not in WHOLE + (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_FLT, gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_CHAR,
                                      gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_BOOL):
            return None
        name = str(type_.unqualified())
        if "{" in name:
            name = plain.tag or plain.name or "struct"
        key = (name, plain.sizeof)
        if key not in self.numbers:
            if len(self.rows) >= BODIES_MOST:
                return None
            self.numbers[key] = len(self.rows)
            self.rows.append((plain, name))
        return self.numbers[key]

    def add(self, owner, members):
        for at, target, path in members.structs + members.plain:
            number = self.number(target)
            if number is not None and len(self.links) < ROWS_MOST:
                self.links.append((owner, at, number, path))

    def follow(self):
        """Follows pointers to all bodies that they reach."""
        done = 0
        while done < len(self.rows):
            plain, _ = self.rows[done]
            if plain.code in WHOLE:
                self.add(done, Members(plain, self.ob_type))
            elif plain.code == gdb.TYPE_CODE_PTR:
                number = self.number(plain.target())
                if number is not None:
                    self.links.append((done, 0, number, "*"))
            done += 1

    def write(self, file):
        for plain, name in self.rows:
            file.write("body %d %s\n" % (max(plain.sizeof, 1), clean(re.sub(r"^(struct|union|class) ", "", name))))
        for owner, at, number, path in self.links:
            file.write("to %d %d %d %s\n" % (owner, at, number, clean(path)))


def answer(asked, out):
    chooser = Chooser(asked)
    with open(lock.place(out), "w", encoding="utf-8", errors="backslashreplace") as file:
        for question in asked:
            try:
                found = chooser.choose(question)
            except (gdb.error, RuntimeError, ValueError, AttributeError):
                found = None
            if found is None:
                file.write("none %s\n" % question.key)
            else:
                write_answer(file, question, *found)
        file.write("end\n")


def batch():
    try:
        file = lock.files(os.environ["OURO_MEMBERS_FILES"])[0]
        lock.lock()
        file.load()
        answer(questions(os.environ["OURO_MEMBERS_WANT"]), os.environ["OURO_MEMBERS_OUT"])
    except (gdb.error, OSError, ValueError, IndexError) as error:
        sys.stderr.write("ouro: %s\n" % error)
        sys.stderr.flush()
        gdb.execute("quit 3")


if "OURO_MEMBERS_OUT" in os.environ:
    batch()

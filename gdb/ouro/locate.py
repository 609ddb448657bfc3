# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the layout of one CPython build out of its debug information and writes it as a layout file.

Runs inside gdb, with nothing but gdb's Python API and the standard library. Two ways in:

* A batch run, which ouro or tools/make-layouts starts; its arguments are environment variables:
      OURO_LOCATE_WANT    rows as in src/layout/fields.def: a descriptor or a path
      OURO_LOCATE_FILES   the files to read, the interpreter or libpython first: "FD FOLDER NAME" per line, open
                          descriptors of the file and of its folder (-1: do not read the folder), and the name, which
                          no gdb command ever contains; or paths, one per line
      OURO_LOCATE_OUT     the layout file to write: a descriptor or a path
      OURO_LOCATE_VERSION "3.11.2", if the files do not tell it (optional)
      OURO_LOCATE_PLAIN   leave out what belongs to this very build: symbols and paths (optional)
* A user's session: locate.write(out, want) reads whatever files gdb has loaded.

Nothing is run in any target. What a build does not have is left out of the file.
"""

import os
import re
import struct
import sys

import gdb

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from ouro import lock  # noqa: E402

# Structs whose name differs between versions of CPython: all names, newest first. Any other struct is looked
# up under its own name, as a typedef and then as a tag.
TYPE_NAMES = {
    "PyObject": ["PyObject", "struct _object"],
    "PyGC_Head": ["PyGC_Head", "union _gc_head"],
    "PyTypeObject": ["struct _typeobject", "PyTypeObject"],
    "PyHeapTypeObject": ["struct _heaptypeobject", "PyHeapTypeObject"],
    "PyDictKeyEntry": ["PyDictKeyEntry", "PyDictEntry"],
    "PyODictObject": ["struct _odictobject", "PyODictObject"],
    "odictiterobject": ["odictiterobject", "struct odictiterobject"],
    "_PyDictViewObject": ["_PyDictViewObject", "dictviewobject"],
    "PyFrameObject": ["struct _frame", "PyFrameObject"],
    "PyGenObject": ["struct _PyGenObject", "PyGenObject"],
    "PyCoroObject": ["struct _PyCoroObject", "PyCoroObject"],
    "PyAsyncGenObject": ["struct _PyAsyncGenObject", "PyAsyncGenObject"],
    "_err_stackitem": ["struct _err_stackitem", "_PyErr_StackItem"],
    "PyTracebackObject": ["struct _traceback", "PyTracebackObject"],
    "mappingproxyobject": ["mappingproxyobject", "proxyobject"],
    "PyWeakReference": ["struct _PyWeakReference", "PyWeakReference"],
    "Py_buffer": ["Py_buffer", "struct bufferinfo"],
    "unionobject": ["unionobject", "_PyUnionObject"],
    "listiterobject": ["_PyListIterObject", "listiterobject"],
    "tupleiterobject": ["_PyTupleIterObject", "tupleiterobject"],
    "rangeiterobject": ["_PyRangeIterObject", "rangeiterobject"],
    "bytearrayiterobject": ["bytesiterobject", "bytearrayiterobject"],
    "zipobject": ["zipobject", "izipobject"],
    "PyContext": ["struct _pycontextobject", "PyContext"],
    "PyContextVar": ["struct _pycontextvarobject", "PyContextVar"],
    "PyContextToken": ["struct _pycontexttokenobject", "PyContextToken"],
    "rlockobject": ["rlockobject", "struct rlockobject"],
    "nldecoder": ["nldecoder_object"],
    "CDataObject": ["struct tagCDataObject", "CDataObject"],
    "_PyRuntimeState": ["struct pyruntimestate", "_PyRuntimeState"],
    "_Py_tracemalloc_runtime_state": ["struct _tracemalloc_runtime_state"],
    "PyInterpreterState": ["struct _is", "PyInterpreterState"],
    "PyThreadState": ["struct _ts", "PyThreadState"],
    "_PyThreadStateImpl": ["_PyThreadStateImpl", "struct _PyThreadStateImpl"],
    "_PyCFrame": ["struct _PyCFrame", "_PyCFrame", "CFrame"],
    "managed_static_type_state": ["managed_static_type_state", "static_builtin_state"],
    "atexit_py_callback": ["atexit_py_callback", "atexit_callback"],
    "tracemalloc_trace": ["struct tracemalloc_trace", "trace_t"],
    "tracemalloc_traceback": ["struct tracemalloc_traceback", "traceback_t"],
    "tracemalloc_frame": ["struct tracemalloc_frame", "frame_t"],
}

# The same for members that had another name than the canonical one, or were nested deeper. A name whose
# underscores spell out a nested member (ceval_gil = ceval.gil) needs no entry.
MEMBER_NAMES = {
    ("PyGC_Head", "_gc_next"): ["_gc_next", "gc.gc_next"],
    ("PyGC_Head", "_gc_prev"): ["_gc_prev", "gc.gc_prev"],
    ("PyGC_Head", "gc_refs"): ["gc.gc_refs"],
    ("PyLongObject", "lv_tag"): ["long_value.lv_tag"],
    ("PyLongObject", "ob_digit"): ["long_value.ob_digit", "ob_digit"],
    ("_PyInterpreterFrame", "f_executable"): ["f_executable", "f_code"],
    ("_PyInterpreterFrame", "f_funcobj"): ["f_funcobj", "f_func"],
    ("_PyInterpreterFrame", "instr_ptr"): ["instr_ptr", "prev_instr"],
    ("PyCoroObject", "cr_origin"): ["cr_origin_or_finalizer", "cr_origin"],
    ("PyAsyncGenObject", "ag_finalizer"): ["ag_origin_or_finalizer", "ag_finalizer"],
    ("mappingproxyobject", "mapping"): ["mapping", "dict"],
    ("_PyRuntimeState", "static_objects_singletons"): ["static_objects.singletons", "global_objects.singletons"],
    ("_PyRuntimeState", "static_objects_singletons_small_ints"):
        ["static_objects.singletons.small_ints", "global_objects.singletons.small_ints", "global_objects.small_ints"],
    ("_PyRuntimeState", "finalizing"): ["_finalizing", "finalizing"],
    ("PyInterpreterState", "threads_head"): ["threads.head", "tstate_head"],
    ("PyInterpreterState", "modules"): ["imports.modules", "modules"],
    ("PyInterpreterState", "modules_by_index"): ["imports.modules_by_index", "modules_by_index"],
    ("PyInterpreterState", "importlib"): ["imports.importlib", "importlib"],
    ("PyInterpreterState", "import_func"): ["imports.import_func", "import_func"],
    ("PyInterpreterState", "lazy_modules"): ["imports.lazy_modules"],
    ("PyInterpreterState", "lazy_import_func"): ["imports.lazy_import_func"],
    ("PyInterpreterState", "lazy_imports_filter"): ["imports.lazy_imports_filter"],
    ("PyInterpreterState", "codec_search_path"): ["codecs.search_path", "codec_search_path"],
    ("PyInterpreterState", "codec_search_cache"): ["codecs.search_cache", "codec_search_cache"],
    ("PyInterpreterState", "codec_error_registry"): ["codecs.error_registry", "codec_error_registry"],
    ("PyInterpreterState", "type_cache"): ["types.type_cache", "type_cache"],
    ("PyInterpreterState", "interned_strings"): ["cached_objects.interned_strings"],
    ("PyThreadState", "trash_delete_later"): ["trash_delete_later", "trash.delete_later", "delete_later"],
    ("_Py_hashtable_t", "nbuckets"): ["nbuckets", "num_buckets"],
    ("_Py_hashtable_t", "nentries"): ["nentries", "entries"],
    ("_Py_hashtable_entry_t", "next"): ["_Py_slist_item.next"],
    ("pool_header", "count"): ["ref.count"],
    ("mi_page_t", "tag"): ["tag", "heap_tag"],
}

# Types of extension modules, each in a file of its own unless built in. 2.7 built more of them separately.
MODULE_TYPES = {
    "_asyncio": ["FutureObj", "TaskObj", "futureiterobject", "TaskStepMethWrapper", "TaskWakeupMethWrapper",
                 "PyRunningLoopHolder"],
    "_struct": ["PyStructObject", "unpackiterobject"],
    "array": ["arrayobject", "arrayiterobject"],
    "_csv": ["DialectObj", "ReaderObj", "WriterObj"],
    "_pickle": ["PicklerObject", "UnpicklerObject", "Pdata", "PyMemoTable", "PyMemoEntry", "PicklerMemoProxyObject",
                "UnpicklerMemoProxyObject"],
    "_queue": ["simplequeueobject"],
    "_ctypes": ["CDataObject", "PyCFuncPtrObject", "CThunkObject", "PyCArgObject", "StgDictObject", "StgInfo",
                "CFieldObject"],
    "_json": ["PyScannerObject", "PyEncoderObject"],
    "pyexpat": ["xmlparseobject"],
    "_elementtree": ["ElementObject", "ElementObjectExtra", "TreeBuilderObject", "XMLParserObject",
                     "ElementIterObject"],
    "_socket": ["PySocketSockObject"],
    "_datetime": ["PyDateTime_DateTime", "PyDateTime_Date", "PyDateTime_Time", "PyDateTime_TimeZone",
                  "PyDateTime_Delta"],
    "_decimal": ["PyDecContextObject", "PyDecObject"],
    "datetime": ["PyDateTime_DateTime", "PyDateTime_Date", "PyDateTime_Time", "PyDateTime_Delta"],
    "_collections": ["dequeobject", "BLOCK", "dequeiterobject", "defdictobject"],
    "_functools": ["partialobject"],
    "operator": ["itemgetterobject", "attrgetterobject", "methodcallerobject"],
    "itertools": ["chainobject", "combinationsobject", "compressobject", "countobject", "cwrobject", "cycleobject",
                  "dropwhileobject", "filterfalseobject", "groupbyobject", "_grouperobject", "ifilterobject",
                  "imapobject", "isliceobject", "iziplongestobject", "zipobject", "permutationsobject",
                  "productobject", "repeatobject", "starmapobject", "takewhileobject", "teedataobject", "teeobject"],
    "_io": ["iobase", "bytesio", "stringio", "buffered", "rwpair", "textio", "fileio", "nldecoder"],
}

# Enumerators of extension modules.
MODULE_CONSTANTS = {"pyexpat": ["_DummyDecl"]}

# Variables of file scope, and their source files: `debug` and `enabled` are common names.
SYMBOL_SOURCES = {
    "generations": ["gcmodule.c"], "generation_stats": ["gcmodule.c"], "garbage": ["gcmodule.c"],
    "callbacks": ["gcmodule.c"], "enabled": ["gcmodule.c"], "debug": ["gcmodule.c"], "collecting": ["gcmodule.c"],
    "long_lived_total": ["gcmodule.c"], "long_lived_pending": ["gcmodule.c"],
    "interned": ["unicodeobject.c", "stringobject.c"], "interp_head": ["pystate.c"],
    "small_ints": ["longobject.c", "intobject.c"],
    "arenas": ["obmalloc.c"], "maxarenas": ["obmalloc.c"], "usedpools": ["obmalloc.c"],
    "raw_allocated_blocks": ["obmalloc.c"],
    "subtype_traverse": ["typeobject.c"], "method_cache": ["typeobject.c"],
    "lookdict": ["dictobject.c"],
    "_PySet_Dummy": ["setobject.c"],
    "tracemalloc_config": ["_tracemalloc.c"], "_Py_tracemalloc_config": ["_tracemalloc.c"],
    "tracemalloc_traces": ["_tracemalloc.c"], "tracemalloc_tracebacks": ["_tracemalloc.c"],
    "tracemalloc_filenames": ["_tracemalloc.c"], "tracemalloc_domains": ["_tracemalloc.c"],
    "tracemalloc_traced_memory": ["_tracemalloc.c"], "tracemalloc_peak_traced_memory": ["_tracemalloc.c"],
    "extensions": ["import.c"],
    "characters": ["bytesobject.c", "stringobject.c"], "unicode_latin1": ["unicodeobject.c"],
}

# Numbers that are macros in CPython, recovered from the length of an array: (struct, member) or a variable.
ARRAY_LENGTHS = {
    "MCACHE_SIZE": [("type_cache", "hashtable"), "method_cache"],
    "usedpools_count": [("_obmalloc_state", "pools.used"), "usedpools"],
    "CO_MAXBLOCKS": [("PyFrameObject", "f_blockstack")],
}

# 1: the member is a pointer to the struct; 0: it is the struct itself.
IS_POINTER = {
    "obmalloc_is_pointer": ("PyInterpreterState", "obmalloc"),
    "frame_filename_is_char": ("tracemalloc_frame", "filename"),
}


class BitField(str):
    """The name of a member whose bit position is wanted, too."""


class Missing(Exception):
    """The files have no debug information of CPython."""


def wanted(lines):
    """The rows of fields.def: {struct: [member or BitField]}, [constant], [symbol]."""
    structs, constants, symbols = {}, [], []
    for line in lines:
        match = re.match(r"(STRUCT|FIELD|TYPED|PART|BITS|CONSTANT|SYMBOL)\((\w+)(?:, *(\w+)(?:, *\w+)?)?\)$",
                         line.strip())
        if not match:
            continue
        kind, name, member = match.groups()
        if kind == "STRUCT":
            structs[name] = []
        elif kind in ("FIELD", "TYPED", "PART", "BITS"):
            structs[name].append(BitField(member) if kind == "BITS" else member)
        elif kind == "CONSTANT":
            constants.append(name)
        else:
            symbols.append(name)
    return structs, constants, symbols


def read_wanted(path):
    """The same from a file; a path of digits is a descriptor."""
    with open(lock.place(path)) as file:
        return wanted(file)


# ---- Types

def lookup_struct(name):
    """The complete struct or union of that name, or None. An opaque declaration does not count."""
    try:
        type_ = gdb.lookup_type(name).strip_typedefs()
    except gdb.error:
        return None
    if type_.code not in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
        return None
    return type_ if type_.sizeof > 0 and type_.fields() else None


def find_struct(name):
    for candidate in TYPE_NAMES.get(name, [name, "struct " + name]):
        found = lookup_struct(candidate)
        if found is not None:
            return found
    return None


def find_direct(type_, name):
    """(bit offset, type, bits of a bit-field or 0) of the named member, also in unnamed structs and unions."""
    for field in type_.fields():
        if not hasattr(field, "bitpos"):
            continue
        if field.name == name:
            return field.bitpos, field.type, field.bitsize
        if not field.name:
            inner = field.type.strip_typedefs()
            if inner.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
                found = find_direct(inner, name)
                if found is not None:
                    return (field.bitpos + found[0],) + found[1:]
    return None


def find_path(type_, path):
    """The same for "a.b.c"."""
    bits = width = 0
    for name in path.split("."):
        type_ = type_.strip_typedefs()
        if type_.code not in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
            return None
        found = find_direct(type_, name)
        if found is None:
            return None
        bits, type_, width = bits + found[0], found[1], found[2]
    return bits, type_, width


def find_spelled(type_, name):
    """The same for "a_b_c", where any of the underscores may be a step into a nested struct."""
    type_ = type_.strip_typedefs()
    if type_.code not in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
        return None
    found = find_direct(type_, name)
    if found is not None:
        return found
    for at, letter in enumerate(name):
        if letter != "_" or at == 0:
            continue
        outer = find_direct(type_, name[:at])
        inner = outer and find_spelled(outer[1], name[at + 1:])
        if inner:
            return (outer[0] + inner[0],) + inner[1:]
    return None


def find_member(struct_name, type_, member):
    for path in MEMBER_NAMES.get((struct_name, member), []):
        found = find_path(type_, path)
        if found is not None:
            return found
    return find_spelled(type_, member)


def size_of(type_):
    stripped = type_.strip_typedefs()
    if stripped.code == gdb.TYPE_CODE_ARRAY and stripped.range()[1] < stripped.range()[0]:
        return 0
    return max(stripped.sizeof, 0)


def describe(name, members, type_):
    """{row: (offset, size, bits)} of one struct; the struct itself under "". Bits: (shift, width) or None."""
    rows = {"": (None, type_.sizeof, None)}
    for member in members:
        found = find_member(name, type_, member)
        if found is not None:
            bits = (found[0] % 8, found[2] or 8 * size_of(found[1])) if isinstance(member, BitField) else None
            rows[member] = (found[0] // 8, size_of(found[1]), bits)
    return rows


# ---- Numbers and addresses

def array_length(type_):
    type_ = type_.strip_typedefs()
    if type_.code != gdb.TYPE_CODE_ARRAY:
        return None
    low, high = type_.range()
    return high - low + 1


def find_variables(name):
    """The variables or functions of that name, best guess first, except those of other source files.

    Link-time optimisation leaves two symbols: one in the right source file without an address, and one with the
    address in a made-up file, on the same line.
    """
    symbol = gdb.lookup_global_symbol(name)
    if symbol is not None and (symbol.is_variable or symbol.is_function):
        return [symbol]
    symbols = [symbol for symbol in gdb.lookup_static_symbols(name)
               if symbol.symtab is not None and (symbol.is_variable or symbol.is_function)]
    sources = SYMBOL_SOURCES.get(name)
    right = [symbol for symbol in symbols if sources is None or os.path.basename(symbol.symtab.filename) in sources]
    lines = [symbol.line for symbol in right]
    twins = [symbol for symbol in symbols if symbol not in right and symbol.line in lines]
    return right + twins if right else symbols if len(symbols) == 1 else []


def constant(name):
    for place in ARRAY_LENGTHS.get(name, []):
        if isinstance(place, str):
            found = find_variables(place)
            length = array_length(found[0].type) if found else None
        else:
            type_ = find_struct(place[0])
            found = find_path(type_, place[1]) if type_ is not None else None
            length = array_length(found[1]) if found is not None else None
        if length:
            return length
    if name in IS_POINTER:
        struct_name, member = IS_POINTER[name]
        type_ = find_struct(struct_name)
        found = find_path(type_, member) if type_ is not None else None
        if found is None:
            return None
        target = found[1].strip_typedefs()
        if name == "frame_filename_is_char":
            return int(target.code == gdb.TYPE_CODE_PTR and target.target().strip_typedefs().sizeof == 1)
        return int(target.code == gdb.TYPE_CODE_PTR)
    try:
        return int(gdb.parse_and_eval("(long)" + name)) if is_enumerator(name) else None
    except gdb.error:
        return None


def is_enumerator(name):
    for symbol in [gdb.lookup_global_symbol(name)] + list(gdb.lookup_static_symbols(name)):
        if symbol is not None and symbol.is_constant:
            return True
    return False


def address(name, bias):
    for symbol in find_variables(name):
        if symbol.needs_frame:
            continue
        try:
            return int(symbol.value().address) - bias
        except (gdb.error, TypeError):
            pass        # optimised out, or only declared here
    if name in SYMBOL_SOURCES:
        return None     # without its source file, the name would be a guess
    try:
        return int(gdb.parse_and_eval("(unsigned long)&" + name)) - bias
    except gdb.error:
        return None


# ---- Files

MACHINES = {3: "i386", 40: "arm", 62: "x86_64", 183: "aarch64", 21: "ppc64", 22: "s390x", 243: "riscv64"}


def elf_machine(file):
    head = file.bytes(20)
    if head[:4] != b"\x7fELF":
        raise Missing("%s is not an ELF file" % file.name)
    order = "<" if head[5] == 1 else ">"
    number = struct.unpack_from(order + "H", head, 18)[0]
    return MACHINES.get(number, "machine%d" % number)


def elf_text_address(file):
    """sh_addr of .text in a 64-bit ELF file, from which load_bias() computes where gdb has put it."""
    data = file.bytes()
    order = "<" if data[5] == 1 else ">"
    if data[4] != 2:
        return None
    offset, = struct.unpack_from(order + "Q", data, 40)
    entry, count, names = struct.unpack_from(order + "HHH", data, 58)
    sections = [struct.unpack_from(order + "IIQQQQ", data, offset + i * entry) for i in range(count)]
    strings = sections[names][4]
    for name, _, _, where, _, _ in sections:
        start = strings + name
        if data[start:data.index(b"\0", start)] == b".text":
            return where
    return None


def version_of(file, hint):
    """(PY_VERSION_HEX, "3.11.2"): from Py_Version (3.11), the hint, or the version string among the constants."""
    try:
        number = int(gdb.parse_and_eval("*(const unsigned int *)&Py_Version"))
        if 2 <= number >> 24 <= 3:
            return number
    except gdb.error:
        pass
    number = parse_version(hint or "")
    if number:
        return number
    data = file.bytes()
    counts = {}
    # No NUL need stand before it: the linker may have made it the tail of a longer string.
    for text in re.findall(rb"(?<![0-9.])([23]\.[0-9]{1,2}\.[0-9]{1,2}(?:(?:a|b|rc)[0-9]+)?\+?)(?=\0)", data):
        counts[text] = counts.get(text, 0) + 1
    named = re.search(r"python([23])\.([0-9]+)", file.real_name())
    for text in sorted(counts, key=lambda t: -counts[t]):
        number = parse_version(text.decode())
        if number and (not named or (number >> 24, number >> 16 & 255) == tuple(map(int, named.groups()))):
            return number
    raise Missing("the version of %s cannot be told" % file.name)


def parse_version(text):
    match = re.match(r"([23])\.([0-9]+)\.([0-9]+)(?:(a|b|rc)([0-9]+))?", text)
    if not match:
        return 0
    major, minor, micro = (int(part) for part in match.group(1, 2, 3))
    level = {"a": 0xA, "b": 0xB, "rc": 0xC, None: 0xF}[match.group(4)]
    return major << 24 | minor << 16 | micro << 8 | level << 4 | int(match.group(5) or 0)


# The file name of an extension module: other files of the folder are ignored.
MODULE_FILE = re.compile(r"([A-Za-z0-9_]+)(?:\.(?:cpython|[0-9])-?[0-9]*([a-z]*)[-A-Za-z0-9_]*|(_d))?\.so")


def module_files(main, version, debug, free_threaded):
    """{module: file} of lib-dynload, searched where installations have it."""
    name = "python%d.%d" % (version >> 24, version >> 16 & 255) + ("t" if free_threaded else "")
    here = main.folder()
    if here is None:
        return {}
    found = {}
    for part in ("", "lib", "../lib", "..", "../lib64"):
        place = os.path.join(here, part, name, "lib-dynload")
        if not os.path.isdir(place):
            continue
        for file in sorted(os.listdir(place)):
            match = MODULE_FILE.fullmatch(file)
            if not match or match.group(1) in found:
                continue
            if (version >> 16 >= 0x308 or match.group(2)) and ("d" in (match.group(2) or "")) != debug:
                continue
            found[match.group(1)] = lock.File(os.path.join(place, file))
    return found


def module_of(path):
    """The module that an extension's file contains, or None."""
    match = re.fullmatch(r"(\w+?)(module)?(\.cpython-[-\w]+|\.abi3)?\.so", os.path.basename(path))
    return match.group(1) if match else None


# ---- The whole

def is_interpreter():
    """Whether the files hold the interpreter: a mere user of libpython (a small executable) has no arena_object."""
    return all(find_struct(name) is not None for name in ("PyInterpreterState", "PyTypeObject", "arena_object"))


def is_debug():
    if gdb.lookup_global_symbol("_Py_RefTotal") is not None:
        return True
    for owner in ("PyInterpreterState", "_PyRuntimeState"):
        type_ = find_struct(owner)
        if type_ is not None and find_path(type_, "object_state.reftotal") is not None:
            return True
    return False


def collect(want, bias=0):
    """Structs, constants and symbols of the files that gdb has loaded."""
    structs, constants, symbols = want
    result = {"structs": {}, "constants": {}, "symbols": {}}
    for name, members in structs.items():
        type_ = find_struct(name)
        if type_ is not None:
            result["structs"][name] = describe(name, members, type_)
    for name in constants:
        value = constant(name)
        if value is not None:
            result["constants"][name] = value
    for name in symbols:
        where = address(name, bias)
        if where:
            result["symbols"][name] = where
    return result


def add_modules(result, want, files):
    """Adds the types of extension modules that were not built in."""
    structs = want[0]
    for module, names in MODULE_TYPES.items():
        missing = [name for name in names if name in structs and name not in result["structs"]]
        if not missing or module not in files:
            continue
        try:
            files[module].load()
        except (gdb.error, OSError):
            continue
        for name in missing:
            type_ = find_struct(name)
            if type_ is not None:
                result["structs"][name] = describe(name, structs[name], type_)
        for name in MODULE_CONSTANTS.get(module, []):
            value = constant(name)
            if value is not None:
                result["constants"].setdefault(name, value)
        for name, places in ARRAY_LENGTHS.items():
            if name not in result["constants"]:
                for place in places:
                    if not isinstance(place, str) and place[0] in missing and find_struct(place[0]) is not None:
                        found = find_path(find_struct(place[0]), place[1])
                        length = array_length(found[1]) if found else None
                        if length:
                            result["constants"][name] = length


def clean(text):
    """A name as it may stand in a line of a layout file."""
    return re.sub(r"[\x00-\x1f\x7f]", "?", text)


def save(result, head, out, plain):
    lines = ["# The layout of one build of CPython: see doc/layout-format.md."]
    lines += ["%s %s" % (key, clean(str(value))) for key, value in head]
    for name, rows in result["structs"].items():
        lines.append("%s %d" % (name, rows[""][1]))
        for member, (at, size, bits) in rows.items():
            if member:
                lines.append("%s.%s %d %d" % (name, member, at, size))
            if bits:
                lines.append("bits %s.%s %d %d" % ((name, member) + bits))
    lines += ["constant %s %d" % pair for pair in result["constants"].items()]
    if not plain:
        lines += ["symbol %s 0x%x" % pair for pair in result["symbols"].items()]
    with open(lock.place(out), "w", errors="surrogateescape") as file:
        file.write("\n".join(lines) + "\n")


def head_of(file, hint):
    number = version_of(file, hint)
    free_threaded = find_path(find_struct("PyObject"), "ob_tid") is not None
    return [("version", "0x%08x" % number), ("machine", elf_machine(file)),
            ("free_threaded", int(free_threaded)), ("debug", int(is_debug()))]


def locate_files(files, want, out, hint=None, plain=False):
    """The batch run: one file after the other, the first that holds an interpreter is the interpreter."""
    main = None
    for file in files:
        if module_of(file.name) in MODULE_TYPES:
            continue
        try:
            file.load()
        except (gdb.error, OSError):
            continue
        if is_interpreter():
            main = file
            break
    if main is None:
        raise Missing("no debug information of CPython in %s" % (", ".join(file.name for file in files[:2]) or "no file"))
    head = head_of(main, hint)
    result = collect(want)
    values = dict(head)
    modules = module_files(main, int(values["version"], 16), bool(values["debug"]), bool(values["free_threaded"]))
    for file in files:
        if module_of(file.name) in MODULE_TYPES:
            modules[module_of(file.name)] = file
    add_modules(result, want, modules)
    if not plain:
        head.append(("source", "DWARF of %s" % main.name))
    save(result, head, out, plain)


def write(out, want_path, hint=None):
    """In a user's session: reads whatever gdb has loaded, at any address."""
    if not is_interpreter():
        raise Missing("gdb has no debug information of CPython")
    symbol = gdb.lookup_global_symbol("PyType_Type")
    path = symbol.symtab.objfile.filename if symbol is not None else gdb.current_progspace().filename
    file = lock.File(path)
    save(collect(read_wanted(want_path), load_bias(file)), head_of(file, hint) + [("source", "DWARF of %s" % path)], out,
         False)


def load_bias(file):
    """The offset of gdb's load addresses from the file's link-time addresses."""
    for line in gdb.execute("info files", to_string=True).splitlines():
        main = re.match(r"\s*(0x[0-9a-f]+) - 0x[0-9a-f]+ is \.text(?: in (.*))?$", line)
        if main and (main.group(2) or gdb.current_progspace().filename) == file.name:
            linked = elf_text_address(file)
            return int(main.group(1), 16) - linked if linked is not None else 0
    return 0


def batch():
    try:
        files = lock.files(os.environ.get("OURO_LOCATE_FILES", ""))
        lock.lock()
        locate_files(files, read_wanted(os.environ["OURO_LOCATE_WANT"]), os.environ["OURO_LOCATE_OUT"],
                     os.environ.get("OURO_LOCATE_VERSION"), bool(os.environ.get("OURO_LOCATE_PLAIN")))
    except (Missing, gdb.error, OSError, ValueError, IndexError, struct.error) as error:
        sys.stderr.write("ouro: %s\n" % error)
        sys.stderr.flush()
        gdb.execute("quit 3")


if "OURO_LOCATE_OUT" in os.environ:
    batch()

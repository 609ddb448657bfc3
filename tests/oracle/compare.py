#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is ouro right about this core?  Compares its answers with the truth that truth.py wrote.

    compare.py --ouro PATH [--sysroot DIR] [--exe FILE] [--max-guessed PERCENT] CORE TRUTHDIR

`export` must agree for every object: none missing, none extra, type, generation, size, refcount
(read raw from the core by the few lines of ELF below), references as a multiset unless the evidence
is `guessed`.  `collect -g N` must give the set that DEBUG_COLLECTABLE printed.  `info` and `types`
are checked where the truth is known to the last digit, and the line in the preview of whatever
stands at one.  CORE may also be `pid:N`.

Differences are grouped, with a few examples.  Exit status: 0 agreed, 1 differed, 2 cannot tell.
"""
import argparse
import collections
import json
import mmap
import os
import re
import struct
import subprocess
import sys
import time

EXAMPLES = 3
STDLIB = getattr(sys, 'stdlib_module_names', frozenset())   # 3.10 on
OURS = ('kinds', 'workload', '__main__')
OURO_SECONDS = 600


class CannotTell(Exception):
    pass


# ---------------------------------------------------------------- the truth

class Truth:
    """What the interpreter itself said: objects {addr: (type addr, gen, tracked, size, refs)}."""

    def __init__(self, folder):
        self.folder = folder
        self.lines = {}
        self.header, self.objects, self.types = self._read('truth.1')
        _, second, _ = self._read('truth.2')
        self.agreed = self.objects == second
        self.disagreeing = [a for a in set(self.objects) | set(second)
                            if self.objects.get(a) != second.get(a)]
        self.version = tuple(int(n) for n in self.header['version'].split('.'))
        self.free_threaded = self.header['free_threaded'] == '1'
        self.collects = [self._read_collect(g) for g in range(3)]

    def _read(self, name):
        header, objects, types, ended = {}, {}, {}, False
        with open(self._path(name), encoding='utf-8') as lines:
            for line in lines:
                kind, _, rest = line.rstrip('\n').partition(' ')
                if kind == 'O':
                    addr, cls, gen, tracked, size, refs = rest.split(' ')
                    objects[int(addr, 16)] = (
                        int(cls, 16), gen, tracked == '1', None if size == '-' else int(size),
                        sorted(int(ref, 16) for ref in refs.split(',')) if refs else [])
                elif kind == 'T':
                    addr, sizeof, name = rest.split(' ', 2)
                    types[int(addr, 16)] = (name, sizeof)
                elif kind == 'L':
                    addr, line = rest.split(' ')
                    self.lines[int(addr, 16)] = int(line)
                elif kind == 'H':
                    key, _, value = rest.partition(' ')
                    header[key] = value
                elif kind == 'E':
                    ended = True
        if not ended:
            raise CannotTell('%s was cut off' % self._path(name))
        return header, objects, types

    def _read_collect(self, generation):
        """(collectable addresses, uncollectable addresses, the number returned)"""
        found, number = {'collectable': set(), 'uncollectable': set()}, None
        row = re.compile(r'gc: (collectable|uncollectable) <.* (?:at )?0x([0-9a-f]+)>$')
        with open(self._path('collect.%d' % generation), encoding='utf-8',
                  errors='replace') as lines:
            for line in lines:
                line = line.rstrip('\n')
                match = row.match(line)
                if match:
                    found[match.group(1)].add(int(match.group(2), 16))
                elif line.startswith('gc: returned '):
                    number = int(line.split()[2])
        if number is None:
            raise CannotTell('collect.%d was cut off' % generation)
        return found['collectable'], found['uncollectable'], number

    def _path(self, name):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            raise CannotTell('%s is missing: that child of truth.py failed' % path)
        return path

    def type_name(self, addr):
        cls = self.objects[addr][0]
        return self.types[cls][0]


# ---------------------------------------------------------------- the core, read raw

class Core:
    """Just enough of ELF to read words at addresses."""

    def __init__(self, path):
        with open(path, 'rb') as file:
            self.bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self.bytes[:6] != b'\x7fELF\x02\x01':
            raise CannotTell('%s is not a little-endian ELF64 file' % path)
        start, = struct.unpack_from('<Q', self.bytes, 32)
        size, count = struct.unpack_from('<HH', self.bytes, 54)
        if count == 0xffff:
            section, = struct.unpack_from('<Q', self.bytes, 40)
            count, = struct.unpack_from('<I', self.bytes, section + 44)
        self.segments = []
        for at in range(start, start + size * count, size):
            kind, _, offset, addr, _, held = struct.unpack_from('<IIQQQQ', self.bytes, at)
            if kind == 1 and held:
                self.segments.append((addr, addr + held, offset - addr))
        self.segments.sort()
        self.last = (0, 0, 0)

    def word(self, addr):
        low, high, shift = self.last
        if not low <= addr <= high - 8:
            for low, high, shift in self.segments:
                if low <= addr <= high - 8:
                    self.last = (low, high, shift)
                    break
            else:
                return None
        return struct.unpack_from('<Q', self.bytes, addr + shift)[0]


class LiveMemory:
    """The same words out of a stopped process."""

    def __init__(self, pid):
        self.file = open('/proc/%d/mem' % pid, 'rb', buffering=0)

    def word(self, addr):
        try:
            return struct.unpack('<Q', os.pread(self.file.fileno(), 8, addr))[0]
        except (OSError, struct.error):
            return None


def raw_type(core, addr, truth):
    return core.word(addr + (24 if truth.free_threaded else 8))


UNREADABLE = 'unreadable'
DEFERRED = 64                   # the bit of ob_gc_bits


def raw_refcount(core, addr, truth):
    """The refcount as ouro prints it: None when immortal, UNREADABLE when the core lacks it."""
    if truth.free_threaded:
        return split_refcount(core, addr, truth)
    word = core.word(addr)
    if word is None:
        return UNREADABLE
    if truth.version < (3, 12):
        return word - (1 << 64) if word >> 63 else word
    low = word & 0xffffffff
    if low >> 31:
        return None
    return low if truth.version >= (3, 14) else word


def counted_by_threads(truth, name):
    """From free-threaded 3.14 on threads count references to these apart: ob_refcnt lacks them, ouro adds them."""
    if not truth.free_threaded or truth.version < (3, 14):
        return False
    return name in ('type', 'code', 'dict') or name.endswith('Type') or 'Meta' in name


def split_refcount(core, addr, truth):
    """A free-threaded build's: a local and a shared part, less what deferred counting adds."""
    word, shared = core.word(addr + 8), core.word(addr + 16)
    if word is None or shared is None:
        return UNREADABLE
    local = word >> 32
    if local == 0xffffffff:
        return None
    shared = (shared - (1 << 64) if shared >> 63 else shared) >> 2
    bias = 1 if truth.version < (3, 14) else ((1 << 63) - 1) // 8
    return local + shared - (bias if word >> 24 & DEFERRED else 0)


# ---------------------------------------------------------------- ouro

class Ouro:
    def __init__(self, options):
        self.call = [options.ouro, '--json']
        for name in 'sysroot', 'exe', 'layout', 'traverse':
            if getattr(options, name):
                self.call += ['--' + name, getattr(options, name)]
        if options.core.startswith('pid:'):
            self.call += ['-p', options.core[4:]]
        else:
            self.call += [options.core]
        self.seconds = 0.0

    def rows(self, *command):
        """(rows, summary) of one command."""
        start = time.time()
        try:
            done = subprocess.run(self.call + list(command), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=OURO_SECONDS)
        except OSError as error:
            raise CannotTell('%s: %s' % (self.call[0], error))
        except subprocess.TimeoutExpired:
            raise CannotTell('ouro %s took over %d s' % (' '.join(command), OURO_SECONDS))
        self.seconds += time.time() - start
        lines = done.stdout.splitlines()
        if done.returncode or not lines:
            raise CannotTell('ouro %s: exit %d: %s' % (
                ' '.join(command), done.returncode,
                done.stderr.decode('utf-8', 'replace').strip()[-500:] or 'no word'))
        rows = [json.loads(line) for line in lines]
        summary = rows.pop()
        if 'summary' not in summary:
            raise CannotTell('ouro %s: no summary, the answer was cut off' % ' '.join(command))
        return rows, summary['summary']

    def session(self, lines):
        """The rows of many commands of one session; None where one was not answered."""
        start = time.time()
        try:
            done = subprocess.run(self.call[:1] + ['-q', '-i'] + self.call[1:], input=''.join(line + '\n' for line in lines).encode(), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=OURO_SECONDS)
        except subprocess.TimeoutExpired:
            raise CannotTell('a session of ouro took over %d s' % OURO_SECONDS)
        self.seconds += time.time() - start
        answers, rows = [], []
        for line in done.stdout.splitlines():
            row = json.loads(line)
            if 'summary' in row or 'error' in row:
                answers.append(rows if 'summary' in row else None)
                rows = []
            else:
                rows.append(row)
        if len(answers) != len(lines):
            raise CannotTell('a session of ouro gave %d of %d answers: %s' % (
                len(answers), len(lines), done.stderr.decode('utf-8', 'replace').strip()[-500:]))
        return answers


# ---------------------------------------------------------------- the comparison

class Differences:
    def __init__(self):
        self.groups = collections.OrderedDict()
        self.excused = collections.OrderedDict()

    def add(self, what, group, example, excused=False):
        into = self.excused if excused else self.groups
        count, examples = into.setdefault(what, {}).setdefault(group, [0, []])
        into[what][group][0] = count + 1
        if len(examples) < EXAMPLES:
            examples.append(example)

    def total(self, what):
        return sum(count for count, _ in self.groups.get(what, {}).values())

    def show(self, verbose):
        for title, groups in ('DIFFERENT', self.groups), ('excused', self.excused):
            for what, members in groups.items():
                print('  %s %s: %d' % (title, what, sum(c for c, _ in members.values())))
                ordered = sorted(members.items(), key=lambda item: -item[1][0])
                for group, (count, examples) in ordered[:None if verbose else 12]:
                    print('    %6d  %-32s %s' % (count, group, examples[0]))
                    for example in examples[1:]:
                        print('    %6s  %-32s %s' % ('', '', example))
                if not verbose and len(ordered) > 12:
                    print('    ... %d more groups (-v shows them)' % (len(ordered) - 12))


def reachable(starts, refs_of):
    seen, todo = set(starts), list(starts)
    while todo:
        for ref in refs_of(todo.pop()):
            if ref not in seen:
                seen.add(ref)
                todo.append(ref)
    return seen


def check_truth(truth, core, interpreter, diff):
    """The truth must hold for the core, too: the same types at the same addresses."""
    for addr in truth.disagreeing:
        diff.add('truth: the two children disagree', 'object', '%#x' % addr)
    for addr, (cls, gen, tracked, _, refs) in truth.objects.items():
        if tracked and gen == '-' and interpreter:
            continue            # in the lists of another interpreter that shares this one's types
        seen = raw_type(core, addr, truth)
        if seen is not None and seen != cls:
            diff.add('truth: not in the core', truth.type_name(addr), '%#x' % addr)
        if tracked != (gen != '-'):
            # A listed object that its tp_is_gc keeps from the collector (a greenlet that waits) is neither
            # tracked for gc nor has it referents.
            outside = not tracked and not refs and truth.type_name(addr).startswith('greenlet')
            diff.add('truth: tracked %s, list %s' % (tracked, gen), truth.type_name(addr),
                     '%#x' % addr, excused=outside)
    for generation, (found, kept, _) in enumerate(truth.collects):
        for addr in (found | kept) - set(truth.objects):
            diff.add("truth: collect found the child's own", 'gen %d' % generation, '%#x' % addr)


def is_foreign(name):
    """A type with a package before its name that is neither the standard library's nor ours: what its
    __sizeof__ counts is known to its own C code only."""
    top = name.split('.')[0]
    return '.' in name and top not in STDLIB and top not in OURS


def gen_text(gen):
    return {None: '-', 'permanent': 'p'}.get(gen, str(gen))


def any_list_will_do(truth, gen, tracked, said):
    """Free-threaded builds have no generations; another interpreter's lists are not seen here."""
    return said in '012' and (truth.free_threaded and gen == '0' or tracked and gen == '-')


def check_export(truth, core, rows, interpreter, diff):
    mine = {int(row['addr'], 16): row for row in rows}
    if len(mine) != len(rows):
        diff.add('export: rows with the same address', 'all', str(len(rows) - len(mine)))
    guessed = {addr for addr, row in mine.items() if row['evidence'] == 'guessed'}
    check_presence(truth, mine, guessed, interpreter, diff)
    unreachable = truth.collects[2][0] | truth.collects[2][1]
    for addr, row in mine.items():
        if addr not in truth.objects:
            continue
        _, gen, tracked, size, refs = truth.objects[addr]
        name = truth.type_name(addr)
        if row['type'] != name:
            diff.add('type', name, '%#x is %s' % (addr, row['type']))
        said = gen_text(row['gen'])
        if said != gen and not any_list_will_do(truth, gen, tracked, said):
            diff.add('generation', name, '%#x %s, truly %s' % (addr, said, gen))
        if size is not None and row['size'] != size:
            sizeof = truth.types[truth.objects[addr][0]][1]
            diff.add('size', name, '%#x %s, truly %s (%s.__sizeof__)' % (
                addr, row['size'], size, sizeof), excused=is_foreign(sizeof))
        count = raw_refcount(core, addr, truth)
        if counted_by_threads(truth, name) and count not in (UNREADABLE, None):
            if row['refcount'] is None or row['refcount'] < 0:
                diff.add('refcount', name, '%#x %s' % (addr, row['refcount']))
        elif count != UNREADABLE and row['refcount'] != count:
            diff.add('refcount', name, '%#x %s, truly %s' % (addr, row['refcount'], count))
        if addr not in guessed:
            check_refs(truth, addr, name, row, refs, diff)
        if bool(row['collectable']) != (addr in unreachable):
            diff.add('export: collectable', name, '%#x %s' % (addr, row['collectable']))
    return len(guessed)


def check_presence(truth, mine, guessed, interpreter, diff):
    """Objects missing or extra; excused when only a guessed object leads to them, or when the
    truth is about one interpreter of several."""
    missing = set(truth.objects) - set(mine)
    extra = set(mine) - set(truth.objects)
    if not missing and not extra:
        return
    sure = reachable((a for a, o in truth.objects.items() if o[1] != '-'),
                     lambda a: () if a in guessed else truth.objects[a][4])
    for addr in missing:
        diff.add('missing object', truth.type_name(addr), '%#x gen %s' % (
            addr, truth.objects[addr][1]), excused=addr not in sure)
    sure = reachable((a for a, row in mine.items() if row['gen'] is not None), lambda a: (
        () if a in guessed or a not in mine else [int(ref, 16) for ref in mine[a]['refs']]))
    for addr in () if interpreter else extra:
        diff.add('extra object', mine[addr]['type'], '%#x gen %s' % (addr, mine[addr]['gen']),
                 excused=addr not in sure)


def check_refs(truth, addr, name, row, refs, diff):
    said = sorted(int(ref, 16) for ref in row['refs'])
    if said == refs:
        return
    said, truly = collections.Counter(said), collections.Counter(refs)

    def names(counter):
        return ', '.join('%s@%#x' % (truth.type_name(a) if a in truth.objects else '?', a)
                         for a in counter.elements()) or 'nothing'
    diff.add('refs (%s)' % row['evidence'], name, '%#x lacks %s; has too many: %s' % (
        addr, names(truly - said)[:200], names(said - truly)[:200]))


def check_collect(truth, ouro, scope, diff):
    """Rows = what DEBUG_COLLECTABLE printed; those a tp_del keeps may be rows, too."""
    for generation, (found, kept, number) in enumerate(truth.collects):
        what = 'collect -g %d' % generation
        try:
            rows, summary = ouro.rows('collect', '-g', str(generation), *scope)
        except CannotTell as error:
            diff.add(what, 'no answer', str(error))
            continue
        said = {int(row['object'], 16) for row in rows}
        for addr in found - said:
            diff.add(what + ': missing', truth.type_name(addr), '%#x' % addr)
        for addr in said - found - kept:
            name = truth.type_name(addr) if addr in truth.objects else '?'
            diff.add(what + ': not garbage', name, '%#x' % addr)
        if summary.get('generation', generation) != generation:
            diff.add(what, 'summary', 'generation is %r' % summary['generation'])
        returns = summary.get('returns')
        if returns is not None and returns != number:
            diff.add(what, 'returns', '%r, truly %d (uncertain %r)' % (
                returns, number, summary.get('uncertain')), excused=bool(summary.get('uncertain')))


def check_types(truth, ouro, scope, diff):
    """gen0, gen1, gen2 of each type name: tracked objects can be counted to the last one."""
    rows, _ = ouro.rows('types', *scope)
    said = collections.Counter()
    for row in rows:
        for gen in '012':
            if row['gen' + gen]:
                said[row['type'], gen] += row['gen' + gen]
    truly = collections.Counter((truth.type_name(a), o[1]) for a, o in truth.objects.items()
                                if o[1] in '012')
    if truth.free_threaded:
        return
    for key in set(said) | set(truly):
        if said[key] != truly[key]:
            diff.add('types', key[0], 'gen%s: %d, truly %d' % (key[1], said[key], truly[key]))


def check_verify(truth, ouro, _, diff):
    """A healthy heap adds up: no byte is in two sizes, no object has more references than its
    refcount, every read met memory."""
    rows, summary = ouro.rows('verify')
    for row in rows:
        if 'being changed when the process stopped' in row['problem']:
            continue                        # that is so: `running` has a list whose sort is under way
        # Up to 3.9 sqlite3's connections borrow their exceptions, and 3.7 leaves the arguments of a
        # call in a tuple that it keeps: references in memory that nobody owns.
        borrowed = truth.version < (3, 10) and 'references to it were found' in row['problem']
        # What was in that tuple may be dead since: it is the interpreter's own dangling pointer.
        borrowed = borrowed or (truth.version < (3, 8) and
                                (row['type'] == 'tuple' and ('not an object: ' in row['problem'] or
                                                             'says 1 item, none readable' in row['problem']) or
                                 'references lead to no object' in row['problem'] and
                                 int(row['problem'].split()[0]) <= 2))
        diff.add('verify', row['type'] or 'general', '%s %s' % (row['object'], row['problem']),
                 excused=borrowed)
    if summary.get('overlapping'):
        diff.add('verify', 'ranges', '%d overlap' % summary['overlapping'])
    if summary.get('ranges', 0) < len(truth.objects):
        diff.add('verify', 'ranges', 'only %r looked at' % summary.get('ranges'))


STANDING = 'traceback', 'frame', 'generator', 'coroutine', 'async_generator'


def check_lines(truth, ouro, scope, diff):
    """The line in the preview of a traceback, a frame, a generator ... is where it stands."""
    kinds = {truth.type_name(addr) for addr in truth.lines if addr in truth.objects}
    for name in STANDING:
        if name not in kinds:
            continue
        rows, _ = ouro.rows('objects', '-t', name, *scope)
        for row in rows:
            addr = int(row['object'], 16)
            if addr not in truth.lines or addr not in truth.objects:
                continue
            said = re.search(r':(\d+)(?:, [a-z ]+)?$', row['preview'])
            if not said or int(said.group(1)) != truth.lines[addr]:
                diff.add('line', name, '%#x "%s", truly %d' % (
                    addr, row['preview'], truth.lines[addr]))


ROOTS_ASKED = 12


def check_roots(truth, ouro, scope, diff):
    """Each reference that `object` explains is a counted row of `referrers` that has a name: those of frames, of the interpreter and of C
    variables as well. All counted rows together, words seen in C memory and what only C code can know among them, are the refcount."""
    locals_of_frames = [row['object'] for row in ouro.rows('threads')[0] if row['object']]
    tracked = sorted(truth.objects)
    asked = ['sys.modules', 'builtins.__dict__', 'sys.__dict__', 'gc.garbage', 'builtins.list']
    asked += sorted(set(locals_of_frames))[:ROOTS_ASKED // 2]
    asked += ['%#x' % addr for addr in tracked[::max(1, len(tracked) // ROOTS_ASKED)]]
    answers = ouro.session([line % name for name in asked for line in ('object %s', 'referrers %s -n 1000000')])
    for name, facts, holders in zip(asked, answers[::2], answers[1::2]):
        if facts is None or holders is None:  # builtins without such a name; it has no generation
            continue
        facts = {row['name']: row['value'] for row in facts}
        total = sum(row['count'] for row in holders if row['counted'])
        if facts['refcount'] is not None and total != facts['refcount']:
            diff.add('roots', facts['type'], '%s: rows that count add up to %d of %d: %s' % (
                name, total, facts['refcount'], facts['references']))
        counted = [row for row in holders if row['counted'] and row['evidence'] != 'refcount']
        sure = sum(row['count'] for row in counted if row['evidence'] != 'seen')
        most = sum(row['count'] for row in counted)   # words that are seen count as far as the refcount has room
        if not sure <= facts['explained'] <= most or not all(row['edge'] for row in counted):
            diff.add('roots', facts['type'], '%s: %d rows that count, %s explained: %s' % (
                name, most, facts['explained'], [row['edge'] for row in counted][:5]))


def info_text(value):
    """As the truth writes it: true is 1, a list of numbers is "1,2,3"."""
    if isinstance(value, bool):
        return str(int(value))
    return {'yes': '1', 'true': '1', 'no': '0', 'false': '0'}.get(str(value), str(value))


def check_info(truth, ouro, _, diff):
    rows, _ = ouro.rows('info')
    said = {(row['section'], row['name']): row['value'] for row in rows}
    expected = {('gc', name): truth.header[name] for name in (
        'enabled', 'debug', 'thresholds', 'garbage', 'callbacks', 'frozen') if name in truth.header}
    if not truth.free_threaded:
        lengths = collections.Counter(o[1] for o in truth.objects.values())
        for gen in '012':
            expected['generation ' + gen, 'objects'] = str(lengths[gen])
            for name in 'collections', 'collected', 'uncollectable':
                key = 'stats%s.%s' % (gen, name)
                if key in truth.header:
                    expected['generation ' + gen, name] = truth.header[key]
    for (section, name), value in expected.items():
        got = info_text(said.get((section, name)))
        if got != value:
            diff.add('info', section, '%s is %s, truly %s' % (name, got, value))
    version = str(said.get(('python', 'version')))
    if not version.startswith(truth.header['version']):
        diff.add('info', 'python', 'version is %s, truly %s' % (version, truth.header['version']))


# ---------------------------------------------------------------- one run

def compare(options):
    truth = Truth(options.truth)
    live = options.core.startswith('pid:')
    core = LiveMemory(int(options.core[4:])) if live else Core(options.core)
    diff = Differences()
    check_truth(truth, core, options.interpreter, diff)
    if options.truth_only:
        report(options, truth, diff, None, 0.0)
        return not diff.groups
    ouro = Ouro(options)
    rows, summary = ouro.rows('export')
    if summary.get('truncated'):
        diff.add('export', 'summary', 'truncated')
    guessed = check_export(truth, core, rows, options.interpreter, diff)
    share = 100.0 * guessed / max(1, len(rows))
    if share > options.max_guessed:
        by_type = collections.Counter(r['type'] for r in rows if r['evidence'] == 'guessed')
        for name, count in by_type.items():
            for _ in range(count):
                diff.add('guessed: over %g %%' % options.max_guessed, name, '')
    scope = ['--interpreter', options.interpreter] if options.interpreter else []
    check_collect(truth, ouro, scope, diff)
    for check in check_types, check_info, check_lines, check_roots, check_verify:
        try:
            check(truth, ouro, scope, diff)
        except CannotTell as error:
            diff.add(check.__name__[6:], 'no answer', str(error))
    report(options, truth, diff, collections.Counter(r['evidence'] for r in rows), ouro.seconds)
    return not diff.groups


def report(options, truth, diff, evidence, seconds):
    gens = collections.Counter(o[1] for o in truth.objects.values())
    print('%s %s: %d objects, gens %s, refs %d, collectable %s' % (
        'agrees' if not diff.groups else 'DIFFERS', truth.header['version'], len(truth.objects),
        '/'.join(str(gens[g]) for g in '012p-'), sum(len(o[4]) for o in truth.objects.values()),
        '/'.join(str(len(c[0])) for c in truth.collects)), end='')
    if evidence:
        total = sum(evidence.values())
        print('; evidence %s; guessed %.3f %%; ouro %.1f s' % (
            ' '.join('%s %d' % item for item in sorted(evidence.items())),
            100.0 * evidence['guessed'] / total, seconds), end='')
    spared = sum(count for groups in diff.excused.values() for count, _ in groups.values())
    print('; excused %d' % spared if spared else '')
    diff.show(options.verbose)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--ouro', default='build/ouro')
    parser.add_argument('--sysroot')
    parser.add_argument('--exe')
    parser.add_argument('--layout')
    parser.add_argument('--traverse')
    parser.add_argument('--interpreter', help='the truth is only about this one of several')
    parser.add_argument('--max-guessed', type=float, default=100.0, metavar='PERCENT')
    parser.add_argument('--truth-only', action='store_true', help='only whether the truth holds')
    parser.add_argument('-v', '--verbose', action='store_true')
    parser.add_argument('core')
    parser.add_argument('truth')
    options = parser.parse_args()
    try:
        return 0 if compare(options) else 1
    except CannotTell as error:
        print('CANNOT TELL: %s' % error)
        return 2


if __name__ == '__main__':
    sys.exit(main())

# SPDX-License-Identifier: GPL-3.0-or-later
"""About 80 modules of the standard library, imported and partly used: what a program holds."""
import gc
import warnings

NAMES = '''
abc argparse array ast asyncio base64 bdb bisect bz2 calendar cmd code codecs collections colorsys
compileall concurrent.futures configparser contextlib contextvars copy copyreg csv ctypes datetime
dataclasses decimal difflib dis doctest email email.mime.text enum errno fileinput fnmatch
fractions ftplib functools getopt getpass gettext glob gzip hashlib heapq hmac html.parser
http.client http.cookies http.server imaplib importlib inspect io ipaddress itertools json keyword
linecache locale logging logging.handlers lzma mailbox mimetypes multiprocessing numbers opcode
operator optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib pprint
profile queue quopri random re reprlib sched secrets selectors shelve shlex shutil signal smtplib
socket socketserver sqlite3 ssl statistics string struct subprocess sysconfig tarfile tempfile
textwrap threading timeit tokenize tomllib trace traceback tracemalloc types typing unicodedata
unittest unittest.mock urllib.parse urllib.request uuid wave weakref xml.dom.minidom
xml.etree.ElementTree xml.sax xmlrpc.client zipfile zlib zoneinfo Queue StringIO cStringIO cPickle
ConfigParser HTMLParser httplib urllib2 urlparse sets user UserDict SocketServer BaseHTTPServer
Cookie htmllib multifile mimetools'''.split()

MODULES = {}
KEPT = []


def load():
    warnings.simplefilter('ignore')
    for name in NAMES:
        try:
            MODULES[name] = __import__(name, fromlist=['*'])
        except ImportError:
            pass        # another version's


def use():
    m = MODULES
    if 'argparse' in m:
        parser = m['argparse'].ArgumentParser()
        parser.add_argument('--name', type=int, choices=[1, 2])
        KEPT.append((parser, parser.parse_args(['--name', '1'])))
    if 'ast' in m:
        source = 'def f(a, *b):\n    return [a for x in b if x > {1: 2}[3]]\n'
        KEPT.append(m['ast'].parse(source * 30))
    if 'asyncio' in m:
        KEPT.append(m['asyncio'].new_event_loop())
    if 'concurrent.futures' in m:
        KEPT.append(m['concurrent.futures'].Future())
    if 'logging' in m:
        logger = m['logging'].getLogger('a.b.c')
        logger.addHandler(m['logging'].NullHandler())
        logger.debug('words')
        KEPT.append(logger)
    if 'email' in m:
        KEPT.append(m['email'].message_from_string('From: a@b\nTo: c\n\nbody\n'))
    if 'sqlite3' in m:
        base = m['sqlite3'].connect(':memory:')
        base.executescript('create table t(a, b); insert into t values (1, "x"), (2, "y")')
        KEPT.append((base, base.execute('select * from t').fetchall()))
    if 'inspect' in m and hasattr(m['inspect'], 'signature'):
        KEPT.append([m['inspect'].signature(f) for f in (load, use, m['json'].dumps)])
    if 're' in m:
        KEPT.append([m['re'].compile('pattern%d(a|b)*' % n) for n in range(50)])
    if 'unittest' in m:
        KEPT.append((m['unittest'].TestSuite(), m['unittest'].TestResult()))
    if 'unittest.mock' in m:
        mock = m['unittest.mock'].MagicMock(name='mock')
        mock.method(1).other[2] = 3
        KEPT.append(mock)
    if 'xml.dom.minidom' in m:
        KEPT.append(m['xml.dom.minidom'].parseString('<a><b c="d">text</b></a>'))
    if 'xml.etree.ElementTree' in m:
        KEPT.append(m['xml.etree.ElementTree'].fromstring('<a>' + '<b x="1">t</b>' * 50 + '</a>'))
    for name, make in (
            ('configparser', lambda c: c.ConfigParser({'a': 'b'})),
            ('decimal', lambda d: [d.Decimal(n) / 7 for n in range(20)]),
            ('json', lambda j: j.loads('{"a": [1, 2, {"b": [null, true, 1.5]}]}')),
            ('pathlib', lambda p: [p.PurePath('/a/b') / str(n) for n in range(20)]),
            ('random', lambda r: r.Random(1)), ('uuid', lambda u: u.uuid4()),
            ('ipaddress', lambda i: i.ip_network(u'10.0.0.0/8')),
            ('fractions', lambda f: f.Fraction(1, 3)), ('string', lambda s: s.Template('$a')),
            ('enum', lambda e: e.Enum('Colour', 'red green blue')),
            ('tokenize', lambda t: t), ('traceback', lambda t: t.extract_stack()),
            ('threading', lambda t: [t.Thread(target=use), t.Condition()]),
            ('queue', lambda q: q.PriorityQueue()), ('selectors', lambda s: s.DefaultSelector()),
            ('statistics', lambda s: s.mean([1, 2, 3])), ('shelve', lambda s: s),
            ('datetime', lambda d: [d.datetime.now(), d.timedelta(1)]),
            ('struct', lambda s: s.Struct('<ihq')), ('typing', lambda t: t.Dict[str, t.List[int]]),
            ('zlib', lambda z: z.compressobj()), ('socket', lambda s: s.socketpair())):
        if name in m:
            KEPT.append(make(m[name]))


def run(snapshot):
    gc.collect()
    load()
    gc.collect(0)
    use()
    if len(MODULES) < 70:
        raise RuntimeError('only %d modules of %d could be imported' % (len(MODULES), len(NAMES)))
    snapshot()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of other people's extension modules, of those that happen to be installed."""
import gc
import sys

KEPT = []


def numpy_(np):
    structured = np.zeros(4, dtype=[('a', 'i4'), ('b', 'O')])
    structured['b'][1] = [1]
    array = np.arange(1000).reshape(10, 100)
    objects = np.array([[1], {'a': 2}, None, 'x'], dtype=object)
    objects[3] = objects
    return [array, array[::2], array.T, structured, structured[1], objects, np.float64(1.5),
            np.dtype('f4'), np.nditer(array), iter(array), array.flat, np.random.RandomState(1),
            np.frombuffer(b'12345678', 'i4'), np.ufunc, np.add, np.ma.array([1, 2], mask=[0, 1])]


def pandas(pd):
    frame = pd.DataFrame({'a': [1, 2, 3], 'b': ['x', None, 'z'], 'c': [1.5, 2.5, 3.5]})
    return [frame, frame.groupby('a'), frame['a'], pd.Series([[1], [2]]),
            pd.Timestamp('2020-01-02'),
            frame.set_index('b'), pd.Categorical(list('aab')), pd.date_range('2020-01-01',
                                                                             periods=5)]


def lxml_etree(etree):
    tree = etree.fromstring('<a x="1"><b>text</b><c/>tail</a>')
    return [tree, tree[0], tree.iter(), etree.XPath('//b'), etree.XMLParser(), tree.attrib,
            etree.ElementTree(tree), etree.QName('b')]


def yaml(yaml):
    return [yaml.safe_load('a: [1, 2, {b: c}]'), yaml.SafeLoader('a: b')]


def cryptography_hazmat_primitives_hashes(hashes):
    return [hashes.Hash(hashes.SHA256()), hashes.SHA256()]


def waiting(greenlet):
    one = greenlet.greenlet(lambda: greenlet.getcurrent().parent.switch())
    one.switch()
    one.ring = [one]
    return one


def simple(*names):
    return lambda module: [getattr(module, name) for name in names if hasattr(module, name)]


def aiohttp(module):
    return [module.FormData({'a': 'b'}), module.ClientTimeout(5)]


def markupsafe(module):
    return [module.Markup('<b>'), module.escape('<a>')]


def sqlalchemy(module):
    meta = module.MetaData()
    table = module.Table('t', meta, module.Column('a', module.Integer, primary_key=True),
                         module.Column('b', module.String))
    return [meta, table, module.select(table), table.c.a == 5]


def apt_pkg(module):
    module.init()
    return [module.config, module.Version if hasattr(module, 'Version') else None]


def multidict(module):
    return [module.MultiDict(a=[1]), module.CIMultiDict(b=2), module.istr('x')]


PACKAGES = [
    ('numpy', numpy_), ('pandas', pandas), ('lxml.etree', lxml_etree), ('yaml', yaml), ('aiohttp',
                                                                                        aiohttp),
    ('cryptography.hazmat.primitives.hashes', cryptography_hazmat_primitives_hashes),
    ('markupsafe', markupsafe), ('sqlalchemy', sqlalchemy), ('apt_pkg', apt_pkg), ('multidict',
                                                                                   multidict),
    ('django.db.models', simple('Model', 'Q')), ('pydantic', simple('BaseModel')), ('cffi',
                                                                                    simple('FFI')),
    ('PIL.Image', simple('Image')), ('psutil', lambda psutil: [psutil.Process()]),
    ('greenlet', lambda greenlet: [greenlet.greenlet(len), waiting(greenlet)]), ('frozenlist', simple('FrozenList')),
    ('scipy.sparse', lambda sparse: [sparse.eye(5)]), ('black', simple('Mode')), ('mypy.nodes',
                                                                                  simple('Node')),
    ('msgpack', simple('Packer')), ('zmq', simple('Context')), ('yarl', simple('URL')),
]


def run(snapshot):
    found = []
    for name, use in PACKAGES:
        try:
            module = __import__(name, fromlist=['*'])
        except ImportError:
            continue
        try:
            KEPT.append(use(module))
            found.append(name)
        except Exception as error:
            print('%s: %s: %s' % (name, type(error).__name__, error))
    if not found:
        print('none of the packages is installed')
        sys.exit(77)
    print('packages: ' + ' '.join(found))
    gc.disable()
    snapshot()

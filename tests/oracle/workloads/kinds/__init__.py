# SPDX-License-Identifier: GPL-3.0-or-later
"""About every kind of object that the standard interpreter makes, by subject.

Each module has build(keep): keep(objects...) holds what shall live.  A kind that an interpreter
lacks is left out by `since` or `optional`, never by a silent except around a whole subject.
"""
import sys
import textwrap


def since(version, source, scope):
    """Runs source, which may use newer syntax, where the interpreter is at least that version."""
    if sys.version_info >= version:
        exec(compile(textwrap.dedent(source), scope['__file__'], 'exec'), scope)


def optional(name):
    """The module, or None where this interpreter has none of that name."""
    try:
        module = __import__(name)
    except ImportError:
        return None
    for part in name.split('.')[1:]:
        module = getattr(module, part)
    return module

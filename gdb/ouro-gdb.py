# SPDX-License-Identifier: GPL-3.0-or-later
"""What gdb sources: `source PATH/ouro-gdb.py`, at the prompt or in ~/.gdbinit.

Adds the command `ouro`, with one subcommand for every row of ouro's table of commands, the variable $ouro and the
function $ouro_addr(). Nothing is opened before the first command.
"""

import os
import sys

import gdb


def load(data):
    if data not in sys.path:
        sys.path.insert(0, data)
    from ouro import commands
    try:
        commands.register(data)
    except OSError as error:
        gdb.write("ouro: libouro.so could not be loaded: %s\n" % error, gdb.STDERR)


load(os.path.dirname(os.path.abspath(__file__)))

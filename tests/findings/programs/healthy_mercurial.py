# SPDX-License-Identifier: GPL-3.0-or-later
# imports: mercurial
"""Mercurial as a library at rest: a repository with sixty changes, its log and a status, as in its command server."""
import io
import os
import tempfile

os.environ["HGRCPATH"] = os.devnull
os.environ["HGUSER"] = "somebody"

from mercurial import commands, hg, ui as uimod  # noqa: E402


def run(command, repository, *words, **options):
    ui.pushbuffer()
    command(ui, repository, *words, **options)
    return ui.popbuffer()


place = tempfile.TemporaryDirectory()
ui = uimod.ui.load()
commands.init(ui, place.name.encode())
repo = hg.repository(ui, place.name.encode())
for n in range(60):
    with io.open(os.path.join(place.name, "file%d.txt" % (n % 12)), "ab") as file:
        file.write(b"line %d\n" % n)
    run(commands.commit, repo, addremove=True, message=b"change %d" % n)
log = run(commands.log, repo, limit=b"20")
assert log.count(b"changeset:") == 20
run(commands.status, repo)
run(commands.annotate, repo, os.path.join(place.name, "file3.txt").encode(), rev=b"tip", number=True)
print("ready", flush=True)
input()

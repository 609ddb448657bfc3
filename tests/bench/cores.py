# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench's heaps: a core of each, made once and kept, and a live twin of it that tells G on
request.

The cores are under ${XDG_CACHE_HOME:-~/.cache}/ouro/bench/, named by shape, size, seed and
interpreter; a change of heapgen.py or of the interpreter makes a new one and removes the old.
"""

import glob
import hashlib
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "programs"))

import dump  # noqa: E402

GENERATOR = os.path.join(HERE, "heapgen.py")
READY_SECONDS = 3600


def cache_directory():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    path = os.path.join(home, "ouro", "bench")
    os.makedirs(path, exist_ok=True)
    return path


class Heaps:
    """One interpreter's heaps."""

    def __init__(self, python, seed):
        self.python = python
        self.seed = seed
        code = "import sys; print(sys.executable, '%d.%d.%d' % sys.version_info[:3])"
        answer = subprocess.run([python, "-c", code], stdout=subprocess.PIPE)
        if answer.returncode != 0:
            raise dump.DumpError("%s is no Python" % python)
        path, self.version = answer.stdout.decode().rsplit(None, 1)
        status = os.stat(os.path.realpath(path))
        with open(GENERATOR, "rb") as file:
            key = file.read() + repr((path, status.st_size, status.st_mtime_ns)).encode()
        self.key = hashlib.sha1(key).hexdigest()[:8]

    def command(self, shape, size, *more):
        return [self.python, GENERATOR, "--shape", shape] + list(more) + [str(size), str(self.seed)]

    def core(self, shape, size):
        """(path of the core, the row that heapgen.py printed about this heap)"""
        stem = "%s-%d-s%d-%s-" % (shape, size, self.seed, self.version)
        path = os.path.join(cache_directory(), stem + self.key + ".core")
        note = path[:-len(".core")] + ".json"
        if not (os.path.exists(path) and os.path.exists(note)):
            for old in glob.glob(glob.escape(os.path.join(cache_directory(), stem)) + "*"):
                os.unlink(old)
            lines = dump.make_core(path, self.command(shape, size), READY_SECONDS)
            with open(note + ".new", "w") as file:
                file.write(lines[-1] + "\n")
            os.replace(note + ".new", note)
        with open(note) as file:
            return path, json.load(file)


class Twin:
    """The same heap in a living process, for G in the same minute as ouro's figure."""

    def __init__(self, heaps, shape, size):
        self.process = dump.start(heaps.command(shape, size, "--quick"))
        try:
            dump.wait_ready(self.process, READY_SECONDS)
        except BaseException:
            self.close()
            raise

    def measure_g(self):
        self.process.stdin.write(b"G\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline().decode())["G"]

    def close(self):
        dump.stop(self.process)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program until it says "ready", and leaves its core in a file of our choice.

No debugger where the kernel can do it: the program gets SIGABRT while all its threads sleep, in
an empty directory of its own, and the one file that appears there is the core. Where
kernel.core_pattern sends cores to a pipe or to some other place, or the limit on core files
cannot be lifted, gdb's gcore does it instead.

Nothing is left behind: neither the program, when this one ends early, nor the directory.
"""

import ctypes
import os
import resource
import select
import shutil
import signal
import subprocess
import tempfile
import time

PR_SET_PDEATHSIG = 1
PR_SET_PTRACER = 0x59616D61
PR_SET_PTRACER_ANY = ctypes.c_ulong(-1)

REST_SECONDS = 10.0  # how long a program may take to fall asleep after it said "ready"


class DumpError(Exception):
    """One sentence that says why there is no core."""


def default_python():
    system = "/usr/bin/python3"
    return system if os.access(system, os.X_OK) else shutil.which("python3") or system


def end_on_sigterm():
    """Lets the cleaning up happen on SIGTERM as it does on Ctrl-C."""
    def end(number, frame):
        raise SystemExit(128 + number)
    signal.signal(signal.SIGTERM, end)


def hear_sigint():
    """Lets Ctrl-C arrive here and in what is started: what a shell starts in the background ignores it, and so would all
    that this starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def core_pattern():
    try:
        with open("/proc/sys/kernel/core_pattern") as file:
            return file.read().strip()
    except OSError:
        return "core"


def kernel_obstacle():
    """Why the kernel would not leave a core in the program's directory; None where it would."""
    pattern = core_pattern()
    if pattern.startswith("|"):
        return "kernel.core_pattern sends cores to a program (%s)" % pattern.split()[0][1:]
    if "/" in pattern:
        return "kernel.core_pattern writes cores elsewhere (%s)" % pattern
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard != resource.RLIM_INFINITY:
        return "the hard limit on core files is %d bytes" % hard
    return None


def _prepare_child():
    """In the child, before exec: allow a core, let gcore attach, and do not outlive the parent."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0)  # refused without Yama: not needed then
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def start(command, cwd=None):
    """The program, with pipes for stdin and stdout. Its end of stdin stays open for as long as we
    live.
    """
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    environment.setdefault("PYTHONHASHSEED", "0")
    try:
        return subprocess.Popen(command, cwd=cwd, env=environment, preexec_fn=_prepare_child,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    except OSError as error:
        raise DumpError("cannot run %s: %s" % (command[0], error.strerror))


def wait_ready(process, seconds):
    """The lines printed before the one that is "ready"."""
    deadline = time.monotonic() + seconds
    text = b""
    while True:
        lines = text.split(b"\n")
        if b"ready" in lines[:-1]:
            return [line.decode("utf-8", "replace") for line in lines[:lines.index(b"ready")]]
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
            raise DumpError("the program did not say \"ready\" within %d seconds" % seconds)
        block = os.read(process.stdout.fileno(), 65536)
        if not block:
            raise DumpError("the program ended with status %d before it said \"ready\""
                            % process.wait())
        text += block


def is_asleep(pid):
    """Whether every thread waits for something; then no object is half made."""
    try:
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/stat" % (pid, task)) as file:
                if file.read().rpartition(")")[2].split()[0] != "S":
                    return False
    except OSError:
        return False
    return True


def wait_asleep(process):
    """Three looks in a row, so that a thread on its way from one wait to the next is noticed."""
    deadline = time.monotonic() + REST_SECONDS
    quiet = 0
    while quiet < 3:
        if time.monotonic() > deadline:
            raise DumpError("the program keeps running after it said \"ready\"")
        quiet = quiet + 1 if is_asleep(process.pid) else 0
        time.sleep(0.01)


def stop(process):
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def _core_by_kernel(process, directory):
    """The core's path, or None where the kernel left nothing after all."""
    process.send_signal(signal.SIGABRT)
    process.wait()
    found = [entry.path for entry in os.scandir(directory)
             if entry.is_file() and entry.stat().st_size > 0]
    return found[0] if len(found) == 1 else None


def _core_by_gcore(process, directory):
    prefix = os.path.join(directory, "gcore")
    answer = subprocess.run(["gcore", "-o", prefix, str(process.pid)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    path = "%s.%d" % (prefix, process.pid)
    if answer.returncode == 0 and os.path.exists(path):
        return path
    last = answer.stdout.decode("utf-8", "replace").strip().split("\n")[-1]
    raise DumpError("gcore failed: %s" % (last or "no reason given"))


def _attempt(take, command, out, seconds):
    """One run of the program in an empty directory beside OUT; its lines, or None without a
    core.
    """
    place = os.path.dirname(out)
    directory = tempfile.mkdtemp(prefix=".core-", dir=place)
    try:
        process = start(command, cwd=directory)
        try:
            lines = wait_ready(process, seconds)
            wait_asleep(process)
            core = take(process, directory)
        finally:
            stop(process)
        if core is None:
            return None
        os.replace(core, out)
        return lines
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def make_core(out, command, seconds=120):
    """Runs COMMAND, leaves its core at OUT, and returns the lines it printed before "ready"."""
    out = os.path.abspath(out)
    if not os.path.isdir(os.path.dirname(out)):
        raise DumpError("%s: no such directory" % os.path.dirname(out))
    obstacle = kernel_obstacle()
    if obstacle is None:
        lines = _attempt(_core_by_kernel, command, out, seconds)
        if lines is not None:
            return lines
        obstacle = "the kernel left no core"
    if shutil.which("gcore") is None:
        raise DumpError("no core: %s, and gdb's gcore is not installed" % obstacle)
    try:
        return _attempt(_core_by_gcore, command, out, seconds)
    except DumpError as error:
        raise DumpError("no core: %s, and %s" % (obstacle, error))

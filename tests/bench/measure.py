# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ouro once and says what it cost: CPU seconds, peak private memory, and the phases it
reports itself.

Memory is RssAnon of /proc/PID/status: the private pages, without the core's own, which are mapped
read-only and can be dropped at any time. It is a counter, so that looking at it every few
milliseconds does not slow the program down (smaps_rollup walks the page tables under the lock
that page faults need).
"""

import os
import subprocess
import tempfile
import threading
import time

POLL_SECONDS = 0.005
REST_POLLS = 40  # asleep for so many looks in a row: ouro has answered and waits for a line


class Run:
    """status None: it was stopped because it took too long."""

    def __init__(self):
        self.status = None
        self.cpu = self.wall = 0.0
        self.peak = self.rest = 0  # bytes
        self.phases = []           # (name, cpu seconds, rss in KiB, objects)
        self.errors = ""
        self.output = b""          # its last MiB
        self.lines = self.summaries = 0  # of all of it; with --json one summary an answer


def anonymous_bytes(pid):
    try:
        with open("/proc/%d/status" % pid) as file:
            for line in file:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def _state(pid):
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def _watch(process, run, seconds, conversation):
    """Until the program ends. A conversation's stdin is closed once ouro sleeps, its answers
    given.
    """
    start = time.monotonic()
    asleep = 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        run.peak = max(run.peak, anonymous_bytes(process.pid))
        asleep = asleep + 1 if _state(process.pid) == "S" else 0
        if conversation and asleep >= REST_POLLS and not process.stdin.closed:
            run.rest = anonymous_bytes(process.pid)
            process.stdin.close()
        if time.monotonic() - start > seconds:
            process.kill()
            os.wait4(process.pid, 0)
            process.returncode = -9
            return
        time.sleep(POLL_SECONDS)
    run.wall = time.monotonic() - start
    run.cpu = usage.ru_utime + usage.ru_stime
    run.status = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
    process.returncode = run.status


def _phase(line):
    """"ouro: timing: find objects 0.04 8192 998236" as a tuple; None for any other line."""
    head, _, rest = line.partition("ouro: timing: ")
    words = rest.rsplit(None, 3)
    if head or len(words) != 4:
        return None
    try:
        return words[0], float(words[1]), int(words[2]), int(words[3])
    except ValueError:
        return None


def _feed(process, text):
    """In a thread of its own: a long conversation does not fit into the pipe."""
    try:
        process.stdin.write(text)
        process.stdin.flush()
    except (OSError, ValueError):
        pass


def run(command, conversation=None, seconds=600):
    """Runs COMMAND; CONVERSATION is a list of command lines for its stdin. stdout goes to a file,
    whose end is kept.
    """
    result = Run()
    environment = dict(os.environ, OURO_TIMING="1")
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=errors,
            stdin=subprocess.PIPE if conversation else subprocess.DEVNULL)
        if conversation:
            text = "".join(line + "\n" for line in conversation).encode()
            feeder = threading.Thread(target=_feed, args=(process, text), daemon=True)
            feeder.start()
        try:
            _watch(process, result, seconds, bool(conversation))
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            if conversation:
                feeder.join(1)
                if not process.stdin.closed:
                    process.stdin.close()
        output.seek(0)
        for line in output:
            result.lines += 1
            result.summaries += line.startswith(b'{"summary"')
        output.seek(max(0, output.seek(0, os.SEEK_END) - (1 << 20)))
        result.output = output.read()
        errors.seek(0)
        text = errors.read().decode("utf-8", "replace")
    for line in text.split("\n"):
        phase = _phase(line)
        if phase:
            result.phases.append(phase)
        elif line:
            result.errors += line + "\n"
    return result

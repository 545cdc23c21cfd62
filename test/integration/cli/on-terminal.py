"""Runs a program on a terminal of its own: on-terminal.py, with {"argv", "env", "cwd", "steps", "stdin"} as JSON on stdin.

Each step is {"see": text} (wait until the terminal shows it, 30 s at most), {"send": text}, {"echo": bool} (what the terminal's
echo must be set to by now) or {"signal": name}. `stdin` is piped into the program instead of the terminal. Prints JSON: everything the
terminal showed, the exit code, the program's piped stdout, and whether the terminal echoes again at the end.
"""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

plan = json.load(sys.stdin)
master, slave = pty.openpty()
seen = b""


def is_echoing():
    return bool(termios.tcgetattr(slave)[3] & termios.ECHO)


def pump(seconds):
    global seen
    ready, _, _ = select.select([master], [], [], seconds)
    if ready:
        try:
            seen += os.read(master, 65536)
        except OSError:
            pass


def wait_until(what, condition):
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end or (child.poll() is not None and not select.select([master], [], [], 0.2)[0]):
            raise SystemExit(f"never came: {what!r}; the terminal shows {seen!r}")
        pump(0.05)


def become_session_leader():
    os.setsid()
    import fcntl

    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


child = subprocess.Popen(
    plan["argv"],
    env=plan["env"],
    cwd=plan.get("cwd"),
    stdin=subprocess.PIPE if "stdin" in plan else slave,
    stdout=subprocess.PIPE,
    stderr=slave,
    preexec_fn=become_session_leader,
)
if "stdin" in plan:
    child.stdin.write(plan["stdin"].encode())
    child.stdin.close()
from_here = 0
for step in plan["steps"]:
    if "see" in step:
        wanted = step["see"].encode()
        wait_until(step["see"], lambda: wanted in seen[from_here:])
        from_here += seen[from_here:].index(wanted) + len(wanted)
    if "echo" in step:
        wait_until(f"echo {step['echo']}", lambda: is_echoing() == step["echo"])
    if "send" in step:
        os.write(master, step["send"].encode())
    if "signal" in step:
        child.send_signal(getattr(signal, step["signal"]))
out = b""
while child.poll() is None:
    pump(0.02)
    if select.select([child.stdout], [], [], 0)[0]:
        out += os.read(child.stdout.fileno(), 65536)
out += child.stdout.read()
while select.select([master], [], [], 0.1)[0]:
    pump(0)
code = child.returncode
print(
    json.dumps(
        {"shown": seen.decode("utf-8", "replace"), "exit": code, "out": out.decode(), "echo": is_echoing()}
    )
)

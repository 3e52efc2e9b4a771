"""Signals, in a process of their own."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60

BUSY = """
import sys, threading, time
from oap.signals import StopSignals
def say_when_waiting():
    while not signals._is_waiting:
        time.sleep(0.01)
    print("ready", flush=True)
with StopSignals(lambda: print("given up", flush=True)) as signals:
    threading.Thread(target=say_when_waiting).start()
    signals.wait(lambda: print("looking", flush=True))
    print("stopping", flush=True)
    sys.stdin.readline()
    time.sleep(0.5)
    print("busy", flush=True)
    sys.stdin.read()
"""
STARTING = """
import sys
from oap.signals import StopAsked, StopSignals
try:
    with StopSignals() as signals:
        print("ready", flush=True)
        sys.stdin.read()
except StopAsked:
    print("asked", flush=True)
"""


def started(program: str) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
    assert said(process) == "ready"
    return process


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_ends_the_wait_and_a_later_one_the_process(number: signal.Signals) -> None:
    process = started(BUSY)
    process.send_signal(number)
    assert said(process) == "stopping"
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    assert said(process) == "busy"
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out, err) == (
        128 + number,
        "given up\n",
        "ended at once; what was not stored is lost\n",
    )


def test_an_echo_of_the_first_signal_is_not_a_second() -> None:
    process = started(BUSY)
    # Both wait for the process to go on, so they reach it together.
    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGCONT):
        process.send_signal(number)
    assert said(process) == "stopping"
    out, err = process.communicate("\n", timeout=PATIENCE_S)
    assert (process.returncode, out, err) == (0, "busy\n", "")


def test_a_signal_before_the_wait_is_raised() -> None:
    process = started(STARTING)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out, err) == (0, "asked\n", "")


def test_a_hang_up_lets_it_look_anew_and_wait_on() -> None:
    process = started(BUSY)
    for _ in range(2):
        process.send_signal(signal.SIGHUP)
        assert said(process) == "looking"
    process.send_signal(signal.SIGTERM)
    assert said(process) == "stopping"
    out, _ = process.communicate("\n", timeout=PATIENCE_S)
    assert (process.returncode, out) == (0, "busy\n")


def test_closing_its_terminal_asks_to_stop() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", BUSY], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    os.close(theirs)
    assert said(process) == "ready"
    os.close(ours)
    process.send_signal(signal.SIGHUP)
    assert said(process) == "stopping"
    out, _ = process.communicate("\n", timeout=PATIENCE_S)
    assert (process.returncode, out) == (0, "busy\n")

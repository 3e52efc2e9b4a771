"""The pure parts of the console pass their own tests, and its types hold."""

import subprocess

import pytest

from tests.oap.process.server_process import ROOT

CONSOLE = ROOT / "console"


@pytest.mark.parametrize("script", ["test", "check"])
def test_console_passes_its_own(script: str) -> None:
    command = ["npm", "--prefix", str(CONSOLE), "run", "--silent", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_lock_file_names_no_registry() -> None:
    text = (CONSOLE / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert '"integrity"' in text

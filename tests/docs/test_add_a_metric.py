"""The page "Add a metric" works as it stands: its commands answer what it shows, and the metric appears."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.markdown_steps import ROOT, Step, steps, take

STEPS = steps(ROOT / "docs" / "add-a-metric.md")
START = "make-run"
RULES = Path("config/oal/ebpf.oal")


def titled(title: str) -> Step:
    (step,) = (step for step in STEPS if step.title == title)
    return step


def checkout(folder: Path) -> Path:
    """A folder with a configuration of its own."""
    shutil.copytree(ROOT / "config", folder / "config")
    return folder


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[int, str]]:
    """A folder in which everything but the start was done as the page says, and the answers by line of the page."""
    folder = checkout(tmp_path_factory.mktemp("checkout"))
    return folder, {step.line: take(step, folder) for step in STEPS if step.title != START}


def test_the_page_starts_the_server_with_a_simulated_cluster() -> None:
    command = titled(START).text.split()
    shown = subprocess.run([*command, "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "oap server --simulate bookinfo" in shown.stdout


def test_every_command_answers_as_shown(followed: tuple[Path, Mapping[int, str]]) -> None:
    _, said = followed
    assert said == {step.line: step.answer or "" for step in STEPS if step.title != START}


def test_removing_the_rule_leaves_the_file_as_it_was(followed: tuple[Path, Mapping[int, str]]) -> None:
    folder, _ = followed
    assert (folder / RULES).read_bytes() == (ROOT / RULES).read_bytes()

"""The example of the page "Test your rules" does what the page says."""

import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from oap.cli import build_app

PAGE = Path(__file__).parents[3] / "docs" / "test-your-rules.md"


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("shop.oal").write_text(block("oal"), encoding="utf-8")
    Path("shop-tests.yml").write_text(block("yaml"), encoding="utf-8")
    return tmp_path


def run_command_of_the_page() -> Result:
    name, *words = block("sh").split()
    assert name == "oap"
    return CliRunner().invoke(build_app(words), words)


@pytest.mark.usefixtures("folder")
def test_the_example_fails_as_shown() -> None:
    result = run_command_of_the_page()
    assert (result.exit_code, result.stdout) == (1, block("text"))


def test_the_corrected_example_passes(folder: Path) -> None:
    file = folder / "shop-tests.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("value: 3", "value: 2"), encoding="utf-8")
    result = run_command_of_the_page()
    assert (result.exit_code, result.stdout) == (0, "2 cases, 2 expectations: all passed" + os.linesep)

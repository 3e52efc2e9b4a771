"""The page "Dashboards" works as it stands: its commands answer what it shows."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from oap.dashboards.codes import REFUSED, Code
from oap.dashboards.seeding import load_dashboards, seed
from tests.docs.markdown_steps import ROOT, Step, steps, take
from tests.oap.dashboards.rule_metrics import rule_metrics, rule_models
from tests.oap.query.cluster import dependencies, memory_store, serving

PAGE = ROOT / "docs" / "dashboards.md"
STEPS = [step for step in steps(PAGE) if step.language == "sh"]
ASK_A_SERVER = {"export", "diff", "import"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server with the shipped dashboards that takes changes."""
    with memory_store() as storage:
        seed(load_dashboards(ROOT / "config", rule_metrics()), storage, 1)
        deps = dependencies(storage, can_change_templates=True)
        with serving(replace(deps, models=rule_models)) as url:
            yield url


@pytest.fixture(scope="module")
def followed(server: str, tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, str]:
    """Answers of all commands by line, given in a folder with a configuration."""
    folder: Path = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "config", folder / "config")
    return {step.line: take(_addressed(step, server), folder) for step in STEPS}


def _addressed(step: Step, server: str) -> Step:
    asks = step.title in ASK_A_SERVER
    return replace(step, text=f"{step.text.strip()} --server {server}\n") if asks else step


def test_every_command_answers_as_shown(followed: Mapping[int, str]) -> None:
    assert [step.title for step in STEPS] == ["export", "edit", "", "edit", "diff", "import"]
    assert followed == {step.line: step.answer or "" for step in STEPS}


def test_the_page_knows_all_codes() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert {code.removeprefix("DASH") for code in Code} == {
        *("101", "102", "103", "104", "105", "106", "107", "108"),
        *("201", "202", "203"),
        *("301", "302", "303", "304", "305", "306", "307", "308", "309", "310"),
        *("401", "402", "403", "404", "405", "406"),
    }
    assert sorted(code.removeprefix("DASH") for code in REFUSED) == ["101", "102", "108", "401", "402"]
    assert "Codes 101, 102, 108, 401 and 402 keep a server from starting" in text

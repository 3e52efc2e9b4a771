"""The page "Add a metric" works as it stands: its commands answer what it shows, and the metric appears."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from selenium.webdriver import Chrome

from tests.docs.markdown_steps import ROOT, Step, steps, take
from tests.oap.process.server_process import ServerProcess, environment, running
from tests.oap.query.browser import chromium, find, texts
from tests.oap.query.browser import until as until_shown
from tests.waiting import PATIENCE_S, until

STEPS = steps(ROOT / "docs" / "add-a-metric.md")
START, SAVE, WHY, REMOVE = "make-run", "save", "why", "remove"
ASKS_A_SERVER = {START, WHY}
RULES = Path("config/oal/ebpf.oal")
METRIC = "slow_calls_cpm"
# The rules begin with the next minute, and the first slow call has to be simulated, sent and handed over.
BEGIN_S = 60 + 3 * PATIENCE_S


def titled(title: str) -> Step:
    (step,) = (step for step in STEPS if step.title == title)
    return step


def checkout(folder: Path) -> Path:
    """A folder with a configuration of its own."""
    shutil.copytree(ROOT / "config", folder / "config")
    return folder


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[int, str]]:
    """A folder in which all was done as the page says, but for what needs a server; and the answers by line."""
    folder = checkout(tmp_path_factory.mktemp("checkout"))
    return folder, {step.line: take(step, folder) for step in STEPS if step.title not in ASKS_A_SERVER}


def test_the_page_starts_the_server_with_a_simulated_cluster() -> None:
    command = titled(START).text.split()
    shown = subprocess.run([*command, "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "oap server --simulate bookinfo" in shown.stdout


def test_every_command_answers_as_shown(followed: tuple[Path, Mapping[int, str]]) -> None:
    _, said = followed
    assert said == {step.line: step.answer or "" for step in STEPS if step.title not in ASKS_A_SERVER}


def test_removing_the_rule_leaves_the_file_as_it_was(followed: tuple[Path, Mapping[int, str]]) -> None:
    folder, _ = followed
    assert (folder / RULES).read_bytes() == (ROOT / RULES).read_bytes()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[ServerProcess, Path]]:
    """A server with the simulated cluster that has services, and the folder that holds its rules."""
    folder = checkout(tmp_path)
    environ = environment(tmp_path / "oap.duckdb", OAP_CONFIG=str(folder / "config"))
    with running(environ, "--simulate", "bookinfo") as server:
        until(lambda: bool(server.ask("{ listServices { name } }")["listServices"]), "services are stored")
        yield server, folder


@pytest.fixture
def chrome(tmp_path: Path) -> Iterator[Chrome]:
    with chromium(tmp_path / "chromium") as driver:
        yield driver


@pytest.mark.browser
def test_a_saved_rule_shows_on_the_page_without_a_restart(shop: tuple[ServerProcess, Path], chrome: Chrome) -> None:
    server, folder = shop
    for step in STEPS[: STEPS.index(titled(SAVE)) + 1]:
        if step.title != START:
            take(step, folder)
    assert server.wait_for("rules reloaded")["added"] == [METRIC]
    until(lambda: entry(server).get("last") is not None, f"{METRIC} has no value", BEGIN_S)

    chrome.get(f"{server.url}/#rules&search={METRIC}")
    shown = f"#rule-list [data-key={METRIC}] summary"
    until_shown(chrome, lambda: texts(chrome, f"{shown} .state") == ["running"])
    assert texts(chrome, "#rule-count") == ["1 of 297"]
    find(chrome, f"{shown} .entity a").click()
    until_shown(chrome, lambda: METRIC in find(chrome, "#chart-title").text)

    question = titled(WHY)
    told = take(Step("sh", WHY, f"{question.text.strip()} --url {server.url}", question.line), folder)
    assert told.startswith(f"{METRIC}\n")
    assert "redis.bookinfo" in told

    take(titled(REMOVE), folder)
    until(lambda: "error" in entry(server), f"{METRIC} is still known")
    assert [event["event"] for event in server.events()].count("server started") == 1


def entry(server: ServerProcess) -> Mapping[str, Any]:
    """What the server tells about the metric."""
    answer: Mapping[str, Any] = httpx.get(f"{server.url}/rules/{METRIC}", timeout=PATIENCE_S).json()
    return answer

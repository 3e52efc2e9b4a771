"""``oap emulate`` and ``oap replay`` on the command line."""

import re
import socket
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from oap.emulator.commands import register
from oap.emulator.recording import load
from tests.oap.emulator.capturing_server import capturing
from tests.oap.emulator.small_scenario import START_S, TEXT, minute

START = ["--start", str(START_S), "--minutes", "1"]


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.yml"
    path.write_text(TEXT)
    return str(path)


def run(*words: str | Path) -> Result:
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    register(app)
    return CliRunner().invoke(app, [str(word) for word in words])


def test_fast_play_sends_the_simulated_minutes(small: str) -> None:
    with capturing() as captured:
        result = run("emulate", small, "--to", captured.address, "--fast", *START)
    assert result.exit_code == 0
    assert sorted(captured.streams) == sorted(stream for flush in minute() for stream in flush.streams)
    assert re.match(r"\d+ streams, [\d,]+ messages, [\d,]+ logs, \d+\.\d MB\n", result.stdout)


def test_record_writes_the_streams_and_sends_nothing(small: str, tmp_path: Path) -> None:
    result = run("emulate", small, "--record", tmp_path / "a.oaprec", *START)
    assert result.exit_code == 0
    recording = load(tmp_path / "a.oaprec")
    assert recording.messages == sum(len(stream) for flush in minute() for stream in flush.streams)
    assert recording.created_ns == START_S * 10**9
    assert recording.times_ns[0] == minute()[0].due_ns


@pytest.mark.parametrize("options", [["--fast"], ["--fast", "--nodes-parallel"], ["--speed", "1000"]])
def test_replay_sends_what_was_recorded(small: str, tmp_path: Path, options: list[str]) -> None:
    run("emulate", small, "--record", tmp_path / "a.oaprec", *START)
    with capturing() as captured:
        result = run("replay", tmp_path / "a.oaprec", "--to", captured.address, *options)
    assert result.exit_code == 0
    assert sorted(captured.streams) == sorted(stream for flush in minute() for stream in flush.streams)


def test_registry_of_a_scenario_is_written(small: str, tmp_path: Path) -> None:
    assert run("emulate", small, "--registry", tmp_path / "registry.yml").exit_code == 0
    written = yaml.safe_load((tmp_path / "registry.yml").read_text())
    assert [service["name"] for service in written["services"]] == ["web", "api", "cache", "db"]


def test_malformed_messages_are_added_on_request(small: str, tmp_path: Path) -> None:
    run("emulate", small, "--record", tmp_path / "a.oaprec", "--malformed", "0.5:garbage", *START)
    clean = sum(len(stream) for flush in minute() for stream in flush.streams)
    assert load(tmp_path / "a.oaprec").messages > 1.4 * clean


def test_shorter_flush_period_gives_more_streams(small: str, tmp_path: Path) -> None:
    run("emulate", small, "--record", tmp_path / "a.oaprec", "--flush", "1s", *START)
    assert len(load(tmp_path / "a.oaprec").nodes()) >= 120


def test_absent_server_gives_one(small: str) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        result = run("emulate", small, "--to", address, "--fast", *START)
    assert result.exit_code == 1
    assert f"not everything reached {address}" in result.stderr


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["emulate", "bokinfo"], "there is no scenario 'bokinfo'; did you mean 'bookinfo'?"),
        (["emulate", "--fast"], "without waiting there must be an end"),
        (["emulate", "--flush", "5"], "'5' is no duration of at least 100ms"),
        (["emulate", "--malformed", "2"], "'2' is no ratio from 0 to 1"),
        (["emulate", "--malformed", "0.1:trunc"], "no kind 'trunc'; did you mean 'truncated'?"),
        (["emulate", "--ca", "/none/ca.pem", "--fast", "--minutes", "1"], "/none/ca.pem cannot be read"),
        (["replay", "/none/a.oaprec"], "/none/a.oaprec cannot be read: No such file or directory"),
    ],
)
def test_wrong_usage_gives_two(words: list[str], text: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert text in " ".join(result.stderr.replace("\n", " ").split())


def test_wrong_scenario_shows_all_findings(tmp_path: Path) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(TEXT.replace("to: web.shop", "to: wep.shop").replace("rate: 3", "rate: x"))
    result = run("emulate", path)
    assert result.exit_code == 2
    assert f"{path}:16:" in result.stderr
    assert f"{path}:31:" in result.stderr
    assert "did you mean 'web.shop'?" in result.stderr


@pytest.mark.parametrize("command", ["emulate", "replay"])
def test_help_has_examples(command: str) -> None:
    assert f"oap {command} " in run(command, "--help").stdout

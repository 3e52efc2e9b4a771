"""``oap oal test`` on the command line."""

from pathlib import Path

import orjson
import pytest
from typer.testing import Result

from tests.oap.commands.oal_run import run as oal

RULE = 'bytes_read = from(K8SService.read.l2.totalPackageSize).filter(type == "read").sum();\n'
CASES = """connection: {role: server, local: api.shop/api-0, remote: web.shop/web-0}
cases:
  - name: a
    logs: [{time: 12:34:05, read: {l2.totalPackageSize: 7}}]
    expect:
      - {metric: bytes_read, entity: api.shop, minute: 12:34, value: 7}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "new.oal").write_text(RULE, encoding="utf-8")
    (tmp_path / "cases.yml").write_text(CASES, encoding="utf-8")
    return tmp_path


def run(*words: str | Path) -> Result:
    return oal("test", *map(str, words))


def test_passing_tests_give_zero(folder: Path) -> None:
    result = run(folder / "cases.yml", "--rules", folder / "new.oal")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "1 case, 1 expectation: all passed\n", "")


def test_folders_stand_for_their_files(folder: Path) -> None:
    (folder / "more.yaml").write_text(CASES, encoding="utf-8")
    result = run(folder, "--rules", folder)
    assert (result.exit_code, result.stdout) == (0, "2 cases, 2 expectations: all passed\n")


def test_failing_tests_give_one(folder: Path) -> None:
    file = folder / "cases.yml"
    file.write_text(CASES.replace("value: 7", "value: 8"), encoding="utf-8")
    result = run(file, "--rules", folder)
    lines = result.stdout.splitlines()
    assert (result.exit_code, lines[0], lines[-1]) == (
        1,
        f"FAILED {file}:3: a",
        "1 case, 1 expectation: 0 passed, 1 failed",
    )
    assert lines[2:4] == ["    - expected value 8", "    + got      value 7"]


def test_json_tells_the_same(folder: Path) -> None:
    file = folder / "cases.yml"
    file.write_text(CASES.replace("value: 7", "value: 8"), encoding="utf-8")
    result = run(file, "--rules", folder, "--format", "json")
    text = "12:34:05 read, server side of web.shop/web-0 -> api.shop/api-0; read.l2.totalPackageSize 7"
    failure = {
        "line": 6,
        "metric": "bytes_read",
        "entity": "api.shop",
        "bucket": 202405011234,
        "expected": {"value": 8},
        "got": {"entity": "api.shop", "bucket": 202405011234, "columns": {"value": 7}},
        "others": [],
        "rows": [{"line": 4, "went_in": True, "text": text}],
        "more_rows": 0,
        "left_out": {},
    }
    case = {"file": str(file), "line": 3, "name": "a", "passed": False, "failures": [failure]}
    assert (result.exit_code, orjson.loads(result.stdout)) == (1, {"passed": 0, "failed": 1, "cases": [case]})


def test_mistakes_of_all_files_are_shown_and_nothing_runs(folder: Path) -> None:
    for name in ("a.yml", "b.yml"):
        (folder / name).write_text(CASES.replace("bytes_read", "bytes_reed"), encoding="utf-8")
    result = run(folder, "--rules", folder)
    assert (result.exit_code, result.stdout) == (2, "")
    finding = "no rule defines the metric 'bytes_reed'"
    heads = [line for line in result.stderr.splitlines() if not line.startswith(" ")]
    assert heads == [f"{folder / name}:6:18: {finding}" for name in ("a.yml", "b.yml")]


def test_rules_with_errors_are_shown(folder: Path) -> None:
    (folder / "new.oal").write_text("a = from(K8SService.*).counts();\n", encoding="utf-8")
    result = run(folder, "--rules", folder)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{folder / 'new.oal'}:1:" in result.stderr


def test_no_tests_are_wrong_usage(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert (result.exit_code, f"there is no test file in {tmp_path}" in result.stderr.replace("\n", "")) == (2, True)


def test_help_gives_an_example() -> None:
    assert "- name: bytes that a service reads are added up" in run("--help").stdout

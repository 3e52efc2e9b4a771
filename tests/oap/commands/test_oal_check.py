"""``oap oal check``."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oap.cli import build_app
from tests.oap.commands.oal_run import run

_SOUND = "svc_bytes = from(K8SService.write.l4.totalPackageSize).longAvg();\n"
_ROOT = Path(__file__).parents[3]


def test_sound_rules_are_counted() -> None:
    result = run("check", "-", stdin=_SOUND)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "<stdin>: 1 metric, no errors\n", "")


def test_warnings_are_shown_and_pass() -> None:
    result = run("check", "-", stdin="m = from(K8SService.write.duration).cpm();\n")
    assert (result.exit_code, result.stdout) == (0, "<stdin>: 1 metric, 1 warning, no errors\n")
    assert result.stderr == (
        "<stdin>:1:21: warning W302: cpm ignores the attribute 'write.duration'\n"
        "  m = from(K8SService.write.duration).cpm();\n"
        "                      ^~~~~~~~~~~~~~\n"
        "  write from(K8SService.*)\n"
    )


def test_files_and_folders_are_checked_together(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "b.oal").write_text(_SOUND, encoding="utf-8")
    (folder / "a.oal").write_text("x = from(K8SService.*).cpm();", encoding="utf-8")
    (folder / "a.txt").write_text("no rules", encoding="utf-8")
    other = tmp_path / "c.oal"
    other.write_text(_SOUND, encoding="utf-8")
    result = run("check", str(folder), str(other))
    assert result.exit_code == 1
    assert f"metric 'svc_bytes' is already defined at {folder / 'b.oal'}:1:1" in result.stderr
    assert run("check", str(folder)).stdout == f"{folder / 'a.oal'}, {folder / 'b.oal'}: 2 metrics, no errors\n"


def test_findings_are_json_for_programs(tmp_path: Path) -> None:
    file = tmp_path / "new.oal"
    file.write_text("a = from(K8SService.latncy).sum();\nb = from(K8SService.*).cpm()\nc = 5;\n", encoding="utf-8")
    result = run("check", "--format", "json", "--limit", "1", str(file))
    report = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (1, "")
    assert {name: value for name, value in report.items() if name != "findings"} == {
        "files": [str(file)],
        "metrics": None,
        "errors": 2,
        "warnings": 0,
        "left_out": 1,
    }
    (finding,) = report["findings"]
    assert (finding["code"], finding["line"], finding["column"], finding["end_column"]) == ("E202", 1, 21, 27)
    assert finding["source_line"] == "a = from(K8SService.latncy).sum();"


def test_sound_rules_are_json_too() -> None:
    result = run("check", "--format", "json", "-", stdin=_SOUND)
    report = json.loads(result.stdout)
    assert (result.exit_code, report["metrics"], report["findings"]) == (0, 1, [])


def test_many_findings_are_cut_and_counted() -> None:
    result = run("check", "-", stdin="x;\n" * 60)
    assert result.stderr.endswith("... and 10 more errors\n60 findings\n")
    assert "more errors" not in run("check", "--limit", "0", "-", stdin="x;\n" * 60).stderr


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_what_cannot_be_read_is_wrong_usage(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "x.oal"
    if content is not None:
        file.write_bytes(content)
    result = run("check", str(file))
    assert (result.exit_code, "x.oal" in result.stderr) == (2, True)


def test_an_empty_folder_is_wrong_usage(tmp_path: Path) -> None:
    result = run("check", str(tmp_path))
    assert (result.exit_code, "there is no rule file in" in result.stderr) == (2, True)


def test_a_misspelt_command_is_wrong_usage_with_the_right_one() -> None:
    words = ["oal", "chekc"]
    result = CliRunner().invoke(build_app(words), words)
    assert (result.exit_code, "Did you mean 'check'?" in result.stderr) == (2, True)


# Not loading them is what makes the command quick; no test takes the time.
_HEAVY = {"lark", "numpy", "numba", "duckdb", "grpc", "pyarrow", "starlette", "structlog"}


def loaded_by(program: str) -> str:
    """What a program that is done in a process of its own prints, and after it which heavy modules it loaded."""
    ending = f"import sys; print(*sorted({_HEAVY} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{ending}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=_ROOT,
        env={**os.environ, "NO_COLOR": "1"},
    )
    return done.stdout


def test_checking_does_not_load_the_server() -> None:
    program = "from oap.cli import build_app; build_app(['oal', 'check'])(['oal', 'check'], standalone_mode=False)"
    assert loaded_by(program) == "config/oal/ebpf.oal: 296 metrics, no errors\n\n"


def test_no_command_for_rules_loads_the_server_before_it_runs() -> None:
    assert loaded_by("from oap.cli import build_app; build_app(['oal'])") == "\n"

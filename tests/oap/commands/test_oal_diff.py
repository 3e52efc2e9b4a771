"""``oap oal diff``."""

import json
from pathlib import Path

import pytest

from tests.oap.commands.oal_run import run

_OLD = """
a = from(K8SService.*).cpm();
b = from(K8SService.*).filter(type == "read").filter(name != "x").cpm();
c = from(K8SService.*).filter(type == "read").filter(name != "x").count();
d = from(K8SEndpoint.*).cpm();
"""
_NEW = """
// moved
d = from(K8SEndpoint.*).cpm();
b = from(K8SService.*).filter(type == "write").filter(name != "x").cpm();
c = from(K8SService.*).filter(name != "x").filter(type == "read").count();
e = from(K8SService.*).cpm();
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.oal"
    path.write_text(_OLD, encoding="utf-8")
    return path


def test_what_changes_is_shown(old: Path) -> None:
    result = run("diff", str(old), "-", stdin=_NEW)
    assert result.exit_code == 1
    assert result.stdout.replace(str(old), "old.oal") == (
        "removed (1)\n"
        "  - a  old.oal:2\n"
        "      a = from(K8SService.*).cpm();\n"
        "added (1)\n"
        "  + e  <stdin>:6\n"
        "      e = from(K8SService.*).cpm();\n"
        "  e means what a meant; what is stored stays under the old name\n"
        "changed meaning (1)\n"
        "  ~ b  old.oal:3 -> <stdin>:4\n"
        '      - b = from(K8SService.*).filter(type == "read").filter(name != "x").cpm();\n'
        '      + b = from(K8SService.*).filter(type == "write").filter(name != "x").cpm();\n'
        '      filters: type == "read" -> type == "write"\n'
        "cosmetic only (1): the same meaning in other words\n"
        "  = c  old.oal:4 -> <stdin>:5\n"
        '      filters: type == "read", name != "x" -> name != "x", type == "read"\n'
        "1 metric unchanged\n"
    )


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (_OLD, "4 metrics unchanged\n"),
        (f"// more words\n{_OLD}", "4 metrics unchanged; only comments, layout or order differ\n"),
    ],
)
def test_the_same_meaning_passes(old: Path, new: str, said: str) -> None:
    result = run("diff", str(old), "-", stdin=new)
    assert (result.exit_code, result.stdout) == (0, said)


def test_folders_are_compared_as_rule_sets(old: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    for number, rule in enumerate(_OLD.strip().splitlines()):
        (folder / f"{number}.oal").write_text(rule, encoding="utf-8")
    assert run("diff", str(old), str(folder)).exit_code == 0


def test_disabling_is_shown(old: Path) -> None:
    result = run("diff", str(old), "-", stdin=f"{_OLD}disable(segment);")
    assert (result.exit_code, result.stdout) == (1, "disabled: segment\n4 metrics unchanged\n")


def test_differences_are_json_for_programs(old: Path) -> None:
    result = run("diff", "--format", "json", str(old), "-", stdin=_NEW)
    record = json.loads(result.stdout)
    assert (result.exit_code, record["changes_meaning"], record["unchanged"]) == (1, True, 1)
    assert record["renamed"] == [{"old": "a", "new": "e"}]
    assert record["changed"][0]["differs"] == {"filters": {"old": ['type == "read"'], "new": ['type == "write"']}}
    assert [change["metric"] for change in record["cosmetic"]] == ["c"]


@pytest.mark.parametrize("new", ["x = 5;", "x = from(Nope.*).cpm();"])
def test_rules_with_errors_are_not_compared(old: Path, new: str) -> None:
    result = run("diff", str(old), "-", stdin=new)
    assert (result.exit_code, result.stdout, "<stdin>:1:" in result.stderr) == (2, "", True)


def test_a_missing_file_is_wrong_usage(old: Path) -> None:
    assert run("diff", str(old), "nowhere.oal").exit_code == 2

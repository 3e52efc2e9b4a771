"""What is said of typical mistakes: one file each, with everything that is printed beside it."""

from pathlib import Path

import pytest

from oal.codes import CODES
from oal.compiler import compile_rules
from oal.diagnostic import Severity, render_all
from oap.entity.scopes import k8s_catalog

_FOLDER = Path(__file__).parent.parent / "cases" / "oal" / "bad"
_CATALOG = k8s_catalog()
BAD = sorted(path.stem for path in _FOLDER.glob("*.oal"))


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_shown_with_what_to_write_instead(name: str) -> None:
    file = _FOLDER / f"{name}.oal"
    text = file.read_text(encoding="utf-8")
    findings = compile_rules([(file.name, text)], _CATALOG).diagnostics
    assert f"{render_all(findings, {file.name: text})}\n" == file.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_mistake_has_a_hint_or_names_the_characters() -> None:
    for name in BAD:
        file = _FOLDER / f"{name}.oal"
        for finding in compile_rules([(file.name, file.read_text(encoding="utf-8"))], _CATALOG).diagnostics:
            assert finding.hint or finding.code == "E101", (name, finding)


def test_the_files_show_every_code() -> None:
    shown = {
        (finding.code, finding.severity)
        for name in BAD
        for finding in compile_rules(
            [(name, (_FOLDER / f"{name}.oal").read_text(encoding="utf-8"))], _CATALOG
        ).diagnostics
    }
    # Which names can be disabled is known to the server only.
    codes = set(CODES) - {"W304"}
    assert shown == {(code, Severity.ERROR if code[0] == "E" else Severity.WARNING) for code in codes}

"""The reference for users says what the commands say."""

import re
from pathlib import Path

import pytest

from oal.codes import CODES
from oal.compiler import compile_rules
from oal.diagnostic import render_all
from oap.entity.scopes import k8s_catalog

_TEXT = (Path(__file__).parent.parent.parent / "docs" / "oal.md").read_text(encoding="utf-8")
_CATALOG = k8s_catalog()
MISTAKES = re.findall(r"^\| `(m = .+?)` \| `(.+?)` \|$", _TEXT, re.MULTILINE)


def test_all_codes_are_listed() -> None:
    assert dict(re.findall(r"^\| ([EW]\d{3}) \| (.+) \|$", _TEXT, re.MULTILINE)) == CODES


def test_the_usual_mistakes_are_read() -> None:
    assert len(MISTAKES) == 25


@pytest.mark.parametrize(("wrong", "right"), MISTAKES)
def test_a_usual_mistake_has_one_finding_and_its_correction_none(wrong: str, right: str) -> None:
    (finding,) = compile_rules([("new.oal", wrong)], _CATALOG).diagnostics
    assert finding.hint
    assert compile_rules([("new.oal", right)], _CATALOG).diagnostics == ()


def test_the_example_is_a_sound_rule() -> None:
    (rule,) = re.findall(r"^    (slow_requests_cpm = .+?;)$", _TEXT, re.MULTILINE | re.DOTALL)
    assert compile_rules([("new.oal", rule)], _CATALOG).diagnostics == ()


def test_the_finding_shown_is_the_one_printed() -> None:
    rule = 'm = from(K8SService.*).filter(type = "connect").cpm();'
    shown = render_all(compile_rules([("new.oal", rule)], _CATALOG).diagnostics, {"new.oal": rule})
    assert "\n".join(f"    {line}" for line in shown.splitlines()) in _TEXT

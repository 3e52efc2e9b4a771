"""Findings show the place and the way out."""

from oap.config.finding import ConfigError, Finding, near_match


def test_rendering_shows_place_line_caret_and_hint() -> None:
    finding = Finding("a.yml", 3, 5, "unknown key 'prot'", "did you mean 'port'?", "    prot: 1")
    assert finding.render() == (
        "a.yml:3:5: unknown key 'prot'\n        prot: 1\n        ^\n    hint: did you mean 'port'?"
    )


def test_rendering_of_a_whole_file_has_no_place() -> None:
    assert Finding("a.yml", 0, 0, "cannot be read: No such file").render() == "a.yml: cannot be read: No such file"


def test_caret_keeps_tabs_of_the_line() -> None:
    assert Finding("a", 1, 3, "m", source="\tab").render() == "a:1:3: m\n    \tab\n    \t ^"


def test_error_text_joins_all_findings() -> None:
    error = ConfigError([Finding("a", 1, 1, "one"), Finding("a", 2, 1, "two")])
    assert str(error) == "a:1:1: one\na:2:1: two"
    assert len(error.findings) == 2


def test_near_match_ignores_case() -> None:
    assert near_match("grpcport", ["gRPCPort", "gRPCHost"]) == "did you mean 'gRPCPort'?"


def test_near_match_lists_all_when_nothing_is_near() -> None:
    assert near_match("zzz", ["b", "a"]) == "known: a, b"
    assert near_match("zzz", []) == ""

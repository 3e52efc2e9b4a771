"""YAML with places."""

from pathlib import Path

import pytest

from oap.config.finding import ConfigError
from oap.config.yaml_source import parse, read_text


def messages(error: ConfigError) -> list[tuple[int, int, str]]:
    return [(finding.line, finding.column, finding.message) for finding in error.findings]


def test_values_and_keys_know_their_place() -> None:
    root, _ = parse("a: 1\nb:\n  - x: yes\n", "f.yml")
    assert root.plain() == {"a": 1, "b": [{"x": True}]}
    assert isinstance(root.value, dict)
    items = root.value["b"].value
    assert isinstance(items, tuple)
    assert isinstance(items[0].value, dict)
    inner = items[0].value["x"]
    assert (inner.path, inner.line, inner.column, inner.key_line, inner.key_column) == ("b[0].x", 3, 8, 3, 5)
    assert inner.raw == "yes"


def test_empty_text_is_null() -> None:
    assert parse("# nothing\n", "f.yml")[0].plain() is None


def test_keys_stay_text_and_dates_stay_text() -> None:
    assert parse("8080: 2020-99-01\non: 0x10", "f.yml")[0].plain() == {"8080": "2020-99-01", "on": 16}


def test_merge_keys_are_resolved() -> None:
    assert parse("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}", "f")[0].plain() == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 3},
    }


def test_repeated_key_is_found() -> None:
    _, report = parse("a: 1\nb: 2\na: 3\n", "f.yml")
    with pytest.raises(ConfigError) as caught:
        report.raise_findings()
    assert messages(caught.value) == [(3, 1, "key 'a' occurs twice")]


def test_unknown_key_gets_a_near_match() -> None:
    root, report = parse("service-name: x\nrule: []\n", "f.yml")
    assert list(report.mapping(root, ["service-name", "rules"])) == ["service-name"]
    assert [(f.line, f.column, f.hint) for f in report.findings] == [(2, 1, "did you mean 'rules'?")]


def test_wrong_types_are_all_reported_in_text_order() -> None:
    root, report = parse("a: x\nb: [1]\nc: {}\nd: 1\ne: ''\nf: true\n", "f.yml")
    entries = report.mapping(root)
    report.string(entries["e"])
    report.integer(entries["a"])
    report.integer(entries["f"])
    report.string(entries["b"])
    report.sequence(entries["c"])
    report.mapping(entries["d"])
    report.boolean(entries["d"])
    report.require(root, ["a", "z"])
    with pytest.raises(ConfigError) as caught:
        report.raise_findings()
    assert messages(caught.value) == [
        (1, 1, "'f.yml' lacks the key 'z'"),
        (1, 4, "'a' must be an integer, found 'x'"),
        (2, 4, "'b' must be a text, found a list"),
        (3, 4, "'c' must be a list, found a mapping"),
        (4, 4, "'d' must be a mapping, found '1'"),
        (4, 4, "'d' must be true or false, found '1'"),
        (5, 4, "'e' must be a text that is not empty, found ''"),
        (6, 4, "'f' must be an integer, found 'true'"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: b: c", 1, 5),
        ("a: &x\n  - *x\n", 1, 4),
        ("? [a]\n: 1", 1, 3),
        ("a: !!python/object:os.x 1", 1, 4),
        ("--- 1\n--- 2", 2, 1),
        ("a: \x01", 0, 0),
        ("a: !!int x", 0, 0),
    ],
)
def test_text_that_is_no_yaml_is_refused_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.yml")
    (finding,) = caught.value.findings
    assert (finding.line, finding.column) == (line, column)
    assert finding.message.startswith("not valid YAML: ")


def test_missing_and_undecodable_files_are_findings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_text(tmp_path / "none.yml")
    (tmp_path / "latin.yml").write_bytes(b"a: \xe9")
    with pytest.raises(ConfigError, match="is not UTF-8: byte 3"):
        read_text(tmp_path / "latin.yml")

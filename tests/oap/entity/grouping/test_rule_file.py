"""The rule file is read strictly."""

from pathlib import Path

import pytest

from oap.config.finding import ConfigError
from oap.entity.grouping.rule_file import parse_grouping_rules

SHIPPED = Path(__file__).parents[4] / "config" / "endpoint-name-grouping.yml"


def test_patterns_by_service() -> None:
    text = """
grouping:
  - service-name: a.ns
    rules:
      - GET:/x/{var}
  - service-name: b.ns
    rules:
      - GET:/y/{var}
  - service-name: a.ns
    rules: ["GET:/z/{var}"]
"""
    rules = parse_grouping_rules(text, "g.yml")
    assert sorted(rules) == ["a.ns", "b.ns"]
    assert [rules["a.ns"].match(name) for name in ("GET:/x/1", "GET:/z/1", "GET:/y/1")] == [
        "GET:/x/{var}",
        "GET:/z/{var}",
        None,
    ]


@pytest.mark.parametrize("text", ["", "grouping:", "grouping: []", "grouping: [{service-name: a, rules: []}]"])
def test_text_without_patterns_has_no_rules(text: str) -> None:
    assert parse_grouping_rules(text, "g.yml") == {}


def test_shipped_file_has_no_rules() -> None:
    assert parse_grouping_rules(SHIPPED.read_text(encoding="utf-8"), "g.yml") == {}


def test_all_problems_are_reported_with_their_place() -> None:
    text = """grouping:
  - service-nam: a
    rules: ["GET:/a/{var}"]
  - service-name: ""
    rules:
      - GET:/a/{id}
      - "{var}/a"
      - GET:/a/x{var}
  -
  - text
  - service-name: b
    rules: GET:/a
"""
    with pytest.raises(ConfigError) as caught:
        parse_grouping_rules(text, "g.yml")
    assert [(f.line, f.column, f.message) for f in caught.value.findings] == [
        (2, 5, "unknown key 'grouping[0].service-nam'"),
        (2, 5, "'grouping[0]' lacks the key 'service-name'"),
        (4, 19, "'grouping[1].service-name' must be a text that is not empty, found ''"),
        (6, 9, "'{id}' in 'GET:/a/{id}' is no variable"),
        (7, 9, "the first part of '{var}/a' is always literal"),
        (8, 9, "'x{var}' in 'GET:/a/x{var}' is no variable"),
        (9, 4, "'grouping[2]' is empty"),
        (10, 5, "'grouping[3]' must be a mapping, found 'text'"),
        (12, 12, "'grouping[4].rules' must be a list, found 'GET:/a'"),
    ]
    assert caught.value.findings[0].hint == "did you mean 'service-name'?"

"""Apdex thresholds."""

from pathlib import Path

import pytest

from oap.config.finding import ConfigError
from oap.entity.apdex import ApdexThresholds, parse_apdex_thresholds

SHIPPED = Path(__file__).parents[3] / "config" / "service-apdex-threshold.yml"


@pytest.mark.parametrize(
    ("text", "service", "threshold"),
    [
        ("", "a", 500),
        ("default: 300", "a", 300),
        ("default: 300\na: 100", "a", 100),
        ("default: 300\na: 0", "a", 0),
        ("default: 300\na: -1", "a", 300),
        ("default: -1\na: -1", "a", 500),
        ("default: 0", "a", 0),
        ("a.ns: 7\nprod::a.ns: 8", "prod::a.ns", 8),
        ("123: 7", "123", 7),
    ],
)
def test_lookup(text: str, service: str, threshold: int) -> None:
    assert parse_apdex_thresholds(text, "t.yml").lookup(service) == threshold


def test_shipped_file_sets_500_for_all() -> None:
    assert parse_apdex_thresholds(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name) == ApdexThresholds(
        {"default": 500}
    )


def test_all_problems_are_reported() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_apdex_thresholds("default: fast\na: 1.5\nb: [1]\nc:\nd: true\n", "t.yml")
    assert [(f.line, f.column, f.message) for f in caught.value.findings] == [
        (1, 10, "'default' must be an integer, found 'fast'"),
        (2, 4, "'a' must be an integer, found '1.5'"),
        (3, 4, "'b' must be an integer, found a list"),
        (4, 3, "'c' must be an integer, found nothing"),
        (5, 4, "'d' must be an integer, found 'true'"),
    ]

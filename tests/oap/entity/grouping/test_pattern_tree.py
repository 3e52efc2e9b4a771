"""Patterns are followed part by part, without going back."""

import pytest

from oap.entity.grouping.pattern_tree import PatternTree


@pytest.mark.parametrize(
    ("patterns", "name", "group"),
    [
        (["GET:/prod/{var}"], "GET:/prod/1", "GET:/prod/{var}"),
        (["GET:/prod/{var}"], "GET:/prod/1/", "GET:/prod/{var}"),
        (["GET:/prod/{var}"], "GET:/prod/{var}", "GET:/prod/{var}"),
        (["GET:/prod/{var}"], "GET:/prod", None),
        (["GET:/prod/{var}"], "GET:/prod/1/2", None),
        (["GET:/prod/{var}"], "POST:/prod/1", None),
        (["GET:/prod/{var}/{var}/x"], "GET:/prod/1/2/x", "GET:/prod/{var}/{var}/x"),
        (["GET:/prod/{var}"], "GET:/", "GET:/"),
        (["GET:/prod/{var}"], "GET:", "GET:"),
        (["GET:/prod/{var}"], "_abandoned", "_abandoned"),
        (["/prod/{var}"], "prod/7", "/prod/{var}"),
        (["GET:/a", "GET:/a/{var}"], "GET:/a", "GET:/a"),
        (["{var}/a"], "GET:/a", None),
        (["GET:/{var}/a", "GET:/prod/b"], "GET:/prod/b", None),
        (["GET:/prod/b", "GET:/{var}/a"], "GET:/prod/b", "GET:/prod/b"),
        (["GET:/prod/b", "GET:/{var}/a"], "GET:/prod/a", None),
        (["GET:/prod/b", "GET:/{var}/a"], "GET:/x/a", "GET:/{var}/a"),
        ([], "GET:/", None),
        ([], "GET:/a", None),
    ],
)
def test_match(patterns: list[str], name: str, group: str | None) -> None:
    assert PatternTree(patterns).match(name) == group


def test_tree_without_patterns_is_false() -> None:
    assert not PatternTree()
    assert PatternTree(["GET:/a"])

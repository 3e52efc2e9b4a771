"""Endpoint names: cut, grouped, limited."""

import json
from itertools import pairwise

import pytest

from oap.entity.grouping.endpoint_names import NEVER, EndpointNames, GroupingRules
from oap.entity.grouping.openapi import OpenapiRules, parse_openapi
from oap.entity.grouping.pattern_tree import PatternTree
from oap.entity.names import NameLimits

T = 1_714_566_899


def rules() -> GroupingRules:
    document = "paths: {'/prod/{id}': {get: {}}, /exact: {get: {}}}"
    return GroupingRules(
        openapi=OpenapiRules(parse_openapi(document, "d.yaml", "api")),
        patterns={"api": PatternTree(["GET:/prod/{var}", "GET:/cart/{var}"]), "shop": PatternTree(["GET:/cart/{var}"])},
    )


def filled(limit: int = 3) -> EndpointNames:
    names = EndpointNames(limit=limit)
    for number in range(limit):
        names.format("a", f"GET:/{number}", T)
    return names


def test_of_3000_distinct_names_the_last_and_all_later_ones_are_abandoned() -> None:
    names = EndpointNames()
    stored = [names.endpoint("reviews.bookinfo", f"GET:/reviews/{number}", T + number % 60) for number in range(3000)]
    assert stored[:2999] == [f"GET:/reviews/{number}" for number in range(2999)]
    assert stored[2999] == "_abandoned"
    assert names.endpoint("reviews.bookinfo", "GET:/reviews/3000", T + 100) == "_abandoned"
    assert names.endpoint("reviews.bookinfo", "GET:/reviews/0", T + 599) == "_abandoned"
    assert names.endpoint("reviews.bookinfo", "GET:/reviews/0", T + 600) == "GET:/reviews/0"
    assert names.endpoint("reviews.bookinfo", "GET:/reviews/3000", T + 600) == "GET:/reviews/3000"


def test_one_format_keeps_the_name_that_fills_the_set() -> None:
    names = EndpointNames(limit=2)
    assert [names.format("a", name, T) for name in ("x", "y", "z", "x")] == ["x", "y", "_abandoned", "_abandoned"]


def test_repeated_names_take_one_place() -> None:
    names = EndpointNames(limit=2)
    assert [names.endpoint("a", "x", T) for _ in range(5)] == ["x"] * 5
    assert not names.is_full("a")


def test_services_do_not_share_places() -> None:
    names = filled()
    assert names.format("b", "GET:/0", T) == "GET:/0"
    assert (names.is_full("a"), names.is_full("b")) == (True, False)


@pytest.mark.parametrize(
    ("service", "name", "stored"),
    [
        ("api", "GET:/prod/1", "GET:/prod/{id}"),
        ("api", "GET:/exact", "GET:/exact"),
        ("api", "GET:/cart/1", "GET:/cart/{var}"),
        ("shop", "GET:/cart/1", "GET:/cart/{var}"),
        ("shop", "GET:/", "GET:/"),
        ("", "GET:/cart/1", "GET:/cart/1"),
        ("shop", "", ""),
    ],
)
def test_matched_and_empty_names_take_no_place(service: str, name: str, stored: str) -> None:
    names = EndpointNames(rules())
    assert names.endpoint(service, name, T) == stored
    assert names.expires_at(service) == NEVER


def test_name_is_cut_before_it_is_grouped() -> None:
    names = EndpointNames(rules(), NameLimits(endpoint=11))
    assert names.format("shop", "GET:/cart/1/2", T) == "GET:/cart/{var}"
    assert names.format("other", "GET:/cart/1/2", T) == "GET:/cart/1"


def test_matched_names_survive_a_full_set() -> None:
    names = EndpointNames(rules(), limit=1)
    assert names.format("shop", "GET:/a", T) == "GET:/a"
    assert names.format("shop", "GET:/b", T) == "_abandoned"
    assert names.format("shop", "GET:/cart/9", T) == "GET:/cart/{var}"


def test_set_ends_ten_minutes_after_its_first_name() -> None:
    names = EndpointNames()
    names.format("a", "x", T)
    names.format("a", "y", T + 500)
    assert names.expires_at("a") == T + 600
    names.format("a", "x", T + 600)
    assert names.expires_at("a") == T + 1200


def test_earlier_seconds_use_the_present_set() -> None:
    names = filled()
    assert names.format("a", "GET:/old", T - 3000) == "_abandoned"


def test_has_rules() -> None:
    names = EndpointNames(rules())
    assert [names.has_rules(service) for service in ("api", "shop", "other")] == [True, True, False]


def test_epoch_changes_when_the_set_opens_fills_or_opens_again_and_with_the_rules() -> None:
    names = EndpointNames(limit=2)
    epochs = [names.epoch("a")]
    for name, second in (("x", T), ("x", T + 1), ("y", T), ("z", T), ("x", T + 600)):
        names.format("a", name, second)
        epochs.append(names.epoch("a"))
    names.replace_rules(rules())
    epochs.append(names.epoch("a"))
    changed = [later != earlier for earlier, later in pairwise(epochs)]
    assert changed == [True, False, True, False, True, True]
    assert len(set(epochs)) == 5


def test_epoch_of_a_service_without_set_changes_with_the_rules() -> None:
    names = EndpointNames()
    before = names.epoch("a")
    names.replace_rules(rules())
    assert names.epoch("a") != before


def test_ended_sets_can_be_forgotten() -> None:
    names = filled()
    names.format("b", "x", T + 5)
    epoch = names.epoch("a")
    assert names.forget_ended(T + 600) == 1
    assert names.expires_at("a") == NEVER
    assert names.expires_at("b") == T + 605
    assert names.epoch("a") != epoch


def test_number_of_sets_is_bounded_by_those_in_use_at_once() -> None:
    names = EndpointNames(few_sets=4)
    sizes = []
    for number in range(100):
        names.format(f"service-{number}", "GET:/", T + 200 * number)
        sizes.append(len(names.dump()))
    assert sizes[:4] == [1, 2, 3, 4]
    assert set(sizes[4:]) == {3, 4}


def test_sets_in_use_are_not_dropped_however_many() -> None:
    names = EndpointNames(few_sets=4)
    for number in range(100):
        names.format(f"service-{number}", "GET:/", T)
    assert len(names.dump()) == 100


def test_generation_changes_with_the_rules_and_when_sets_are_dropped() -> None:
    names = filled()
    generations = [names.generation]
    names.format("b", "x", T + 600)
    generations.append(names.generation)
    names.forget_ended(T + 700)
    generations.append(names.generation)
    names.replace_rules(rules())
    generations.append(names.generation)
    names.restore(names.dump())
    generations.append(names.generation)
    assert [later != earlier for earlier, later in pairwise(generations)] == [False, True, True, True]


def test_dumped_state_goes_on_where_it_stopped() -> None:
    names = filled()
    names.format("b", "GET:/x", T + 5)
    text = json.dumps(names.dump())
    assert json.loads(text) == {
        "a": {"ends": T + 600, "full": True, "names": []},
        "b": {"ends": T + 605, "full": False, "names": ["GET:/x"]},
    }
    other = EndpointNames(limit=3)
    other.restore(json.loads(text))
    assert other.dump() == names.dump()
    assert other.format("a", "GET:/0", T) == "_abandoned"
    assert [other.endpoint("b", name, T) for name in ("y", "GET:/x", "z")] == ["y", "GET:/x", "_abandoned"]

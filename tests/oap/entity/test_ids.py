"""Ids are exactly the texts that storage and the page exchange."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oap.entity.errors import EntityError
from oap.entity.ids import (
    decode_endpoint_id,
    decode_endpoint_relation_id,
    decode_instance_id,
    decode_instance_relation_id,
    decode_service_id,
    decode_service_relation_id,
    endpoint_id,
    endpoint_relation_id,
    instance_id,
    instance_relation_id,
    service_id,
    service_relation_id,
    service_traffic_id,
)

REVIEWS = service_id("reviews.bookinfo")
RATINGS = service_id("ratings.bookinfo")
# Protobuf strings hold no lone surrogates, so neither do names.
NAMES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda name: not name.isspace())


def test_service_of_a_normal_layer() -> None:
    assert REVIEWS == "cmV2aWV3cy5ib29raW5mbw==.1"


def test_service_of_a_conjectured_layer() -> None:
    assert service_id("reviews.bookinfo", is_normal=False) == "cmV2aWV3cy5ib29raW5mbw==.0"


def test_traffic_row_has_the_layer_number() -> None:
    assert service_traffic_id("reviews.bookinfo", 17) == "cmV2aWV3cy5ib29raW5mbw==.17"
    assert service_traffic_id("reviews.bookinfo", 1) == "cmV2aWV3cy5ib29raW5mbw==.1"


def test_instance() -> None:
    assert instance_id(REVIEWS, "reviews-v1-0") == "cmV2aWV3cy5ib29raW5mbw==.1_cmV2aWV3cy12MS0w"
    assert instance_id(service_id("Unknown"), "Unknown") == "VW5rbm93bg==.1_VW5rbm93bg=="


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("GET:/reviews/0", "R0VUOi9yZXZpZXdzLzA="),
        ("GET:/商品/1", "R0VUOi/llYblk4EvMQ=="),
        ("GET:/a?q=>>>", "R0VUOi9hP3E9Pj4+"),
    ],
)
def test_endpoint(name: str, part: str) -> None:
    assert endpoint_id(REVIEWS, name) == f"cmV2aWV3cy5ib29raW5mbw==.1_{part}"


def test_cluster_is_part_of_the_name() -> None:
    assert service_id("prod::ratings.bookinfo") == "cHJvZDo6cmF0aW5ncy5ib29raW5mbw==.1"


@pytest.mark.parametrize("name", [None, "", " ", "\t\n"])
def test_blank_names_are_replaced(name: str | None) -> None:
    assert service_id(name) == "X2JsYW5r.1"
    assert endpoint_id(REVIEWS, name) == "cmV2aWV3cy5ib29raW5mbw==.1_X2JsYW5r"


def test_service_relation() -> None:
    assert service_relation_id(RATINGS, REVIEWS) == "cmF0aW5ncy5ib29raW5mbw==.1-cmV2aWV3cy5ib29raW5mbw==.1"


def test_instance_relation() -> None:
    source, dest = instance_id(RATINGS, "ratings-v1-0"), instance_id(REVIEWS, "reviews-v1-0")
    assert instance_relation_id(source, dest) == (
        "cmF0aW5ncy5ib29raW5mbw==.1_cmF0aW5ncy12MS0w-cmV2aWV3cy5ib29raW5mbw==.1_cmV2aWV3cy12MS0w"
    )


def test_endpoint_relation() -> None:
    assert endpoint_relation_id(RATINGS, "GET:/a", REVIEWS, "GET:/b") == (
        "cmF0aW5ncy5ib29raW5mbw==.1-R0VUOi9h-cmV2aWV3cy5ib29raW5mbw==.1-R0VUOi9i"
    )


@given(source=NAMES, dest=NAMES, member=NAMES, other=NAMES, is_normal=st.booleans())
def test_every_id_decodes_to_what_it_was_made_of(
    source: str, dest: str, member: str, other: str, is_normal: bool
) -> None:
    a, b = service_id(source, is_normal), service_id(dest)
    assert decode_service_id(a) == (source, is_normal)
    assert decode_instance_id(instance_id(a, member)) == (a, member)
    assert decode_endpoint_id(endpoint_id(a, member)) == (a, member)
    assert decode_service_relation_id(service_relation_id(a, b)) == (a, b)
    i, j = instance_id(a, member), instance_id(b, other)
    assert decode_instance_relation_id(instance_relation_id(i, j)) == (i, j)
    assert decode_endpoint_relation_id(endpoint_relation_id(a, member, b, other)) == (a, member, b, other)


@pytest.mark.parametrize(
    "text",
    ["", "x", ".1", "YQ==", "YQ==.2", "YQ==.1.1", "Y Q==.1", "YQ.1", "商品.1", "/w==.1", "YQ==.17", "YQ==.1_YQ=="],
)
def test_malformed_service_id_is_refused(text: str) -> None:
    with pytest.raises(EntityError, match="no service id"):
        decode_service_id(text)


@pytest.mark.parametrize("text", ["", "YQ==.1", "YQ==.1_", "YQ==_YQ==", "YQ==.1_YQ==_YQ==", "_YQ==", "YQ==.1_/w=="])
def test_malformed_member_id_is_refused(text: str) -> None:
    with pytest.raises(EntityError):
        decode_instance_id(text)
    with pytest.raises(EntityError):
        decode_endpoint_id(text)


@pytest.mark.parametrize("text", ["", "YQ==.1", "YQ==.1-", "YQ==.1-YQ==", "YQ==.1-YQ==.1-YQ==.1"])
def test_malformed_relation_id_is_refused(text: str) -> None:
    for decode in (decode_service_relation_id, decode_instance_relation_id, decode_endpoint_relation_id):
        with pytest.raises(EntityError):
            decode(text)

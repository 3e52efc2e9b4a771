"""Answers of a registry become names."""

from oap.entity.addresses import ResolvedAddress, full_name, service_and_pod

REVIEWS = ResolvedAddress("reviews.bookinfo", "reviews-v1-0")


def test_cluster_prefixes_the_service() -> None:
    assert full_name("prod", REVIEWS) == "prod::reviews.bookinfo"
    assert full_name("", REVIEWS) == "reviews.bookinfo"


def test_pair_of_a_known_address() -> None:
    assert service_and_pod("prod", REVIEWS) == ("prod::reviews.bookinfo", "reviews-v1-0")
    assert service_and_pod("", ResolvedAddress("reviews.bookinfo", "")) == ("reviews.bookinfo", "")


def test_unknown_address_gets_no_cluster() -> None:
    assert service_and_pod("prod", None) == ("Unknown", "Unknown")

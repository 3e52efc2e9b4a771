import pytest

from oap.rules.entity_text import FORMS, entity_names, entity_text

TEXTS = {
    "K8SService": ("reviews.shop", ("reviews.shop",)),
    "K8SServiceInstance": ("reviews.shop/reviews-0", ("reviews.shop", "reviews-0")),
    "K8SServiceRelation": ("web.shop -> reviews.shop", ("web.shop", "reviews.shop")),
    "K8SServiceInstanceRelation": (
        "web.shop/web-0 -> reviews.shop/reviews-0",
        ("web.shop", "web-0", "reviews.shop", "reviews-0"),
    ),
    "K8SEndpoint": ("reviews.shop GET:/a b", ("reviews.shop", "GET:/a b")),
}


@pytest.mark.parametrize("scope", FORMS)
def test_names_are_written_and_read_back(scope: str) -> None:
    text, names = TEXTS[scope]
    assert (entity_text(scope, names), entity_names(scope, text)) == (text, names)


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        ("K8SService", "a -> b"),
        ("K8SServiceInstance", "reviews.shop"),
        ("K8SServiceInstance", "reviews.shop/"),
        ("K8SServiceRelation", "web.shop"),
        ("K8SServiceRelation", "a -> b -> c"),
        ("K8SServiceInstanceRelation", "web.shop/web-0 -> reviews.shop"),
        ("K8SEndpoint", "reviews.shop"),
    ],
)
def test_texts_of_another_form_are_no_entities(scope: str, text: str) -> None:
    assert entity_names(scope, text) is None


def test_only_the_last_slash_parts_service_and_pod() -> None:
    assert entity_names("K8SServiceInstance", "a/b/pod-0") == ("a/b", "pod-0")

import pytest

from oap.query.entity import EntityInput

SOURCE = {"service_name": "a", "normal": True, "service_instance_name": "p", "endpoint_name": "GET:/"}
DEST = {"dest_service_name": "b", "dest_normal": False, "dest_service_instance_name": "q", "dest_endpoint_name": "e"}


@pytest.mark.parametrize(
    ("category", "entity_id"),
    [
        ("ALL", ""),
        ("SERVICE", "YQ==.1"),
        ("SERVICE_INSTANCE", "YQ==.1_cA=="),
        ("ENDPOINT", "YQ==.1_R0VUOi8="),
        ("SERVICE_RELATION", "YQ==.1-Yg==.0"),
        ("SERVICE_INSTANCE_RELATION", "YQ==.1_cA==-Yg==.0_cQ=="),
        ("ENDPOINT_RELATION", "YQ==.1-R0VUOi8=-Yg==.0-ZQ=="),
        ("PROCESS", None),
    ],
)
def test_category_decides_the_id(category: str, entity_id: str | None) -> None:
    assert EntityInput.of(SOURCE | DEST | {"scope": "All"}).id_for(category) == entity_id


@pytest.mark.parametrize(
    ("category", "missing"),
    [
        ("SERVICE", "normal"),
        ("SERVICE_INSTANCE", "service_instance_name"),
        ("ENDPOINT", "endpoint_name"),
        ("SERVICE_RELATION", "dest_normal"),
        ("SERVICE_INSTANCE_RELATION", "dest_service_instance_name"),
        ("ENDPOINT_RELATION", "dest_endpoint_name"),
    ],
)
def test_missing_member_leaves_no_entity(category: str, missing: str) -> None:
    assert EntityInput.of(SOURCE | DEST | {missing: None}).id_for(category) is None


def test_empty_name_is_blank_inside_the_id() -> None:
    assert EntityInput.of({"service_name": "", "normal": True}).id_for("SERVICE") == "X2JsYW5r.1"

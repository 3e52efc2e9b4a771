"""OpenAPI documents name the calls they describe."""

from pathlib import Path

import pytest

from oap.config.finding import ConfigError
from oap.entity.grouping.openapi import OpenapiRules, openapi_rules, parse_openapi

DOCUMENT = """
openapi: 3.0.0
info: {title: Shop, version: 2024-05-01}
paths:
  /products:
    get: {summary: all}
    post: {}
  /products/{id}:
    summary: not a method
    get: {}
  /products/{id}/{kind}:
    get: {}
  /products/special/{kind}:
    get: {}
  /a.b/{x}:
    get: {}
"""


def match(document: str, name: str, service: str = "shop") -> str | None:
    return OpenapiRules(parse_openapi(document, "d.yaml", "shop")).match(service, name)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("GET:/products", "GET:/products"),
        ("POST:/products", "POST:/products"),
        ("GET:/products/1", "GET:/products/{id}"),
        ("GET:/products/1/2", "GET:/products/{id}/{kind}"),
        ("GET:/products/special/2", "GET:/products/special/{kind}"),
        ("GET:/products/1/2/3", None),
        ("PUT:/products", None),
        ("GET:/products/", None),
        ("GET:/a.b/1", "GET:/a.b/{x}"),
        ("GET:/aXb/1", None),
        ("_abandoned", None),
    ],
)
def test_call_takes_the_name_of_its_operation(name: str, group: str | None) -> None:
    assert match(DOCUMENT, name) == group


def test_other_services_are_not_concerned() -> None:
    assert match(DOCUMENT, "GET:/products", "other") is None


def test_longer_text_wins_among_templates_with_as_many_variables() -> None:
    document = "paths: {'/a/{x}/b': {get: }, '/a/{x}/{y}': {get: }, '/a/long/{y}': {get: }}"
    assert match(document, "GET:/a/long/b") == "GET:/a/long/{y}"
    assert match(document, "GET:/a/s/b") == "GET:/a/{x}/b"


def test_extension_keys_override_service_match_rule_and_format() -> None:
    document = """
x-sw-service-name: other
x-sw-endpoint-name-match-rule: "<${METHOD}>:${PATH}"
x-sw-endpoint-name-format: "${PATH} ${METHOD}"
paths:
  /p: {get: {}}
  /p/{id}: {get: {}}
"""
    rules = OpenapiRules(parse_openapi(document, "d.yaml", "shop"))
    assert rules.match("other", "<GET>:/p") == "/p GET"
    assert rules.match("other", "<GET>:/p/1") == "/p/{id} GET"
    assert (rules.has_rules("other"), rules.has_rules("shop")) == (True, False)


def test_empty_document_has_no_operations() -> None:
    assert parse_openapi("", "d.yaml", "shop") == []


FOLDER = Path("definitions")


def test_documents_belong_to_the_service_of_their_folder() -> None:
    documents = {
        FOLDER / "shop" / "a.yaml": "paths: {/a: {get: {}}}",
        FOLDER / "shop" / "b.yaml": "paths: {/b: {get: {}}}",
        FOLDER / "root.yaml": "x-sw-service-name: r\npaths: {/c: {get: {}}}",
    }
    rules = openapi_rules(documents, FOLDER)
    assert [rules.match("shop", "GET:/a"), rules.match("shop", "GET:/b"), rules.match("r", "GET:/c")] == [
        "GET:/a",
        "GET:/b",
        "GET:/c",
    ]


def test_no_documents_have_no_rules() -> None:
    assert not openapi_rules({}, FOLDER).has_rules("shop")


def test_problems_of_all_files_are_reported() -> None:
    documents = {FOLDER / "root.yaml": "paths: {}", FOLDER / "shop" / "a.yaml": "paths: [1]"}
    with pytest.raises(ConfigError) as caught:
        openapi_rules(documents, FOLDER)
    assert [(Path(f.file).name, f.line, f.column, f.message) for f in caught.value.findings] == [
        ("root.yaml", 1, 1, "no service: the file lies in no service's folder"),
        ("a.yaml", 1, 8, "'paths' must be a mapping, found a list"),
    ]

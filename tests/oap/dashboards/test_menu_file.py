from pathlib import Path

import pytest

from oap.config.finding import ConfigError
from oap.dashboards.menu_file import menu_text, parse_menu, stored_menu
from oap.query.menu import MenuEntry

SHIPPED = Path(__file__).parents[3] / "config" / "ui-initialized-templates" / "menu.yaml"
TEXT = """
menus:
  - title: Läden
    icon: shop
    menus:
      - title: All
        layer: SHOP
        description: What sells.
        documentLink: https://127.0.0.1/
        i18nKey: shop_all
  - title: Docs
"""
ENTRIES = (
    MenuEntry(
        "Läden",
        icon="shop",
        children=(MenuEntry("All", None, "SHOP", "What sells.", "https://127.0.0.1/", "shop_all"),),
    ),
    MenuEntry("Docs"),
)


def test_a_file_is_read_and_stored_and_read_again() -> None:
    assert parse_menu(TEXT, "menu.yaml") == ENTRIES
    assert stored_menu(menu_text(ENTRIES)) == ENTRIES
    assert menu_text(ENTRIES[1:]) == '[{"title":"Docs"}]'


def test_an_empty_file_has_no_entries() -> None:
    assert parse_menu("", "menu.yaml") == ()
    assert parse_menu("menus:", "menu.yaml") == ()


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        parse_menu("menus:\n  - titel: A\n  - title: B\n    menus: 7\n", "menu.yaml")
    assert [(found.line, found.column, found.message, found.hint) for found in raised.value.findings] == [
        (2, 5, "unknown key 'menus[0].titel'", "did you mean 'title'?"),
        (2, 5, "'menus[0]' lacks the key 'title'", ""),
        (4, 12, "'menus[1].menus' must be a list, found '7'", ""),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expecting value"),
        ("{}", "not a list"),
        ("[1]", "an entry without a title"),
        ('[{"layer": "MESH"}]', "an entry without a title"),
        ('[{"title": "a", "menus": [{}]}]', "an entry without a title"),
    ],
)
def test_a_stored_text_that_is_no_menu_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        stored_menu(text)


def test_the_shipped_menu_leads_to_kubernetes_and_to_the_mesh() -> None:
    kubernetes, mesh = parse_menu(SHIPPED.read_text(encoding="utf-8"), str(SHIPPED))
    assert [(entry.title, entry.icon, entry.i18n_key) for entry in (kubernetes, mesh)] == [
        ("Kubernetes", "kubernetes", "kubernetes"),
        ("Service Mesh", "service_mesh", "service_mesh"),
    ]
    assert [(leaf.title, leaf.layer, leaf.i18n_key) for leaf in (*kubernetes.children, *mesh.children)] == [
        ("Service", "K8S_SERVICE", "kubernetes_service"),
        ("Services", "MESH", "service_mesh_service"),
    ]

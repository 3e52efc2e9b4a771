from oap.query.menu import ActiveMenu, MenuEntry
from tests.clock import HandClock

LEAF = MenuEntry("Service", layer="K8S_SERVICE", i18n_key="kubernetes_service")
ALWAYS = MenuEntry("Docs", document_link="https://127.0.0.1/")


def active(menu: ActiveMenu, layers: set[str], clock: HandClock) -> list[bool]:
    return [item["activate"] for item in menu.items(lambda: layers, clock.now_s())]


def test_an_entry_is_active_when_one_below_it_is() -> None:
    clock = HandClock("2026-01-01T00:00:00")
    below = MenuEntry("Kubernetes", children=(MenuEntry("Other", layer="MESH"), LEAF))
    deep = MenuEntry("Deep", children=(below,))
    assert active(ActiveMenu([below, deep, LEAF]), {"K8S_SERVICE"}, clock) == [True, True, True]
    assert active(ActiveMenu([below, deep, LEAF]), {"GENERAL"}, clock) == [False, False, False]


def test_a_leaf_without_a_layer_is_always_active() -> None:
    assert active(ActiveMenu([ALWAYS]), set(), HandClock("2026-01-01T00:00:00")) == [True]


def test_what_is_active_is_computed_at_most_every_20_seconds() -> None:
    clock = HandClock("2026-01-01T00:00:00")
    menu = ActiveMenu([LEAF])
    assert active(menu, set(), clock) == [False]
    clock.set("2026-01-01T00:00:19")
    assert active(menu, {"K8S_SERVICE"}, clock) == [False]
    clock.set("2026-01-01T00:00:20")
    assert active(menu, {"K8S_SERVICE"}, clock) == [True]


def test_a_clock_that_was_set_back_does_not_hold_the_menu() -> None:
    clock = HandClock("2026-01-01T01:00:00")
    menu = ActiveMenu([LEAF])
    assert active(menu, set(), clock) == [False]
    clock.set("2026-01-01T00:00:00")
    assert active(menu, {"K8S_SERVICE"}, clock) == [True]

"""Menu of the user interface (spec query 5.4)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_RECOMPUTED_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry; a leaf leads to the root dashboard of its layer, "" for none."""

    title: str
    icon: str | None = None
    layer: str = ""
    description: str | None = None
    document_link: str | None = None
    i18n_key: str | None = None
    children: "tuple[MenuEntry, ...]" = ()


class ActiveMenu:
    """The menu as clients see it. One object serves all threads."""

    def __init__(self, entries: Sequence[MenuEntry] = ()) -> None:
        self._entries = tuple(entries)
        self._computed: tuple[float, Sequence[Mapping[str, Any]]] | None = None

    def items(self, layers: Callable[[], Collection[str]], now_s: float) -> Sequence[Mapping[str, Any]]:
        """Entries with what is active, recomputed when the last time was 20 s ago; ``layers`` tells those with services."""
        # Two threads may compute at once; what either leaves is right.
        computed = self._computed
        if computed is None or not 0 <= now_s - computed[0] < _RECOMPUTED_S:
            known = layers()
            computed = self._computed = (now_s, [_item(entry, known) for entry in self._entries])
        return computed[1]


def _item(entry: MenuEntry, layers: Collection[str]) -> Mapping[str, Any]:
    children = [_item(child, layers) for child in entry.children]
    return {
        "title": entry.title,
        "icon": entry.icon,
        "layer": entry.layer,
        "activate": any(child["activate"] for child in children) if children else _is_active(entry, layers),
        "sub_items": children,
        "description": entry.description,
        "document_link": entry.document_link,
        "i_18_n_key": entry.i18n_key,
    }


def _is_active(leaf: MenuEntry, layers: Collection[str]) -> bool:
    return not leaf.layer or leaf.layer in layers

"""Menu of the stock user interface (spec query 5.4)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry; a leaf leads to the services of its layer."""

    title: str
    i18n_key: str
    icon: str | None = None
    layer: str = ""
    description: str | None = None
    children: "tuple[MenuEntry, ...]" = ()


MENU = (
    MenuEntry(
        title="Kubernetes",
        i18n_key="kubernetes",
        icon="kubernetes",
        children=(
            MenuEntry(
                title="Service",
                i18n_key="kubernetes_service",
                layer="K8S_SERVICE",
                description="Services of a Kubernetes cluster, as seen from their connections by eBPF.",
            ),
        ),
    ),
    MenuEntry(
        title="Service Mesh",
        i18n_key="service_mesh",
        icon="service_mesh",
        children=(
            MenuEntry(
                title="Services",
                i18n_key="service_mesh_service",
                layer="MESH",
                description="Services behind a mesh proxy.",
            ),
        ),
    ),
)


def menu_item(entry: MenuEntry, layers: Collection[str]) -> Mapping[str, Any]:
    """An entry as clients see it; ``layers`` are those that have services."""
    children = [menu_item(child, layers) for child in entry.children]
    return {
        "title": entry.title,
        "icon": entry.icon,
        "layer": entry.layer,
        "activate": any(child["activate"] for child in children) if children else entry.layer in layers,
        "sub_items": children,
        "description": entry.description,
        "i_18_n_key": entry.i18n_key,
    }

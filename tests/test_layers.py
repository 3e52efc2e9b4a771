"""Imports go one way only: from the edges down to the language."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Lower layers first. A module may import from its own layer and from the ones above it in this list.
LAYERS = (
    ("oal",),
    (
        "oap.clock",
        "oap.compiled",
        "oap.growing",
        "oap.timebucket",
        "oap.version",
        "oap.protocol",
        "oap.accounting",
        "oap.errors",
        "oap.signals",
        "oap.renumbering",
        "oap.reload.event",
    ),
    ("oap.config", "oap.telemetry", "oap.http_server"),
    ("oap.storage.contract", "oap.storage.read_limit"),
    ("oap.receiver.block", "oap.receiver.decode"),
    ("oap.entity",),
    ("oap.window", "oap.last_values"),
    ("oap.why",),
    ("oap.compaction",),
    ("oap.pipeline",),
    (
        "oap.storage",
        "oap.receiver",
        "oap.query",
        "oap.promql",
        "oap.emulator",
        "oap.fold_loop",
        "oap.rules",
        "oap.warm_up",
    ),
    ("oap.listening", "oap.rule_files", "oap.server_meters", "oap.reload", "oap.admin", "oap.dashboards"),
    ("oap.server",),
    ("oap.commands",),
    ("oap.cli",),
    ("oap.__main__",),
)
# Edges of the server know nothing of each other.
APART = ("oap.storage", "oap.receiver", "oap.query", "oap.emulator")
BACKENDS = ("duckdb", "pymysql", "elastic_transport")


def modules() -> Iterator[tuple[str, Path]]:
    for package in ("oal", "oap"):
        for file in sorted((ROOT / package).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            name = ".".join(part for part in parts if part != "__init__")
            if not name.startswith("oap.protocol."):
                yield name, file


def imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def layer_of(module: str) -> int | None:
    best: tuple[int, int] | None = None
    for number, packages in enumerate(LAYERS):
        for package in packages:
            if is_within(module, package) and (best is None or len(package) > best[0]):
                best = (len(package), number)
    return None if best is None else best[1]


def test_every_module_has_a_layer() -> None:
    assert {name for name, _ in modules() if layer_of(name) is None} == {"oap"}


def upward_imports() -> set[tuple[str, str]]:
    return {
        (name, used)
        for name, file in modules()
        for used in imports(file)
        if (mine := layer_of(name)) is not None and (other := layer_of(used)) is not None and other > mine
    }


def test_imports_go_down_only() -> None:
    assert upward_imports() == set()


def test_the_language_imports_nothing_of_the_server() -> None:
    used = {used for name, file in modules() if is_within(name, "oal") for used in imports(file)}
    assert {used for used in used if is_within(used, "oap")} == set()


def test_edges_do_not_import_each_other() -> None:
    crossing = {
        (name, used)
        for name, file in modules()
        for used in imports(file)
        for mine in APART
        for other in APART
        if mine != other
        and is_within(name, mine)
        and is_within(used, other)
        and layer_of(name) == layer_of(used) == layer_of("oap.query")
    }
    assert crossing == set()


def test_only_the_backend_itself_names_its_driver() -> None:
    naming = {
        name
        for name, file in modules()
        for used in imports(file)
        if any(is_within(used, driver) for driver in BACKENDS) and not is_within(name, "oap.storage")
    }
    assert naming == set()


def test_the_layers_are_told_apart() -> None:
    assert layer_of("oap.storage.contract") != layer_of("oap.storage.duckdb")
    assert layer_of("oap.receiver.decode.kernel") != layer_of("oap.receiver.grpc_server")
    assert layer_of("numpy") is None

import ast
import shutil
from pathlib import Path
from typing import Any

import numba

from oap import compiled
from oap.compiled import SOURCES, cache_folder

PACKAGE = Path(compiled.__file__).parent


def own_modules(file: Path) -> set[str]:
    """Modules of the package that a file imports, as paths below it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("oap"):
            parts = node.module.split(".")[1:]
            found = [parts, *([*parts, alias.name] for alias in node.names)]
            names |= {"/".join(path) + ".py" for path in found if (PACKAGE / ("/".join(path) + ".py")).is_file()}
    return names


def test_every_module_with_compiled_functions_is_a_source() -> None:
    decorated = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if "import njit" in file.read_text(encoding="utf-8")
    }
    assert decorated
    assert decorated <= set(SOURCES)


def test_nothing_else_decorates_with_numba() -> None:
    using = {
        file.name for file in PACKAGE.rglob("*.py") if "from numba import njit" in file.read_text(encoding="utf-8")
    }
    assert using == set()


def test_what_compiled_functions_take_from_others_is_a_source() -> None:
    taken = {
        name for source in SOURCES if "njit" in (PACKAGE / source).read_text() for name in own_modules(PACKAGE / source)
    }
    values_only = {
        "entity/addresses.py",
        "entity/errors.py",
        "entity/ids.py",
        "entity/nodes.py",
        "growing.py",
        "receiver/decode/batch.py",
        "renumbering.py",
        "timebucket.py",
        "window/conditions.py",
        "window/rows.py",
    }
    assert taken - set(SOURCES) <= values_only


def test_a_changed_constant_changes_the_folder(tmp_path: Path) -> None:
    for name in SOURCES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PACKAGE / name, tmp_path / name)
    before = cache_folder(tmp_path)
    layout = tmp_path / "receiver/decode/layout.py"
    layout.write_text(layout.read_text(encoding="utf-8") + "\nMORE = 1\n", encoding="utf-8")
    assert cache_folder(tmp_path) != before


def test_numba_was_told() -> None:
    config: Any = numba.config
    assert config.CACHE_DIR

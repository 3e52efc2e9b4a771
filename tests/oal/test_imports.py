"""The language package stands alone."""

import ast
import subprocess
import sys
from pathlib import Path

import oal

_PACKAGE = Path(oal.__file__).parent


def _imported(module: Path) -> set[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_no_module_of_the_language_imports_the_server() -> None:
    for module in _PACKAGE.rglob("*.py"):
        assert not {name for name in _imported(module) if name.split(".")[0] == "oap"}, module


def test_compiling_loads_nothing_heavy() -> None:
    program = (
        "import sys, oal.compiler; "
        "print(*sorted({'oap', 'lark', 'numpy', 'numba', 'duckdb', 'grpc', 'pyarrow'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=_PACKAGE.parent
    )
    assert run.stdout.strip() == ""

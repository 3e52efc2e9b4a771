"""The folder of template files (spec query 5.1, 5.3)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from oap.dashboards.error import DashboardError

TEMPLATE_FOLDER: Final = "ui-initialized-templates"
MENU_FILE: Final = "menu.yaml"
_CUSTOM: Final = "custom"


def template_files(folder: Path) -> Iterator[Path]:
    """Template files below a folder, one subfolder after the other and ``custom`` last; hidden ones do not count."""
    if not folder.is_dir():
        return
    inner = sorted(path for path in folder.iterdir() if path.is_dir())
    for layer in sorted(inner, key=lambda path: path.name == _CUSTOM):
        yield from sorted(file for file in layer.glob("*.json") if not file.name.startswith("."))


def read_template_text(file: Path) -> str:
    """Text of a file. Raises DashboardError when it cannot be read."""
    try:
        return file.read_bytes().decode("utf-8")
    except OSError as error:
        raise DashboardError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DashboardError(f"{file}: is not UTF-8: byte {error.start}") from error

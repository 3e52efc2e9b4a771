"""Template files for the commands: which ones, and their texts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from oap.dashboards.error import DashboardError
from oap.dashboards.folder import TEMPLATE_FOLDER, read_template_text, template_files

DEFAULT_FOLDER: Final = Path("config") / TEMPLATE_FOLDER
ServerAddress = Annotated[
    str, typer.Option("--server", "--url", metavar="URL", help="Where the running server answers queries.")
]
DEFAULT_SERVER: Final = "http://127.0.0.1:12800"


def named_files(given: Sequence[Path]) -> list[Path]:
    """The files that are named, and those of named folders, their own or one level below. Wrong usage if there is none."""
    found: list[Path] = []
    for path in given:
        files = files_below(path) if path.is_dir() else [path]
        if not files:
            raise typer.BadParameter(f"there is no template file in {path}", param_hint="PATHS")
        found += files
    return list(dict.fromkeys(found))


def files_below(folder: Path) -> list[Path]:
    """Template files of a folder and of those in it, without hidden ones, which editors leave."""
    own = sorted(file for file in folder.glob("*.json") if not file.name.startswith("."))
    return [*own, *template_files(folder)]


def read_texts(files: Sequence[Path]) -> Mapping[str, str]:
    """Texts by the names that findings show. Wrong usage when one cannot be read."""
    try:
        return {str(file): read_template_text(file) for file in files}
    except DashboardError as error:
        raise typer.BadParameter(str(error), param_hint="PATHS") from error

"""Dashboard templates, and the menu that leads to them."""

# ruff: noqa: S608  (names are constants or quoted, values are always parameters)

from collections.abc import Sequence
from typing import Final

import duckdb

from oap.storage.contract import Template
from oap.storage.duckdb.database import Database, located

_MENU: Final = "1"


def templates(database: Database, *, include_disabled: bool) -> Sequence[Template]:
    """Templates by id."""
    rows = database.rows(
        f"SELECT template_id, configuration, update_time, disabled FROM {located('ui_template')}"
        " WHERE NOT disabled OR ? ORDER BY template_id",
        [include_disabled],
    )
    return [Template(*row) for row in rows]


def save_template(connection: duckdb.DuckDBPyConnection, template: Template) -> None:
    """Insert or replace a template."""
    connection.execute(f"DELETE FROM {located('ui_template')} WHERE template_id = ?", [template.template_id])
    connection.execute(
        f"INSERT INTO {located('ui_template')}(template_id, configuration, update_time, disabled) VALUES (?, ?, ?, ?)",
        [template.template_id, template.configuration, template.update_time, template.disabled],
    )


def menu(database: Database) -> str | None:
    """The menu, None before one was saved."""
    rows = database.rows(f"SELECT configuration FROM {located('ui_menu')} WHERE menu_id = ?", [_MENU])
    return str(rows[0][0]) if rows else None


def save_menu(connection: duckdb.DuckDBPyConnection, configuration: str, update_time: int) -> None:
    """Insert or replace the menu."""
    connection.execute(f"DELETE FROM {located('ui_menu')} WHERE menu_id = ?", [_MENU])
    connection.execute(
        f"INSERT INTO {located('ui_menu')}(menu_id, configuration, update_time) VALUES (?, ?, ?)",
        [_MENU, configuration, update_time],
    )

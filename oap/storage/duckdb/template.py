"""Dashboard templates."""

# ruff: noqa: S608  (names are constants or quoted, values are always parameters)

from collections.abc import Sequence

import duckdb

from oap.storage.contract import Template
from oap.storage.duckdb.database import Database, located


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

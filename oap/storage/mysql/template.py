"""Dashboard templates (spec storage 8.7)."""

# ruff: noqa: S608  (the only name is a constant, values are always parameters)

from collections.abc import Sequence

from oap.storage.contract import Template
from oap.storage.mysql.database import Session
from oap.storage.mysql.literals import inserted
from oap.storage.mysql.schema import TEMPLATES


def templates(session: Session, *, include_disabled: bool) -> Sequence[Template]:
    """Templates by id."""
    rows = session.rows(
        f"SELECT template_id, configuration, update_time, disabled FROM {TEMPLATES.raw}"
        " WHERE table_name = %s AND (disabled = 0 OR %s) ORDER BY BINARY template_id",
        [TEMPLATES.raw, include_disabled],
    )
    return [Template(key, text, time, bool(disabled)) for key, text, time, disabled in rows]


def save_template(session: Session, template: Template) -> None:
    """Insert or replace a template."""
    names = ["id", "table_name", *(column.name for column in TEMPLATES.columns)]
    cells: list[str | int | None] = [
        template.template_id,
        TEMPLATES.raw,
        template.template_id,
        template.configuration,
        template.update_time,
        int(template.disabled),
    ]
    session.send(inserted(TEMPLATES.raw, names, names[2:], [cells]))

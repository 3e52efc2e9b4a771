"""Dashboard templates (spec storage 8.7), and the menu that leads to them."""

# ruff: noqa: S608  (names are constants, values are always parameters)

from collections.abc import Sequence
from typing import Final

from oap.storage.contract import Template
from oap.storage.mysql.database import Session
from oap.storage.mysql.literals import inserted
from oap.storage.mysql.schema import MENU, TEMPLATES

_MENU_ID: Final = "1"


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


def menu(session: Session) -> str | None:
    """The menu, None before one was saved."""
    rows = session.rows(f"SELECT configuration FROM {MENU.raw} WHERE id = %s", [_MENU_ID])
    return next((str(text) for (text,) in rows), None)


def save_menu(session: Session, configuration: str, update_time: int) -> None:
    """Insert or replace the menu."""
    names = ["id", "table_name", *(column.name for column in MENU.columns)]
    cells: list[str | int | None] = [_MENU_ID, MENU.raw, _MENU_ID, configuration, update_time]
    session.send(inserted(MENU.raw, names, names[2:], [cells]))

"""``oap oal scopes``: what rules can read."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from oal.explain_scope import AttributeFacts, ScopeFacts, explain_scope
from oal.nearest import suggestion
from oap.commands.oal_check import Format
from oap.entity.scopes import k8s_catalog

_HELP = """Show what rules can read: the scopes, or the attributes of one.

\b
  oap oal scopes                       all scopes
  oap oal scopes K8SService            its attributes with type, unit, operations and meaning
  oap oal scopes K8SEndpoint --format json

The last columns say for which operations an attribute has a value, and which field of the agent's log it comes from.

Exit codes: 0 shown, 2 there is no such scope.
"""


def register(group: typer.Typer) -> None:
    """Add the command ``scopes``."""
    group.command("scopes", help=_HELP)(scopes)


def scopes(
    scope: Annotated[str, typer.Argument(help="One scope, such as K8SService.")] = "",
    output: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TEXT,
) -> None:
    """Show what rules can read."""
    catalog = k8s_catalog()
    if scope and scope not in catalog.scopes:
        hint = suggestion(scope, catalog.scopes) or f"scopes are {', '.join(catalog.scopes)}"
        raise typer.BadParameter(f"there is no scope '{scope}'; {hint}", param_hint="SCOPE")
    facts = [explain_scope(known, catalog) for name, known in catalog.scopes.items() if scope in {"", name}]
    if output is Format.JSON:
        typer.echo(json.dumps([asdict(each) for each in facts], ensure_ascii=False, indent=2))
    else:
        typer.echo(_scope_text(facts[0]) if scope else _scopes_text(facts))


def _scopes_text(facts: Sequence[ScopeFacts]) -> str:
    rows = [
        (each.name, each.entity, str(len(each.attributes)), " ".join(each.operations), " ".join(each.decorators))
        for each in facts
    ]
    return table_text(("scope", "one record per", "attributes", "operations", "decorators"), rows)


def _scope_text(facts: ScopeFacts) -> str:
    operations = [f"  {name:<8}  {meaning}" for name, meaning in facts.operations.items()]
    decorators = f"\ndecorators: {', '.join(facts.decorators)}" if facts.decorators else ""
    rows = [_row(attribute, facts) for attribute in facts.attributes]
    attributes = table_text(("attribute", "type", "unit", "operations", "meaning", "source field"), rows)
    head = f"{facts.name}: one record per {facts.entity}{decorators}\n\noperations:\n"
    return head + "\n".join(operations) + f"\n\n{attributes}"


def _row(attribute: AttributeFacts, facts: ScopeFacts) -> tuple[str, ...]:
    operations = " ".join(attribute.operations) if len(attribute.operations) < len(facts.operations) else "all"
    is_enum = attribute.type.startswith("enum ")
    constants = f" ({' '.join(attribute.constants)})" if is_enum else ""
    return (
        attribute.path,
        attribute.type,
        attribute.unit,
        operations or "none",
        attribute.meaning + constants,
        attribute.source,
    )


def table_text(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under heads, columns as wide as their widest text."""
    lines = [heads, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    return "\n".join(
        "  ".join(f"{text:<{width}}" for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )

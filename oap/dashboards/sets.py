"""What holds of all templates together: ids and names are unique, each layer has a root (spec query 5.2, 5.3)."""

from collections.abc import Iterable, Sequence

from oal.nearest import suggestion
from oap.dashboards.codes import Code
from oap.dashboards.json_node import JsonNode
from oap.dashboards.report import Report
from oap.dashboards.template_file import TemplateFile, TemplateKey
from oap.entity.layers import Layer


def check_set(templates: Sequence[TemplateFile], others: Sequence[TemplateFile], report: Report) -> None:
    """Find what is there twice, and layers without a root or with several. Nothing is said about the ``others``."""
    _check_unique(templates, others, report)
    _check_roots(templates, others, report)


def _check_unique(templates: Iterable[TemplateFile], others: Iterable[TemplateFile], report: Report) -> None:
    ids: dict[str, TemplateFile] = {}
    keys: dict[TemplateKey, TemplateFile] = {other.key: other for other in others}
    for template in templates:
        own, name = template.id, template.configuration.at("name")
        first = ids.setdefault(own.text, template) if own.text else template
        if first is not template:
            message = f"the id '{own.text}' is taken"
            report.error(Code.REPEATED_ID, message, template.file, own.span, _see(first, first.id))
        first = keys.setdefault(template.key, template) if name.text else template
        if first is not template:
            message = f"there is another dashboard {template.key}"
            there = first.configuration.at("name")
            report.error(Code.REPEATED_NAME, message, template.file, name.span, _see(first, there))


def _see(template: TemplateFile, node: JsonNode) -> str:
    return f"it is '{template.id.text}' in {template.file}:{node.span.line}"


def _check_roots(templates: Iterable[TemplateFile], others: Iterable[TemplateFile], report: Report) -> None:
    by_layer: dict[str, list[TemplateFile]] = {}
    for template in templates:
        if template.key.layer:
            by_layer.setdefault(template.key.layer, []).append(template)
    known = list(others)
    for layer, members in by_layer.items():
        everything = [*members, *(other for other in known if other.key.layer == layer)]
        # The user interface takes the first one in this order.
        roots = sorted((one for one in everything if one.is_root), key=lambda one: one.key.name.upper())
        if not roots:
            message = f"layer {layer} has no root, a dashboard of All or Service with isRoot, so its menu leads nowhere"
            hint = "" if layer in Layer.__members__ else suggestion(layer, Layer.__members__)
            report.error(Code.NO_ROOT, message, members[0].file, members[0].configuration.at("layer").span, hint)
        for other in roots[1:]:
            if any(other is member for member in members):
                message = f"the menu of layer {layer} leads to '{roots[0].key.name}', never to this root"
                report.warning(Code.SEVERAL_ROOTS, message, other.file, other.configuration.at("isRoot").key)

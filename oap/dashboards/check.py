"""All checks of templates in one pass."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from oal.diagnostic import Diagnostic
from oap.dashboards.codes import REFUSED
from oap.dashboards.known_metric import KnownMetrics
from oap.dashboards.layout import check_layout
from oap.dashboards.links import check_links
from oap.dashboards.queries import check_queries
from oap.dashboards.report import Report
from oap.dashboards.sets import check_set
from oap.dashboards.shape import check_shape
from oap.dashboards.template_file import TemplateFile, read_template
from oap.query.mqe.parser import MqeParser


@dataclass(frozen=True, slots=True)
class CheckedTemplates:
    """The templates that texts hold, in their order, the metrics they show, and everything that is wrong with them."""

    templates: Sequence[TemplateFile]
    metrics: frozenset[str]
    findings: Sequence[Diagnostic]

    @property
    def refusals(self) -> Sequence[Diagnostic]:
        """Findings with which no server starts."""
        return [found for found in self.findings if found.code in REFUSED]


def check_templates(
    texts: Mapping[str, str], metrics: KnownMetrics, beside: Iterable[TemplateFile] = ()
) -> CheckedTemplates:
    """Read and check the texts of template files, given by the names that findings show, as one set.

    ``beside`` are templates that are there as well: links may lead to them, their names are taken. Those with an id of
    the texts are what the texts replace.
    """
    report, parser = Report(), MqeParser()
    found = (read_template(file, text, report) for file, text in texts.items())
    templates = [template for template in found if template is not None]
    replaced = {template.id.text for template in templates}
    others = [template for template in beside if template.id.text not in replaced]
    known = [template.key for template in (*templates, *others)]
    read: set[str] = set()
    for template in templates:
        check_shape(template.file, template.configuration, report)
        check_layout(template, report)
        read |= check_queries(template, metrics, parser, report)
        check_links(template, known, metrics, parser, report)
    check_set(templates, others, report)
    return CheckedTemplates(templates, frozenset(read), report.findings())

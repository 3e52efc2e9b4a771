"""Tree of a metric expression. Places do not count when trees are compared."""

from dataclasses import dataclass, field
from enum import StrEnum

from oap.query.mqe.errors import Place


class Aggregation(StrEnum):
    """What makes one value of a series."""

    AVG = "avg"
    COUNT = "count"
    LATEST = "latest"
    SUM = "sum"
    MAX = "max"
    MIN = "min"


@dataclass(frozen=True, slots=True)
class Node:
    """A part that has a value of its own; ``at`` is where it begins, of an operation the operator."""

    at: Place = field(default=Place(), kw_only=True, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Label:
    """``name='text'`` in a selector or a relabelling."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A literal."""

    value: float


@dataclass(frozen=True, slots=True)
class Metric(Node):
    """A metric by name, with the labels that select among its series."""

    name: str
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """``left operator right``: arithmetic, comparison or boolean."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """Each series of the operand becomes one value."""

    function: Aggregation
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Rounding(Node):
    """``abs``, ``ceil``, ``floor`` or ``round`` of every point; ``places`` counts for ``round`` only."""

    function: str
    operand: "Expression"
    places: int = 0


@dataclass(frozen=True, slots=True)
class Change(Node):
    """``increase`` or ``rate`` of a metric over so many steps."""

    function: str
    metric: Metric
    steps: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A stored attribute that must equal, or differ from, a text."""

    attribute: str
    equal: bool
    text: str


@dataclass(frozen=True, slots=True)
class TopN(Node):
    """The first entities by the mean of a metric."""

    metric: Metric
    count: int
    descending: bool
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class TopNOf(Node):
    """The first entries of several lists."""

    lists: tuple[TopN, ...]
    count: int
    descending: bool


@dataclass(frozen=True, slots=True)
class FirstPresent(Node):
    """``view_as_seq``: the first operand that has a value."""

    operands: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class IsPresent(Node):
    """Whether any operand has a value."""

    operands: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Relabels(Node):
    """Label texts of ``old`` become those of ``new``, pair by pair."""

    operand: "Expression"
    old: Label
    new: Label


@dataclass(frozen=True, slots=True)
class AggregateLabels(Node):
    """Series that agree in these labels become one."""

    operand: "Expression"
    function: Aggregation
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SortValues(Node):
    """Series ordered by value and cut."""

    operand: "Expression"
    count: int
    descending: bool
    function: Aggregation


@dataclass(frozen=True, slots=True)
class SortLabelValues(Node):
    """Series ordered by label texts."""

    operand: "Expression"
    descending: bool
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Baseline(Node):
    """A predicted value or bound of a metric."""

    metric: Metric
    kind: str


Expression = (
    Number
    | Metric
    | Binary
    | Aggregate
    | Rounding
    | Change
    | TopN
    | TopNOf
    | FirstPresent
    | IsPresent
    | Relabels
    | AggregateLabels
    | SortValues
    | SortLabelValues
    | Baseline
)

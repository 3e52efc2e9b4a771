"""Tree of a metric expression."""

from dataclasses import dataclass
from enum import StrEnum


class Aggregation(StrEnum):
    """What makes one value of a series."""

    AVG = "avg"
    COUNT = "count"
    LATEST = "latest"
    SUM = "sum"
    MAX = "max"
    MIN = "min"


@dataclass(frozen=True, slots=True)
class Label:
    """``name='text'`` in a selector or a relabelling."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A literal."""

    value: float


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric by name, with the labels that select among its series."""

    name: str
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right``: arithmetic, comparison or boolean."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Each series of the operand becomes one value."""

    function: Aggregation
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Rounding:
    """``abs``, ``ceil``, ``floor`` or ``round`` of every point; ``places`` counts for ``round`` only."""

    function: str
    operand: "Expression"
    places: int = 0


@dataclass(frozen=True, slots=True)
class Change:
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
class TopN:
    """The first entities by the mean of a metric."""

    metric: Metric
    count: int
    descending: bool
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class TopNOf:
    """The first entries of several lists."""

    lists: tuple[TopN, ...]
    count: int
    descending: bool


@dataclass(frozen=True, slots=True)
class FirstPresent:
    """``view_as_seq``: the first operand that has a value."""

    operands: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class IsPresent:
    """Whether any operand has a value."""

    operands: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Relabels:
    """Label texts of ``old`` become those of ``new``, pair by pair."""

    operand: "Expression"
    old: Label
    new: Label


@dataclass(frozen=True, slots=True)
class AggregateLabels:
    """Series that agree in these labels become one."""

    operand: "Expression"
    function: Aggregation
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SortValues:
    """Series ordered by value and cut."""

    operand: "Expression"
    count: int
    descending: bool
    function: Aggregation


@dataclass(frozen=True, slots=True)
class SortLabelValues:
    """Series ordered by label texts."""

    operand: "Expression"
    descending: bool
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
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

"""The table of all aggregation functions by name."""

from collections.abc import Mapping
from types import MappingProxyType

from oal.functions.apdex import APDEX
from oal.functions.contract import Function
from oal.functions.count import COUNT
from oal.functions.cpm import CPM
from oal.functions.double_avg import DOUBLE_AVG
from oal.functions.histogram import HISTOGRAM
from oal.functions.label_avg import LABEL_AVG
from oal.functions.label_count import LABEL_COUNT
from oal.functions.long_avg import LONG_AVG
from oal.functions.max import MAX
from oal.functions.max_double import MAX_DOUBLE
from oal.functions.min import MIN
from oal.functions.min_double import MIN_DOUBLE
from oal.functions.percent import PERCENT
from oal.functions.percentile import PERCENTILE
from oal.functions.percentile2 import PERCENTILE2
from oal.functions.rate import RATE
from oal.functions.sum import SUM

_ALL = (
    LONG_AVG,
    DOUBLE_AVG,
    SUM,
    COUNT,
    CPM,
    MAX,
    MIN,
    MAX_DOUBLE,
    MIN_DOUBLE,
    PERCENT,
    RATE,
    APDEX,
    PERCENTILE2,
    PERCENTILE,
    HISTOGRAM,
    LABEL_COUNT,
    LABEL_AVG,
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType({function.name: function for function in _ALL})

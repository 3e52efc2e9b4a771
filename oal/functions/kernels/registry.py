"""The arithmetic of every function of ``oal.functions.registry``, by its name."""

from collections.abc import Mapping
from types import MappingProxyType

from oal.functions.kernels.apdex import APDEX
from oal.functions.kernels.averages import DOUBLE_AVG, LONG_AVG
from oal.functions.kernels.cpm import CPM
from oal.functions.kernels.histogram import HISTOGRAM
from oal.functions.kernels.kernel import Kernel
from oal.functions.kernels.label_tables import LABEL_AVG, LABEL_COUNT
from oal.functions.kernels.percentiles import PERCENTILE, PERCENTILE2
from oal.functions.kernels.shares import PERCENT, RATE
from oal.functions.kernels.single_value import COUNT, DOUBLE, INTEGER

KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "longAvg": LONG_AVG,
        "doubleAvg": DOUBLE_AVG,
        "sum": INTEGER,
        "count": COUNT,
        "cpm": CPM,
        "max": INTEGER,
        "min": INTEGER,
        "maxDouble": DOUBLE,
        "minDouble": DOUBLE,
        "percent": PERCENT,
        "rate": RATE,
        "apdex": APDEX,
        "percentile2": PERCENTILE2,
        "percentile": PERCENTILE,
        "histogram": HISTOGRAM,
        "labelCount": LABEL_COUNT,
        "labelAvg": LABEL_AVG,
    }
)

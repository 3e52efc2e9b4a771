"""The arithmetic of aggregation functions over columns. Only who computes loads it, through ``oal.functions.contract``."""

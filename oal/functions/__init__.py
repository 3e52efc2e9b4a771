"""Aggregation functions as data, one module each (spec oal 3). Look them up in ``oal.functions.registry``."""

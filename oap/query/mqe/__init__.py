"""Metric expressions: text to tree, tree and stored series to a result (spec query 2)."""

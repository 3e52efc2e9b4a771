"""Bound rules to a plan: ordered passes over one rule on one table, then sharing of equal state."""

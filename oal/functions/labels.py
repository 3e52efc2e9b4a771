"""What functions that count by label have in common."""

DEFAULT_LABEL_LIMIT = 50
"""How many labels a record holds when a rule does not say so (spec oal 3.6)."""

"""Endpoint names that differ only in variable parts become one (spec entities 3)."""

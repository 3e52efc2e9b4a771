"""Benchmarks, off by default: ``python -m bench``."""

"""Live reload: rule files that change while the server runs (spec oal 6, 8)."""

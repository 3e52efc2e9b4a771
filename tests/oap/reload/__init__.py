"""Live reload."""

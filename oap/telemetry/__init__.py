"""The server's own metrics and health."""

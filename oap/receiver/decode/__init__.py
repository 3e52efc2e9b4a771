"""Wire bytes to tables: one compiled loop, no Python object per message."""

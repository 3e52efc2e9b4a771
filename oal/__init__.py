"""The language of analysis rules (OAL) and its arithmetic: text to checked plan, no I/O."""

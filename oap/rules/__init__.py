"""Rules tried out without a server: over recordings and over logs written by hand."""

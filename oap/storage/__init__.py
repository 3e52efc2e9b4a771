"""One storage contract and its backends."""

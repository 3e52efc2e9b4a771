"""Minute, hour and day windows: fold, roll up, hand over."""

"""A Rover that needs no kernel: scenarios, recording, replay."""

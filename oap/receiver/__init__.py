"""gRPC edge: streams of access logs in, answers to every other call of Rover."""

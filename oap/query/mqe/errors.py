"""What can be wrong with an expression."""


class MqeError(Exception):
    """The expression cannot be parsed or evaluated; the message is what the client reads in ``error``."""

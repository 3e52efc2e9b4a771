"""The error of the server's wiring."""


class ServerError(Exception):
    """The server cannot start; the text is for the operator."""

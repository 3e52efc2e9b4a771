"""The root exception of the receiver."""


class ReceiverError(Exception):
    """The receiver cannot be built or started; the text tells an operator what to change."""

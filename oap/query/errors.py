"""What clients of the query side can get wrong."""


class QueryError(Exception):
    """The request cannot be answered as asked; the message is the client's and fails one field only."""

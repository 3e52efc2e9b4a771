"""Errors of the entity package."""


class EntityError(Exception):
    """Root of all errors of this package."""


class LookupFailed(EntityError):  # noqa: N818  (says what happened; it is no fault of the caller)
    """An address cannot be looked up now; nothing is known about it, not even that it is unknown."""

"""Why a step of a case cannot be sent."""

from __future__ import annotations


class Inexpressible(Exception):
    """A typed request has no way to say it; ``str()`` is what."""


class NotServed(Exception):
    """The services lack the method or the field that says it; ``str()`` is which."""


class NoSuchMethod(Exception):
    """The kind does not declare the subresource, so its service rightly lacks the method."""

"""Labels in one text, ``app=web,tier=front``, for objects that a command makes."""

from __future__ import annotations

from protocube_client.cli.failures import CommandError


def read(text: str) -> dict[str, str]:
    """Return the labels. Raises :class:`CommandError` in kubectl's words."""
    found: dict[str, str] = {}
    for pair in text.split(","):
        key, equals, value = pair.partition("=")
        if not equals or "=" in value:
            raise CommandError(f"unexpected label spec: {pair}")
        if not key:
            raise CommandError("unexpected empty label key")
        found[key] = value
    return found

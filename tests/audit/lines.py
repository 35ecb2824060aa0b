"""Reading an audit log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def events(file: Path) -> list[dict[str, Any]]:
    """Return the events of a log, one for each line."""
    whole = (line for line in file.read_text().splitlines(keepends=True) if line.endswith("\n"))
    return [json.loads(line) for line in whole]


def told(found: list[dict[str, Any]]) -> list[str]:
    """Return each event as who, verb, resource, name and code."""
    texts = []
    for event in found:
        about = event.get("objectRef", {})
        who = event["user"].get("username", "-")
        subresource = f"/{about['subresource']}" if "subresource" in about else ""
        what = f"{about.get('resource', event['requestURI'])}{subresource}"
        code = event["responseStatus"]["code"]
        texts.append(f"{who} {event['verb']} {what} {about.get('name', '-')} {code}")
    return texts

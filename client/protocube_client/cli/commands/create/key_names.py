"""Names of keys in ConfigMaps and Secrets."""

from __future__ import annotations

import re

from protocube_client.cli import variable_names

_LONGEST = 253
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_KEY_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
    "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)


def faults_of_key(name: str) -> list[str]:
    """Say what is wrong with the name of a key; nothing when it is right."""
    found = []
    if len(name) > _LONGEST:
        found.append(f"must be no more than {_LONGEST} characters")
    if not _KEY.fullmatch(name):
        found.append(_KEY_RULE)
    return found + variable_names.faults_of_dots(name)

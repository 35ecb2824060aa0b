"""Names of environment variables."""

from __future__ import annotations

import re

_FORM = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_RULE = (
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', "
    "or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or "
    "'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')"
)


def faults(name: str) -> list[str]:
    """Say what is wrong with a name; nothing when it is right."""
    return ([] if _FORM.fullmatch(name) else [_RULE]) + faults_of_dots(name)


def faults_of_dots(name: str) -> list[str]:
    """Say what is wrong with the dots of a name, be it of a variable or of a key."""
    if name in (".", ".."):
        return [f"must not be '{name}'"]
    return ["must not start with '..'"] if name.startswith("..") else []

"""Names of keys in ConfigMaps, Secrets and environment files."""

from __future__ import annotations

import re

_LONGEST = 253
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_KEY_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
    "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
_VARIABLE_RULE = (
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', "
    "or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or "
    "'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')"
)


def faults_of_key(name: str) -> list[str]:
    """Say what is wrong with the name of a key; nothing when it is right."""
    found = []
    if len(name) > _LONGEST:
        found.append(f"must be no more than {_LONGEST} characters")
    if not _KEY.fullmatch(name):
        found.append(_KEY_RULE)
    return found + _faults_of_dots(name)


def faults_of_variable(name: str) -> list[str]:
    """Say what is wrong with the name of an environment variable."""
    found = [] if _VARIABLE.fullmatch(name) else [_VARIABLE_RULE]
    return found + _faults_of_dots(name)


def _faults_of_dots(name: str) -> list[str]:
    if name in (".", ".."):
        return [f"must not be '{name}'"]
    return ["must not start with '..'"] if name.startswith("..") else []

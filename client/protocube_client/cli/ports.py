"""Ports on the command line: a number, or the name of one."""

from __future__ import annotations

import re

from protocube.errors import quote
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import integers

_DIGITS = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+")
_NAME = re.compile(r"[-a-z0-9]+")
_LONGEST_NAME = 15
_HIGHEST = 65535
_MOST = 2**31
_MOST_WIDE = 2**63


def atoi(text: str) -> int:
    """Return a whole number of 64 bits. Raises :class:`CommandError` in Go's words."""
    if not _NUMBER.fullmatch(text):
        raise CommandError(f"strconv.Atoi: parsing {quote(text)}: invalid syntax")
    found = integers.decimal(text)
    if not -_MOST_WIDE <= found < _MOST_WIDE:
        raise CommandError(f"strconv.Atoi: parsing {quote(text)}: value out of range")
    return found


def number(text: str) -> int:
    """Return a port that is a number, maybe 0. Raises :class:`CommandError`."""
    if not _DIGITS.fullmatch(text):
        raise CommandError(f"strconv.ParseUint: parsing {quote(text)}: invalid syntax")
    found = integers.decimal(text)
    if found > _HIGHEST:
        raise CommandError(f"strconv.ParseUint: parsing {quote(text)}: value out of range")
    return found


def target(text: str) -> int | str:
    """Return a port of a container: its number or its name. Raises :class:`CommandError`."""
    if not _NUMBER.fullmatch(text):
        if faults := _faults_of_name(text):
            raise CommandError(",".join(faults))
        return text
    found = integers.decimal(text)
    if not 1 <= found <= _HIGHEST:
        raise CommandError(f"must be between 1 and {_HIGHEST}, inclusive")
    return found


def number_or_text(text: str) -> int | str:
    """Return what 32 bits hold as a number, and everything else as it is."""
    if _NUMBER.fullmatch(text) and -_MOST <= (found := integers.decimal(text)) < _MOST:
        return found
    return text


def _faults_of_name(name: str) -> list[str]:
    faults = []
    if len(name) > _LONGEST_NAME:
        faults.append(f"must be no more than {_LONGEST_NAME} characters")
    if not _NAME.fullmatch(name):
        faults.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", name):
        faults.append("must contain at least one letter (a-z)")
    if "--" in name:
        faults.append("must not contain consecutive hyphens")
    if name.startswith("-") or name.endswith("-"):
        faults.append("must not begin or end with a hyphen")
    return faults

"""Names that are labels or domains of DNS, as Kubernetes has them.

Source of the texts: ``k8s.io/apimachinery/pkg/util/validation``.
"""

from __future__ import annotations

import re
from typing import Final

_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
MAX_LABEL: Final = 63
MAX_SUBDOMAIN: Final = 253

LABEL_TEXT: Final = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
LABEL_1035_TEXT: Final = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
SUBDOMAIN_TEXT: Final = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    r"for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


def without_dash(prefix: str) -> str:
    """Return a name that a prefix can become: what the server adds begins with a letter."""
    return f"{prefix[:-1]}a" if prefix.endswith("-") else prefix


def label_faults(name: str) -> list[str]:
    """Return what is wrong with a label as of RFC 1123, one sentence each."""
    found = _too_long(name, MAX_LABEL)
    if not _LABEL.fullmatch(name):
        found.append("must not contain dots" if SUBDOMAIN.fullmatch(name) else LABEL_TEXT)
    return found


def label_1035_faults(name: str) -> list[str]:
    """Return what is wrong with a label as of RFC 1035, one sentence each."""
    found = _too_long(name, MAX_LABEL)
    if not _LABEL_1035.fullmatch(name):
        found.append(LABEL_1035_TEXT)
    return found


def subdomain_faults(name: str) -> list[str]:
    """Return what is wrong with labels that have dots between them, one sentence each."""
    found = _too_long(name, MAX_SUBDOMAIN)
    if not SUBDOMAIN.fullmatch(name):
        found.append(SUBDOMAIN_TEXT)
    return found


def _too_long(name: str, most: int) -> list[str]:
    return [f"must be no more than {most} characters"] if len(name) > most else []

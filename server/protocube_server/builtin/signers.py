"""The parts of the name of a signer of certificates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube_server import dns_names
from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_LABEL = re.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_PART = re.compile("[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?")
_SIZE = 571


def _signer_name(holder: Any) -> Iterator[Fault]:
    """Name the first part of ``signerName`` that is none; its form is the contract's to check."""
    domain, slash, path = holder.signer_name.partition("/")
    if not slash or "/" in path or len(holder.signer_name) > _SIZE:
        return
    labels = domain.split(".")
    text = _first_fault(labels, _LABEL, dns_names.LABEL_TEXT)
    if not text and len(labels) > 1:
        text = _first_fault(path.split("."), _PART, dns_names.SUBDOMAIN_TEXT)
    if text:
        yield Fault(rule="string.signer_name", text=text, at="signerName")


def _first_fault(labels: list[str], form: re.Pattern[str], detail: str) -> str:
    for label in labels:
        if not form.fullmatch(label):
            return f'validating label "{label}": {detail}'
    return ""


BY_NAME: dict[str, MessageRule] = {"signer_name": _signer_name}

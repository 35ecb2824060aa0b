"""The properties of a config file as ``config set`` and ``config unset`` name them.

``current-context`` is one; the others are ``LIST.NAME.PROPERTY``. A name may hold dots.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocube.errors import quote
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import pflag

CURRENT = "current-context"
_FILES = frozenset({"certificate-authority", "client-certificate", "client-key", "tokenFile"})
_SWITCHES = frozenset({"insecure-skip-tls-verify", "plaintext"})
_OF_CLUSTERS = (frozenset({"server", "tls-server-name"}) | _FILES | _SWITCHES) - {"tokenFile"}
_OF_LISTS = {
    "clusters": _OF_CLUSTERS,
    "contexts": _OF_CLUSTERS | {"cluster", "user", "namespace"},
    "users": frozenset({"client-certificate", "client-key", "token", "tokenFile"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A place in a config file: a list, one of its entries, or one of an entry's properties."""

    list: str
    """``""`` for the current context."""
    name: str = ""
    key: str = ""

    def value(self, text: str) -> Any:
        """Return ``text`` as the property's value. Raises :class:`CommandError`.

        Files are named so that they are found from everywhere.
        """
        if self.key in _FILES:
            return str(Path(text).absolute())
        if self.key not in _SWITCHES:
            return text
        if text not in pflag.TRUE | pflag.FALSE:
            raise CommandError(f"strconv.ParseBool: parsing {quote(text)}: invalid syntax")
        return text in pflag.TRUE


def parse(text: str) -> Property:
    """Read a property's name. Raises :class:`CommandError` for one that there is not."""
    head, _, rest = text.partition(".")
    if head == CURRENT and not rest:
        return Property(list="")
    known = _OF_LISTS.get(head)
    if known is None:
        # kubectl's words for it.
        raise CommandError(f"unable to parse {text} after [] at api.Config")
    name, dot, key = rest.rpartition(".")
    if not dot:
        return Property(list=head, name=rest)
    if key in known:
        return Property(list=head, name=name, key=key)
    raise CommandError(f"{quote(text)} is no property: {head} have {', '.join(sorted(known))}")

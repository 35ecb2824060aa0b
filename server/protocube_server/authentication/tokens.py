"""Tokens that a file lists, and the users that they prove: Kubernetes' static token file."""

from __future__ import annotations

import csv
import io
import logging
from typing import TYPE_CHECKING

from protocube_server.authentication.digests import Digests
from protocube_server.authentication.identity import Identity, known
from protocube_server.calls.user import User
from protocube_server.config_files import UnusableFile

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLUMNS = 3
"""Token, user name and user uid; the groups are one more."""

_log = logging.getLogger(__name__)


class Tokens:
    """Users by the digests of their tokens."""

    def __init__(self, users: Mapping[str, User] | None = None) -> None:
        self._digest = Digests()
        self._identities: dict[bytes, Identity] = {}
        self.replace(users or {})

    def __len__(self) -> int:
        """Return how many tokens there are."""
        return len(self._identities)

    def replace(self, users: Mapping[str, User]) -> None:
        """Know these tokens and no others.

        Identities that others have proven are valid no more; those of a token that stays are, if
        it proves the same user.
        """
        before, self._identities = self._identities, {}
        for token, user in users.items():
            digest = self._digest(token)
            kept = before.get(digest)
            if kept is None or kept.user != known(user):
                kept = self._identity(digest, known(user))
            self._identities[digest] = kept

    def find(self, token: str) -> Identity | None:
        """Return whom a token proves, ``None`` for an unknown one."""
        return self._identities.get(self._digest(token))

    def _identity(self, digest: bytes, user: User) -> Identity:
        def is_valid() -> bool:
            return self._identities.get(digest) is identity

        identity = Identity(user=user, is_valid=is_valid)
        return identity


def parse(text: str, file: str) -> dict[str, User]:
    """Return the users of a token file by their tokens.

    A line is ``token,user,uid`` and may have groups in a fourth column: ``"g1,g2"``. Of lines with
    one token the last one holds; one with an empty token is passed over, with a warning. Raises
    ``UnusableFile``, with Kubernetes' words for a line that is too short.
    """
    users: dict[str, User] = {}
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for line in lines:
            if not line:
                continue
            if len(line) < _COLUMNS:
                raise UnusableFile(
                    f"token file '{file}' must have at least 3 columns "
                    f"(token, user name, user uid), found {len(line)}"
                )
            token, name, uid, *more = line
            if not token:
                _log.warning(
                    "line %d of the token file %s has an empty token", lines.line_num, file
                )
                continue
            if token in users:
                number = lines.line_num
                _log.warning("line %d of the token file %s repeats a token", number, file)
            groups = more[0].split(",") if more and more[0] else []
            users[token] = User(name=name, uid=uid, groups=tuple(groups))
    except csv.Error as error:
        text = f"token file '{file}' cannot be read: line {lines.line_num}: {error}"
        raise UnusableFile(text) from None
    return users

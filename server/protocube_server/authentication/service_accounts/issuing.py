"""Makes tokens of service accounts."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from protocube_server.authentication.jose import tokens
from protocube_server.authentication.service_accounts.claims import PRIVATE
from protocube_server.calls import service_accounts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protocube_server.authentication.jose.keys import Key
    from protocube_server.authentication.service_accounts.claims import Claims
    from protocube_server.authentication.service_accounts.key_files import KeyFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A token that was made."""

    token: str
    expires: datetime
    credential: str
    """What it is known by where the token must not stand: in audit records."""


class Issuer:
    """Makes tokens, and says how they are verified."""

    def __init__(
        self,
        keys: KeyFiles,
        issuers: Sequence[str],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """The first of ``issuers`` is the one that tokens name; all of them are accepted."""
        self._keys = keys
        self._clock = clock
        self.name = issuers[0]
        """The claim ``iss``."""
        self.audiences = tuple(issuers)
        """Whom a token is for that names nobody: this server."""

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys that verify, the signing one included."""
        return self._keys.all

    def verifies_by(self, key: Key) -> bool:
        """Tell whether a key still verifies tokens."""
        return self._keys.has(key)

    def issue(self, claims: Claims, *, audiences: Sequence[str], seconds: int) -> Issued:
        """Return a token that is good for so many seconds."""
        now = int(self._clock())
        number = str(uuid.uuid4())
        said = {
            "aud": list(audiences),
            "exp": now + seconds,
            "iat": now,
            "iss": self.name,
            "jti": number,
            PRIVATE: claims.private(),
            "nbf": now,
            "sub": service_accounts.user_name(claims.namespace, claims.account.name),
        }
        return Issued(
            token=tokens.sign(said, self._keys.signing),
            expires=datetime.fromtimestamp(now + seconds, UTC),
            credential=f"JTI={number}",
        )

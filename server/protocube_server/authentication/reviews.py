"""Reviews of identity: who the caller is, and whom a token proves."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from protocube import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from protocube_server.authentication.authenticator import Authenticator
    from protocube_server.authentication.proving import ProvenFor
    from protocube_server.calls.call import Call
    from protocube_server.calls.review import Review
    from protocube_server.calls.user import User


def _now() -> datetime:
    return datetime.now(UTC)


class IdentityReviews:
    """Answers them as callers are let in."""

    def __init__(
        self,
        authenticator: Authenticator | None,
        *,
        audiences: Collection[str] = (),
        now: Callable[[], datetime] = _now,
    ) -> None:
        """Without ``authenticator`` no token proves anything.

        ``audiences`` are the names by which this server is meant.
        """
        self._authenticator = authenticator
        self._audiences = audiences
        self._now = now

    @property
    def by_name(self) -> Mapping[str, Review]:
        """The reviews by the names that the options of their kinds have."""
        return {"self_subject": self._self, "token": self._token}

    async def _self(self, call: Call, review: Any) -> None:
        review.metadata.Clear()
        review.metadata.creation_timestamp.FromDatetime(self._now().replace(microsecond=0))
        _write(review.status.user_info, call.user)

    async def _token(self, call: Call, review: Any) -> None:
        """Say whom a token proves. Raises ``errors.BadRequest`` without one.

        One that is unknown, or for others, is no error of the call.
        """
        del call
        spec, status = review.spec, review.status
        if not spec.token:
            raise errors.BadRequest("token is required for TokenReview in authentication")
        if self._authenticator is None:
            status.error = "the server asks nobody who they are"
            return
        asked = list(spec.audiences) or list(self._audiences)
        meant: Sequence[str] = [each for each in asked if each in self._audiences]
        try:
            proven = await _for_others(self._authenticator, spec.token, asked)
            if proven is not None:
                user, meant = proven.identity.user, proven.audiences or meant
            elif spec.audiences and not meant:
                status.error = "the token is for none of the audiences"
                return
            else:
                user = await _user(self._authenticator, spec.token)
        except errors.Unauthenticated:
            # It says no more, as to a caller who shows such a token.
            status.error = "invalid bearer token"
            return
        status.authenticated = True
        status.audiences.extend(meant)
        _write(status.user, user)


async def _user(authenticator: Authenticator, token: str) -> User:
    """Return whom a token proves. Raises ``errors.Unauthenticated``."""
    if token.split() != [token]:
        # What stands behind a space would not be looked at.
        raise errors.Unauthenticated("Unauthorized")
    found = authenticator.identity(f"Bearer {token}")
    # One that has to be verified first is awaited.
    return (await found if isinstance(found, Awaitable) else found).user


async def _for_others(
    authenticator: Authenticator, token: str, audiences: Sequence[str]
) -> ProvenFor | None:
    """Return whom a token proves that names its audiences; ``None`` for one that does not."""
    return await authenticator.prove_for(token, audiences) if audiences else None


def _write(info: Any, user: User) -> None:
    info.username, info.uid = user.name, user.uid
    info.groups.extend(user.groups)
    for key, values in user.extra.items():
        info.extra[key].extend(values)

"""Acting as another user: what calls say of whom the caller wants to be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingAs:
    """A user whose rights calls are to have; the server asks whether the caller may be that one."""

    user: str = ""
    groups: tuple[str, ...] = ()
    uid: str = ""

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return the entries of each call's metadata.

        Raises ``ValueError`` for characters that metadata cannot carry.
        """
        entries = (
            ("impersonate-user", self.user),
            *(("impersonate-group", group) for group in self.groups),
            ("impersonate-uid", self.uid),
        )
        for key, value in entries:
            if not (value.isascii() and value.isprintable()):
                raise ValueError(f"{key}: metadata cannot carry {value!r}")
        return tuple((key, value) for key, value in entries if value)

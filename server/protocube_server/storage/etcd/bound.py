"""How much of something etcd takes in one transaction, learnt from what it takes and refuses.

etcd has limits (``--max-request-bytes``, ``--max-txn-ops``) and tells them to no client.
"""

from __future__ import annotations


class Bound:
    """A bound of a transaction; ``most`` is the largest that we would send."""

    def __init__(self, most: int) -> None:
        self._default = most
        self._taken = 0
        """The largest amount that was taken."""
        self._refused: int | None = None
        """The smallest that was refused."""

    @property
    def most(self) -> int:
        """What several callers may send together. One alone may send more, and is told."""
        if self._refused is None:
            return self._default
        return min(self._default, max(self._taken, self._refused // 2))

    def taken(self, amount: int) -> None:
        """Note that so much was taken."""
        self._taken = max(self._taken, amount)
        if self._refused is not None and self._refused <= amount:
            # It is not as it was: another member, or other flags.
            self._refused = amount + 1

    def refused(self, amount: int) -> None:
        """Note that so much was refused."""
        self._refused = amount if self._refused is None else min(self._refused, amount)
        if self._taken >= amount:
            self._taken = amount // 2

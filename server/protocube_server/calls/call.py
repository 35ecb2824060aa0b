"""One call, as all stages and its verb see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protocube_server.calls.verb import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube_server.calls.once import Once
    from protocube_server.calls.standing import Standing
    from protocube_server.calls.together import Transaction
    from protocube_server.calls.user import User
    from protocube_server.calls.verb import Verb
    from protocube_server.kinds.edition import Edition
    from protocube_server.kinds.kind import Kind

_NOWHERE = Target()


# Not frozen: stages add what they find out.
@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """A user, a verb and a target; and what is to be told beside the answer."""

    user: User
    edition: Edition
    """The kinds as they were when the call began. It keeps them to its end."""
    kind: Kind
    verb: Verb
    raw: bytes
    """The request as it came."""
    request: Any = None
    """The parsed request, from the stage on that finds the target."""
    target: Target = _NOWHERE
    """What the call is for, from that same stage on."""
    behind: User | None = None
    """Who acts as :attr:`user`, where somebody does."""
    agent: Callable[[], str] | None = None
    """Tells the program that calls, as it names itself: ``kubectl/v1.34 (linux)``."""
    peer: Callable[[], str] | None = None
    """Tells where the call comes from, as gRPC names it: ``ipv4:127.0.0.1:5000``."""
    standing: Standing | None = None
    """Of a stream that ends when what it was begun on holds no more."""
    once: Once | None = None
    """What the call is known by when it is repeated, for a verb that writes once."""
    warnings: list[str] = field(default_factory=list)
    """For the caller, in the order in which they arose."""
    annotations: dict[str, str] | None = None
    """For the audit record; ``None`` when there will be none. See :meth:`annotate`."""
    reason: Callable[[], str] | None = None
    """Tells for the audit record why the call is allowed or refused."""

    quotes: bool = False
    """Whether what refuses it has the words of a policy or a webhook, maybe those of the object."""
    is_gathered: bool = False
    """Whether its writes are made with those of other calls, once all of these have theirs: it must
    wait for none of them."""
    together: Transaction | None = None
    """What the calls of its transaction know of each other; ``None`` for a call of its own."""
    is_reshaped: bool = False
    """Whether policies or webhooks may have changed the object: anything of it, as they see fit."""
    waited: float = 0.0
    """Seconds that webhooks were waited for so far: all tries of a write have one time together."""

    def annotate(self, key: str, value: str) -> None:
        """Note something for the audit record, if there will be one."""
        if self.annotations is not None:
            self.annotations[key] = value

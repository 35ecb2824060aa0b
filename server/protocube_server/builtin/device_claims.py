"""What the parts of a claim for devices say of its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_UNKNOWN = (
    "requests must be the name of a request in the claim or the name of a request and a "
    "subrequest separated by '/'"
)


def _claim_requests(claim: Any) -> Iterator[Fault]:
    """Constraints and settings are for requests that the claim has."""
    names: set[str] | None = None
    for rule, place, parts in (
        ("invalid.constraint_requests", "constraints", claim.constraints),
        ("invalid.config_requests", "config", claim.config),
    ):
        for part in parts:
            if names is None:
                names = _request_names(claim)
            if not names.issuperset(part.requests):
                yield Fault(rule=rule, text=f".{place}: {_UNKNOWN}")
                break


def _request_names(claim: Any) -> set[str]:
    names = {request.name for request in claim.requests}
    for request in claim.requests:
        names.update(f"{request.name}/{other.name}" for other in request.first_available)
    return names


BY_NAME: dict[str, MessageRule] = {"claim_requests": _claim_requests}

"""A webhook, as its configuration says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from protocube import selectors
from protocube_server.admission.policies import matching
from protocube_server.admission.policies.policy import BOOL, Expression, Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICE = "a Service is not reached from here, so that every call of this webhook fails: give a url"

NO_ADDRESS = "failed to call webhook: its url is no address"


class Unreached(Exception):
    """A webhook gave no answer; ``str()`` says why.

    ``why`` is that without the words of the webhook, which may be those of the object.
    """

    def __init__(self, why: str, said: str = "") -> None:
        super().__init__(f"{why}{said}")
        self.why = why


class Send(Protocol):
    """Sends one question to a webhook."""

    async def __call__(self, hook: Hook, body: bytes, *, seconds: float) -> bytes:
        """Return the body of the answer. Raises :class:`Unreached` and ``TimeoutError``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hook:
    """One webhook of a configuration."""

    policy: Policy
    """Its name, what it is asked about, and whether its failure refuses the write."""
    url: str
    """``https://...``, ``grpcs://...`` or ``grpc://...``; empty for one behind a Service."""
    authority: bytes
    """The certificates, in PEM, that its own is checked with; empty for those of the machine."""
    seconds: int
    """How long it is waited for."""
    version: str
    """Of the question: ``v1`` or ``v1beta1``."""
    is_reinvoked: bool

    @property
    def name(self) -> str:
        """Its name."""
        return self.policy.name


def of_configuration(message: Any) -> Iterator[Hook]:
    """Yield the webhooks of a configuration of either kind."""
    for index, each in enumerate(message.webhooks):
        versions = list(each.admission_review_versions)
        known = [version for version in versions if version in ("v1", "v1beta1")]
        yield Hook(
            policy=_policy(index, each),
            url=each.client_config.url,
            authority=each.client_config.ca_bundle,
            seconds=each.timeout_seconds or 10,
            version=known[0] if known else "v1",
            is_reinvoked=getattr(each, "reinvocation_policy", "") == "IfNeeded",
        )


def _policy(index: int, hook: Any) -> Policy:
    return Policy(
        name=hook.name,
        match=matching.Match(
            rules=tuple(map(matching.rule_of, hook.rules)),
            namespaces=selectors.of_label_selector(hook.namespace_selector),
            objects=selectors.of_label_selector(hook.object_selector),
            is_equivalent=hook.match_policy != "Exact",
        ),
        conditions=tuple(
            Expression(
                f"webhooks[{index}].matchConditions[{at}].expression",
                each.expression,
                BOOL,
                of_condition=True,
            )
            for at, each in enumerate(hook.match_conditions)
        ),
        variables=(),
        fails=hook.failure_policy != "Ignore",
        param_kind=None,
    )

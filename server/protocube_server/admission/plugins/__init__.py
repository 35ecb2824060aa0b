"""What the server itself fills in and bounds, a plugin of Kubernetes each, by its name there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube_server.admission.plugins.classes import DefaultIngressClass, DefaultStorageClass
from protocube_server.admission.plugins.limits import LimitRanger
from protocube_server.admission.plugins.priority import Priority
from protocube_server.admission.plugins.runtime_classes import RuntimeClass
from protocube_server.admission.plugins.service_accounts import ServiceAccount
from protocube_server.admission.plugins.tolerations import (
    DefaultTolerationSeconds,
    TaintNodesByCondition,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from protocube_server.admission.plugins.plugin import Plugin
    from protocube_server.admission.state import State

POLICIES: Final = (
    "MutatingAdmissionPolicy",
    "MutatingAdmissionWebhook",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
    "ResourceQuota",
)
"""The names of what is asked behind the plugins."""
NAMES: Final = (
    LimitRanger.name,
    ServiceAccount.name,
    TaintNodesByCondition.name,
    Priority.name,
    DefaultTolerationSeconds.name,
    DefaultStorageClass.name,
    RuntimeClass.name,
    DefaultIngressClass.name,
    *POLICIES,
)
"""All names that settings may switch on and off."""


def require_known(on: Collection[str], off: Collection[str]) -> None:
    """Raise ``ValueError`` for a name that no plugin has, or that is in both."""
    for flag, names in (("--enable-admission-plugins", on), ("--disable-admission-plugins", off)):
        unknown = sorted(set(names) - set(NAMES))
        if unknown:
            known = ", ".join(NAMES)
            raise ValueError(f"{flag}: there is no plugin {unknown[0]}: they are {known}")
    both = sorted(set(on) & set(off))
    if both:
        raise ValueError(f"{both[0]} is in --enable-admission-plugins and in {flag}")


def in_order(state: State, *, on: Collection[str], off: Collection[str]) -> list[Plugin]:
    """Return the plugins, in Kubernetes' order, without those that are off."""
    known: list[Plugin] = [
        LimitRanger(state),
        ServiceAccount(),
        TaintNodesByCondition(),
        Priority(state),
        DefaultTolerationSeconds(),
        DefaultStorageClass(state),
        RuntimeClass(state),
        DefaultIngressClass(state),
    ]
    return [each for each in known if each.name not in off and (each.is_on or each.name in on)]

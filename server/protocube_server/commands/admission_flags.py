"""The server's flags that switch what changes and refuses objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])


def _names(_: object, __: object, value: str) -> frozenset[str]:
    return frozenset(name for name in value.replace(" ", "").split(",") if name)


_OPTIONS = (
    click.option(
        "--enable-admission-plugins",
        metavar="NAME[,NAME]",
        default="",
        show_default=False,
        callback=_names,
        help="Plugins of admission to switch on, by Kubernetes' names: ServiceAccount gives pods "
        "the account default.",
    ),
    click.option(
        "--disable-admission-plugins",
        metavar="NAME[,NAME]",
        default="",
        show_default=False,
        callback=_names,
        help="Plugins of admission to switch off: DefaultIngressClass, DefaultStorageClass, "
        "DefaultTolerationSeconds, LimitRanger, MutatingAdmissionPolicy, MutatingAdmissionWebhook, "
        "Priority, ResourceQuota, RuntimeClass, TaintNodesByCondition, ValidatingAdmissionPolicy, "
        "ValidatingAdmissionWebhook.",
    ),
)


def admission_flags(command: _F) -> _F:
    """Add the flags to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command

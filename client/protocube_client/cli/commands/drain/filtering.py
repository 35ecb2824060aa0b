"""Which pods of a node go, and what is said of those that do not, or not without a word."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_client.cli import owners

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube_client.cli.commands.drain.command import DrainOptions
    from protocube_client.client import Client

_MIRROR = "kubernetes.io/config.mirror"
"""The annotation of pods that a kubelet runs by itself."""
_OVER = frozenset({"Failed", "Succeeded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A pod, and what becomes of it."""

    pod: Any
    goes: bool = True
    fault: str = ""
    """Why nothing is done at all."""
    warning: str = ""

    @property
    def name(self) -> str:
        """The pod as ``NAMESPACE/NAME``."""
        return f"{self.pod.metadata.namespace}/{self.pod.metadata.name}"


def told(found: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield texts with the names that they are about: ``TEXT: a, b``."""
    names: dict[str, list[str]] = {}
    for text, name in found:
        names.setdefault(text, []).append(name)
    for text, about in names.items():
        yield f"{text}: {', '.join(about)}"


async def judge(pod: Any, options: DrainOptions, client: Client) -> Judged:
    """Judge a pod by kubectl's filters, of which the last warning counts. Raises ``ApiError``."""
    if is_overdue(pod, options.skip_wait_for_delete_timeout):
        return Judged(pod=pod, goes=False)
    is_over = pod.status.phase in _OVER
    controller = owners.controller(pod.metadata)
    warning = ""
    if controller is not None and controller.kind == "DaemonSet" and not is_over:
        by_daemon = await _of_daemon_set(pod, controller.name, options, client)
        if not by_daemon.goes:
            return by_daemon
        warning = by_daemon.warning
    if _MIRROR in pod.metadata.annotations:
        return Judged(pod=pod, goes=False)
    has_data = any(volume.HasField("empty_dir") for volume in pod.spec.volumes)
    if has_data and not is_over:
        if not options.delete_emptydir_data:
            fault = "Pods with local storage (use --delete-emptydir-data to override)"
            return Judged(pod=pod, goes=False, fault=fault)
        warning = "deleting Pods with local storage"
    if is_over or controller is not None:
        return Judged(pod=pod, warning=warning)
    if options.force:
        return Judged(pod=pod, warning="deleting Pods that declare no controller")
    fault = "cannot delete Pods that declare no controller (use --force to override)"
    return Judged(pod=pod, goes=False, fault=fault)


async def _of_daemon_set(pod: Any, name: str, options: DrainOptions, client: Client) -> Judged:
    """Judge a pod of a DaemonSet, which would come back; one whose DaemonSet is gone can go."""
    try:
        await client.get("daemonsets.apps", name, namespace=pod.metadata.namespace)
    except errors.ApiError as error:
        if isinstance(error, errors.NotFound) and options.force:
            return Judged(pod=pod, warning=error.message)
        return Judged(pod=pod, goes=False, fault=error.message)
    if options.ignore_daemonsets:
        return Judged(pod=pod, goes=False, warning="ignoring DaemonSet-managed Pods")
    fault = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
    return Judged(pod=pod, goes=False, fault=fault)


def is_overdue(pod: Any, seconds: int) -> bool:
    """Tell whether a pod was to be gone more than so many seconds ago; 0 for any number."""
    if seconds <= 0 or not pod.metadata.HasField("deletion_timestamp"):
        return False
    return int(time.time() - pod.metadata.deletion_timestamp.ToSeconds()) > seconds

"""Rules on what a pod may say that is of one operating system only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube_server.builtin.pods import containers
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NETBIOS = re.compile(r'[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}')
_DNS_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DNS = re.compile(rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*")
_ONLY_DOTS = re.compile("[. ]+")
_FORBIDDEN = re.compile(r'["/\\:;|=,+*?<>@\[\]]')
_DOMAIN_BYTES, _USER_BYTES = 255, 104

_POD_OF_LINUX = (
    "app_armor_profile",
    "se_linux_options",
    "seccomp_profile",
    "fs_group",
    "fs_group_change_policy",
    "sysctls",
    "run_as_user",
    "run_as_group",
    "supplemental_groups",
    "supplemental_groups_policy",
    "se_linux_change_policy",
)
_CONTAINER_OF_LINUX = (
    "app_armor_profile",
    "se_linux_options",
    "seccomp_profile",
    "capabilities",
    "read_only_root_filesystem",
    "privileged",
    "allow_privilege_escalation",
    "proc_mount",
    "run_as_user",
    "run_as_group",
)
_SPEC_OF_LINUX = ("host_users", "host_pid", "host_ipc", "share_process_namespace")


def of_one_system(spec: Any, path: str) -> Iterator[errors.Violation]:
    """A pod that names its system says nothing that only the other one knows."""
    if spec.os.name == "windows":
        yield from _of_linux(spec, path)
    elif spec.os.name == "linux":
        for where, holder in _security_contexts(spec, path):
            if holder.HasField("windows_options"):
                detail = "windows options cannot be set for a linux pod"
                yield violations.forbidden(f"{where}.windowsOptions", detail)


def _of_linux(spec: Any, path: str) -> Iterator[errors.Violation]:
    detail = "cannot be set for a windows pod"
    for index, (where, holder) in enumerate(_security_contexts(spec, path)):
        names = _CONTAINER_OF_LINUX if index else _POD_OF_LINUX
        for name in _set_among(holder, names):
            yield violations.forbidden(f"{where}.{name}", detail)
    for name in _set_among(spec, _SPEC_OF_LINUX):
        yield violations.forbidden(f"{path}.{name}", detail)
    if spec.HasField("resources"):
        yield violations.forbidden(f"{path}.resources", "may not be set for a windows pod")


def _security_contexts(spec: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The pod's own first, set or not; then those that containers have."""
    yield f"{path}.securityContext", spec.security_context
    for where, container in containers.of(spec, path):
        if container.HasField("security_context"):
            yield f"{where}.securityContext", container.security_context


def _set_among(message: Any, names: tuple[str, ...]) -> Iterator[str]:
    """Return the JSON names of the fields that are set, in the order of ``names``."""
    given = {field.name: field.json_name for field, _ in message.ListFields()}
    return (given[name] for name in names if name in given)


def host_processes(spec: Any, path: str) -> Iterator[errors.Violation]:
    """Either all containers run in the host's own space and on its network, or none."""
    own = spec.security_context.windows_options
    wanted = own.host_process if own.HasField("host_process") else None
    found: list[bool] = []
    for where, container in containers.of(spec, path):
        said = container.security_context.windows_options
        asked = said.host_process if said.HasField("host_process") else None
        if None not in (wanted, asked) and wanted != asked:
            was = "true" if wanted else "false"
            detail = f"pod hostProcess value must be identical if both are specified, was {was}"
            at = f"{where}.securityContext.windowsOptions.hostProcess"
            yield violations.invalid(at, asked, detail)
        found.append(bool(wanted if asked is None else asked))
    if not any(found):
        return
    if not all(found):
        detail = (
            "If pod contains any hostProcess containers then all containers must be HostProcess "
            "containers"
        )
        yield violations.invalid(path, "", detail)
    if not spec.host_network:
        detail = "hostNetwork must be true if pod contains any hostProcess containers"
        yield violations.invalid(f"{path}.hostNetwork", False, detail)


def _windows_user(found: Found) -> Iterator[errors.Violation]:
    """A name alone, or one behind its domain and a backslash."""
    for detail in _user_faults(found.value):
        yield violations.invalid(found.path, found.value, detail)


def _user_faults(text: str) -> Iterator[str]:
    domain, has_domain, user = text.rpartition("\\")
    if not text:
        yield "runAsUserName cannot be an empty string"
    elif _CONTROL.search(text):
        yield "runAsUserName cannot contain control characters"
    elif "\\" in domain:
        yield "runAsUserName cannot contain more than one backslash"
    else:
        if len(domain.encode()) > _DOMAIN_BYTES:
            yield "runAsUserName's Domain length must be under 256 characters"
        if has_domain and not (_NETBIOS.fullmatch(domain) or _DNS.fullmatch(domain)):
            yield "runAsUserName's Domain doesn't match the NetBios nor the DNS format"
        if not user:
            yield "runAsUserName's User cannot be empty"
        elif len(user.encode()) > _USER_BYTES:
            yield "runAsUserName's User length must not be longer than 104 characters"
        if _ONLY_DOTS.fullmatch(user):
            yield "runAsUserName's User cannot contain only periods or spaces"
        if _FORBIDDEN.search(user):
            yield (
                "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]"
            )


BY_NAME: dict[str, ComputedRule] = {"windows_user": _windows_user}

"""Rules on what a pod may say that is of one operating system only."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.updating import changed, said

_POD: dict[str, Any] = {
    "metadata": {"name": "p"},
    "spec": {"containers": [{"name": "c", "image": "web:1"}]},
}
_WINDOWS = "cannot be set for a windows pod"
_CONTEXT = "spec.containers[0].securityContext"


def refused(changes: dict[str, Any]) -> list[str]:
    """Return what is said of the pod with ``changes``."""
    return said("pods", changed(_POD, changes))


def test_a_pod_of_linux_has_no_options_of_windows() -> None:
    """They are refused where the pod names its system, and only there."""
    options = {"windowsOptions": {"runAsUserName": "me"}}
    changes = {"spec.securityContext": options, "spec.containers.0.securityContext": options}
    detail = "Forbidden: windows options cannot be set for a linux pod"
    assert refused(changes) == []
    assert refused({**changes, "spec.os": {"name": "windows"}}) == []
    assert refused({**changes, "spec.os": {"name": "linux"}}) == [
        f"spec.securityContext.windowsOptions: {detail}",
        f"{_CONTEXT}.windowsOptions: {detail}",
    ]


def test_a_pod_of_windows_has_no_options_of_linux() -> None:
    """Each is named: the pod's, its containers', and what the whole pod shares."""
    found = refused(
        {
            "spec.os": {"name": "windows"},
            "spec.hostPID": True,
            "spec.resources": {"limits": {"cpu": "1"}},
            "spec.securityContext": {"fsGroup": 1, "sysctls": [{"name": "a", "value": "1"}]},
            "spec.containers.0.securityContext": {"privileged": False, "runAsUser": 1},
        }
    )
    assert found == [
        f"spec.securityContext.fsGroup: Forbidden: {_WINDOWS}",
        f"spec.securityContext.sysctls: Forbidden: {_WINDOWS}",
        f"{_CONTEXT}.privileged: Forbidden: {_WINDOWS}",
        f"{_CONTEXT}.runAsUser: Forbidden: {_WINDOWS}",
        f"spec.hostPID: Forbidden: {_WINDOWS}",
        "spec.resources: Forbidden: may not be set for a windows pod",
    ]


def test_host_processes_stay_among_themselves() -> None:
    """All containers of a pod run in the host's space and on its network, or none does."""
    host = {"windowsOptions": {"hostProcess": True}}
    apart = (
        "If pod contains any hostProcess containers then all containers must be HostProcess "
        "containers"
    )
    network = "hostNetwork must be true if pod contains any hostProcess containers"
    found = refused(
        {
            "spec.securityContext": host,
            "spec.containers.0.securityContext": {"windowsOptions": {"hostProcess": False}},
            "spec.initContainers": [{"name": "i", "image": "x"}],
        }
    )
    identical = "pod hostProcess value must be identical if both are specified, was true"
    assert found == [
        f"{_CONTEXT}.windowsOptions.hostProcess: Invalid value: false: {identical}",
        f'spec: Invalid value: "": {apart}',
        f"spec.hostNetwork: Invalid value: false: {network}",
    ]
    assert refused({"spec.securityContext": host, "spec.hostNetwork": True}) == []


@pytest.mark.parametrize(
    ("user", "fault"),
    [
        ("me", None),
        ("NT AUTHORITY\\SYSTEM", None),
        ("example.com\\me", None),
        ("u" * 104, None),
        ("", " cannot be an empty string"),
        ("a\tb", " cannot contain control characters"),
        ("a\\b\\c", " cannot contain more than one backslash"),
        ("a" * 64 + "\\b", "'s Domain doesn't match the NetBios nor the DNS format"),
        ("a\\", "'s User cannot be empty"),
        ("u" * 105, "'s User length must not be longer than 104 characters"),
        ("a\\. .", "'s User cannot contain only periods or spaces"),
        ("a@b", "'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]"),
    ],
)
def test_a_user_of_windows_has_the_form_of_one(user: str, fault: str | None) -> None:
    """A name alone, or one behind a domain of NetBIOS or of DNS."""
    found = refused({"spec.securityContext": {"windowsOptions": {"runAsUserName": user}}})
    assert [line.partition(": ")[0] for line in found] == (
        ["spec.securityContext.windowsOptions.runAsUserName"] if fault else []
    )
    assert all(line.endswith(f": runAsUserName{fault}") for line in found)

"""Rules on pods as a whole: what their parts say must go together."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.updating import changed, said

_POD: dict[str, Any] = {
    "metadata": {"name": "p"},
    "spec": {"containers": [{"name": "c", "image": "web:1"}]},
}
_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_OF_C = "container.seccomp.security.alpha.kubernetes.io/c"
_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_CONTEXT = "spec.containers[0].securityContext"


def refused(changes: dict[str, Any]) -> list[str]:
    """Return what is said of the pod with ``changes``."""
    return said("pods", changed(_POD, changes))


def test_every_clash_of_host_ports_is_named() -> None:
    """Containers share the node's ports, but those that run one after the other do not."""
    taken = [{"containerPort": 1, "hostPort": 80}, {"containerPort": 2, "hostPort": 80}]
    other = {"containerPort": 3, "hostPort": 80, "protocol": "UDP"}
    found = refused(
        {
            "spec.containers": [
                {"name": "c", "image": "x", "ports": [*taken, other]},
                {"name": "d", "image": "x", "ports": taken[:1]},
            ],
            "spec.initContainers": [
                {"name": "i", "image": "x", "ports": taken[:1]},
                {"name": "j", "image": "x", "ports": taken},
            ],
        }
    )
    assert found == [
        f'spec.{path}.hostPort: Duplicate value: "TCP//80"'
        for path in (
            "containers[0].ports[1]",
            "containers[1].ports[0]",
            "initContainers[1].ports[1]",
        )
    ]


def test_every_device_and_claim_that_is_not_there_is_named() -> None:
    """One that is missing does not hide the next."""
    devices = [{"name": name, "devicePath": f"/dev/{name}"} for name in ("a", "b")]
    claims = {"claims": [{"name": "a"}, {"name": "b"}]}
    found = refused({"spec.containers.0.volumeDevices": devices})
    where = "spec.containers[0].volumeDevices"
    assert found == [f'{where}[{i}].name: Not found: "{n}"' for i, n in enumerate("ab")]
    found = refused({"spec.containers.0.resources": claims})
    where = "spec.containers[0].resources.claims"
    assert found == [f'{where}[{i}]: Not found: "{n}"' for i, n in enumerate("ab")]


def test_a_device_is_a_claim_and_given_once() -> None:
    """It is of a volume that can be a device, and no container has it twice or as files too."""
    found = refused(
        {
            "spec.volumes": [
                {"name": "disk", "persistentVolumeClaim": {"claimName": "disk"}},
                {"name": "files", "emptyDir": {}},
            ],
            "spec.containers.0.volumeMounts": [{"name": "files", "mountPath": "/files"}],
            "spec.containers.0.volumeDevices": [
                {"name": "disk", "devicePath": "/dev/a"},
                {"name": "disk", "devicePath": "/files"},
                {"name": "files", "devicePath": "/dev/b"},
            ],
        }
    )
    where = "spec.containers[0].volumeDevices"
    block = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
    as_path = "must not already exist as a path in volumeMounts"
    assert found == [
        f'{where}[1].name: Invalid value: "disk": must be unique',
        f'{where}[1].devicePath: Invalid value: "/files": {as_path}',
        f'{where}[2].name: Invalid value: "files": {block}',
        f'{where}[2].name: Invalid value: "files": must not already exist in volumeMounts',
    ]


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        ([{"name": "env", "emptyDir": {}}], None),
        ([{"name": "env", "hostPath": {"path": "/env"}}], "Invalid value"),
        ([], "Not found"),
    ],
)
def test_a_variable_from_a_file_names_an_empty_folder(
    volumes: list[Any], expected: str | None
) -> None:
    """The file lies in a volume of the pod that its containers can write to."""
    key = {"volumeName": "env", "path": "env", "key": "A"}
    variable = {"name": "A", "valueFrom": {"fileKeyRef": key}}
    found = refused({"spec.volumes": volumes, "spec.containers.0.env": [variable]})
    where = "spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName"
    more = ": referenced volume must be of type emptyDir" if expected == "Invalid value" else ""
    assert found == ([f'{where}: {expected}: "env"{more}'] if expected else [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("runtime/default", None),
        ("docker/default", None),
        ("unconfined", None),
        ("localhost/a/b.json", None),
        ("localhost//a", ("/a", "must be a relative path")),
        ("localhost/../a", ("../a", "must not contain '..'")),
        ("", ("", "must be a valid seccomp profile")),
    ],
)
@pytest.mark.parametrize("name", [_SECCOMP, _SECCOMP_OF_C])
def test_an_annotation_names_a_seccomp_profile(
    name: str, text: str, expected: tuple[str, str] | None
) -> None:
    """What annotations said before there were fields is still looked at."""
    found = refused({"metadata.annotations": {name: text}})
    where = f"metadata.annotations.{name}"
    assert found == (
        [f'{where}: Invalid value: "{expected[0]}": {expected[1]}'] if expected else []
    )


@pytest.mark.parametrize(
    ("text", "profile", "field"),
    [
        ("unconfined", {"type": "Unconfined"}, None),
        ("unconfined", {"type": "RuntimeDefault"}, "type"),
        ("runtime/default", {"type": "RuntimeDefault"}, None),
        ("runtime/default", {"type": "Unconfined"}, "type"),
        ("localhost/a", {"type": "Localhost", "localhostProfile": "a"}, None),
        ("localhost/a", {"type": "Localhost", "localhostProfile": "b"}, "localhostProfile"),
        ("unconfined", {"type": "Localhost", "localhostProfile": "b"}, "type"),
    ],
)
@pytest.mark.parametrize(
    ("name", "word", "option"),
    [
        (_SECCOMP_OF_C, "seccomp", "seccompProfile"),
        (f"{_APP_ARMOR}c", "apparmor", "appArmorProfile"),
    ],
)
def test_annotation_and_field_agree(
    name: str, word: str, option: str, text: str, profile: dict[str, str], field: str | None
) -> None:
    """Who says it twice says the same, in a pod and in a template."""
    changes = {
        "metadata.annotations": {name: text},
        "spec.containers.0.securityContext": {option: profile},
    }
    part = "profile" if field == "localhostProfile" else "type"
    detail = f"Forbidden: {word} {part} in annotation and field must match"
    expected = [f"{_CONTEXT}.{option}.{field}: {detail}"] if field else []
    assert refused(changes) == expected
    template = {"metadata": {"name": "t"}, "template": changed(_POD, changes)}
    assert said("podtemplates", template) == [f"template.{line}" for line in expected]


def test_a_profile_of_the_pod_counts_for_its_containers() -> None:
    """So it is in a template; in a pod, an annotation for the container wins."""
    changes = {
        "metadata.annotations": {f"{_APP_ARMOR}c": "unconfined"},
        "spec.securityContext": {"appArmorProfile": {"type": "RuntimeDefault"}},
    }
    template = {"metadata": {"name": "t"}, "template": changed(_POD, changes)}
    detail = "Forbidden: apparmor type in annotation and field must match"
    assert refused(changes) == []
    assert said("podtemplates", template) == [f"template.{_CONTEXT}.appArmorProfile.type: {detail}"]


def test_an_app_armor_annotation_is_of_a_container() -> None:
    """It names a container of the pod and a profile as profiles are named."""
    where = f"metadata.annotations[{_APP_ARMOR}gone]"
    assert refused({"metadata.annotations": {f"{_APP_ARMOR}gone": "some"}}) == [
        f'{where}: Invalid value: "gone": container not found',
        f'{where}: Invalid value: "some": invalid AppArmor profile name: "some"',
    ]


@pytest.mark.parametrize("cost", ["0", "-5", "2147483647", "-2147483648"])
def test_what_a_deletion_costs_is_a_number(cost: str) -> None:
    """It has 32 bits, and no sign or zeros in front."""
    name = "controller.kubernetes.io/pod-deletion-cost"
    assert refused({"metadata.annotations": {name: cost}}) == []
    for wrong in (f"+{cost}", f"0{cost}", f"{cost}00000000000", ""):
        assert refused({"metadata.annotations": {name: wrong}}) == [
            f'metadata.annotations[{name}]: Invalid value: "{wrong}": must be a 32bit integer'
        ]


def test_a_mirror_has_its_node() -> None:
    """A pod that a node runs by itself is on that node."""
    name = "kubernetes.io/config.mirror"
    detail = "must set spec.nodeName if mirror pod annotation is set"
    changes = {"metadata.annotations": {name: "m"}}
    assert refused(changes) == [f'metadata.annotations[{name}]: Invalid value: "m": {detail}']
    assert refused({**changes, "spec.nodeName": "n"}) == []


def test_a_pod_has_room_for_its_containers() -> None:
    """They come to no more than the whole, of which it has only some resources."""
    limits = {"cpu": "2", "memory": "1Gi", "hugepages-2Mi": "2Mi"}
    found = refused(
        {
            "spec.resources": {"limits": {**limits, "example.com/gpu": "1"}, "requests": {}},
            "spec.containers": [
                {"name": "c", "image": "x", "resources": {"limits": {"cpu": "3", "memory": "1Gi"}}},
                {"name": "d", "image": "x", "resources": {"limits": {"memory": "512Mi"}}},
            ],
            "spec.initContainers": [
                {
                    "name": "s",
                    "image": "x",
                    "restartPolicy": "Always",
                    "resources": {"limits": {"memory": "1Mi", "hugepages-2Mi": "4Mi"}},
                }
            ],
        }
    )
    where = "spec.resources"
    supported = 'supported values: "cpu", "hugepages-", "memory"'
    more = "must be greater than or equal to aggregate container"
    assert [line for line in found if "gpu" in line] == [
        f'{where}.{part}[example.com/gpu]: Unsupported value: "example.com/gpu": {supported}'
        for part in ("limits", "requests")
    ]
    assert [line for line in found if "gpu" not in line] == [
        f'{where}.requests[cpu]: Invalid value: "2": {more} requests of 3',
        f'{where}.requests[hugepages-2Mi]: Invalid value: "2Mi": {more} requests of 4Mi',
        f'{where}.requests[memory]: Invalid value: "1Gi": {more} requests of 1537Mi',
        f'{where}.limits[hugepages-2Mi]: Invalid value: "2Mi": {more} limits of 4Mi',
        (
            f'{where}.containers[0][cpu].limits: Invalid value: "3": '
            "must be less than or equal to pod limits of 2"
        ),
    ]


def test_what_runs_alone_is_not_added() -> None:
    """Init containers need what the largest of them needs."""
    asks = {"resources": {"requests": {"cpu": "1500m"}}}
    manifest = {
        "spec.resources": {"requests": {"cpu": "2"}},
        "spec.initContainers": [{"name": n, "image": "x", **asks} for n in ("i", "j")],
    }
    assert refused(manifest) == []
    manifest["spec.resources"] = {"requests": {"cpu": "1"}}
    more = "must be greater than or equal to aggregate container requests of 1500m"
    assert refused(manifest) == [f'spec.resources.requests[cpu]: Invalid value: "1": {more}']


def test_claims_are_of_containers() -> None:
    """The pod as a whole claims no devices."""
    found = refused(
        {
            "spec.resourceClaims": [{"name": "gpu", "resourceClaimName": "gpu"}],
            "spec.resources": {"claims": [{"name": "gpu"}]},
        }
    )
    detail = "claims may not be set for Resources at pod-level"
    assert found == [f"spec.resources.claims: Forbidden: {detail}"]


def test_what_ends_is_not_started_again_for_a_new_size() -> None:
    """A sidecar may be; an init container may not."""
    policy = [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}]
    container = {"name": "i", "image": "x", "resizePolicy": policy}
    where = "spec.initContainers[0].resizePolicy[0].restartPolicy"
    detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
    assert refused({"spec.initContainers": [container]}) == [
        f'{where}: Invalid value: "RestartContainer": {detail}'
    ]
    assert refused({"spec.initContainers": [{**container, "restartPolicy": "Always"}]}) == []


def test_sources_of_one_folder_write_different_files() -> None:
    """Each file that is in the way is named, by what brought it."""
    items = [{"key": "a", "path": "a"}, {"key": "b", "path": "a"}]
    field = {"path": "a", "fieldRef": {"fieldPath": "metadata.name"}}
    sources = [{"secret": {"name": "s", "items": items}}, {"downwardAPI": {"items": [field]}}]
    found = refused({"spec.volumes": [{"name": "v", "projected": {"sources": sources}}]})
    assert found == [
        f'spec.volumes[0].projected: Invalid value: "{name}": conflicting duplicate paths'
        for name in ("s", "a")
    ]


def test_claims_made_for_a_pod_are_its_own() -> None:
    """Their names are the pod's and the volume's, and nothing else uses them."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    made = {"name": "v", "ephemeral": {"volumeClaimTemplate": {"spec": spec}}}
    used = {"name": "w", "persistentVolumeClaim": {"claimName": "p-v"}}
    detail = "must not reference a PVC that gets created for an ephemeral volume"
    where = "spec.volumes[1].persistentVolumeClaim.claimName"
    assert refused({"spec.volumes": [made, used]}) == [f'{where}: Invalid value: "p-v": {detail}']
    (only,) = refused({"spec.volumes": [made], "metadata.name": "p" * 252})
    name = "p" * 252 + "-v"
    assert only == (
        f'spec.volumes[0].name: Invalid value: "v": PVC name "{name}": '
        "must be no more than 253 characters"
    )


def test_an_interface_of_iscsi_has_a_short_name() -> None:
    """It is made of the names of the volume and of the portal."""
    disk = {"targetPortal": "p" * 60, "iqn": "iqn.2024-01.com.example:a", "lun": 0}
    detail = (
        "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if "
        "iscsi.initiatorName is specified."
    )
    assert refused({"spec.volumes": [{"name": "disk", "iscsi": disk}]}) == []
    disk["initiatorName"] = "iqn.2024-01.com.example:b"
    found = refused({"spec.volumes": [{"name": "disk", "iscsi": disk}]})
    assert found == [f'spec.volumes[0].name: Invalid value: "disk": {detail}']


def test_containers_of_one_name_are_told_apart() -> None:
    """A mount without a volume is reported at its own container and its own place."""
    container = {"name": "c", "image": "web:1"}
    mounts = [{"name": "here", "mountPath": "/h"}, {"name": "away", "mountPath": "/a"}]
    found = refused(
        {
            "spec.volumes": [{"name": "here", "emptyDir": {}}],
            "spec.containers": [container, container | {"volumeMounts": mounts}],
        }
    )
    assert found == [
        'spec.containers[1].volumeMounts[1].name: Not found: "away"',
        'spec.containers[1].name: Duplicate value: "c"',
    ]

"""The messages against an independent witness: the models of the ``kubernetes`` package.

Both directions: what the witness has and we lack is a manifest that we refuse, what we
have and it lacks is a field that Kubernetes does not know.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from kubernetes.client import models

from protocube.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

# Names that several API groups share: the package prefixes the group there.
SHARED_NAMES = {
    "protocube.apiregistration.v1.ServiceReference": "ApiregistrationV1ServiceReference",
    "protocube.authentication.v1.TokenRequest": "AuthenticationV1TokenRequest",
    "protocube.core.v1.EndpointPort": "CoreV1EndpointPort",
    "protocube.core.v1.Event": "CoreV1Event",
    "protocube.core.v1.EventSeries": "CoreV1EventSeries",
    "protocube.core.v1.ResourceClaim": "CoreV1ResourceClaim",
    "protocube.discovery.v1.EndpointPort": "DiscoveryV1EndpointPort",
    "protocube.events.v1.Event": "EventsV1Event",
    "protocube.events.v1.EventSeries": "EventsV1EventSeries",
    "protocube.flowcontrol.v1.Subject": "FlowcontrolV1Subject",
    "protocube.rbac.v1.Subject": "RbacV1Subject",
    "protocube.resource.v1.ResourceClaim": "ResourceV1ResourceClaim",
    "protocube.storage.v1.TokenRequest": "StorageV1TokenRequest",
} | {
    f"protocube.{group}.v1.{name}": f"{group.capitalize()}V1{name}"
    for group in ("admissionregistration", "apiextensions")
    for name in ("ServiceReference", "WebhookClientConfig")
}

SCALARS = {
    "str": {FieldDescriptor.TYPE_STRING},
    "int": {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64},
    "bool": {FieldDescriptor.TYPE_BOOL},
    "bytes": {FieldDescriptor.TYPE_BYTES},
    "float": {FieldDescriptor.TYPE_DOUBLE},
}
# What the witness calls ``object`` is int-or-string, or a free tree of names.
WELL_KNOWN = {
    "datetime": {"google.protobuf.Timestamp"},
    "object": {"google.protobuf.Value", "google.protobuf.Struct"},
    # A map's value cannot be repeated.
    "List[str]": {"google.protobuf.ListValue"},
}


def reachable() -> dict[str, Descriptor]:
    """Return every message of ours that a shipped kind holds, by full name."""
    found: dict[str, Descriptor] = {}
    # What a deletion is told is typed here: an enum for its policy, a Boolean for a dry run.
    ours = "protocube.meta.v1.DeleteOptions"
    resources = [
        resource
        for resource in Catalog.shipped().resources
        if not resource.group.endswith("protocube.dev")  # Kubernetes has nothing to do with those.
    ]
    waiting = [resource.descriptor for resource in resources]
    for resource in resources:
        methods = resource.service_descriptor.methods_by_name
        waiting += [methods["GetScale"].output_type] if "GetScale" in methods else []
        # Their requests hold what is posted to a subresource in Kubernetes.
        for name in {"Evict", "Bind", "CreateToken"}.intersection(methods):
            posted = methods[name].input_type.fields_by_name["object"].message_type
            waiting += [posted] if posted is not None else []
    while waiting:
        descriptor = waiting.pop()
        if descriptor.full_name in (*found, ours) or not descriptor.full_name.startswith(
            "protocube."
        ):
            continue
        if not descriptor.GetOptions().map_entry:
            found[descriptor.full_name] = descriptor
        waiting += [field.message_type for field in descriptor.fields if field.message_type]
    return found


MESSAGES = reachable()

# The hand-written files that hold kinds and what they are made of.
KINDS = (
    r"protocube/(?!(?:access|admission|api|bulk|definitions|meta|openid|watch)/)"
    r"(?!discovery/v1/discovery\.)\w+/v\d+/"
    r"\w+(?<!_service)(?<!_requests)\.proto"
)


def model_name(descriptor: Descriptor) -> str:
    """Return the witness's name of a message."""
    version = descriptor.file.package.rpartition(".")[2]
    return SHARED_NAMES.get(descriptor.full_name, f"{version.capitalize()}{descriptor.name}")


def differences(descriptor: Descriptor) -> Iterator[str]:
    """Yield what the witness and a message disagree on."""
    model: Any = getattr(models, model_name(descriptor), None)
    if model is None:
        yield f"{descriptor.full_name}: Kubernetes has no {model_name(descriptor)}"
        return
    ours = {field.json_name: field for field in descriptor.fields}
    theirs = {model.attribute_map[name]: kind for name, kind in model.openapi_types.items()}
    for name in sorted(theirs.keys() - ours.keys()):
        yield f"{descriptor.full_name}: {name} ({theirs[name]}) is missing"
    for name in sorted(ours.keys() - theirs.keys()):
        yield f"{descriptor.full_name}: Kubernetes has no {name}"
    for name in sorted(ours.keys() & theirs.keys()):
        if not fits(ours[name], theirs[name]):
            yield f"{descriptor.full_name}: {name} should be {theirs[name]}"


def fits(field: FieldDescriptor, kind: str) -> bool:
    """Tell whether a field holds what the witness's type does."""
    mapped = re.fullmatch(r"Dict\[str, (.+)\]", kind)
    if mapped:
        entry = field.message_type
        if entry is None or not entry.GetOptions().map_entry:
            return False
        key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
        return one_fits(key, "str") and one_fits(value, mapped[1])
    listed = re.fullmatch(r"List\[(\w+)\]", kind)
    if listed:
        return field.is_repeated and one_fits(field, listed[1])
    return not field.is_repeated and one_fits(field, kind)


def one_fits(field: FieldDescriptor, kind: str) -> bool:
    """As :func:`fits`, for one element."""
    if kind in SCALARS:
        return field.type in SCALARS[kind]
    if field.message_type is None:
        return False
    if kind in WELL_KNOWN:
        return field.message_type.full_name in WELL_KNOWN[kind]
    return model_name(field.message_type) == kind


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_message_has_the_fields_of_kubernetes(name: str) -> None:
    """Names and types of all fields are those of the witness, and there are no others."""
    found = list(differences(MESSAGES[name]))
    assert not found, "\n".join(found)


def test_the_walk_reaches_every_hand_written_message() -> None:
    """No message lies in the kinds' files that no kind holds."""
    written = {
        f"{file.package}.{message.name}"
        for file in Catalog.shipped().files
        if re.fullmatch(KINDS, file.name)
        for message in file.message_type
    }
    assert written - MESSAGES.keys() == set()


def test_the_witness_would_notice() -> None:
    """A message under a wrong model gives differences in both directions and in types."""
    pod_ip, event = MESSAGES["protocube.core.v1.PodIP"], MESSAGES["protocube.core.v1.Event"]
    assert not fits(pod_ip.fields_by_name["ip"], "int")
    assert not fits(pod_ip.fields_by_name["ip"], "List[str]")
    assert not fits(event.fields_by_name["source"], "V1PodIP")
    assert not fits(event.fields_by_name["metadata"], "Dict[str, str]")

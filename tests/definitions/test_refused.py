"""What a definition may not say: it is refused with a path and a reason, and nothing is stored."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import descriptor_pb2

from protocube import errors
from protocube.api.v1 import resource_pb2
from tests import machines
from tests.definitions.defining import NAME, definition

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.definitions.defining import Definer

    File = descriptor_pb2.FileDescriptorProto

_F = descriptor_pb2.FieldDescriptorProto
_GROUP = 'group: "example.com" version: "v1"'
_PLURAL = 'plural: "machines"'
_SIZE = 'name: "size" number: 1'
_KIND = 'field { name: "kind" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }'
_META = 'name: "metadata" number: 3'
_RESOURCE = "name_format: NAME_FORMAT_DNS_LABEL"
_DEFAULT = 'default: "small" immutable: true selectable: true'
_RULE = '[buf.validate.field] { string { in: "small" in: "large" } }'
_NAME = 'name: "example/v1/machine.proto" package: "example.v1"'

_TEXTS: dict[str, tuple[str, str, str]] = {
    "a file that leaves its folder": (
        _NAME,
        _NAME.replace("example/v1", "../v1"),
        "must be called",
    ),
    "a file of another folder": (_NAME, _NAME.replace("example/v1", "v1"), "must be called"),
    "a file of ours": (
        _NAME,
        'name: "protocube/core/v1/pod.proto" package: "example.v1"',
        "is the server's",
    ),
    "a package of ours": (
        _NAME,
        'name: "google/v1/machine.proto" package: "google.v1"',
        "is the server's",
    ),
    "a package in capitals": (_NAME, _NAME.replace("example.v1", "Example.v1"), "lower case"),
    "a package without its version": (_GROUP, _GROUP.replace("v1", "v2"), r"must end in .*\.v2"),
    "a group without a dot": (_GROUP, _GROUP.replace("example.com", "fleet"), "at least one dot"),
    "no group": (_GROUP, _GROUP.replace("example.com", ""), "at least one dot"),
    "a group with a slash": (_GROUP, _GROUP.replace("example.com", "a.b/c"), "at least one dot"),
    "a group of Kubernetes": (_GROUP, _GROUP.replace("example.com", "apps.k8s.io"), "your own"),
    "a version with a slash": (_GROUP, _GROUP.replace("v1", "v1/x"), "the version"),
    "no plural": (_PLURAL, "", "resource.plural"),
    "a plural with a slash": (_PLURAL, 'plural: "Mach/ines"', "resource.plural"),
    "a plural in capitals": (_PLURAL, 'plural: "Machines"', "resource.plural"),
    "a short name with a dot": ('short_names: "ma"', 'short_names: "m.a"', "resource.short_names"),
    "a kind that is none": (_RESOURCE, 'kind: "a-b"', "resource.kind"),
    "a singular that is none": (_RESOURCE, 'singular: "A"', "resource.singular"),
    "a category that is none": (_RESOURCE, 'categories: "A b"', "resource.categories"),
    "a number of protobuf's": (_SIZE, 'name: "size" number: 19000', "protobuf's own"),
    "the number 0": (_SIZE, 'name: "size" number: 0', "number"),
    "a kind at another number": (_KIND, _KIND.replace("number: 2", "number: 9"), "kind = 9"),
    "a kind of another type": (_KIND, _KIND.replace("STRING", "BYTES"), "bytes kind = 2"),
    "a kind that is many": (_KIND, _KIND.replace("OPTIONAL", "REPEATED"), "repeated string kind"),
    "no kind": (_KIND, "", "string kind = 2"),
    "metadata at another number": (_META, 'name: "metadata" number: 6', "metadata = 6"),
    "metadata of another type": (
        ".protocube.meta.v1.ObjectMeta",
        ".example.v1.MachineSpec",
        r"MachineSpec metadata = 3",
    ),
    "a spec at another number": ('name: "spec" number: 4', 'name: "spec" number: 7', "for a messa"),
    "another thing at 4": ('name: "spec" number: 4', 'name: "data" number: 4', "called spec"),
    "a status subresource and no status": (
        _RESOURCE,
        "subresources: SUBRESOURCE_STATUS",
        "needs a field called status",
    ),
    "a scale without replicas": (_RESOURCE, "subresources: SUBRESOURCE_SCALE", "replicas"),
    "a column that leads nowhere": (
        _RESOURCE,
        'columns { name: "Cores" path: ".spec.cores" }',
        "has no field cores",
    ),
    "a column by a function": (
        _RESOURCE,
        'columns { name: "X" computed: "no_such" }',
        "no function no_such",
    ),
    "a default of another type": (
        f"{_SIZE} type: TYPE_STRING label: LABEL_OPTIONAL",
        f"{_SIZE} type: TYPE_INT32 label: LABEL_OPTIONAL",
        "no value of the field",
    ),
    "a type that is not there": (
        ".example.v1.MachineSpec",
        ".example.v1.Nothing",
        "(?i)example.v1.Nothing",
    ),
    "an import that is not there": (
        'dependency: "buf/validate/validate.proto"',
        'dependency: "other/v1/x.proto"',
        "cannot be imported",
    ),
    "an import of Empty": (
        'dependency: "buf/validate/validate.proto"',
        'dependency: "google/protobuf/empty.proto"',
        "empty.proto cannot be imported: a message of your own",
    ),
    "an import of Any": (
        'dependency: "buf/validate/validate.proto"',
        'dependency: "google/protobuf/any.proto"',
        "any.proto cannot be imported: a manifest has no form",
    ),
    "an import of our kinds": (
        'dependency: "buf/validate/validate.proto"',
        'dependency: "protocube/core/v1/pod.proto"',
        "cannot be imported",
    ),
    "proto2": ('syntax: "proto3"', "", "proto2 is not supported"),
    "an edition that there is not": (
        'syntax: "proto3"',
        'syntax: "editions" edition: EDITION_99999_TEST_ONLY',
        "edition",
    ),
    "an extension": (
        'message_type {\n  name: "MachineSpec"',
        'extension { name: "x" }\nmessage_type {\n  name: "MachineSpec"',
        "no extensions",
    ),
    "a service": (
        'message_type {\n  name: "MachineSpec"',
        'service { name: "Mine" }\nmessage_type {\n  name: "MachineSpec"',
        "made by the server",
    ),
    "a reserved number in use": (
        'message_type {\n  name: "MachineSpec"',
        'message_type {\n  name: "MachineSpec" reserved_range { start: 1 end: 2 }',
        "is reserved",
    ),
    "a reserved name in use": (
        'message_type {\n  name: "MachineSpec"',
        'message_type {\n  name: "MachineSpec" reserved_name: "size"',
        "is reserved",
    ),
    "no version of the group": (
        f"[protocube.api.v1.group_version] {{ {_GROUP} }}",
        "",
        "no option",
    ),
    "stored as what is not there": (
        _RESOURCE,
        'stored_as: "protocube.core.v1.Pod"',
        "no kind of this definition",
    ),
    "a conversion that is not there": (_RESOURCE, 'conversion: "x" stored_as: "x"', "stored_as"),
    "a computed default": (_DEFAULT, 'computed_default: "pod_name"', "computed default"),
    "a computed rule": (_DEFAULT, 'computed_rule: "quota_scopes"', "computed rule"),
    "an update rule": (_DEFAULT, 'update_rule: "x"', "update rule"),
    "an update default": (_DEFAULT, 'update_default: "x"', "update default"),
    "a merge key of a scalar": (_DEFAULT, 'merge_key: "x"', "no such fields"),
    "what only pods have": (_RESOURCE, 'grace: "pod"', "grace"),
    "pods' eviction": (
        _RESOURCE,
        "subresources: SUBRESOURCE_EVICTION",
        "SUBRESOURCE_EVICTION is f",
    ),
    "tokens": (_RESOURCE, "subresources: SUBRESOURCE_TOKEN", "SUBRESOURCE_TOKEN is for"),
    "a review": (_RESOURCE, 'review: "token"', "review is for kinds"),
    "bounds of its own": (_RESOURCE, "most_elements: 1000000", "most_elements is for kinds"),
    "power over others": (_RESOURCE, "judges_others: true", "judges_others is for kinds"),
    "a protection": (_RESOURCE, 'protection { finalizer: "a.b/c" }', "protection is for kinds"),
    "a JSON schema that is none": (
        'message_type {\n  name: "MachineSpec"',
        'message_type {\n  name: "MachineSpec" options { [protocube.api.v1.json_schema]: true }',
        "json_schema is for messages",
    ),
    "an immutable path that leads nowhere": (_RESOURCE, 'immutable: "spec.nope"', "nope"),
    "a rule of another type": (_RULE, "[buf.validate.field] { int32 { gt: 1 } }", "(?i)int32"),
    "a CEL rule with a wrong field": (
        _RULE,
        '[buf.validate.field] { cel { id: "x" message: "x" expression: "this.nope > 1" } }',
        r"machine.proto: example.v1.MachineSpec: .*evaluating x: Applying SELECT",
    ),
}


async def test_it_is_refused_and_nothing_is_stored(definer: Definer) -> None:
    """The server goes on serving, and has no definition. All that are taken are told together."""
    wrong = []
    for what, (old, new, reason) in _TEXTS.items():
        try:
            await definer.define(machines.file((old, new)))
        except errors.Invalid as refused:
            field = refused.violations[0].field
            if not (re.search(reason, refused.message) and field.startswith(("spec", "metadata"))):
                wrong.append(f"{what}: {refused}")
        else:
            wrong.append(f"{what} is taken")
            await definer.base.delete("definitions", NAME)
            await definer.base.until_gone("definitions", NAME)
    assert not wrong
    assert not (await definer.base.list("definitions")).items
    assert (await definer.base.list("namespaces")).items


def _many_fields(file: File) -> None:
    for number in range(2, 5_002):
        file.message_type[1].field.add(name=f"f{number}", number=number, type=_F.TYPE_STRING)


def _deep(file: File) -> None:
    message = file.message_type[1]
    for _ in range(40):
        message = message.nested_type.add(name="Below")


def _far(file: File) -> None:
    for level in range(40):
        message = file.message_type.add(name=f"Level{level}")
        if level:
            below = f".example.v1.Level{level - 1}"
            message.field.add(name="below", number=1, type=_F.TYPE_MESSAGE, type_name=below)


def _many_rules(file: File) -> None:
    from protocube.vendor.buf.validate import validate_pb2

    rules = file.message_type[1].options.Extensions[validate_pb2.message]
    for number in range(10_000):
        rules.cel.add(id=f"r{number}", expression="true")


def _many_columns(file: File) -> None:
    option = file.message_type[0].options.Extensions[resource_pb2.resource]
    for number in range(65):
        option.columns.add(name=f"C{number}", path=".metadata.name")


def _large(file: File) -> None:
    file.message_type.add(name="X" * 600_000)


def _endless(file: File) -> None:
    from protocube.api.v1 import field_pb2

    field = file.message_type[1].field.add(
        name="self", number=2, type=_F.TYPE_MESSAGE, type_name=".example.v1.MachineSpec"
    )
    field.options.Extensions[field_pb2.field].default = "{}"


_TOO_MUCH: tuple[tuple[Callable[[File], None], str], ...] = (
    (_many_fields, "5001 fields, the limit is 1000"),
    (_deep, "more than 32 deep"),
    (_far, "more than 32 deep"),
    (_many_rules, "10000 CEL rules, the limit is 256"),
    (_many_columns, "65 columns, the limit is 64"),
    (_large, "524288"),
    (_endless, "without end"),
)


async def test_what_is_too_much_is_refused_soon(definer: Definer) -> None:
    """It costs the server little to find out: both ends together take less than half a second."""
    with pytest.raises(errors.Invalid):
        await definer.define(machines.file(("plural:", "singular:")))
    for change, reason in _TOO_MUCH:
        file = machines.file()
        change(file)
        began = time.process_time()
        with pytest.raises(errors.Invalid, match=reason):
            await definer.define(file)
        assert time.process_time() - began < 0.5, reason


async def _refused(definer: Definer, message: Any, reason: str) -> None:
    with pytest.raises(errors.Invalid, match=reason):
        await definer.base.create(definer._own(message))


async def test_the_files_themselves_are_looked_at(definer: Definer) -> None:
    """No files, the same file twice, no descriptor, no kind, two kinds, and another name."""
    await _refused(definer, definition(machines.file(), machines.file()), "Duplicate value")
    await _refused(definer, definition(name="engines.example.com"), "machines.example.com")
    message = definition()
    message.spec.files[0].file_descriptor = b"\xff\xff\xff"
    await _refused(definer, message, "no google.protobuf.FileDescriptorProto")
    del message.spec.files[:]
    await _refused(definer, message, r"spec\.files")
    bare = machines.file()
    bare.message_type[0].options.ClearExtension(resource_pb2.resource)
    await _refused(definer, definition(bare), "no message has the option")
    two = machines.file()
    second = two.message_type.add()
    second.CopyFrom(two.message_type[0])
    second.name = "Engine"
    second.options.Extensions[resource_pb2.resource].plural = "engines"
    await _refused(definer, definition(two), "is of one kind")


async def test_names_that_another_definition_has_are_refused(definer: Definer) -> None:
    """The kind, its list and its package are taken; a short name of ours stays ours."""
    await definer.define()
    other = machines.file(
        (_PLURAL, 'plural: "mechanisms" service: "Mechanisms"'),
        (_NAME, _NAME.replace("machine", "other")),
    )
    await _refused(definer, definition(other, name="mechanisms.example.com"), '"Machine" is alread')
    lists = machines.file(
        (_PLURAL, 'plural: "lists" kind: "MachineList"'),
        (_NAME, 'name: "second/v1/machine.proto" package: "second.v1"'),
        (".example.v1.", ".second.v1."),
    )
    await _refused(definer, definition(lists, name="lists.example.com"), '"MachineList" is alread')
    engine = machines.file(
        (_PLURAL, 'plural: "engines"'),
        ('name: "Machine"', 'name: "Engine"'),
        ('short_names: "ma"', 'short_names: "po"'),
    )
    await _refused(definer, definition(engine, name="engines.example.com"), "example.v1.*in use")

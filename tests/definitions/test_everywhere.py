"""What holds for built-in kinds holds for defined ones: owners, patches, applies, scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube.joined_catalog import JoinedCatalog, part
from protocube.manifests import encode
from tests import machines
from tests.server.caller import Caller

shipped = Catalog.shipped

if TYPE_CHECKING:
    from tests.definitions.defining import Definer


def _owned_by(owner: Any) -> list[dict[str, Any]]:
    return [
        {
            "apiVersion": owner.api_version,
            "kind": owner.kind,
            "name": owner.metadata.name,
            "uid": owner.metadata.uid,
        }
    ]


async def _owned(caller: Caller, word: str, name: str, owner: Any) -> Any:
    metadata = {"name": name, "ownerReferences": _owned_by(owner)}
    return await caller.create(caller.make(word, metadata=metadata))


async def test_owners_and_dependents_are_collected(definer: Definer) -> None:
    """Across kinds of both sorts, in both directions, whatever came first."""
    await definer.define()
    caller = await definer.knowing()
    config = await caller.create(caller.make("configmaps", "owner"))
    await _owned(caller, "machines", "dependent", config)
    machine = await caller.create(caller.make("machines", "owner"))
    await _owned(caller, "configmaps", "dependent", machine)
    await caller.delete("configmaps", "owner")
    await caller.until_gone("machines", "dependent")
    await caller.delete("machines", "owner")
    await caller.until_gone("configmaps", "dependent")


async def test_it_is_patched_and_applied(definer: Definer) -> None:
    """Merge patches and server-side apply know the kind's fields, and its immutable ones."""
    await definer.define()
    caller = await definer.knowing()
    await caller.create(caller.make("machines", "a"))
    patched = await caller.patch("machines", "a", merge_patch={"metadata": {"labels": {"x": "y"}}})
    assert patched.metadata.labels["x"] == "y"
    with pytest.raises(errors.Invalid, match=r"spec\.size"):
        await caller.patch("machines", "a", merge_patch={"spec": {"size": "large"}})
    wanted = {"apiVersion": "example.com/v1", "kind": "Machine", "metadata": {"name": "b"}}
    applied = await caller.apply(wanted | {"spec": {"size": "large"}})
    assert applied.spec.size == "large"
    found = await caller.list("machines", field_selector="spec.size=large")
    assert [item.metadata.name for item in found.items] == ["b"]


_WRAPPED = (
    (
        'dependency: "buf/validate/validate.proto"',
        'dependency: "buf/validate/validate.proto" dependency: "google/protobuf/wrappers.proto"',
    ),
    (
        'field {\n    name: "size"',
        (
            'field { name: "cores" number: 2 type: TYPE_MESSAGE label: LABEL_OPTIONAL '
            'type_name: ".google.protobuf.Int64Value" '
            'options { [protocube.api.v1.field] { default: "4" } '
            "[buf.validate.field] { int64 { lt: 9007199254740994 } } } }\n"
            'field { name: "note" number: 3 type: TYPE_MESSAGE label: LABEL_OPTIONAL '
            'type_name: ".google.protobuf.StringValue" '
            "options { [buf.validate.field] { string { min_len: 1 } } } }\n"
            'field {\n    name: "size"'
        ),
    ),
)


async def test_a_wrapper_is_the_value_in_it(definer: Definer) -> None:
    """In manifests, rules, defaults, patches and applies; null is none."""
    file = machines.file(*_WRAPPED)
    await definer.define(file)
    caller = await definer.knowing(file)
    made = await caller.create(caller.make("machines", "a", spec={"note": "x"}))
    assert encode.data(made)["spec"] == {"cores": 4, "note": "x", "size": "small"}
    for spec, told in (
        ({"cores": 9007199254740995}, r"spec.cores: Invalid value: 9007199254740995"),
        ({"note": ""}, r"spec.note"),
    ):
        with pytest.raises(errors.Invalid, match=told):
            await caller.create(caller.make("machines", "b", spec=spec))
    merge = {"spec": {"note": None, "cores": 9007199254740993}}
    patched = await caller.patch("machines", "a", merge_patch=merge)
    assert encode.data(patched)["spec"] == {"cores": 9007199254740993, "size": "small"}
    wanted = {"apiVersion": "example.com/v1", "kind": "Machine", "metadata": {"name": "a"}}
    applied = await caller.apply(wanted | {"spec": {"note": "y"}})
    assert applied.spec.note.value == "y"
    assert (await caller.apply(wanted)).spec.HasField("note") is False
    with pytest.raises(errors.Invalid, match="cannot unmarshal string into Go struct field"):
        await caller.patch("machines", "a", merge_patch={"spec": {"cores": "5"}})


async def test_a_kind_can_be_cluster_scoped(definer: Definer) -> None:
    """Its objects have no namespace, whatever a request says."""
    wide = machines.file(("SCOPE_NAMESPACED", "SCOPE_CLUSTER"))
    await definer.define(wide)
    caller = await definer.knowing(wide)
    made = await caller.create(caller.make("machines", metadata={"name": "a", "namespace": "x"}))
    assert not made.metadata.namespace
    assert (await caller.get("machines", "a")).metadata.uid == made.metadata.uid


async def test_a_kind_has_several_versions(definer: Definer) -> None:
    """Both are served over the same objects, and a second definition cannot take the later one."""
    first = machines.file()
    second = machines.file(
        (
            'name: "example/v1/machine.proto" package: "example.v1"',
            'name: "example/v2/machine.proto" package: "example.v2"',
        ),
        (".example.v1.", ".example.v2."),
        ('version: "v1"', 'version: "v2"'),
        ("name_format:", 'stored_as: "example.v1.Machine" name_format:'),
    )
    made = await definer.define(first, second)
    assert [item.api_version for item in made.status.kinds] == ["example.com/v1", "example.com/v2"]
    caller = await definer.knowing(first)
    await caller.create(caller.make("machines", "a", spec={"size": "large"}))
    caller = Caller(
        definer.base.address, JoinedCatalog([shipped(), part(shipped(), [first, second])])
    )
    async with caller:
        found = await caller.get("machines.v2.example.com", "a")
        assert (found.api_version, found.spec.size) == ("example.com/v2", "large")
        found.metadata.labels["x"] = "y"
        await caller.update(found)
        again = await caller.get("machines.v1.example.com", "a")
        assert (again.api_version, again.metadata.labels["x"]) == ("example.com/v1", "y")

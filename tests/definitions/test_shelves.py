"""Descriptor pools that definitions share, each with its own kinds alone."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.builtin.functions import SHARED
from protocube_server.definitions import building
from protocube_server.definitions.door import Compiled
from protocube_server.definitions.shelves import Shelves
from protocube_server.kinds.defined import Defined
from protocube_server.kinds.registry import Registry
from tests import machines

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube_server.definitions.building import Part
    from protocube_server.kinds.kind import Kind

_MACHINE = "example.v1.Machine"
_FIELD = 'name: "size" number: 1 type: TYPE_STRING'


@pytest.fixture
def shelves() -> Shelves:
    """Return shelves beside the shipped kinds."""
    return Shelves(Catalog.shipped(comments=False))


def _part(shelves: Shelves, file: FileDescriptorProto) -> Part:
    return building.build(shelves, Compiled(files=(file,)), SHARED, Defined(name="", entry=b""))


def _other(*changes: tuple[str, str]) -> FileDescriptorProto:
    return machines.file(
        ('name: "example/v1/machine.proto" package: "example.v1"', 'name: "o.proto" package: "o"'),
        (".example.v1.", ".o."),
        *changes,
    )


def _pool(part: Part) -> Any:
    (resource,) = part.resources
    file: Any = resource.descriptor.file
    return file.pool


def _kind(part: Part) -> Kind:
    (resource,) = part.resources
    defined = {resource.message: part.defined}
    (kind,) = Registry(part.catalog, "/protocube", defined=defined)
    return kind


def _sized(kind: Kind, size: str) -> Any:
    message: Any = kind.resource.message_class()
    message.metadata.name = "m"
    message.spec.size = size
    return message


def test_definitions_share_a_pool(shelves: Shelves) -> None:
    """What they import is there once, and the types of it are the same."""
    one, other = _part(shelves, machines.file()), _part(shelves, _other())
    assert _pool(one) is _pool(other)
    metadata = [_sized(_kind(part), "small").metadata for part in (one, other)]
    assert type(metadata[0]) is type(metadata[1])


def test_they_do_not_see_each_other(shelves: Shelves) -> None:
    """A name of another definition is none, and a file that names one is refused."""
    one = _part(shelves, machines.file())
    other = _part(shelves, _other())
    assert one.catalog.pool.FindMessageTypeByName(_MACHINE).full_name == _MACHINE
    for find in ("FindMessageTypeByName", "FindFileContainingSymbol"):
        with pytest.raises(KeyError):
            getattr(other.catalog.pool, find)(_MACHINE)
    with pytest.raises(KeyError):
        other.catalog.pool.FindServiceByName(machines.SERVICE)
    with pytest.raises(KeyError):
        other.catalog.pool.FindFileByName("example/v1/machine.proto")


def test_a_changed_one_has_its_own_rules(shelves: Shelves) -> None:
    """Rules are kept by names, so the same names again are on another shelf."""
    before = _kind(_part(shelves, machines.of_sizes(["a", "b"])))
    _part(shelves, _other())
    before.validation.check(_sized(before, "a"))
    after = _kind(_part(shelves, machines.of_sizes(["c", "d"])))
    after.validation.check(_sized(after, "c"))
    with pytest.raises(errors.Invalid):
        after.validation.check(_sized(after, "a"))
    before.validation.check(_sized(before, "a"))


def test_one_that_fits_nowhere_leaves_the_others(shelves: Shelves) -> None:
    """A file with a fault is refused, and what comes behind it is served."""
    _part(shelves, machines.file())
    faulty = _other((".o.MachineSpec", ".o.Nothing"))
    with pytest.raises(TypeError, match="Nothing"):
        _part(shelves, faulty)
    kind = _kind(_part(shelves, _other()))
    kind.validation.check(_sized(kind, "small"))


def test_a_name_of_another_file_can_come_again(shelves: Shelves) -> None:
    """A definition that is gone holds up none that has its names in other files."""
    _part(shelves, machines.file())
    renamed = machines.file(('"example/v1/machine.proto"', '"example/v1/m.proto"'))
    kind = _kind(_part(shelves, renamed))
    kind.validation.check(_sized(kind, "small"))


def test_a_shelf_goes_with_the_last_on_it(shelves: Shelves) -> None:
    """Nothing holds a pool whose definitions are gone."""
    part = _part(shelves, machines.of_sizes(["a"]))
    _kind(part).check()
    message_class = weakref.ref(part.resources[0].message_class)
    # The newest one is kept for those to come.
    changed = _part(shelves, machines.of_sizes(["b"]))
    assert _pool(changed) is not _pool(part)
    del part
    gc.collect()
    assert message_class() is None

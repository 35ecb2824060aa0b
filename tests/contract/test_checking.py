"""What scripts/generate says of files whose kinds could not be served."""

from __future__ import annotations

import re

import pytest

from protocube.catalog import Catalog
from protocube.checking import check
from tests import machines

_MISTAKES: dict[str, tuple[tuple[str, str], str]] = {
    "a column that leads nowhere": (
        ("name_format:", 'columns { name: "C" path: ".spec.cores" } name_format:'),
        r"the path \.spec\.cores: example\.v1\.MachineSpec has no field cores \(column\)",
    ),
    "a text as the default of a number": (
        (
            'name: "size" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL',
            'name: "size" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL',
        ),
        r'the default "small" is no value of the field: it is no int32 \(default\)',
    ),
    "no group and version": (
        ('[protocube.api.v1.group_version] { group: "example.com" version: "v1" }', ""),
        r"no option \(protocube\.api\.v1\.group_version\)",
    ),
    "the kind at 9": (
        ('name: "kind" number: 2', 'name: "kind" number: 9'),
        r"`string kind = 2`, not `string kind = 9` \(object\.form\)",
    ),
    "a plural in capitals": (
        ('plural: "machines"', 'plural: "Machines"'),
        r"'Machines' must be a lower-case word .* \(resource\.plural\)",
    ),
    "a short name that is taken": (
        ('short_names: "ma"', 'short_names: "po"'),
        r"the short name po is that of pods \(resource\.short_names\)",
    ),
    "no plural": (('plural: "machines"', ""), r"resource\.plural"),
    "a number of protobuf's": (
        ('name: "size" number: 1', 'name: "size" number: 19500'),
        r"protobuf's own",
    ),
}


@pytest.mark.parametrize("what", _MISTAKES)
def test_a_mistake_is_told_with_file_and_rule(what: str) -> None:
    """It does not end as an internal error at every create."""
    change, expected = _MISTAKES[what]
    file = machines.file(change)
    shipped = Catalog.shipped()
    ours = [item for item in shipped.files if item.name.startswith("protocube/")]
    without_services = [item for item in ours if not item.service]
    try:
        catalog = Catalog([*shipped.files, file])
    except (TypeError, ValueError):
        catalog = None
    told = "\n".join(map(str, check.tree([*without_services, file], catalog)))
    assert re.search(expected, told), told
    assert told.startswith("example/v1/machine.proto")


def test_a_fault_has_its_line() -> None:
    """The source info of a descriptor leads to it."""
    file = machines.file(('name: "kind" number: 2', 'name: "kind" number: 9'))
    location = file.source_code_info.location.add(path=[4, 0, 2, 1], span=[11, 2, 20])
    location.leading_comments = "The kind."
    (fault,) = check.definition([file], Catalog.shipped())
    assert str(fault).startswith("example/v1/machine.proto:12:3: example.v1.Machine.kind: ")


def test_what_is_shipped_has_no_fault() -> None:
    """Our own kinds keep all the rules."""
    shipped = Catalog.shipped()
    ours = [item for item in shipped.files if item.name.startswith("protocube/")]
    assert not check.tree([item for item in ours if not item.service], shipped)

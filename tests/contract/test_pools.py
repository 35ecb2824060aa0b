"""Pools that take everything at once, and pools that take what is needed."""

from __future__ import annotations

import pytest

from protocube import pools
from protocube.catalog import Catalog


def test_a_trusted_pool_finds_everything_in_its_files() -> None:
    """Messages, messages within messages, enums and services, by their full names."""
    pool = pools.of_trusted(Catalog.shipped().files)
    whole = pools.of(Catalog.shipped().files)
    found = 0
    for file in Catalog.shipped().files:
        for service in file.service:
            assert pool.FindServiceByName(f"{file.package}.{service.name}")
        for enum in file.enum_type:
            assert pool.FindEnumTypeByName(f"{file.package}.{enum.name}")
        for message in file.message_type:
            name = f"{file.package}.{message.name}"
            for inner in message.nested_type:
                assert pool.FindMessageTypeByName(f"{name}.{inner.name}")
            ours, theirs = pool.FindMessageTypeByName(name), whole.FindMessageTypeByName(name)
            assert [field.name for field in ours.fields] == [field.name for field in theirs.fields]
            found += 1
    assert found > 100


@pytest.mark.parametrize("name", ["protocube.core.v1.Nope", "nope.Pod", "Pod"])
def test_a_trusted_pool_does_not_find_what_is_not_there(name: str) -> None:
    """As any pool."""
    with pytest.raises(KeyError):
        pools.of_trusted(Catalog.shipped().files).FindMessageTypeByName(name)


def test_a_whole_pool_refuses_files_that_do_not_fit() -> None:
    """A file whose imports are missing is refused at once."""
    pod = next(file for file in Catalog.shipped().files if file.name.endswith("/pod.proto"))
    with pytest.raises(TypeError):
        pools.of([pod])

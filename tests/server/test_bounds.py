"""Bounds on what one request makes the server do: each refusal names the one it met."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.kinds import encoded, kind, validation

if TYPE_CHECKING:
    from tests.server.conftest import Serve

_MANY = 20_000


@pytest.mark.parametrize("field", ["label_selector", "field_selector"])
async def test_terms_of_a_selector_are_bounded(serve: Serve, field: str) -> None:
    """A selector at the bound selects; one term more is refused before any is looked at."""
    terms = [f"metadata.name!=n{i}" for i in range(kind.MOST_TERMS + 1)]
    what = field.replace("_", " ")
    async with serve() as api:
        await api.create(api.make("cm", "a"))
        listed = await api.list("cm", namespace="default", **{field: ",".join(terms[1:])})
        assert [item.metadata.name for item in listed.items] == ["a"]
        with pytest.raises(errors.BadRequest) as caught:
            await api.list("cm", **{field: ",".join(terms)})
        assert caught.value.message == (f"the {what} has 1001 terms and values, the limit is 1000")


async def test_violations_are_bounded(serve: Serve) -> None:
    """The first hundred are told, and that there are more."""
    pod = {"spec": {"containers": [{"name": "c", "image": "i", "env": [{}] * _MANY}]}}
    async with serve() as api:
        with pytest.raises(errors.Invalid) as caught:
            await api.create(api.make("pods", "a", **pod))
    assert 10 < len(caught.value.violations) <= validation.MOST


async def test_elements_of_a_request_are_bounded(serve: Serve) -> None:
    """Of Create and of Update; a request with many can be carried out until there."""
    async with serve() as api:
        made = await api.create(api.make("cm", "a"))
        made.data.update({f"k{index}": "" for index in range(encoded.MOST)})
        with pytest.raises(errors.TooLarge, match="more than 50000 elements"):
            await api.update(made)
        with pytest.raises(errors.TooLarge, match="more than 50000 elements"):
            await api.create(made)


async def test_a_large_object_is_stored_whole(serve: Serve) -> None:
    """What is looked at in parts is written as it came, by Create and by Update."""
    env = [{"name": f"E{i}", "value": "x"} for i in range(2000)]
    pod = {"spec": {"containers": [{"name": "c", "image": "i", "env": env}]}}
    async with serve() as api:
        made = await api.create(api.make("pods", "a", **pod))
        assert [item.name for item in made.spec.containers[0].env] == [x["name"] for x in env]
        made.metadata.labels["a"] = "b"
        await api.update(made)
        found = await api.get("pods", "a")
        assert [item.name for item in found.spec.containers[0].env] == [x["name"] for x in env]
        made.spec.containers[0].env[1999].name = ""
        made.metadata.resource_version = found.metadata.resource_version
        with pytest.raises(errors.Invalid, match=r"env\[1999\].name: Required value"):
            await api.update(made)

"""What each visitor does with objects, with errors in their place, and with its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube.catalog import Catalog
from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource.aggregate import Aggregate
from protocube_client.resource.mapper import Mapper
from protocube_client.resource.result import Result
from protocube_client.resource.text.document import Document
from protocube_client.resource.visitors.continue_on_error import ContinueOnErrorVisitor
from protocube_client.resource.visitors.decorated import DecoratedVisitor
from protocube_client.resource.visitors.filtered import FilteredVisitor
from protocube_client.resource.visitors.visitor_list import EagerVisitorList, VisitorList

if TYPE_CHECKING:
    from protocube_client.resource.info import Info
    from protocube_client.resource.visitor import VisitorFunc


def _info(name: str) -> Info:
    value: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    mapper = Mapper(Catalog.shipped(), None)
    return mapper.info_for_data(Document(raw=b"", value=value, line=1), "test")


class _Source:
    """Visits objects by their names; ``!x`` is an error in an object's place."""

    def __init__(self, *names: str, fails: str = "") -> None:
        self._names = names
        self._fails = fails

    async def visit(self, fn: VisitorFunc) -> None:
        for name in self._names:
            if name.startswith("!"):
                await fn(None, ManifestError(name))
            else:
                await fn(_info(name), None)
        if self._fails:
            raise ManifestError(self._fails)


class _Seen:
    """A command's function that remembers, and fails for names with a capital letter."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def __call__(self, info: Info | None, error: Exception | None) -> None:
        if error is not None:
            raise error
        assert info is not None
        self.names.append(info.name)
        if info.name != info.name.lower():
            raise ManifestError(f"fn {info.name}")


async def test_continue_on_error_visits_all_and_raises_all() -> None:
    """Errors of objects in order, the inner visitor's own last."""
    seen = _Seen()
    with pytest.raises(Aggregate) as caught:
        await ContinueOnErrorVisitor(_Source("A", "!x", "b", "C", fails="end")).visit(seen)
    assert seen.names == ["A", "b", "C"]
    assert [str(error) for error in caught.value.errors] == ["fn A", "!x", "fn C", "end"]


async def test_continue_on_error_raises_one_error_as_itself() -> None:
    """And none when there is none."""
    with pytest.raises(ManifestError, match=r"^fn A$"):
        await ContinueOnErrorVisitor(_Source("A", "b")).visit(_Seen())
    await ContinueOnErrorVisitor(_Source("a", "b")).visit(_Seen())


async def test_an_eager_list_visits_every_source() -> None:
    """Errors in objects' places, of the function and of sources become one aggregate."""
    seen = _Seen()
    sources = [_Source("A", "!x", "b", fails="one"), _Source("c", fails="two")]
    with pytest.raises(Aggregate) as caught:
        await EagerVisitorList(sources).visit(seen)
    assert seen.names == ["A", "b", "c"]
    assert [str(error) for error in caught.value.errors] == ["fn A", "!x", "one", "two"]


@pytest.mark.parametrize(
    ("first", "names"), [(_Source("a", "B", "c"), ["a", "B"]), (_Source("a", "!x", "c"), ["a"])]
)
async def test_a_plain_list_stops_at_the_first_error(first: _Source, names: list[str]) -> None:
    """Whether the function raised it or it stands in an object's place."""
    seen = _Seen()
    with pytest.raises(ManifestError):
        await VisitorList([first, _Source("d")]).visit(seen)
    assert seen.names == names


async def test_decorators_run_in_order_before_the_function() -> None:
    """An error of one goes on in the object's place, and the walk with it."""
    calls: list[str] = []

    async def first(info: Info) -> None:
        calls.append(f"first {info.name}")
        if info.name == "b":
            raise ManifestError("refused")

    async def second(info: Info) -> None:
        calls.append(f"second {info.name}")

    handed: list[str] = []

    async def fn(info: Info | None, error: Exception | None) -> None:
        handed.append(info.name if info is not None else str(error))

    await DecoratedVisitor(_Source("a", "b", "!x", "c"), [first, second]).visit(fn)
    assert calls == ["first a", "second a", "first b", "first c", "second c"]
    assert handed == ["a", "refused", "!x", "c"]


async def test_a_filter_skips_silently_and_lets_errors_pass() -> None:
    """What does not match leaves no trace; what is wrong is not hidden by a selector."""
    handed: list[str] = []

    async def fn(info: Info | None, error: Exception | None) -> None:
        handed.append(info.name if info is not None else str(error))

    await FilteredVisitor(_Source("a", "!x", "b"), lambda info: info.name == "b").visit(fn)
    assert handed == ["!x", "b"]


async def test_a_result_gives_infos_or_raises() -> None:
    """Either the whole list, or the first error; a builder's error before anything."""
    found = await Result(visitor=_Source("a", "b")).infos()
    assert [info.name for info in found] == ["a", "b"]
    with pytest.raises(ManifestError, match="!x"):
        await Result(visitor=_Source("a", "!x")).infos()
    with pytest.raises(ManifestError, match="broken"):
        await Result(visitor=_Source("a"), error=ManifestError("broken")).infos()

"""``--trace``: the path, as it is walked."""

from __future__ import annotations

import asyncio
import io
import re
import time

import pytest

from protocube_client.resource.trace import Trace
from tests.client.resource.walking import config_map, create, write

pytestmark = pytest.mark.usefixtures("here")


async def test_the_trace_shows_every_station_entered_and_left() -> None:
    """In the order of the seed path, each indented below the one that called it."""
    stream = io.StringIO()
    await create(write("x.yaml", config_map("a")), trace=stream)
    entered = [
        (len(line) - len(line.lstrip()), line.split()[1])
        for line in stream.getvalue().splitlines()
        if line.lstrip().startswith("-> ")
    ]
    assert [name for _, name in entered] == [
        "Result.visit(fn)",
        "ContinueOnErrorVisitor",
        "DecoratedVisitor",
        "FlattenListVisitor",
        "EagerVisitorList",
        "FileVisitor",
        "StreamVisitor",
        "Mapper.info_for_data",
        "fn(info)",
        "create_and_refresh",
        "Helper.create",
        "Request",
    ]
    left = [line for line in stream.getvalue().splitlines() if line.lstrip().startswith("<- ")]
    assert len(left) == len(entered)
    text = stream.getvalue()
    assert text.startswith("Builder.schema(strict).continue_on_error()")
    assert ".filename_param(x.yaml)" in text
    assert "source: x.yaml, line 1" in text
    assert "| kind: ConfigMap" in text
    assert "method:  /protocube.core.v1.ConfigMaps/Create" in text
    assert re.search(r"request: \d+ bytes", text)
    assert re.search(r"<- Request answer \d+ bytes after \d+\.\d ms", text)
    assert "<- Helper.create revision 1" in text
    assert "SetNamespace: namespace '' -> 'default'" in text


async def test_the_trace_shows_where_an_error_came_from() -> None:
    """Every station that it passes says so as it is left."""
    stream = io.StringIO()
    await create(write("x.yaml", "a: [\n"), trace=stream)
    assert "<- StreamVisitor ManifestError: error parsing x.yaml" in stream.getvalue()


async def test_the_trace_cuts_what_is_long() -> None:
    """Many lines, and a line of many characters, are cut; how much is missing is said."""
    stream = io.StringIO()
    document = config_map("a", f"data: {{k: {'x' * 1000}}}", *(f"# {n}" for n in range(100)))
    await create(write("x.yaml", document), trace=stream)
    shown = [line.strip() for line in stream.getvalue().splitlines() if "| " in line]
    assert shown[4] == f"| data: {{k: {'x' * 390} ... 611 more characters"
    assert shown[60:] == ["| ... 45 more lines"]


async def test_the_trace_says_where_it_was_interrupted() -> None:
    """Ctrl-C cancels the walk: each station that is left by it says so."""
    stream = io.StringIO()
    trace = Trace(stream)
    with pytest.raises(asyncio.CancelledError), trace.station("Request"):
        raise asyncio.CancelledError
    assert stream.getvalue() == "-> Request\n<- Request interrupted\n"


async def test_the_trace_has_the_time_of_a_call() -> None:
    """In milliseconds: no longer than the test that made it."""
    stream = io.StringIO()
    begin = time.perf_counter()
    with Trace(stream).request("/a/B", b"") as answered:
        answered(b"")
    most = (time.perf_counter() - begin) * 1000
    found = re.search(r"after (\S+) ms", stream.getvalue())
    assert found, stream.getvalue()
    assert 0 <= float(found[1]) <= most + 0.1  # it is rounded

"""``--trace``: the path, as it is walked."""

from __future__ import annotations

import io
import re

import pytest

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

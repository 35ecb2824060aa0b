"""The client has one call path: a request built in verbs.py and sent in request.py."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT = Path(__file__).parents[2] / "client" / "protocube_client"
_REQUESTS = {
    "GetRequest",
    "ListRequest",
    "DeleteRequest",
    "DeleteCollectionRequest",
    "WatchRequest",
    "WriteRequest",
    "PatchRequest",
    "ApplyRequest",
    "create_request_class",
    "update_request_class",
}


def _calls() -> Iterator[tuple[str, str]]:
    """Yield file and name of everything in the client that is called as an attribute.

    What is called of a superclass is left out: a connection may tell of the calls that it makes.
    """
    for path in CLIENT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(), path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if ast.unparse(node.func.value) == "super()":
                    continue
                yield path.relative_to(CLIENT).as_posix(), node.func.attr


def test_calls_are_sent_in_one_place() -> None:
    """A unary call goes through ``Request.send``, so that each waits where a server asks.

    Two callers stand around another one, and let the writes of many objects go together.
    """
    around = {"resource/all_or_nothing.py", "resource/streamed.py"}
    assert {file for file, name in _calls() if name == "call"} == {"request.py", *around}
    assert {file for file, name in _calls() if name == "stream"} == {"watching.py"}


def test_requests_are_built_in_one_place() -> None:
    """What a verb sends is put together in ``verbs.py``, for the library and for cubectl.

    A request of a bulk stream holds many writes; ``bulk.py`` takes those of verbs from there.
    """
    assert {file for file, name in _calls() if name in _REQUESTS} == {"bulk.py", "verbs.py"}

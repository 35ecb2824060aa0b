"""The documents of a stream do not depend on the blocks in which it arrives."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource.text.documents import _LOOK_AHEAD, documents
from protocube_client.resource.text.text_stream import TextStream
from protocube_client.resource.text.yaml_chunks import chunks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from protocube_client.resource.text.text_stream import Read

LONG = "# " + "x" * 4100
LINES = st.sampled_from(
    ["---", "--- ", "--- # x", "---\r", "----", "--- x", "-", "", "a: 1", "b: é", "- ---", LONG]
)
ENDS = st.sampled_from(["", "\n"])
YAML = st.builds(lambda lines, end: "\n".join(lines) + end, st.lists(LINES, max_size=12), ENDS)
VALUES = st.sampled_from(
    ['{"a":1}', "[1, 2]", '"x\\u00e9"', '"---"', "12", "true", "{", "nul", f'{{"b": "{LONG}"}}']
)
BETWEEN = st.sampled_from(["", "\n", "  \n\n", "\n---\n", " "])
JSON = st.builds(
    lambda first, pairs: '{"first": 0}' + first + "".join(value + gap for value, gap in pairs),
    BETWEEN,
    st.lists(st.tuples(VALUES, BETWEEN), max_size=6),
)
BLOCKS = st.one_of(
    st.integers(1, 9), st.integers(4080, 4120), st.lists(st.integers(1, 5000), min_size=1)
)


def _reading(data: bytes, blocks: int | list[int]) -> Read:
    sizes: Iterable[int] = itertools.cycle([blocks] if isinstance(blocks, int) else blocks)
    following = iter(sizes)
    place = 0

    async def read() -> bytes:
        nonlocal place
        start, place = place, place + next(following)
        return data[start:place]

    return read


async def _all(found: AsyncGenerator[Any, None]) -> tuple[list[Any], str, int | None]:
    given: list[Any] = []
    try:
        async for each in found:
            given.append(each)  # noqa: PERF401  # what came before an error counts
    except ManifestError as error:
        return given, str(error), error.line
    return given, "", None


def _as_kubectl(text: str) -> tuple[list[str], str]:
    """Return what ``YAMLReader.Read`` of apimachinery makes of a text, line by line."""
    found: list[str] = []
    buffer = ""
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []
    for each in lines:
        line = each + "\n"
        if line.startswith("---"):
            behind = line[3:].strip()
            if behind and not behind.startswith("#"):
                return found, f"invalid Yaml document separator: {behind}"
            if buffer:
                found.append(buffer)
                buffer = ""
                continue
        buffer += line
    return found + [buffer] * bool(buffer), ""


@settings(max_examples=300, deadline=None)
@given(text=YAML, blocks=BLOCKS)
@example(text=f"a: 1\n---\n{LONG}\nb: 2\n---", blocks=4096)
@example(text=f"a: 1\n---\n{LONG}\nb: 2\n--- # x", blocks=4096)
async def test_yaml_is_split_as_kubectl_splits_it_in_blocks_of_any_size(
    text: str, blocks: int | list[int]
) -> None:
    """No block size loses, joins or divides a document, the last one included."""
    found, error, _ = await _all(chunks(TextStream(_reading(text.encode(), blocks))))
    assert ([chunk.text for chunk in found], error) == _as_kubectl(text)
    for chunk in found:
        # It begins on the line of the stream that it says.
        first = text.replace("\r\n", "\n").split("\n")[chunk.line - 1]
        assert chunk.text.startswith(first + "\n")


@pytest.mark.parametrize("syntax", ["YAML", "JSON"])
@settings(max_examples=300, deadline=None)
@given(data=st.data(), blocks=BLOCKS)
async def test_the_size_of_blocks_makes_no_difference(
    syntax: str, data: st.DataObject, blocks: int | list[int]
) -> None:
    """Documents, their text and lines, and the error that ends them are those of one block."""
    stream = data.draw(YAML if syntax == "YAML" else JSON).encode()
    whole = await _all(documents(_reading(stream, len(stream) + 1)))
    assert await _all(documents(_reading(stream, blocks))) == whole


@pytest.mark.parametrize("last", ["5", "5.25", "true", "null", " 7 ", '"x"', "nul", "tru "])
@pytest.mark.parametrize("length", [1, 4200, 9000])
async def test_a_last_json_value_is_itself_behind_a_long_one(last: str, length: int) -> None:
    """A number or word that ends with the stream keeps its text, its line and its error."""
    stream = (f'{{"a": "{"x" * length}"}}\n{{"b": 1}}\n' + last).encode()
    whole = await _all(documents(_reading(stream, len(stream) + 1)))
    for blocks in (1, 7, 4096):
        assert await _all(documents(_reading(stream, blocks))) == whole
    if whole[1]:
        assert whole[2] == 3
    else:
        assert whole[0][2].raw == last.strip().encode()
        assert whole[0][2].line == 3


@pytest.mark.parametrize("value", ["12345", "1.5e3", "true", "null"])
async def test_a_value_is_itself_where_the_first_look_at_a_stream_ends(value: str) -> None:
    """Enough is read to tell JSON from YAML, a character at a time, and it may end in a number."""
    for before in range(_LOOK_AHEAD - len(value), _LOOK_AHEAD + 1):
        first = f'{{"a": "{"x" * (before - 10)}"}}\n'
        stream = f"{first}{value}\n{{}}".encode()
        found, error, _ = await _all(documents(_reading(stream, 1)))
        assert not error
        assert [each.raw.decode() for each in found] == [first.strip(), value, "{}"]

"""A stream is split into documents as kubectl splits it, however it arrives."""

from __future__ import annotations

import asyncio
import codecs
import tracemalloc
from typing import Any

import pytest

from protocube.manifests.manifest_error import ManifestError
from protocube.manifests.yaml import limits
from protocube_client.resource.text.document import Document
from protocube_client.resource.text.documents import documents


async def _read_all(data: bytes, size: int) -> tuple[list[Document], ManifestError | None]:
    pieces = [data[start : start + size] for start in range(0, len(data), size)]

    async def read() -> bytes:
        return pieces.pop(0) if pieces else b""

    found: list[Document] = []
    try:
        async for document in documents(read):
            found.append(document)  # noqa: PERF401  # what came before an error counts
    except ManifestError as error:
        return found, error
    return found, None


A, B = '{"a": 1}', '{"b": [2]}'

CASES: list[tuple[str, list[Any], str]] = [
    ("", [], ""),
    ("# nothing\n", [None], ""),
    ("null\n---\n---\n# only a comment\n", [None, None], ""),
    ("a: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}], ""),
    ("---\na: 1\n--- # comment\nb: 2", [{"a": 1}, {"b": 2}], ""),
    ("a: 1\n---", [{"a": 1}], ""),
    ("---", [None], ""),
    ("a: 1\r\n---\r\nb: |\r\n  x\r\n  y\r\n", [{"a": 1}, {"b": "x\ny\n"}], ""),
    ('a: 1\n--- {"x":1}\nb: 2', [], 'invalid Yaml document separator: {"x":1}'),
    ("a: 1\n---\nb: 2\n---- \nc: 3\n", [{"a": 1}], "invalid Yaml document separator: -"),
    (
        "a: 1\n---\nb: : 2\n---\nc: 3\n",
        [{"a": 1}],
        "error converting YAML to JSON: yaml: mapping values are not allowed in this context",
    ),
    (
        "a: '\n---\n'\n",
        [],
        "error converting YAML to JSON: yaml: line 2: found unexpected end of stream",
    ),
    (A, [{"a": 1}], ""),
    (f" \n\t{A}{B}\n{A} ", [{"a": 1}, {"b": [2]}, {"a": 1}], ""),
    (f"{A}\n---\nb: 2\n", [{"a": 1}, {"b": 2}], ""),
    (
        f"{A}\n{B}\n---\nb: 2\n",
        [{"a": 1}, {"b": [2]}],
        "json: offset 22: invalid character '-' in numeric literal",
    ),
    ("{a: 1}\n---\n{b: 2}\n", [{"a": 1}, {"b": 2}], ""),
    ('{"a": 1,}', [{"a": 1}], ""),
    ('{"a": tru}', [{"a": "tru"}], ""),
    ('{"a" "b"}', [], "json: offset 6: invalid character '\"' after object key"),
    ('{"a": ', [], "unexpected EOF"),
    ('{"a": "\\ud800x", "b": "\\ud83d\\ude00"}', [{"a": "\ufffdx", "b": "😀"}], ""),
    (
        '{"a": 1.0, "b": 1e3, "c": 18446744073709551616}',
        [{"a": 1, "b": 1000, "c": 1.8446744073709552e19}],
        "",
    ),
    ('{"a": NaN}', [{"a": "NaN"}], ""),
    ('{"a": 1}\n5\n"x"', [{"a": 1}, 5, "x"], ""),
]


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize(("text", "values", "message"), CASES)
async def test_a_stream_is_split_where_kubectl_splits_it(
    text: str, values: list[Any], message: str, size: int
) -> None:
    """Documents before the first fault are given, the rest is abandoned with one error."""
    found, error = await _read_all(text.encode(), size)
    assert [document.value for document in found] == values
    assert (str(error) if error else "") == message


@pytest.mark.parametrize("size", [1, 3, 4096])
@pytest.mark.parametrize(
    ("bom", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
async def test_a_byte_order_mark_is_honoured(bom: bytes, encoding: str, size: int) -> None:
    """UTF-16 is read when it says so; UTF-8 needs to say nothing."""
    found, error = await _read_all(bom + "a: é\n---\nb: 😀\n".encode(encoding), size)
    assert error is None
    assert [document.value for document in found] == [{"a": "é"}, {"b": "😀"}]
    assert found[1].raw == "b: 😀\n".encode()


async def test_bytes_that_are_no_text_are_replaced() -> None:
    """As in kubectl, what is no UTF-8 becomes U+FFFD instead of ending the walk."""
    found, error = await _read_all(b"a: \xff\xfe b\n", 4096)
    assert error is None
    assert found[0].value == {"a": "\ufffd\ufffd b"}


async def test_a_document_knows_its_text_and_line() -> None:
    """``raw`` is the text as it stood; lines are counted through the whole stream."""
    found, error = await _read_all(b"a: 1\n# x\n---\nb: 2\n---\n\nc: [\n", 5)
    assert [(document.line, document.raw) for document in found] == [
        (1, b"a: 1\n# x\n"),
        (4, b"b: 2\n"),
    ]
    assert error is not None
    assert error.line == 8
    found, error = await _read_all(f"{A}\n\n{B}\n".encode(), 5)
    assert [(document.line, document.raw.decode()) for document in found] == [(1, A), (3, B)]
    assert [document.is_json for document in found] == [True, True]


def test_a_document_shows_itself_as_compact_json() -> None:
    """Keys are sorted and ``<>&`` escaped, as in the JSON that kubectl makes of YAML."""
    yaml = Document(raw=b"", value={"b": "<&>", "a": [1.5, None, True]}, line=1)
    assert yaml.compact() == r'{"a":[1.5,null,true],"b":"\u003c\u0026\u003e"}'
    assert Document(raw=b'{"b": 1}', value={"b": 1}, line=1, is_json=True).compact() == '{"b": 1}'


@pytest.mark.parametrize("opening", ['{"a":', "["])
async def test_a_json_nesting_bomb_ends_in_one_error(opening: str) -> None:
    """Neither Python's recursion limit nor the stack is met."""
    text = '{"x":' + opening * 100_000
    _, error = await _read_all(text.encode(), 65536)
    assert error is not None
    assert "exceeded max depth of" in str(error)


@pytest.mark.parametrize("start", ["a: ", '{"a": "'])
async def test_a_hundred_megabytes_end_in_one_error_in_bounded_memory(start: str) -> None:
    """A document above the limit is refused as soon as the limit is passed."""
    chunk = b"x" * (1024 * 1024)
    reads = 0

    async def read() -> bytes:
        nonlocal reads
        reads += 1
        return start.encode() if reads == 1 else chunk if reads <= 101 else b""

    tracemalloc.start()
    with pytest.raises(ManifestError, match="larger than the limit of 32 MiB"):
        await anext(aiter(documents(read)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * limits.LARGEST_DOCUMENT
    assert reads < 80


async def test_many_documents_need_no_more_memory_than_one() -> None:
    """A long stream is let go of as it is read."""
    document = b"a: " + b"x" * 10_000 + b"\n---\n"
    left = 3000

    async def read() -> bytes:
        nonlocal left
        left -= 1
        await asyncio.sleep(0)
        return document if left >= 0 else b""

    tracemalloc.start()
    count = 0
    async for _ in documents(read):
        count += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3000
    assert peak < 2_000_000

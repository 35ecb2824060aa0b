"""One YAML document becomes the JSON values that kubectl makes of it, or its error."""

from __future__ import annotations

import itertools
import time
import tracemalloc
from typing import Any

import pytest

from protocube.manifests.json_values import DEEPEST_NESTING
from protocube.manifests.manifest_error import ManifestError
from protocube.manifests.yaml import values as yaml_values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# only a comment\n", None),
        ("---\n", None),
        ("{1: a, true: b, 1.5: c, 0x10: d}", {"1": "a", "true": "b", "1.5": "c", "16": "d"}),
        ("a: 1\na: 2\n", {"a": 2}),
        # What a later key replaces may be anything that YAML has.
        ("data: {~: 1}\ndata: {a: b}\n", {"data": {"a": "b"}}),
        ("a: .inf\na: 1\n", {"a": 1}),
        ("a: .inf\n<<: {a: 1.0, 1: 2}\n", {"a": 1, "1": 2}),
        ("a: &x {1: .nan, b: c}\na: 1\n? 0x1\n: &y [2.0]\n1: *y\n", {"a": 1, "1": [2]}),
        # A name may be given again inside of what has it.
        ("a: &x {b: &x c, d: *x}\ne: *x\n", {"a": {"b": "c", "d": "c"}, "e": "c"}),
        ("a: &x {k: v}\nb: *x\n", {"a": {"k": "v"}, "b": {"k": "v"}}),
        ("a: &x k\n*x : v\n", {"a": "k", "k": "v"}),
        (
            "a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 5\n",
            {"a": {"k": 1, "l": 2}, "b": {"k": 1, "l": 5}},
        ),
        # go-yaml v2 lets a merge override what stands before it.
        ("a: &x {k: 1}\nb:\n  k: 0\n  <<: *x\n", {"a": {"k": 1}, "b": {"k": 1}}),
        ("<<: [{a: 1, b: 1}, {a: 2, c: 2}]\n", {"a": 1, "b": 1, "c": 2}),
        ("'<<': {a: 1}\n", {"<<": {"a": 1}}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("a: >-\n  one\n  two\n", {"a": "one two"}),
        ("a: 'it''s'\nb: \"tab\\there \\u00e9\"\n", {"a": "it's", "b": "tab\there é"}),
        ("a: !!set {x, z}\n", {"a": {"x": None, "z": None}}),
        ("%YAML 1.1\n--- {a: b}\n", {"a": "b"}),
    ],
)
def test_a_document_has_the_values_that_kubectl_reads(text: str, value: Any) -> None:
    """Keys are texts, merges happen where they stand, the last of equal keys wins."""
    assert yaml_values.load(text) == value


NO_TEXT = "unsupported map key of type: %!s(<nil>), key: <nil>, value: "

# kubectl 1.32.4's messages for the same texts, and the line where the trouble really is.
FAULTS = [
    ("foo: : bar\n", "yaml: mapping values are not allowed in this context", 1),
    ("a: b\nc: d: e\n", "yaml: line 2: mapping values are not allowed in this context", 2),
    ("a: b\nc: [d\n", "yaml: line 2: did not find expected ',' or ']'", 3),
    ("a: b\n- c\n", "yaml: line 1: did not find expected key", 2),
    ("a: 'x' y\n", "yaml: did not find expected key", 1),
    ("a:\tb\n\tc: d\n", "yaml: line 2: found a tab character that violates indentation", 2),
    ('a: "b\n', "yaml: line 2: found unexpected end of stream", 2),
    ("a: b\n@: d\n", "yaml: line 2: found character that cannot start any token", 2),
    ('a: "\\q"\n', "yaml: found unknown escape character", 1),
    ("a: b\n\nfoo\nx: y\n", "yaml: line 4: could not find expected ':'", 4),
    ("a: \x01\n", "yaml: control characters are not allowed", 0),
    ("a: *foo\n", "yaml: unknown anchor 'foo' referenced", 1),
    ("a: &x [*x]\n", "yaml: anchor 'x' value contains itself", 1),
    ("a: 1\n<<: 5\n", "yaml: map merge requires map or sequence of maps as the value", 2),
    ("? [a, b]\n: c\n", 'yaml: invalid map key: []interface {}{"a", "b"}', 1),
    ("? {a: 1}\n: c\n", 'yaml: invalid map key: map[interface {}]interface {}{"a":1}', 1),
    (
        "a: b\nnull: c\n",
        'unsupported map key of type: %!s(<nil>), key: <nil>, value: "c"',
        2,
    ),
    # The last value of a key is the one that is told of.
    ("~: 1\n~: 2\n", NO_TEXT + "2", 2),
    ("~: -.INF\n", NO_TEXT + "-Inf", 1),
    (
        "~: [1e6, 18446744073709551615, .nan]\n",
        NO_TEXT + "[]interface {}{1e+06, 0xffffffffffffffff, NaN}",
        1,
    ),
    (
        "~: {b: 1, 1: 2, 1.5: 3, true: 4, ~: 5, 18446744073709551615: 6}\n",
        NO_TEXT + "map[interface {}]interface {}{interface {}(nil):5, "
        '"b":1, 0xffffffffffffffff:6, 1:2, 1.5:3, true:4}',
        1,
    ),
    (
        "a: 1\n18446744073709551615: x\n",
        'unsupported map key of type: uint64, key: 0xffffffffffffffff, value: "x"',
        2,
    ),
    (
        "? {~: .inf}\n: c\n",
        "yaml: invalid map key: map[interface {}]interface {}{interface {}(nil):+Inf}",
        1,
    ),
    # Keys come before numbers, and these in the order of the JSON that they would be in.
    ("a: .nan\nb: {~: 1}\n", NO_TEXT + "1", 2),
    ("b: .nan\na: [.inf]\n", "json: unsupported value: +Inf", 2),
    # A syntax error anywhere comes before what the values before it are worth.
    ("a: .inf\nb: !!int x\nc: [\n", "yaml: line 3: did not find expected node content", 4),
    ("a: .inf\nb: !!int x\n", "yaml: cannot decode !!str `x` as a !!int", 2),
]


@pytest.mark.parametrize(("text", "message", "line"), FAULTS)
def test_a_broken_document_gives_go_yamls_words(text: str, message: str, line: int) -> None:
    """The text is kubectl's with its way of counting; ``line`` is the true line."""
    with pytest.raises(ManifestError) as caught:
        yaml_values.load(text)
    assert str(caught.value) == message
    assert caught.value.line == line


def test_what_stands_behind_the_end_of_a_document_is_not_lost_silently() -> None:
    """Kubectl drops what follows ``...``; here it is an error."""
    with pytest.raises(ManifestError, match="did not find expected <document start>"):
        yaml_values.load("a: b\n...\nc: d\n")
    with pytest.raises(ManifestError, match="line 2: a second document begins here"):
        yaml_values.load("a: b\n---\nc: d\n")
    assert yaml_values.load("---\na: b\n") == {"a": "b"}


def _bomb(levels: int) -> str:
    names = [chr(ord("a") + level) for level in range(levels + 1)]
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for inner, outer in itertools.pairwise(names):
        lines.append(f"{outer}: &{outer} [{','.join(['*' + inner] * 9)}]")
    return "\n".join(lines)


def test_an_alias_bomb_ends_in_one_error_and_costs_nothing() -> None:
    """Nodes are counted as if written out, but nothing is: time and memory stay small."""
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(ManifestError, match=r"^yaml: document contains excessive aliasing$"):
        yaml_values.load(_bomb(20))
    assert time.process_time() - started < 5
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_the_deepest_document_can_be_judged() -> None:
    """What JSON does not have is found, and written, however deep it lies."""
    for value, message in ((".inf", "json: unsupported value"), ("{~: 1}", "unsupported map key")):
        inside = f"{'[' * 254}{value}{']' * 254}"
        with pytest.raises(ManifestError, match=message):
            yaml_values.load(f"a: {inside}")
        with pytest.raises(ManifestError, match="key: <nil>, value: "):
            yaml_values.load(f"~: {inside}")


def test_aliases_in_reason_are_allowed() -> None:
    """A block that a hundred places share is what anchors are for."""
    text = "a: &a {k: v}\nb:\n" + "- *a\n" * 90
    assert yaml_values.load(text)["b"] == [{"k": "v"}] * 90


@pytest.mark.parametrize("levels", [257, 999, 1001, 100_000])
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[{a: "])
@pytest.mark.parametrize(("before", "where"), [("", ""), ("- a\n", "line 2: ")])
def test_a_nesting_bomb_ends_in_one_error(
    before: str, where: str, opening: str, levels: int
) -> None:
    """Nothing recurses into the input: kubectl's words tell the limit, whichever libyaml reads.

    From 0.2.6 on libyaml has a limit of its own (1000), which it meets while it looks ahead.
    """
    opened = ("" if opening == "- " or not before else "- ") + opening * levels
    with pytest.raises(ManifestError) as raised:
        yaml_values.load(before + opened)
    assert str(raised.value) == f"yaml: {where}exceeded max depth of {DEEPEST_NESTING}"
    assert raised.value.line == before.count("\n") + 1


def test_a_bomb_of_many_lines_is_met_where_the_limit_is_passed() -> None:
    """The line is that of the level that is one too many, not the one that libyaml has reached."""
    with pytest.raises(ManifestError) as raised:
        yaml_values.load("[\n" * 300 + "[" * 100_000)
    assert str(raised.value) == "yaml: line 257: exceeded max depth of 256"
    with pytest.raises(ManifestError) as raised:
        yaml_values.load("[\n" * 200 + "[" * 100_000)
    assert str(raised.value) == "yaml: line 201: exceeded max depth of 256"


def test_nesting_through_aliases_counts_too() -> None:
    """Three levels of brackets can be a thousand deep when each repeats the one before."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{level}: &a{level} [*a{level - 1}]" for level in range(1, 300)]
    with pytest.raises(ManifestError, match=r"^yaml: line 257: exceeded max depth of 256$"):
        yaml_values.load("\n".join(lines))


def test_a_text_of_a_megabyte_is_read_whole() -> None:
    """Size alone is no fault."""
    text = "x" * 1_000_000
    assert yaml_values.load(f'a: "{text}"\nb: {text}\n') == {"a": text, "b": text}

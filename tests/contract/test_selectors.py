"""Selectors: Kubernetes' grammar, its matching and its words."""

from __future__ import annotations

import pytest

from protocube import selectors
from protocube.selectors import Requirement, SelectorError

_NAME = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)


def requirement(key: str, operator: str, *values: str) -> Requirement:
    """Return a requirement."""
    return Requirement(key=key, operator=operator, values=frozenset(values))


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("", []),
        ("  ", []),
        ("a=b", [requirement("a", "in", "b")]),
        ("a == b", [requirement("a", "in", "b")]),
        ("a!=b", [requirement("a", "notin", "b")]),
        ("a=", [requirement("a", "in", "")]),
        ("a=,b", [requirement("a", "in", ""), requirement("b", "exists")]),
        ("a in (x,y)", [requirement("a", "in", "x", "y")]),
        ("a in ( x , y )", [requirement("a", "in", "x", "y")]),
        ("a in ()", [requirement("a", "in", "")]),
        ("a in (,x)", [requirement("a", "in", "", "x")]),
        ("a in (x,,y,)", [requirement("a", "in", "x", "", "y")]),
        ("a notin (x)", [requirement("a", "notin", "x")]),
        ("a", [requirement("a", "exists")]),
        ("!a", [requirement("a", "!")]),
        ("! a , b", [requirement("a", "!"), requirement("b", "exists")]),
        ("a>5,a<7", [requirement("a", "gt", "5"), requirement("a", "lt", "7")]),
        ("example.com/a_B.c=1", [requirement("example.com/a_B.c", "in", "1")]),
        ("in in (notin)", [requirement("in", "in", "notin")]),
        ("notin=in", [requirement("notin", "in", "in")]),
    ],
)
def test_labels_are_parsed(text: str, parsed: list[Requirement]) -> None:
    """All operators, white space where it may stand, and empty values."""
    assert selectors.parse_labels(text) == selectors.Selector(tuple(parsed))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("=b", "found '=', expected: !, identifier, or 'end of string'"),
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a=(", "unable to parse requirement: found '(', expected: identifier"),
        (
            "a b",
            "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
        ),
        ("a in x", "unable to parse requirement: found 'x' expected: '('"),
        ("a in", "unable to parse requirement: found '' expected: '('"),
        ("a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"),
        ("a in (x,", "unable to parse requirement: found '', expected: ',', or identifier"),
        ("a in (x", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (x y)", "unable to parse requirement: found 'y', expected: ',' or ')'"),
        (
            "a>b",
            (
                'unable to parse requirement: values[0]: Invalid value: "b": '
                "for 'Gt', 'Lt' operators, the value must be an integer"
            ),
        ),
        ("-a=b", f'unable to parse requirement: <nil>: Invalid value: "-a": {_NAME}'),
        ("a=-b", f'unable to parse requirement: values[0][a]: Invalid value: "-b": {_VALUE}'),
        ("a=" + "x" * 64, "unable to parse requirement: values[0][a]: Invalid value"),
        ("A.com/x", "unable to parse requirement: <nil>: Invalid value"),
        ("a/b/c", "unable to parse requirement: <nil>: Invalid value"),
    ],
)
def test_labels_that_are_wrong_are_told_in_kubectls_words(text: str, said: str) -> None:
    """The error says what was found and what was expected (``labels/selector.go``)."""
    with pytest.raises(SelectorError) as caught:
        selectors.parse_labels(text)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("text", "labels", "matches"),
    [
        ("a=b", {"a": "b"}, True),
        ("a=b", {"a": "c"}, False),
        ("a=b", {}, False),
        ("a=", {"a": ""}, True),
        ("a=", {}, False),
        ("a!=b", {}, True),
        ("a!=b", {"a": "b"}, False),
        ("a notin (b,c)", {"a": "c"}, False),
        ("a notin (b,c)", {"x": "b"}, True),
        ("a", {"a": ""}, True),
        ("!a", {"a": ""}, False),
        ("a>5", {"a": "6"}, True),
        ("a>5", {"a": "5"}, False),
        ("a>5", {"a": "10"}, True),
        ("a<5", {"a": "-1"}, True),
        ("a<5", {"a": "x"}, False),
        ("a>5", {"a": "1_0"}, False),
        ("a<5", {}, False),
        ("a=b,c!=d", {"a": "b", "c": "d"}, False),
        ("", {}, True),
    ],
)
def test_labels_match(text: str, labels: dict[str, str], *, matches: bool) -> None:
    """Equality, sets, existence and integers; a comma means AND."""
    selector = selectors.parse_labels(text)
    assert selector.matches(labels) is matches
    assert bool(selector) is bool(text)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("", []),
        ("a=b", [requirement("a", "in", "b")]),
        ("a==b,c!=d", [requirement("a", "in", "b"), requirement("c", "notin", "d")]),
        (",a=b,", [requirement("a", "in", "b")]),
        (r"a=b\,c", [requirement("a", "in", "b,c")]),
        (r"a=b\=c", [requirement("a", "in", "b=c")]),
        (r"a=b\\,c=d", [requirement("a", "in", "b\\"), requirement("c", "in", "d")]),
        ("a=", [requirement("a", "in", "")]),
        ("a= b", [requirement("a", "in", " b")]),
    ],
)
def test_fields_are_parsed(text: str, parsed: list[Requirement]) -> None:
    """Fields know equality only; a backslash keeps commas, equals signs and backslashes."""
    selector = selectors.parse_fields(text, known={"a", "c"})
    assert selector == selectors.Selector(tuple(parsed))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a", "invalid selector: 'a'; can't understand 'a'"),
        ("a=b,c", "invalid selector: 'a=b,c'; can't understand 'c'"),
        ("z=b", "field label not supported: z"),
        ("z=b,c", "invalid selector: 'z=b,c'; can't understand 'c'"),
        ("c,a", "invalid selector: 'c,a'; can't understand 'a'"),
        ("a=b=c", "invalid field selector: unescaped character in value: 61"),
        (r"a=\n", r"invalid field selector: invalid escape sequence: \n"),
        ("a=b\\", "invalid field selector: invalid escape sequence: \\"),
    ],
)
def test_fields_that_are_wrong_are_told_in_kubectls_words(text: str, said: str) -> None:
    """The error names the part that was not understood (``fields/selector.go``)."""
    with pytest.raises(SelectorError) as caught:
        selectors.parse_fields(text, known={"a", "c"})
    assert str(caught.value) == said


def test_a_kind_without_fields_of_its_own_tells_those_of_all_kinds() -> None:
    """Such a kind has two fields at most, and the error names them."""
    with pytest.raises(SelectorError) as caught:
        selectors.parse_fields("data.k=a", known=("metadata.name", "metadata.namespace"))
    assert str(caught.value) == (
        '"data.k" is not a known field selector: only "metadata.name", "metadata.namespace"'
    )

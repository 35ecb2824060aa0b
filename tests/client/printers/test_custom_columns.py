"""``-o custom-columns``."""

from __future__ import annotations

import io
from typing import Any

import pytest

from protocube.tables.jsonpath.finding import FindError
from protocube.tables.jsonpath.parser import TemplateError
from protocube_client.printers import custom_columns
from protocube_client.printers.custom_columns import CustomColumnsPrinter

A: dict[str, Any] = {"metadata": {"name": "a", "labels": {"app": "x", "n": "10"}}, "n": [1, 2]}
B: dict[str, Any] = {"metadata": {"name": "b-long"}, "n": None}


def table(spec: str, *documents: Any, headers: bool = True) -> str:
    """Return the table of ``documents``."""
    stream = io.StringIO()
    printer = CustomColumnsPrinter(custom_columns.from_spec(spec), headers=headers)
    printer.print_data(documents, stream)
    return stream.getvalue()


def test_each_column_shows_what_is_at_its_path() -> None:
    """Braces and the first dot may be left out; values have the form that Go gives them."""
    spec = "NAME:.metadata.name,LABELS:{.metadata.labels},N:n,EACH:{.n[*]},NO:nope"
    assert table(spec, A, B) == (
        "NAME     LABELS            N       EACH     NO\n"
        "a        map[app:x n:10]   [1 2]   1,2      <none>\n"
        "b-long   <none>            <nil>   <none>   <none>\n"
    )


def test_headings_come_without_objects_too_unless_unwanted() -> None:
    """An empty list is a line of headings, or nothing."""
    assert table("N:x") == "N\n"
    assert table("N:x", headers=False) == ""


def test_a_terminal_is_safe_from_values() -> None:
    """Escape characters are shown, and line breaks break the row as in kubectl."""
    assert table("X:x,Y:y", {"x": "\x1b[31m", "y": "a\nb"}) == "X        Y\n^[[31m   a\nb\n"


def test_a_path_that_does_not_fit_ends_the_table() -> None:
    """What came before stays."""
    stream = io.StringIO()
    printer = CustomColumnsPrinter(custom_columns.from_spec("N:metadata.labels[*]"))
    with pytest.raises(FindError, match="is not array or slice"):
        printer.print_data([A], stream)
    assert stream.getvalue() == "N\n"


def test_columns_can_come_from_a_file() -> None:
    """One line holds the headings, the next the paths."""
    columns = custom_columns.from_lines("NAME   APP\nmetadata.name {.metadata.labels.app}\n")
    assert [column.heading for column in columns] == ["NAME", "APP"]
    assert [column.path.find(A) for column in columns] == [[["a"]], [["x"]]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid template, missing header line. Expected format is one line"),
        ("A", "invalid template, missing spec line. Expected format is one line"),
        ("A B\n.a", r"number of headers \(2\) and field specifications \(1\) don't match"),
        ("A\n{.a}{.b}", "unexpected path string, expected a 'name1.name2' or"),
    ],
)
def test_a_wrong_file_is_refused(text: str, message: str) -> None:
    """The sentence says what was expected."""
    with pytest.raises(TemplateError, match=message):
        custom_columns.from_lines(text)

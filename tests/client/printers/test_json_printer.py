"""JSON as kubectl writes it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from protocube.catalog import Catalog
from protocube.manifests import json_text
from protocube_client.printers.json_printer import JsonPrinter
from protocube_client.printers.printable import Printable


def test_objects_are_indented_by_four_spaces_and_sorted() -> None:
    """Keys are sorted by their bytes; empty collections stay on one line."""
    value = {"b": [1, {"x": None}], "a10": {}, "a2": []}
    assert json_text.text(value) == (
        "{\n"
        '    "a10": {},\n'
        '    "a2": [],\n'
        '    "b": [\n'
        "        1,\n"
        "        {\n"
        '            "x": null\n'
        "        }\n"
        "    ]\n"
        "}"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('a<b>&"c', '"a\\u003cb\\u003e\\u0026\\"c"'),
        ("\u2028\u2029", '"\\u2028\\u2029"'),
        ("\b\f\n\r\t\\", '"\\b\\f\\n\\r\\t\\\\"'),
        ("\x01\x1f\x7f", '"\\u0001\\u001f\x7f"'),
        ("é日😀", '"é日😀"'),
        (True, "true"),
        (1.0, "1"),
        (0.1, "0.1"),
        (1e21, "1e+21"),
        (1e-7, "1e-7"),
        (2**62, "4611686018427387904"),
    ],
)
def test_scalars_have_the_form_that_go_gives_them(value: Any, expected: str) -> None:
    """``<``, ``>`` and ``&`` are escaped, other characters left, whole floats have no point."""
    assert json_text.text(value) == expected


def test_an_object_of_the_server_has_what_kubernetes_always_writes() -> None:
    """What was given is printed as it is; what came as a message has empty structs and nulls."""
    resource = Catalog.shipped().find("role")
    assert resource is not None
    message = resource.message_class()
    came = Printable(resource=resource, message=message)
    given = Printable(resource=resource, message=message, given={"kind": "Role"})
    stream = io.StringIO()
    JsonPrinter().print([came, given], stream)
    documents = stream.getvalue().replace("}\n{", "},{")
    assert json.loads(f"[{documents}]") == [
        {"metadata": {}, "rules": None},
        {"kind": "Role"},
    ]

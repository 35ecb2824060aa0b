"""What of a recorded text need not match."""

from __future__ import annotations

import pytest

from tests.semantics import texts


@pytest.mark.parametrize(
    ("recorded", "wanted"),
    [
        (
            'spec: Invalid value: {"MinAvailable":"5x"}: both set, a: Invalid value: {"b":1}: no',
            'spec: Invalid value: $OBJECT: both set, a: Invalid value: {"b":1}: no',
        ),
        ('l: Invalid value: [{"labels":{"a":"}"},"Spec":{}}]: no', "l: Invalid value: $OBJECT: no"),
        ('a: Invalid value: "{": no', 'a: Invalid value: "{": no'),
        ("a: Required value", "a: Required value"),
        ('a: no\n@@ -1,2 +1,2 @@\n {\n-  "Mode": "x"\n+  "Mode": "y"\n, b: no', "a: no, b: no"),
        (
            'a: no\n@@ -1,1 +1,1 @@\n-"mode"\n+"size"\n',
            'a: no\n@@ -1,1 +1,1 @@\n-"mode"\n+"size"\n',
        ),
    ],
)
def test_a_struct_of_go_may_be_any_value(recorded: str, wanted: str) -> None:
    """The text around it has to match, and so has a value in the form of a manifest."""
    assert texts.without_internals(recorded) == wanted

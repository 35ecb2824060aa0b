"""The entries of an object: their names, and how many bytes they may have in all."""

from __future__ import annotations

import pytest

from tests.kinds.test_violations import found

_MIB = 1 << 20
_KIB = 1 << 10


@pytest.mark.parametrize(
    ("data", "binary_data", "fits"),
    [
        ({"a": "x" * (_MIB // 2), "b": "ü" * (_MIB // 4)}, {}, True),
        ({"a": "x" * (_MIB // 2), "b": "ü" * (_MIB // 4) + "x"}, {}, False),
        ({"a": "x" * (_MIB - 3)}, {"b": "//79"}, True),
        ({"a": "x" * (_MIB - 2)}, {"b": "//79"}, False),
        ({}, {"b": "//79" * (_MIB // 3)}, True),
        ({}, {"b": "//79" * (_MIB // 3 + 1)}, False),
    ],
)
def test_a_config_map_holds_one_mebibyte(
    data: dict[str, str], binary_data: dict[str, str], *, fits: bool
) -> None:
    """The bytes of all values count, however they are written; it is said once."""
    manifest = {"metadata": {"name": "a"}, "data": data, "binaryData": binary_data}
    said = ["FieldValueTooLong []: Too long: may not be more than 1048576 bytes"]
    assert [text.replace(" : ", " ") for text in found("configmaps", manifest)] == (
        [] if fits else said
    )


def test_a_config_map_has_a_name_once() -> None:
    """Texts and bytes share their names, and each that is there twice is named."""
    twice = {"a": "1", "b": "2", "c": "3"}
    manifest = {"metadata": {"name": "m"}, "data": twice, "binaryData": {"c": "Mg==", "a": ""}}
    assert found("configmaps", manifest) == [
        f'FieldValueInvalid data[{key}]: Invalid value: "{key}": '
        "duplicate of key present in binaryData"
        for key in "ac"
    ]


@pytest.mark.parametrize(("groups", "fits"), [(_MIB // 3, True), (_MIB // 3 + 1, False)])
def test_a_secret_holds_one_mebibyte(groups: int, *, fits: bool) -> None:
    """The bytes count, not their base64."""
    manifest = {"metadata": {"name": "a"}, "data": {"a": "//79" * groups}}
    said = ["FieldValueTooLong data: Too long: may not be more than 1048576 bytes"]
    assert found("secrets", manifest) == ([] if fits else said)


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_annotations_hold_a_quarter_of_that(more: int, *, fits: bool) -> None:
    """Names and texts count, also in a template."""
    text = "ü" * (128 * _KIB - 1) + "x" * more
    metadata = {"name": "a", "annotations": {"ab": text}}
    said = "FieldValueTooLong metadata.annotations: Too long: may not be more than 262144 bytes"
    assert found("configmaps", {"metadata": metadata}) == ([] if fits else [said])
    template = {"metadata": {"name": "a"}, "template": {"metadata": metadata}}
    in_template = [text for text in found("podtemplates", template) if "annotations" in text]
    assert in_template == ([] if fits else [said.replace("metadata.", "template.metadata.")])

"""What a change of files breaks is what ``buf breaking`` says of it, in the category WIRE_JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2, text_format

from protocube.checking import breaking, stub_changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BUF = Path(sys.executable).with_name("buf")
Verdicts = set[tuple[str, str]]
"""Names of cases, and rules."""
_OPTIONAL = "label: LABEL_OPTIONAL"


def _string(name: str, number: int = 1, more: str = "") -> str:
    return f'field {{ name: "{name}" number: {number} type: TYPE_STRING {_OPTIONAL} {more} }}'


def _typed(kind: str, more: str = _OPTIONAL) -> str:
    return f'field {{ name: "a" number: 1 type: TYPE_{kind} {more} }}'


def _message(*parts: str) -> str:
    return f'message_type {{ name: "M" {" ".join(parts)} }}'


def _enum(*parts: str) -> str:
    return f'enum_type {{ name: "E" value {{ name: "Z" number: 0 }} {" ".join(parts)} }}'


_OTHERS = 'message_type { name: "A" } message_type { name: "B" }'
_A = f'field {{ name: "a" number: 1 type: TYPE_MESSAGE type_name: ".PKG.A" {_OPTIONAL} }}'
_B = _A.replace(".PKG.A", ".PKG.B")
_ONE = 'value { name: "ONE" number: 1 }'
_IN_ONEOF = 'oneof_index: 0 } oneof_decl { name: "o"'
_PRESENT = 'oneof_index: 0 proto3_optional: true } oneof_decl { name: "_a"'
_RANGE = "reserved_range { start: 5 end: 7 }"

CASES: dict[str, tuple[str, str]] = {
    "the same": (_message(_string("a")), _message(_string("a"))),
    "a new field": (_message(_string("a")), _message(_string("a"), _string("b", 2))),
    "gone": (_message(_string("a")), _message()),
    "gone, its number reserved": (
        _message(_string("a")),
        _message("reserved_range { start: 1 end: 2 }"),
    ),
    "gone, its name reserved": (_message(_string("a")), _message('reserved_name: "a"')),
    "gone, both reserved": (
        _message(_string("a")),
        _message('reserved_range { start: 1 end: 2 } reserved_name: "a"'),
    ),
    "renamed": (_message(_string("a")), _message(_string("b"))),
    "renamed, JSON the same": (
        _message(_string("a", more='json_name: "a"')),
        _message(_string("b", more='json_name: "a"')),
    ),
    "another JSON name": (_message(_string("a")), _message(_string("a", more='json_name: "x"'))),
    "another number": (_message(_string("a")), _message(_string("a", 2))),
    "string to bytes": (_message(_string("a")), _message(_typed("BYTES"))),
    "int32 to int64": (_message(_typed("INT32")), _message(_typed("INT64"))),
    "int32 to string": (_message(_typed("INT32")), _message(_typed("STRING"))),
    "bool to double": (_message(_typed("BOOL")), _message(_typed("DOUBLE"))),
    "one to many": (_message(_string("a")), _message(_typed("STRING", "label: LABEL_REPEATED"))),
    "many to one": (_message(_typed("STRING", "label: LABEL_REPEATED")), _message(_string("a"))),
    "another message": (_OTHERS + _message(_A), _OTHERS + _message(_B)),
    "into a oneof": (_message(_string("a")), _message(_string("a", more=_IN_ONEOF))),
    "out of a oneof": (_message(_string("a", more=_IN_ONEOF)), _message(_string("a"))),
    "no number reserved any more": (_message(_RANGE), _message()),
    "less numbers reserved": (_message(_RANGE), _message("reserved_range { start: 5 end: 6 }")),
    "more numbers reserved": (_message(_RANGE), _message("reserved_range { start: 4 end: 9 }")),
    "no name reserved any more": (_message('reserved_name: "x"'), _message()),
    "a new value": (_enum(), _enum(_ONE)),
    "a value is gone": (_enum(_ONE), _enum()),
    "a value is gone, its number reserved": (
        _enum(_ONE),
        _enum("reserved_range { start: 1 end: 1 }"),
    ),
    "a value is gone, both reserved": (
        _enum(_ONE),
        _enum('reserved_range { start: 1 end: 1 } reserved_name: "ONE"'),
    ),
    "a value is renamed": (_enum(_ONE), _enum(_ONE.replace("ONE", "EINS"))),
    "no number of an enum reserved any more": (
        _enum("reserved_range { start: 3 end: 4 }"),
        _enum(),
    ),
    "no name of an enum reserved any more": (_enum('reserved_name: "X"'), _enum()),
}
_STRICTER: dict[str, tuple[str, str, str]] = {
    "int32 to uint32": (
        _message(_typed("INT32")),
        _message(_typed("UINT32")),
        "FIELD_WIRE_JSON_COMPATIBLE_TYPE",
    ),
    "presence": (
        _message(_string("a")),
        _message(_string("a", more=_PRESENT)),
        "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
    ),
}
"""What Buf allows, and does not keep the meaning of what is stored."""


def _files(texts: Iterable[str]) -> list[descriptor_pb2.FileDescriptorProto]:
    files = []
    for index, text in enumerate(texts):
        package = f"case{index}.v1"
        head = f'name: "case{index}/v1/x.proto" package: "{package}" syntax: "proto3" '
        found = text_format.Parse(
            head + text.replace(".PKG.", f".{package}."), descriptor_pb2.FileDescriptorProto()
        )
        for message in found.message_type:
            for field in message.field:
                if not field.json_name:
                    field.json_name = field.name
        files.append(found)
    return files


def _image(path: Path, files: list[descriptor_pb2.FileDescriptorProto]) -> str:
    path.write_bytes(descriptor_pb2.FileDescriptorSet(file=files).SerializeToString())
    return str(path)


def _verdicts(folder: Path, cases: Mapping[str, tuple[str, str]], category: str) -> Verdicts:
    """Return of which case Buf tells which rule."""
    before = _files(old for old, _ in cases.values())
    after = _files(new for _, new in cases.values())
    config = {"version": "v2", "breaking": {"use": [category]}}
    done = subprocess.run(
        [
            str(_BUF),
            "breaking",
            _image(folder / "after.binpb", after),
            "--against",
            _image(folder / "before.binpb", before),
            "--error-format=json",
            f"--config={json.dumps(config)}",
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 100), done.stderr
    found = map(json.loads, done.stdout.splitlines())
    return {(_case(cases, item["path"]), item["type"]) for item in found}


def _case(cases: Iterable[str], path: str) -> str:
    return [*cases][int(path.partition("/")[0].removeprefix("case"))]


def test_the_verdicts_are_those_of_buf(tmp_path: Path) -> None:
    """Every rule is found where Buf finds it, and nowhere else."""
    before = _files(old for old, _ in CASES.values())
    after = _files(new for _, new in CASES.values())
    found = breaking.faults(before, after)
    ours = {(_case(CASES, fault.file), fault.rule) for fault in found}
    assert ours == _verdicts(tmp_path, CASES, "WIRE_JSON")
    assert len({rule for _, rule in ours}) >= 12, "these cases break hardly anything"


_STUBS: dict[str, tuple[str, str]] = {
    "the same": (_message(_string("a")), _message(_string("a"))),
    "a message is gone": (_OTHERS, 'message_type { name: "A" }'),
    "an enum is gone": (_enum(_ONE), ""),
    "the Go package": ('options { go_package: "a.b/c" }', 'options { go_package: "a.b/d" }'),
    "the Java package": ('options { java_package: "a" }', ""),
    "one class a file": ("", "options { java_multiple_files: true }"),
    "a namespace": ("", 'options { csharp_namespace: "A" php_namespace: "A" }'),
    "prefixes": ("", 'options { swift_prefix: "A" objc_class_prefix: "A" ruby_package: "A" }'),
}


def test_what_stubs_lose_is_what_buf_says(tmp_path: Path) -> None:
    """The rules of files, which no data depends on, are found where Buf finds them."""
    before = _files(old for old, _ in _STUBS.values())
    after = _files(new for _, new in _STUBS.values())
    found = stub_changes.faults(before, after)
    ours = {(_case(_STUBS, fault.file), fault.rule) for fault in found}
    assert ours == _verdicts(tmp_path, _STUBS, "FILE")
    assert len({rule for _, rule in ours}) >= 9, "these cases change hardly anything"


def test_what_changes_the_meaning_of_bytes_is_a_break_too() -> None:
    """Types and presence have to be equal."""
    for what, (old, new, rule) in _STRICTER.items():
        found = breaking.faults(_files([old]), _files([new]))
        assert rule in {fault.rule for fault in found}, what

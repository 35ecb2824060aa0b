"""Messages filled at random, from a seed: also with what no JSON, no YAML and no parser takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor

if TYPE_CHECKING:
    from random import Random

    from google.protobuf.descriptor import Descriptor

_MOST_DEPTH = 8
_DEEPEST = 110
_TEXTS = (
    *(
        "",
        "a",
        "b",
        "default",
        "kube-system",
        "v1",
        "Always",
        "80",
        "0",
        "1",
        "-1",
        "10Gi",
        "1e400",
    ),
    *("metadata.name=a", "a in (b,c)", "a!=b", "!a", "(", "=", "{}", "%s", "18446744073709551616"),
    *("\0", "\n", "\u2028", "\ufeff", "\U0010ffff", "\u00e9", "a" * 254, "../..", "a/b", "~system"),
    "1970-01-01T00:00:00Z",
)
_INTEGERS = (0, 1, -1, 2, 80, 2**31 - 1, -(2**31))
_LONGS = (*_INTEGERS, 2**63 - 1, -(2**63), 253_402_300_800)
_DOUBLES = (0.0, -0.0, 1.5, math.nan, math.inf, -math.inf, 5e-324, 1e308)
_SCALARS: dict[int, tuple[Any, ...]] = {
    FieldDescriptor.TYPE_BOOL: (True, False),
    FieldDescriptor.TYPE_INT32: _INTEGERS,
    FieldDescriptor.TYPE_INT64: _LONGS,
    FieldDescriptor.TYPE_DOUBLE: _DOUBLES,
    FieldDescriptor.TYPE_STRING: _TEXTS,
    FieldDescriptor.TYPE_BYTES: (b"", b"\0", b"\xff\xfe", b"a" * 100),
    FieldDescriptor.TYPE_ENUM: (0, 1, 2, 3, 99, -1),
}


def fill(descriptor: Descriptor, random: Random, depth: int = 0) -> Any:
    """Return a message of ``descriptor`` with some of its fields set."""
    message: Any = message_factory.GetMessageClass(descriptor)()
    fields = descriptor.fields
    if descriptor.full_name == "google.protobuf.Value" and random.random() < 0.02:
        return _deep(message, random.randint(40, _DEEPEST // 2))
    if not fields or depth > _MOST_DEPTH:
        return message
    for field in random.sample(list(fields), random.randint(0, min(len(fields), 6))):
        _set(message, field, random, depth)
    return message


def made(descriptor: Descriptor, random: Random) -> Any:
    """Return a request; where it carries an object, one with a good chance to be taken."""
    message = fill(descriptor, random)
    if "object" in descriptor.fields_by_name and random.random() < 0.8:
        metadata = message.object.metadata
        message.object.api_version = message.object.kind = ""
        message.ClearField("dry_run")
        kept = fill(metadata.DESCRIPTOR, random) if random.random() < 0.3 else None
        metadata.Clear()
        if kept is not None:
            metadata.CopyFrom(kept)
            metadata.resource_version = ""
        metadata.name = random.choice("abcdefgh")
        metadata.namespace = ""
    for name in ("name", "namespace"):
        if name in descriptor.fields_by_name and random.random() < 0.7:
            setattr(message, name, random.choice("abcdefgh") if name == "name" else "")
    return message


def spoiled(data: bytes, random: Random) -> bytes:
    """Return bytes near those of a message: cut, repeated, or with some of them changed."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        place = random.randint(0, len(changed))
        match random.randint(0, 3):
            case 0:
                del changed[place:]
            case 1:
                changed[place:place] = random.randbytes(random.randint(1, 8))
            case 2 if place < len(changed):
                changed[place] = random.randint(0, 255)
            case _:
                changed += changed[:place]
        if len(changed) > 1 << 16:
            break
    return bytes(changed)


def _deep(message: Any, levels: int) -> Any:
    value = message
    for _ in range(levels):
        value = value.list_value.values.add()
    value.bool_value = True
    return message


def _set(message: Any, field: FieldDescriptor, random: Random, depth: int) -> None:
    below: Any = field.message_type
    if below is None:
        choices = _SCALARS[field.type]
        if field.is_repeated:
            getattr(message, field.name).extend(random.choices(choices, k=random.randint(0, 3)))
        else:
            setattr(message, field.name, random.choice(choices))
        return
    target = getattr(message, field.name)
    if below.GetOptions().map_entry:
        value = below.fields_by_name["value"]
        for key in random.sample(_TEXTS, random.randint(0, 3)):
            if value.message_type is None:
                target[key] = random.choice(_SCALARS[value.type])
            else:
                target[key].CopyFrom(fill(value.message_type, random, depth + 1))
    elif field.is_repeated:
        for _ in range(random.randint(0, 2)):
            target.add().CopyFrom(fill(below, random, depth + 1))
    else:
        target.CopyFrom(fill(below, random, depth + 1))
        target.SetInParent()

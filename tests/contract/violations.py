"""Reads what the rules of the contract say of a manifest, without any of the server's words.

Most rules are protovalidate's; those that the option ``computed_rules`` of a message names
are the server's, and say the same kind of thing. The parts of one rule count as that rule.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import protovalidate
from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_server import turns
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.message_rules import MessageRules

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One violation: a path of JSON names, the rule's id and its text."""

    field: str
    rule: str
    message: str


@functools.cache
def validator() -> protovalidate.Validator:
    """Return one validator for all tests: it compiles the rules of a message once."""
    return protovalidate.Validator()


@functools.cache
def _message_rules(api_version: str, kind: str) -> MessageRules:
    resource = Catalog.shipped().for_kind(api_version, kind)
    assert resource is not None
    return MessageRules(resource.descriptor, FUNCTIONS.message_rules)


def of(manifest: dict[str, Any]) -> list[Found]:
    """Return the violations of a manifest, defaults not filled in."""
    resource = Catalog.shipped().for_kind(manifest["apiVersion"], manifest["kind"])
    assert resource is not None
    message = json_format.ParseDict(manifest, resource.message_class())
    by_protovalidate = [
        Found(
            field=_path(resource.descriptor, item.proto.field),
            rule=".".join(item.proto.rule_id.split(".")[:2]),
            message=item.proto.message,
        )
        for item in validator().collect_violations(message)
    ]
    rules = _message_rules(manifest["apiVersion"], manifest["kind"])
    by_the_server = [
        Found(field=path, rule=fault.rule, message=fault.text)
        for path, fault in turns.at_once(rules.walk(message))
    ]
    return by_protovalidate + by_the_server


def _path(descriptor: Descriptor, field: Any) -> str:
    parts = []
    current: Descriptor | None = descriptor
    for element in field.elements if field else ():
        assert current is not None
        declared = current.fields_by_number[element.field_number]
        subscript = f"[{element.subscript.value}]" if element.subscript is not None else ""
        parts.append(declared.json_name + subscript)
        current = declared.message_type
        if current is not None and current.GetOptions().map_entry:
            current = current.fields_by_name["value"].message_type
    return ".".join(parts)

"""What the API adds to a field of a custom kind: defaults, shared lists, what is selectable."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from protocube.api.v1 import field_pb2
from protocube_server.definitions.crd.forms import Held, Shape

if TYPE_CHECKING:
    from protocube_server.definitions.crd.forms import Form
    from protocube_server.definitions.crd.schema import Schema

_PLAIN: Final = {Held.STRING, Held.BOOL, Held.INT32, Held.INT64, Held.DOUBLE}
"""Forms whose defaults are written without JSON's quotes."""
_LIST_TYPES: Final = {
    "atomic": field_pb2.LIST_TYPE_ATOMIC,
    "set": field_pb2.LIST_TYPE_SET,
    "map": field_pb2.LIST_TYPE_MAP,
}


def write(field: Any, schema: Schema, form: Form, *, is_selectable: bool) -> None:
    """Write the option of a field, if it needs one."""
    option = field_pb2.Field()
    if schema.has_default and schema.default is not None:
        _default(option, schema.default, form)
    if is_selectable:
        option.selectable = True
    if form.shape is Shape.LIST:
        option.list_type = _LIST_TYPES.get(schema.list_type, field_pb2.LIST_TYPE_ATOMIC)
        if form.held is Held.MESSAGE:
            option.list_map_keys[:] = schema.list_map_keys
        elif schema.list_type == "map":
            option.list_type = field_pb2.LIST_TYPE_ATOMIC
    elif schema.map_type == "atomic":
        option.atomic = True
    if option.ByteSize():
        field.options.Extensions[field_pb2.field].CopyFrom(option)


def _default(option: field_pb2.Field, value: Any, form: Form) -> None:
    is_plain = form.shape is Shape.ONE and form.held in _PLAIN
    if is_plain and isinstance(value, str) and value:
        option.default = value
    elif is_plain and not isinstance(value, str):
        option.default = json.dumps(value)
    else:
        option.default_json = json.dumps(value, ensure_ascii=False, separators=(",", ":"))

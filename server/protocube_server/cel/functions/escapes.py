"""``jsonpatch.escapeKey``: a key as a JSON pointer has it (RFC 6901)."""

from typing import Final

from protocube_server.cel.functions.declared import free

FUNCTIONS: Final = (
    free(
        "jsonpatch.escapeKey",
        ("string",),
        "string",
        lambda key: key.replace("~", "~0").replace("/", "~1"),
    ),
)

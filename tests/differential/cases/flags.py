"""The flags of create: values, combinations, and what pflag makes of them."""

from __future__ import annotations

from tests.differential.case import Case, config_map, documents

_UNKNOWN = config_map("x") + "colour: red\n"
_TWO_UNKNOWN = _UNKNOWN.replace("  name: x", "  name: x\n  colour: blue")

FLAGS: tuple[tuple[str, ...], ...] = (
    ("--dry-run=none",), ("--dry-run=client",), ("--dry-run=server",), ("--dry-run",),
    ("--dry-run", "client"), ("--dry-run=",), ("--dry-run=true",), ("--dry-run=bogus",),
    ("--validate",), ("--validate=true",), ("--validate=false",), ("--validate=strict",),
    ("--validate=warn",), ("--validate=ignore",), ("--validate=",), ("--validate=bogus",),
    ("--validate", "warn"), ("-o", "name"), ("-o=name",), ("-oname",), ("--output", "name"),
    ("--output=name",), ("-o", "json"), ("-o", "yaml"), ("-o", ""), ("-o", "bogus"), ("-o", "wide"),
    ("-o", "table"), ("-o", "jsonpath={.metadata.name}"), ("-o", "jsonpath"), ("-o", "jsonpath={"),
    ("-o", "jsonpath={.nope}"), ("-o", 'jsonpath={.data.k}{"\\n"}'), ("-o",),
    ("-o", "custom-columns=A:.x"), ("--field-manager=me",), ("--field-manager",),
    ("--save-config",),
    ("--save-config", "-o", "yaml"), ("--save-config", "--dry-run=client", "-o", "json"),
    ("--save-config=false",), ("--save-config=maybe",), ("--nope",), ("--nope=1",), ("-Z",),
    ("--filename",), ("-f",), ("extra",), ("extra", "more"), ("--request-timeout=1x",),
    ("--request-timeout=5s",), ("--show-managed-fields", "-o", "yaml"),
    ("--allow-missing-template-keys=false", "-o", "jsonpath={.nope}"),
    ("--windows-line-endings",), ("--raw", "/x"), ("--edit=false",), ("-v=0",),
)  # fmt: skip

CASES = (
    *(
        Case(
            name=f"flags/{' '.join(flags)}",
            args=("create", "-f", "x.yaml", *flags),
            files={"x.yaml": config_map("x")},
        )
        for flags in FLAGS
    ),
    *(
        Case(
            name=f"flags/unknown field {' '.join(flags)}",
            args=("create", "-f", "x.yaml", *flags),
            files={"x.yaml": _TWO_UNKNOWN},
        )
        for flags in (
            (), ("--validate=warn",), ("--validate=false",), ("--dry-run=server",),
            ("--dry-run=client",), ("--dry-run=client", "-o", "yaml"),
            ("--validate=false", "-o", "json"), ("--dry-run=server", "--validate=warn"),
        )
    ),
    *(
        Case(
            name=f"flags/several {' '.join(flags)}",
            args=("create", "-f", "x.yaml", *flags),
            files={"x.yaml": documents(config_map("x"), config_map("y", "a: '1', b: '2'"))},
        )
        for flags in (
            ("-o", "yaml"), ("-o", "json"), ("-o", "name"), ("--dry-run=client",),
            ("--dry-run=client", "-o", "yaml"), ("--dry-run=server", "-o", "json"),
            ("-o", "jsonpath={.metadata.name} "),
        )
    ),
    Case(name="flags/no kind, not validated", args=("create", "-f", "x.yaml", "--validate=false"),
         files={"x.yaml": "metadata: {name: x}\n"}),
    Case(name="flags/no version, not validated",
         args=("create", "-f", "x.yaml", "--validate=false"),
         files={"x.yaml": "kind: ConfigMap\nmetadata: {name: x}\n"}),
    Case(name="flags/switches together", args=("create", "-Rf", "x.yaml", "-oname"),
         files={"x.yaml": config_map("x")}),
    Case(name="flags/an unknown command", args=("craete", "-f", "x.yaml")),
    Case(name="flags/a flag before the command", args=("-n", "@ns", "create", "-f", "x.yaml"),
         files={"x.yaml": config_map("x")}),
)  # fmt: skip

"""Several things wrong at once: order, prefixes, nesting, exit codes."""

from __future__ import annotations

from tests.differential.case import Case, config_map, documents

_HEAD = "apiVersion: v1\nkind: ConfigMap\n"
GOOD, OTHER = config_map("good"), config_map("other")
TAKEN = config_map("taken")
UNKNOWN = config_map("unknown") + "colour: red\n"
CORE_WIDGET = "apiVersion: v1\nkind: Widget\nmetadata: {name: w}\n"
WIDGET = CORE_WIDGET.replace("v1", "example.com/v1")
GADGET = "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: g, namespace: n}\n"
NAMELESS = f"{_HEAD}data: {{a: b}}\n"
NO_KIND = "apiVersion: v1\nmetadata: {name: x}\n"
LOST = f"{_HEAD}metadata: {{name: lost, namespace: nowhere}}\n"
WRONG = f"{_HEAD}metadata: {{name: wrong}}\nimmutable: text\n"
NUMBER = f"{_HEAD}metadata: {{name: number}}\ndata: {{a: 1}}\n"
BAD_LABEL = f"{_HEAD}metadata: {{name: label, labels: {{a: 1}}}}\n"
MALFORMED = "a: [b\n"

FILES: dict[str, str] = {
    "taken": TAKEN,
    "taken twice": documents(TAKEN, TAKEN),
    "the same object twice": documents(GOOD, GOOD),
    "unknown field": UNKNOWN,
    "unknown kind": WIDGET,
    "unknown kind of the core group": CORE_WIDGET,
    "unknown kinds": documents(WIDGET, GADGET),
    "the same unknown kind twice": documents(WIDGET, WIDGET),
    "nameless": NAMELESS,
    "nameless twice": documents(NAMELESS, NAMELESS),
    "lost": LOST,
    "wrong type": WRONG,
    "a number for a string": NUMBER,
    "a bad label": BAD_LABEL,
    "a bad label and more": documents(BAD_LABEL, GOOD, BAD_LABEL),
    "server errors": documents(TAKEN, UNKNOWN, GOOD, NAMELESS, LOST),
    "server and mapping errors": documents(WIDGET, TAKEN, GADGET, GOOD),
    "mapping and parsing errors": documents(WIDGET, GOOD, MALFORMED, OTHER),
    "server and parsing errors": documents(TAKEN, GOOD, MALFORMED, OTHER),
    "all of them": documents(WIDGET, TAKEN, BAD_LABEL, UNKNOWN, GOOD, NO_KIND, OTHER),
    "no kind behind": documents(GOOD, NO_KIND, OTHER),
    "parsing error alone": MALFORMED,
    "types": documents(WRONG, NUMBER, GOOD),
}

CASES = (
    *(
        Case(
            name=f"errors/{name}",
            args=("create", "-f", "x.yaml"),
            files={"x.yaml": text},
            objects=TAKEN,
        )
        for name, text in FILES.items()
    ),
    *(
        Case(
            name=f"errors/two files/{first} and {second}",
            args=("create", "-f", "x.yaml", "-f", "y.yaml"),
            files={"x.yaml": FILES[first], "y.yaml": FILES[second]},
            objects=TAKEN,
        )
        for first, second in (
            ("taken", "unknown kind"),
            ("unknown kind", "parsing error alone"),
            ("parsing error alone", "parsing error alone"),
            ("unknown kind", "unknown kind"),
            ("no kind behind", "server errors"),
            ("mapping and parsing errors", "server and parsing errors"),
            ("nameless", "nameless"),
        )
    ),
    *(
        Case(
            name=f"errors/in a list/{name}",
            args=("create", "-f", "x.yaml"),
            files={
                "x.yaml": "apiVersion: v1\nkind: List\nitems:\n"
                + "".join("- " + item.replace("\n", "\n  ").rstrip() + "\n" for item in items)
            },
            objects=TAKEN,
        )
        for name, items in {
            "taken": (TAKEN, GOOD),
            "unknown kind": (WIDGET, GOOD),
            "two unknown kinds": (WIDGET, GOOD, GADGET),
            "both": (TAKEN, WIDGET, UNKNOWN, GOOD),
            "no kind": (GOOD, NO_KIND),
        }.items()
    ),
    *(
        Case(
            name=f"errors/not validated/{name}",
            args=("create", "-f", "x.yaml", "--validate=false"),
            files={"x.yaml": FILES[name]},
            objects=TAKEN,
        )
        for name in ("no kind behind", "unknown field", "all of them", "types")
    ),
    *(
        Case(
            name=f"errors/on the client/{name}",
            args=("create", "-f", "x.yaml", "--dry-run=client"),
            files={"x.yaml": FILES[name]},
            objects=TAKEN,
        )
        for name in ("taken twice", "server errors", "all of them", "types", "a bad label")
    ),
)

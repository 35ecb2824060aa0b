"""Selectors on create, get and delete, right and wrong."""

from __future__ import annotations

from tests.differential.case import Case, config_map, documents

_OBJECTS = documents(
    config_map("a", labels="app: web, tier: front"),
    config_map("b", labels="app: web, tier: back"),
    config_map("c", labels="app: db"),
    config_map("d"),
)

SELECTORS = (
    "app=web", "app==web", "app!=web", "app", "!app", "app in (web, db)", "app in (web)",
    "app notin (web)", "app=web,tier=front", "app=web,tier!=front", "app,!tier", "tier notin (a,b)",
    "app in ()", "app=", "app!=", " app = web ", "", "app=nope", "example.com/app=x", "x>1", "x<1",
    "app in (web", "app in web", "app web", "=web", "app=web,", ",app=web", "app===web", "!",
    "app=we b", "app=-x", "-app=x", "a/b/c=x", "app=web tier=front", "app in (,)", "app=(web)",
    "x>y", "app=" + "x" * 64, "in=x", "notin in (x)", "app in (in, notin)",
)  # fmt: skip

CASES = (
    *(
        Case(
            name=f"selectors/create/{text}",
            args=("create", "-f", "x.yaml", "-l", text),
            files={"x.yaml": _OBJECTS},
        )
        for text in SELECTORS
    ),
    *(
        Case(name=f"selectors/get/{text}", args=("get", "cm", "-o", "name", "-l", text),
             objects=_OBJECTS)
        for text in SELECTORS
        if len(text) % 3 == 0 or "(" in text
    ),
    *(
        Case(name=f"selectors/delete/{text}", args=("delete", "cm", "-l", text), objects=_OBJECTS)
        for text in ("app=web", "app in (db, web)", "app=nope", "!app", "app in (")
    ),
    Case(name="selectors/get/by field", args=("get", "cm", "--field-selector", "metadata.name=b"),
         objects=_OBJECTS),
    Case(name="selectors/get/by two fields", objects=_OBJECTS,
         args=("get", "cm", "--field-selector", "metadata.name=b,metadata.namespace=@ns")),
    Case(name="selectors/get/by a field and a label", objects=_OBJECTS,
         args=("get", "cm", "--field-selector", "metadata.name=b", "-l", "app=web")),
    Case(name="selectors/get/a name and a label", args=("get", "cm", "a", "-l", "app=web")),
    Case(name="selectors/delete/a name and a label", args=("delete", "cm", "a", "-l", "app=web")),
    Case(name="selectors/delete/by field", objects=_OBJECTS,
         args=("delete", "cm", "--field-selector", "metadata.name=b")),
)  # fmt: skip

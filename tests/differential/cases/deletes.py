"""delete: what is meant, and what is said."""

from __future__ import annotations

from tests.differential.case import Case, config_map, documents

_SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
_OBJECTS = documents(config_map("a", labels="app: web"), config_map("b"), _SECRET)

DELETES: tuple[tuple[str, ...], ...] = (
    ("cm", "a"), ("cm", "a", "b"), ("configmap/a",), ("cm/a", "secret/s"), ("cm,secret", "a"),
    ("cm", "nope"), ("cm", "a", "nope", "b"), ("cm/nope", "secret/nope"), ("cm",),
    ("cm,secret",), (),
    ("cm", "--all"), ("cm,secret", "--all"), ("pods", "--all"), ("cm", "a", "--all"),
    ("cm", "--all", "-l", "app=web"), ("cm", "-l", "app=web", "--all=false"), ("all", "--all"),
    ("widgets", "a"), ("widgets", "--all"), ("cm", "a", "-o", "name"), ("cm", "a", "-o", "yaml"),
    ("cm", "a", "--dry-run=client"), ("cm", "a", "--dry-run=server"), ("cm", "a", "--dry-run"),
    ("cm", "nope", "--dry-run=client"), ("cm", "a", "--dry-run=client", "-o", "name"),
    ("cm", "nope", "--ignore-not-found"), ("cm", "nope", "a", "--ignore-not-found"),
    ("cm", "--all", "--ignore-not-found=false"), ("cm", "a", "--force"), ("cm", "a", "--now"),
    ("cm", "a", "--grace-period=0"), ("cm", "a", "--grace-period=5"),
    ("cm", "a", "--grace-period=x"),
    ("cm", "a", "--force", "--grace-period=0"), ("cm", "a", "--force", "--grace-period=5"),
    ("cm", "a", "--now", "--grace-period=5"), ("cm", "a", "--now", "--force"),
    ("cm", "a", "--cascade"), ("cm", "a", "--cascade=orphan"), ("cm", "a", "--cascade=foreground"),
    ("cm", "a", "--cascade=true"), ("cm", "a", "--cascade=false"), ("cm", "a", "--cascade=bogus"),
    ("cm", "a", "--wait=false"), ("cm", "a", "--wait"), ("cm", "a", "--timeout=5s"),
    ("cm", "a", "--timeout=x"), ("-f", "x.yaml"), ("-f", "x.yaml", "--ignore-not-found"),
    ("-f", "x.yaml", "-o", "name"), ("-f", "x.yaml", "--dry-run=client"), ("-f", "gone.yaml"),
    ("-f", "x.yaml", "-l", "app=web"), ("cm", "-f", "x.yaml"), ("-f", "x.yaml", "--all"),
    ("cm", "-A", "-l", "case=@ns-none"), ("cm", "a", "-A"), ("cm", "--all", "--dry-run=client"),
    ("cm/",), ("cm", "cm/a"), ("ns", "@ns-none"), ("cm", "a", "extra/b"),
)  # fmt: skip

_FILE = documents(config_map("a", labels="app: web"), config_map("gone"), _SECRET)

CASES = tuple(
    Case(
        name=f"delete/{' '.join(args)}",
        args=("delete", *args),
        files={"x.yaml": _FILE},
        objects=_OBJECTS,
    )
    for args in DELETES
)

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

INTERACTIVE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("yes to two", "y\n", ("cm", "a", "b", "-i")),
    ("no", "n\n", ("cm", "a", "b", "-i")),
    ("no answer", "", ("cm", "a", "--interactive")),
    ("a capital yes", "Y\n", ("cm", "a", "-i")),
    ("more than y", "yes\n", ("cm", "a", "-i")),
    ("an empty line first", "\n \n y\n", ("cm", "a", "-i")),
    ("an answer without its line's end", "y", ("cm", "a", "-i")),
    ("one of two is not there", "y\n", ("cm", "a", "nope", "-i")),
    ("not there and ignored", "y\n", ("cm", "nope", "-i", "--ignore-not-found")),
    ("all of a kind", "y\n", ("cm", "--all", "-i")),
    ("several kinds by pairs", "y\n", ("cm/a", "secret/s", "-i")),
    ("nothing selected", "y\n", ("cm", "-l", "app=none", "-i")),
    ("a file", "y\n", ("-f", "x.yaml", "-i")),
    ("a file, ignored", "y\n", ("-f", "x.yaml", "-i", "--ignore-not-found")),
    ("a file, no", "n\n", ("-f", "x.yaml", "-i")),
    ("a file with a wrong kind", "y\n", ("-f", "wrong.yaml", "-i")),
    ("a dry run", "y\n", ("cm", "a", "-i", "--dry-run=client")),
    ("a dry run, no", "n\n", ("cm", "a", "-i", "--dry-run=server")),
    ("names", "y\n", ("cm", "a", "-i", "-o", "name")),
    ("by force", "y\n", ("cm", "a", "-i", "--force")),
    ("by force, no", "n\n", ("cm", "a", "-i", "--force")),
    ("off", "", ("cm", "a", "--interactive=false")),
)

_WRONG = documents(config_map("a"), "apiVersion: v1\nkind: Nope\nmetadata: {name: n}\n")

CASES = (
    *(
        Case(
            name=f"delete/{' '.join(args)}",
            args=("delete", *args),
            files={"x.yaml": _FILE},
            objects=_OBJECTS,
        )
        for args in DELETES
    ),
    *(
        Case(
            name=f"delete interactive/{name}",
            args=("delete", *args),
            files={"x.yaml": _FILE, "wrong.yaml": _WRONG},
            stdin=answer,
            objects=_OBJECTS,
        )
        for name, answer, args in INTERACTIVE
    ),
)

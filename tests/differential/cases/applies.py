"""apply, diff as far as nothing is compared, and the last configurations of objects."""

from __future__ import annotations

import json

from tests.differential.case import Case, config_map, documents

_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"


def _applied(name: str, configuration: str, data: str = "k: v") -> str:
    """Return a ConfigMap that has been applied with a configuration."""
    return (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  annotations:\n"
        f"    {_ANNOTATION}: {json.dumps(configuration)}\ndata: {{{data}}}\n"
    )


_PLAIN = (
    '{"apiVersion":"v1","data":{"k":"v"},"kind":"ConfigMap",'
    '"metadata":{"annotations":{},"name":"a","namespace":"@ns"}}\n'
)
_ODD = '{"kind":"ConfigMap","a":"<&>","b":[],"c":{},"d":[{"x":null}],"n":1.50,"s":"\\u00e9 \\n"}'
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, annotations: {note: kept}}
spec:
  replicas: 2
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec: {containers: [{name: c, image: i, env: null}]}
"""
_OBJECTS = documents(
    _applied("a", _PLAIN), config_map("bare", labels="app: web"), _applied("odd", _ODD)
)
_FILE = documents(config_map("a"), config_map("new", labels="app: web"), _DEPLOYMENT)

APPLIES: tuple[tuple[str, ...], ...] = (
    ("-f", "x.yaml"), ("-f", "x.yaml", "-o", "name"), ("-f", "x.yaml", "-l", "app=web"),
    ("-f", "bare.yaml"), ("-f", "changed.yaml"), ("-f", "changed.yaml", "-o", "name"),
    ("-f", "changed.yaml", "-o", "jsonpath={.data}"), ("-f", "odd.yaml"),
    ("-f", "changed.yaml", "--dry-run=server"),
    ("-f", "x.yaml", "-l", "app=none"), ("-f", "x.yaml", "-l", "app in"),
    ("-f", "x.yaml", "-l", "app=web", "-o", "yaml", "--dry-run=client"),
    ("-f", "x.yaml", "--dry-run=client"), ("-f", "x.yaml", "--dry-run"),
    ("-f", "x.yaml", "--dry-run=client", "-o", "name"),
    ("-f", "new.yaml", "--dry-run=client", "-o", "yaml"),
    ("-f", "new.yaml", "--dry-run=client", "-o", "json"),
    ("-f", "many.yaml", "--dry-run=client", "-o", "yaml"),
    ("-f", "many.yaml", "--dry-run=client", "-o", "json"),
    ("-f", "many.yaml", "--dry-run=client", "-o", "jsonpath={.items[*].metadata.name}"),
    ("-f", "many.yaml", "--dry-run=client", "-o", "jsonpath={.items[*].spec.replicas}{.kind}"),
    ("-f", "many.yaml", "--dry-run=client", "-o", "jsonpath-as-json={.items[*].data}"),
    ("-f", "many.yaml", "--dry-run=client", "-o", "jsonpath={.metadata}"),
    ("-f", "new.yaml", "--dry-run=client", "-o", "wide"),
    ("-f", "new.yaml", "--dry-run=sometimes"), ("-f", "gone.yaml"), ("-f", "x.yaml", "-k", "."),
    ("-f", "x.yaml", "more"), ("more",), (), ("-f", "-"),
    ("-f", "generated.yaml"), ("-f", "nameless.yaml"), ("-f", "wrong.yaml"),
    ("-f", "wrong.yaml", "-o", "name"), ("-f", "wrong.yaml", "-o", "yaml", "--dry-run=client"),
    ("-f", "other.yaml"), ("-f", "other.yaml", "-n", "@ns"), ("-f", "broken.yaml"),
    ("-f", "list.yaml"), ("-f", "list.yaml", "-o", "name"), ("-f", "empty.yaml"),
    ("-f", "x.yaml", "--validate=maybe"), ("-f", "x.yaml", "--force-conflicts"),
    ("-f", "x.yaml", "--server-side", "--dry-run=client"),
    ("-f", "x.yaml", "--server-side", "--force"),
    ("-f", "x.yaml", "--dry-run=server", "--force"), ("-f", "x.yaml", "--subresource=status"),
    ("-f", "x.yaml", "--prune"), ("-f", "x.yaml", "--prune", "--all", "-l", "app=web"),
    ("-f", "x.yaml", "--prune", "--force", "--all"),
    ("-f", "x.yaml", "--prune", "--all", "--server-side"),
    ("-f", "x.yaml", "--all", "-l", "app=web"),
    ("-f", "x.yaml", "--prune", "--all", "--prune-allowlist=ConfigMap"),
    ("-f", "x.yaml", "--prune", "--all", "--prune-allowlist=core/v1/Nope"),
    ("-f", "x.yaml", "--prune", "--all", "--prune-allowlist=apps/v1/Nope"),
    ("-f", "x.yaml", "--cascade=bogus"), ("-f", "x.yaml", "--grace-period=x"),
    ("-f", "x.yaml", "--timeout=x"), ("-f", "x.yaml", "--nope"),
    ("-f", "one.yaml", "--prune", "-l", "app=web", "--prune-allowlist=core/v1/ConfigMap"),
    ("-f", "one.yaml", "--prune", "-l", "app=gone", "--prune-allowlist=core/v1/ConfigMap",
     "--dry-run=client"),
)  # fmt: skip

VIEWS: tuple[tuple[str, ...], ...] = (
    ("cm", "a"), ("cm/a",), ("cm", "a", "-o", "json"), ("cm", "a", "-o", "yaml"),
    ("cm", "odd"), ("cm", "odd", "-o", "json"), ("cm", "a", "odd"), ("cm", "a", "bare"),
    ("cm", "a", "odd", "-o", "json"), ("cm", "bare"), ("cm", "nope"), ("cm",), (),
    ("cm", "--all"), ("cm", "-l", "app=web"), ("cm", "-l", "app=none"), ("cm", "a", "-o", "wide"),
    ("cm", "bare", "-o", "wide"), ("cm", "a", "--all"), ("widgets", "a"), ("-f", "one.yaml"),
    ("-f", "gone.yaml"), ("cm", "-f", "one.yaml"), ("cm", "a", "--nope"),
)  # fmt: skip

SETS: tuple[tuple[str, ...], ...] = (
    ("-f", "one.yaml", "--dry-run=client"), ("-f", "one.yaml", "--dry-run=client", "-o", "name"),
    ("-f", "bare.yaml"), ("-f", "bare.yaml", "--dry-run=client", "--create-annotation"),
    ("-f", "bare.yaml", "--create-annotation"), ("-f", "one.yaml"),
    ("-f", "one.yaml", "-o", "jsonpath={.data}"),
    ("-f", "new.yaml"), (), ("-f", "gone.yaml"), ("-f", "same.yaml"), ("-f", "one.yaml", "-o", "x"),
)  # fmt: skip

DIFFS: tuple[tuple[str, ...], ...] = (
    (), ("more",), ("-f", "x.yaml", "more"), ("-f", "gone.yaml"), ("-f", "x.yaml", "-k", "."),
    ("-f", "x.yaml", "--force-conflicts"), ("-f", "x.yaml", "--nope"), ("-f",),
    ("-f", "x.yaml", "--concurrency=x"), ("-f", "broken.yaml"), ("-f", "wrong.yaml"),
    ("-f", "x.yaml", "--prune", "--prune-allowlist=ConfigMap"), ("-f", "one.yaml", "-l", "a=b"),
    ("-f", "same.yaml"), ("-f", "nameless.yaml"),
)  # fmt: skip

_FILES = {
    "x.yaml": _FILE,
    "one.yaml": config_map("a"),
    "changed.yaml": config_map("a", data="other: v"),
    "odd.yaml": config_map("odd", data="n: v"),
    "same.yaml": _PLAIN,
    "bare.yaml": config_map("bare", labels="app: web"),
    "new.yaml": _DEPLOYMENT,
    "many.yaml": documents(config_map("new"), _DEPLOYMENT),
    "generated.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: g-}\n",
    "nameless.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n",
    "wrong.yaml": documents(
        config_map("new"), "apiVersion: v1\nkind: Nope\nmetadata: {name: n}\n", config_map("two")
    ),
    "other.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: o, namespace: other}\n",
    "broken.yaml": documents(config_map("new"), "a: b: c\n"),
    "list.yaml": "apiVersion: v1\nkind: List\nitems:\n"
    "- {apiVersion: v1, kind: ConfigMap, metadata: {name: l1}}\n"
    "- {apiVersion: v1, kind: ConfigMap, metadata: {name: l2}}\n",
    "empty.yaml": "---\n",
}

CASES = tuple(
    Case(
        name=f"{command} {' '.join(args)}".strip(),
        args=(*words, *args),
        files=_FILES,
        objects=_OBJECTS,
    )
    for command, words, every in (
        ("apply/", ("apply",), APPLIES),
        ("apply view/", ("apply", "view-last-applied"), VIEWS),
        ("apply set/", ("apply", "set-last-applied"), SETS),
        ("diff/", ("diff",), DIFFS),
    )
    for args in every
)

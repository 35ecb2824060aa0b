"""get: how kinds and names are given, and how objects are shown."""

from __future__ import annotations

from tests.differential.case import Case, config_map, documents

_SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: q}\n"
_ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot}\n"
_OBJECTS = documents(
    config_map("a", "k: v", labels="app: web, tier: front"),
    config_map("longer-name", "k: v, l: w", labels="app: db"),
    _SECRET,
    _ACCOUNT,
)

GETS: tuple[tuple[str, ...], ...] = (
    ("configmap",), ("configmaps",), ("cm",), ("ConfigMap",), ("CM",), ("configmaps.v1",),
    ("configmaps.v1.",), ("cm", "a"), ("cm", "a", "longer-name"), ("cm", "longer-name", "a"),
    ("cm/a",), ("cm/a", "secret/s"), ("cm/a,secret/s",), ("cm,secret",), ("secret,cm",), ("cm,cm",),
    ("cm", "a", "a"), ("cm/a", "cm/a"), ("cm", "nope"), ("cm", "a", "nope"), ("cm/nope", "cm/a"),
    ("cm,secret", "a"), ("cm,secret", "nope"), ("secret",), ("sa",), ("sa", "robot"), ("pods",),
    ("deployments",), ("deployments.apps",), ("deploy.v1.apps",), ("all",), ("pods,deployments",),
    ("ns", "@ns"), ("widgets",), ("widgets,cm",), ("cm,widgets",), ("widget/x",), ("cm.nope",),
    ("cm/",), ("/a",), ("cm/a/b",), ("cm/a", "b"), ("cm", "cm/a"), ("cm,", ), (",",), (),
    ("cm", "--no-headers"), ("cm", "a", "--no-headers"), ("cm,secret", "--no-headers"),
    ("cm", "--show-labels"), ("cm", "-L", "app"), ("cm", "-L", "app,tier"),
    ("cm", "-L", "app", "-L", "example.com/Tier"), ("cm", "--show-kind"),
    ("cm", "a", "--show-kind"),
    ("cm", "-o", "wide"), ("cm", "-o", "name"), ("cm,secret", "-o", "name"),
    ("cm", "a", "-o", "name"),
    ("cm", "a", "-o", "yaml"), ("cm", "-o", "yaml"), ("cm", "a", "-o", "json"),
    ("cm", "-o", "json"),
    ("cm,secret", "-o", "yaml"), ("cm/a", "secret/s", "-o", "yaml"), ("pods", "-o", "yaml"),
    ("pods", "-o", "json"), ("pods", "-o", "name"), ("cm", "nope", "-o", "yaml"),
    ("cm", "a", "nope", "-o", "yaml"), ("cm", "nope", "--ignore-not-found"),
    ("cm", "a", "nope", "--ignore-not-found"), ("cm", "nope", "--ignore-not-found", "-o", "yaml"),
    ("pods", "--ignore-not-found"), ("cm", "-o", "jsonpath={.items[*].metadata.name}"),
    ("cm", "a", "-o", "jsonpath={.metadata.labels}"), ("cm", "a", "-o", "jsonpath={.nope}"),
    ("cm", "-o", 'jsonpath={range .items[*]}{.metadata.name}{"\\t"}{.data.k}{"\\n"}{end}'),
    ("cm", "-o", 'jsonpath={.items[?(@.data.l=="w")].metadata.name}'),
    ("cm", "-o", "jsonpath={.items[0].data}"), ("cm", "-o", "jsonpath={.items[9].data}"),
    ("cm", "-o", "jsonpath-as-json={.items[*].data}"), ("cm", "-o", "jsonpath={"),
    ("cm", "-o", "jsonpath"), ("cm", "-o", "jsonpath="),
    ("cm", "-o", "custom-columns=NAME:.metadata.name,K:.data.k"),
    ("cm", "-o", "custom-columns=NAME:.metadata.name,NONE:.nope", "--no-headers"),
    ("cm", "-o", "custom-columns=NAME"), ("cm", "-o", "custom-columns"),
    ("cm", "-o", "custom-columns=LABELS:.metadata.labels,DATA:.data"),
    ("cm", "--sort-by", ".metadata.name"), ("cm", "--sort-by=.data.l"),
    ("cm", "--sort-by", "{.nope}"),
    ("cm", "--sort-by=.metadata.name", "-o", "name"), ("cm", "-o", "bogus"),
    ("cm", "-o", "go-template"),
    ("cm", "--chunk-size=1"), ("cm", "--chunk-size=0"), ("cm", "--chunk-size=x"),
    ("cm", "--output-watch-events"), ("cm", "--nope"), ("-f", "x.yaml"),
    ("-f", "x.yaml", "-o", "name"),
    ("-f", "gone.yaml"), ("cm", "-f", "x.yaml"), ("-f", "x.yaml", "--ignore-not-found"),
    ("cm", "a", "-w=false"), ("cm", "--server-print=false"), ("cm", "--server-print"),
    ("cm", "a", "--subresource=status"), ("cm", "a", "--subresource=nope"),
    ("cm", "--subresource=status"), ("ns", "@ns", "--subresource=status"),
    ("ns", "@ns", "--subresource", "status", "-o", "name"), ("--raw", "/version"),
)  # fmt: skip

_FILE = documents(config_map("a"), config_map("nope"), _SECRET)

CASES = tuple(
    Case(
        name=f"get/{' '.join(args)}",
        args=("get", *args),
        files={"x.yaml": _FILE},
        objects=_OBJECTS,
    )
    for args in GETS
)

"""label, annotate and patch of what is in files: worked out here, and nothing is sent."""

from __future__ import annotations

from tests.differential.case import Case
from tests.differential.cases.changes import FILES

_FILES = {
    **FILES,
    "conf.yaml": (
        "apiVersion: v1\nkind: ConfigMap\n"
        "metadata: {name: conf, labels: {app: web}, annotations: {by: hand}}\ndata: {a: '1'}\n"
    ),
    "bare.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bare}\n",
    "two.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n---\n"
        "apiVersion: v1\nkind: Secret\nmetadata: {name: two, labels: {app: web}}\n"
    ),
    "patch.yaml": "data:\n  b: '2'\n",
    "patch.json": '{"data":{"b":"3"}}',
    "odd.json": '{"data":',
}
_C = ("-f", "conf.yaml", "--local")
_D = ("-f", "deployment.yaml", "--local")
_YAML = ("-o", "yaml")
_MARKS: tuple[tuple[str, ...], ...] = (
    ("a=b",),
    ("a=b", *_YAML),
    ("a=b", "-o", "json"),
    ("a=b", "-o", "name"),
    ("a=b", "-o", "jsonpath={.metadata}"),
    ("app=web",),
    ("app=db",),
    ("app=db", "--overwrite"),
    ("app-",),
    ("none-",),
    ("a=b", "app-", *_YAML),
    ("a=b", "a-"),
    ("a=b", "a=c"),
    ("a=",),
    ("a==b",),
    ("=b",),
    ("a",),
    (),
    ("--list",),
    ("a/b/c=d",),
    ("-a=b",),
    ("example.com/a=b", *_YAML),
    ("a b=c",),
    ("a=b c",),
    (f"a={'x' * 64}",),
    (f"{'x' * 64}=a",),
    ("a=b", "--resource-version=1"),
    ("a=b", "--all"),
    ("a=b", "--dry-run=client"),
    ("a=b", "--dry-run=server"),
)
_PATCHES: tuple[tuple[str, ...], ...] = (
    (*_C, "-p", '{"data":{"b":"2"}}'),
    (*_C, "-p", '{"data":{"b":"2"}}', *_YAML),
    (*_C, "-p", "data: {b: '2'}", "-o", "json"),
    (*_C, "-p", '{"data":{"a":null}}', *_YAML),
    (*_C, "-p", '{"data":null}', *_YAML),
    (*_C, "-p", "{}"),
    (*_C, "-p", '{"data":{"a":"1"}}'),
    (*_C, "--patch-file", "patch.yaml", *_YAML),
    (*_C, "--patch-file", "patch.json", "--type=merge", *_YAML),
    (*_C, "--patch-file", "none.yaml"),
    (*_C, "-p", "{}", "--patch-file", "patch.yaml"),
    _C,
    (*_C, "-p", ""),
    (*_C, "--type=json", "-p", '[{"op":"add","path":"/data/b","value":"2"}]', *_YAML),
    (*_C, "--type=json", "-p", '[{"op":"remove","path":"/data/a"}]', *_YAML),
    (*_C, "--type=json", "-p", '[{"op":"test","path":"/data/a","value":"1"}]'),
    (*_C, "--type=json", "-p", '[{"op":"copy","from":"/data/a","path":"/data/c"}]', *_YAML),
    (*_C, "--type=json", "-p", '[{"op":"move","from":"/data/a","path":"/data/c"}]', *_YAML),
    (*_C, "--type=json", "-p", "[]"),
    (*_C, "--type=merge", "-p", '{"metadata":{"labels":{"app":null}}}', *_YAML),
    (*_C, "--type=merge", "-p", "metadata: {labels: {x: y}}", *_YAML),
    (*_C, "--type=odd", "-p", "{}"),
    (*_C, "-p", "{}", "--dry-run=server"),
    (*_C, "-p", "{}", "cm/conf"),
    ("cm/conf", "--local", "-p", "{}"),
    (*_D, "-p", '{"spec":{"replicas":3}}', *_YAML),
    (*_D, "-p", '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"w:2"}]}}}}',
     *_YAML),
    (*_D, "--type=merge", "-p", '{"spec":{"template":{"spec":{"containers":[]}}}}', *_YAML),
    (*_D, "-p", '{"spec":{"template":{"spec":{"containers":[{"name":"log","$patch":"delete"}]}}}}',
     *_YAML),
    (*_D, "--type=json", "-p", '[{"op":"replace","path":"/spec/replicas","value":2}]', *_YAML),
    (*_D, "--type=json", "-p", '[{"op":"add","path":"/spec/replicas","value":2}]', *_YAML),
    ("-f", "service.yaml", "--local", "-p", '{"spec":{"ports":[{"port":80,"name":"b"}]}}', *_YAML),
    ("-f", "two.yaml", "--local", "-p", '{"metadata":{"labels":{"x":"y"}}}'),
)  # fmt: skip
CASES = (
    *(
        Case(
            name=f"{verb}/{' '.join((*where, *args))}",
            args=(verb, *where, *args),
            files=_FILES,
        )
        for verb, where in (("label", _C), ("annotate", _C))
        for args in _MARKS
    ),
    *(
        Case(name=f"{verb}/{' '.join(args)}", args=(verb, *args), files=_FILES)
        for verb in ("label", "annotate")
        for args in (
            ("-f", "bare.yaml", "--local", "a=b", *_YAML),
            ("-f", "bare.yaml", "--local", "--list"),
            ("-f", "two.yaml", "--local", "a=b"),
            ("-f", "two.yaml", "--local", "app=db"),
            ("cm", "conf", "--local", "a=b"),
            ("--local", "a=b"),
        )
    ),
    *(
        Case(name=f"patch/{' '.join(args)}", args=("patch", *args), files=_FILES)
        for args in _PATCHES
    ),
)

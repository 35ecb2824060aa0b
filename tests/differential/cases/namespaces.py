"""Which namespace an object goes to."""

from __future__ import annotations

from tests.differential.case import Case, config_map

_HERE = config_map("x").replace("  name: x", "  name: x\n  namespace: '@ns'")
_THERE = _HERE.replace("@ns", "@ns-b")
_SECOND = "apiVersion: v1\nkind: Namespace\nmetadata: {name: '@ns-b'}\n"
_NEW = "apiVersion: v1\nkind: Namespace\nmetadata: {name: '@ns-c'}\n"
_IN_NEW = _HERE.replace("@ns", "@ns-c")
_YAML = ("--dry-run=client", "-o", "yaml")


def _create(name: str, manifest: str, *args: str) -> Case:
    return Case(
        name=f"namespaces/{name}",
        args=("create", "-f", "x.yaml", *args),
        files={"x.yaml": manifest},
        objects=_SECOND,
    )


CASES = (
    _create("the context's", config_map("x"), *_YAML),
    _create("the object's", _THERE, *_YAML),
    _create("the flag's", config_map("x"), "-n", "@ns-b", *_YAML),
    _create("flag and object agree", _THERE, "-n", "@ns-b"),
    _create("flag and object differ", _HERE, "-n", "@ns-b"),
    _create("context and object differ", _THERE),
    _create("one that does not exist", config_map("x"), "-n", "nowhere"),
    _create("one that does not exist, on the client", config_map("x"), "-n", "nowhere", *_YAML),
    _create("an empty flag", config_map("x"), "-n", ""),
    _create("a namespace object", _NEW, "-n", "@ns-b"),
    _create("a namespace object, shown", _NEW, "-n", "@ns-b", *_YAML),
    _create("a namespace with a namespace", _NEW.replace("@ns-c'", "@ns-c', namespace: x"), *_YAML),
    _create("a namespace and what lives in it", f"{_NEW}---\n{_IN_NEW}"),
    _create("what lives in it and a namespace", f"{_IN_NEW}---\n{_NEW}"),
    _create("a namespace between", f"{config_map('a')}---\n{_NEW}---\n{_IN_NEW}---\n{_NEW}"),
    _create("differs in one of two", f"{_THERE}---\n{config_map('y')}", "-n", "@ns"),
    _create("differs in a list",
            "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap,"
            " metadata: {name: a, namespace: other}}\n", "-n", "@ns"),
    Case(name="namespaces/get from another", args=("get", "cm", "-n", "@ns-b"),
         objects=f"{_SECOND}---\n{_THERE}"),
    Case(name="namespaces/get from none", args=("get", "cm", "-n", "nowhere")),
    Case(name="namespaces/get from all",
         args=("get", "cm", "-A", "-l", "case=@ns"),
         objects=f"{_SECOND}---\n{config_map('a', labels='case: @ns')}---\n"
                 + _THERE.replace("  name: x", "  name: x\n  labels: {case: '@ns'}")),
    Case(name="namespaces/get a name from all", args=("get", "cm", "x", "-A")),
    Case(name="namespaces/delete from another", args=("delete", "cm", "x", "-n", "@ns-b"),
         objects=f"{_SECOND}---\n{_THERE}"),
    Case(name="namespaces/delete from the wrong one", args=("delete", "cm", "x"),
         objects=f"{_SECOND}---\n{_THERE}"),
    Case(name="namespaces/delete by file", args=("delete", "-f", "x.yaml"),
         files={"x.yaml": _THERE}, objects=f"{_SECOND}---\n{_THERE}"),
    Case(name="namespaces/delete by file, differs", args=("delete", "-f", "x.yaml", "-n", "@ns"),
         files={"x.yaml": _THERE}, objects=f"{_SECOND}---\n{_THERE}"),
)  # fmt: skip

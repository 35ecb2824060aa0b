"""Commands that there are not, and wrong words and flags of those that tell of a server."""

from __future__ import annotations

from tests.differential.case import Case

_LINES = (
    "nonsense", "nonsense --flag", "--nonsense", "--nonsense get", "-x", "-n", "--namespace",
    "get --nonsense", "get -q", "get pods -n", "get -A=maybe pods", "-n x get --nonsense",
    "get --raw nothing", "get --raw /healthz pods", "get --raw /healthz -o yaml", "get --raw",
    "get --raw /healthz -w", "get --raw /healthz -l a=b", "get --raw /apis/none/v1/nothing",
    "create service nope", "create secret nope x", "create nope x", "create --nonsense",
    "auth nope", "auth reconcile", "auth reconcile x", "auth reconcile -f gone.yaml",
    "auth reconcile -f gone.yaml x", "auth reconcile -f a.yaml -k .", "auth reconcile -x",
    "auth reconcile -f a.yaml --dry-run=odd", "auth reconcile -f a.yaml -o wide",
    "auth reconcile -f a.yaml", "auth reconcile --remove-extra-subjects=x -f a.yaml",
    "certificate approve", "certificate deny", "certificate approve -l x", "certificate deny -x",
    "certificate approve x -f a.yaml", "certificate approve --force=maybe x",
    "certificate deny -f gone.yaml", "certificate approve x -o wide",
    "plugin nope", "plugin list -x", "plugin list --name-only=x",
    "api-versions x", "api-versions -x", "api-versions a b",
    "api-resources x", "api-resources -o json", "api-resources --sort-by=x", "api-resources -x",
    "api-resources --api-group=none", "api-resources --api-group=none --no-headers",
    "api-resources --api-group=none -o name", "api-resources --api-group=apps --verbs=fly",
    "api-resources --namespaced=maybe", "api-resources --categories=none --api-group=apps",
    "cluster-info -x", "help -x", "alpha", "alpha x", "version --client=maybe", "version x",
    "version -o x", "config nope", "config -x",
)  # fmt: skip

CASES = tuple(
    Case(
        name=f"commands/{line}",
        args=tuple(line.split()),
        files={"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"},
    )
    for line in _LINES
)

"""config: what is said of clusters, contexts and users. Each program has a file of its own."""

from __future__ import annotations

from tests.differential.case import Case

CONFIGS: tuple[tuple[str, ...], ...] = (
    ("current-context",), ("get-contexts",), ("get-contexts", "-o", "name"),
    ("get-contexts", "--no-headers"), ("get-contexts", "here"), ("get-contexts", "nope"),
    ("get-contexts", "nope", "here", "nope2"), ("get-contexts", "-o", "yaml"),
    ("get-clusters",), ("get-clusters", "ignored"), ("get-users",), ("get-users", "ignored"),
    ("use-context", "here"), ("use-context", "nope"), ("use-context", ""),
    ("use-context", "a", "b"), ("use", "here"),
    ("delete-context", "here"), ("delete-context", "nope"),
    ("delete-cluster", "here"), ("delete-cluster", "nope"),
    ("delete-user", "ada"), ("delete-user", "nope"), ("delete-user",), ("delete-user", "a", "b"),
    ("rename-context", "here", "there"), ("rename-context", "nope", "there"),
    ("rename-context", "here", "here"), ("rename-context", "here", ""),

    ("set", "current-context", "there"), ("set", "current-context", ""),
    ("set", "contexts.here.namespace", "q"), ("set", "contexts.new.namespace", "q"),
    ("set", "clusters.here.tls-server-name", "x"), ("set", "users.ada.client-key", "/k"),
    ("set", "clusters.here.insecure-skip-tls-verify", "true"),
    ("set", "clusters.here.insecure-skip-tls-verify", "maybe"),
    ("set", "nope", "x"), ("set", "contexts.here", "x"), ("set", "contexts.here.nope", "x"),

    ("unset", "current-context"), ("unset", "contexts.here.namespace"), ("unset", "contexts.here"),
    ("unset", "contexts.nope"), ("unset", "contexts.nope.namespace"), ("unset", "contexts"),
    ("unset", "nope"),
    ("set-cluster", "new", "--server=x:1"), ("set-cluster", "here", "--tls-server-name=x"),
    ("set-cluster", "here", "--insecure-skip-tls-verify=true"), ("set-cluster", ""),
    ("set-cluster", "here", "--insecure-skip-tls-verify", "--certificate-authority=ca.crt"),

    ("set-context", "here", "--user=ada"), ("set-context", "new", "--cluster=here"),
    ("set-context", "--current", "--namespace=q"), ("set-context", "--current", "here"),
    ("set-context",), ("set-context", ""),
    ("set-credentials", "new"), ("set-credentials", "ada", "--client-key=/k"),
    ("set-credentials", ""),
    ("set-credentials", "ada", "--token=t"), ("view", "extra"), ("view", "--minify"),
    ("view", "-o", "jsonpath={.current-context}"), ("nope",),
)  # fmt: skip

CASES = tuple(Case(name=f"config/{' '.join(args)}", args=("config", *args)) for args in CONFIGS)

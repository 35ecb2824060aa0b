"""``cubectl replace``: what the recorded scenarios do not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.client.cli.test_streamed_writes import calls

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine


def manifest(name: str, value: str, *more: str) -> str:
    """Return a ConfigMap as YAML, with ``more`` of its metadata."""
    metadata = ", ".join((f"name: {name}", *more))
    return f'kind: ConfigMap\napiVersion: v1\nmetadata: {{{metadata}}}\ndata: {{k: "{value}"}}\n'


def documents(*texts: str) -> bytes:
    """Return one stream of several documents."""
    return "---\n".join(texts).encode()


def values(cubectl: CommandLine, namespace: str) -> str:
    """Return what the config maps of the namespace hold, in order of their names."""
    template = "{range .items[*]}{.metadata.name}={.data.k} {end}"
    done = cubectl("-n", namespace, "get", "cm", f"-o=jsonpath={template}")
    assert done.code == 0, done.err
    return done.out


@pytest.fixture
def replace(cubectl: CommandLine, namespace: str) -> tuple[str, ...]:
    """Provide the arguments of a replacement by standard input, of the maps ``a`` and ``b``."""
    stdin = documents(manifest("a", "1"), manifest("b", "1"))
    assert cubectl("-n", namespace, "create", "-f", "-", stdin=stdin).code == 0
    return ("-n", namespace, "replace", "-f", "-")


def test_what_is_not_named_is_gone(
    cubectl: CommandLine, namespace: str, replace: tuple[str, ...]
) -> None:
    """Documents are told of in their order, though several are sent at a time."""
    stdin = documents(manifest("b", "2"), manifest("a", "2", "labels: {tier: front}"))
    done = cubectl(*replace, stdin=stdin)
    assert (done.out, done.err) == ("configmap/b replaced\nconfigmap/a replaced\n", "")
    assert values(cubectl, namespace) == "a=2 b=2 "
    assert cubectl(*replace, stdin=documents(manifest("a", "3"))).code == 0
    labels = cubectl("-n", namespace, "get", "cm", "a", "-o=jsonpath={.metadata.labels}")
    assert labels.out == ""


def test_an_unknown_field_is_refused(
    cubectl: CommandLine, namespace: str, replace: tuple[str, ...]
) -> None:
    """Unless the flag says otherwise: then it is warned of, or not told."""
    stdin = documents(manifest("a", "2") + "colour: red\n")
    assert 'unknown field "colour"' in cubectl(*replace, stdin=stdin).err
    assert values(cubectl, namespace) == "a=1 b=1 "
    warned = cubectl(*replace, "--validate=warn", stdin=stdin)
    assert (warned.code, warned.err) == (0, 'Warning: unknown field "colour"\n')


def test_force_reads_standard_input_once(
    cubectl: CommandLine, namespace: str, replace: tuple[str, ...]
) -> None:
    """All are deleted before the first is created; they are other objects then."""
    uid = ("-n", namespace, "get", "cm", "a", "-o=jsonpath={.metadata.uid}")
    before = cubectl(*uid).out
    stdin = documents(manifest("a", "2"), manifest("new", "2"))
    done = cubectl(*replace, "--force", stdin=stdin)
    assert done.out == 'configmap "a" deleted\nconfigmap/a replaced\nconfigmap/new replaced\n'
    assert done.code == 0
    assert values(cubectl, namespace) == "a=2 b=1 new=2 "
    assert cubectl(*uid).out != before


def test_force_creates_nothing_while_an_object_stays(
    cubectl: CommandLine, namespace: str, replace: tuple[str, ...]
) -> None:
    """A finalizer holds it, so its place is not free when the time is over."""
    held = manifest("a", "1", "finalizers: [example.com/held]")
    assert cubectl(*replace, stdin=documents(held)).code == 0
    stdin = documents(manifest("a", "2"), manifest("new", "2"))
    done = cubectl(*replace, "--force", "--timeout=100ms", stdin=stdin)
    assert done.code == 1
    assert done.err == "error: timed out waiting for the condition on configmaps/a\n"
    assert values(cubectl, namespace) == "a=1 b=1 "
    freed = cubectl(
        "-n",
        namespace,
        "patch",
        "cm",
        "a",
        "--type=merge",
        "-p",
        '{"metadata":{"finalizers":null}}',
    )
    assert freed.code == 0, freed.err


def test_a_dry_run_shows_what_was_given(
    cubectl: CommandLine, namespace: str, replace: tuple[str, ...]
) -> None:
    """Nothing is sent, so there may be no such object."""
    stdin = documents(manifest("none", "2"))
    done = cubectl(*replace, "--dry-run=client", "-o=jsonpath={.data.k}", stdin=stdin)
    assert (done.code, done.out, done.err) == (0, "2", "")
    assert values(cubectl, namespace) == "a=1 b=1 "


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--force", "--cascade=some"), 'error: invalid cascade value (some). Must be "backgrou'),
        (("--subresource=scale",), "error: the subresource scale cannot be replaced"),
        (("more",), "error: Unexpected args: [more]"),
        (("--parallel=0",), "error: --parallel must be at least 1, not 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    cubectl: CommandLine, flags: tuple[str, ...], told: str
) -> None:
    """Before any call."""
    done = cubectl("replace", "-f", "-", *flags)
    assert done.code == 1
    assert done.err.startswith(told), done.err


def test_most_kinds_are_replaced_unread(cubectl: CommandLine, replace: tuple[str, ...]) -> None:
    """Kubernetes takes an update of these without a version; of others it has to be read."""
    done = cubectl(*replace, "-v=6", stdin=documents(manifest("a", "2")))
    assert calls(done.err) == {"/protocube.core.v1.ConfigMaps/Update": 1}
    kind = b"kind: RuntimeClass\napiVersion: node.k8s.io/v1\nmetadata: {name: fast}\nhandler: a\n"
    assert cubectl("create", "-f", "-", stdin=kind).code == 0
    done = cubectl("replace", "-f", "-", "-v=6", stdin=kind)
    service = "/protocube.node.v1.RuntimeClasses"
    assert calls(done.err) == {f"{service}/Get": 1, f"{service}/Update": 1}

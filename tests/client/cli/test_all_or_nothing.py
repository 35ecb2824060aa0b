"""``--atomic``: all objects of a command at one moment, or none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.client.cli.test_many import create, manifest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.client.command_line import CommandLine, Done

_EXISTS = "Error from server (AlreadyExists):"
_NOTHING = "nothing was created: --atomic is all or nothing"


def versions(cubectl: CommandLine, namespace: str) -> set[str]:
    """Return the versions of all ConfigMaps of a namespace."""
    done = cubectl(
        *("get", "cm", "-n", namespace, "-o"),
        "jsonpath={.items[*].metadata.resourceVersion}",
    )
    return set(done.out.split())


def test_all_are_created_at_one_moment(cubectl: CommandLine, namespace: str) -> None:
    """They have one version; what is printed is what it is without the flag."""
    documents = [manifest(f"n{number}", namespace) for number in range(40)]
    secret = manifest("s", namespace, kind="Secret")
    done = create(cubectl, [*documents, secret], "--atomic")
    assert (done.code, done.err) == (0, "")
    lines = [f"configmap/n{number} created" for number in range(40)]
    assert done.out.splitlines() == [*lines, "secret/s created"]
    assert len(versions(cubectl, namespace)) == 1
    shown = create(
        cubectl, [manifest("yaml", namespace)], "--atomic", "--save-config", "-o", "yaml"
    )
    assert "last-applied-configuration" in shown.out
    assert "uid: " in shown.out


def test_one_refusal_stops_all(cubectl: CommandLine, namespace: str) -> None:
    """The document that is refused is told; the others are not, and are not there."""
    assert create(cubectl, [manifest("b", namespace)]).code == 0
    documents = [manifest(name, namespace) for name in "abc"]
    done = create(cubectl, documents, "--atomic")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        f'{_EXISTS} error when creating "STDIN": configmaps "b" already exists',
        _NOTHING,
    ]
    assert len(versions(cubectl, namespace)) == 1


def test_every_document_is_read_before_one_is_sent(cubectl: CommandLine, namespace: str) -> None:
    """All faults of manifests are told together, those of the schema likewise."""
    documents = [
        manifest("a", namespace),
        manifest("b", namespace, kind="Widget"),
        manifest("c", namespace, kind="Gadget"),
    ]
    done = create(cubectl, documents, "--atomic")
    assert (done.code, done.out) == (1, "")
    told = [line for line in done.err.splitlines() if "no matches for kind" in line]
    assert [('"Widget"' in line, '"Gadget"' in line) for line in told] == [
        (True, False),
        (False, True),
    ]
    unknown = [
        manifest("a", namespace),
        *(manifest(name, namespace, more="colour: red\n") for name in "bc"),
    ]
    done = create(cubectl, unknown, "--atomic")
    assert (done.code, done.out) == (1, "")
    *refused, last = done.err.splitlines()
    assert last == _NOTHING
    assert [line.count('unknown field "colour"') for line in refused] == [1, 1]
    assert versions(cubectl, namespace) == set()


def test_what_cannot_be_is_said(cubectl: CommandLine, namespace: str) -> None:
    """There is a limit, and nothing is nothing."""
    done = create(cubectl, (manifest(f"n{n}", namespace) for n in range(101)), "--atomic")
    assert (done.code, done.out) == (1, "")
    assert done.err == "error: --atomic takes 100 objects at most, and there are 101\n"
    done = create(cubectl, [], "--atomic")
    assert (done.code, done.err) == (1, "error: no objects passed to create\n")
    twice = create(cubectl, [manifest("a", namespace), manifest("a", namespace)], "--atomic")
    assert twice.code == 1
    assert "an atomic request cannot write the same twice" in twice.err


def test_a_dry_run_changes_nothing(cubectl: CommandLine, namespace: str) -> None:
    """The server checks all of them, or nobody is asked."""
    documents = [manifest(name, namespace) for name in "ab"]
    done = create(cubectl, documents, "--atomic", "--dry-run=server")
    assert done.out.splitlines() == [f"configmap/{name} created (server dry run)" for name in "ab"]
    done = create(cubectl, documents, "--atomic", "--dry-run=client")
    assert done.out.splitlines() == [f"configmap/{name} created (dry run)" for name in "ab"]
    assert versions(cubectl, namespace) == set()


def config_maps(namespace: str, names: Iterable[str], data: str) -> list[str]:
    """Return ConfigMaps with one value each."""
    return [manifest(name, namespace, more=f"data: {{k: {data}}}\n") for name in names]


def run(cubectl: CommandLine, command: str, documents: Iterable[str], *flags: str) -> Done:
    """Run ``command --atomic`` on what standard input holds."""
    text = "".join(documents).encode()
    return cubectl(command, "--atomic", "-f", "-", *flags, stdin=text)


def data(cubectl: CommandLine, namespace: str) -> list[str]:
    """Return the values of all ConfigMaps of a namespace."""
    done = cubectl("get", "cm", "-n", namespace, "-o", "jsonpath={.items[*].data.k}")
    return done.out.split()


@pytest.mark.parametrize("side", [(), ("--server-side",)], ids=["client", "server"])
def test_an_apply_creates_and_changes_at_one_moment(
    cubectl: CommandLine, namespace: str, side: tuple[str, ...]
) -> None:
    """What is as it should be is not written."""
    first = run(cubectl, "apply", config_maps(namespace, "ab", "old"), *side)
    assert (first.code, first.err) == (0, "")
    assert len(versions(cubectl, namespace)) == 1
    done = run(cubectl, "apply", config_maps(namespace, "abc", "new"), *side)
    assert (done.code, done.err) == (0, "")
    lines = [line for line in done.out.splitlines() if not line.startswith("  ")]
    verbs = ["serverside-applied"] * 3 if side else ["configured", "configured", "created"]
    assert lines == [f"configmap/{name} {verb}" for name, verb in zip("abc", verbs, strict=True)]
    assert len(versions(cubectl, namespace)) == 1
    assert data(cubectl, namespace) == ["new"] * 3
    if not side:
        again = run(cubectl, "apply", config_maps(namespace, "abc", "new"))
        assert again.out.splitlines() == [f"configmap/{name} unchanged" for name in "abc"]


def test_one_refusal_stops_an_apply(cubectl: CommandLine, namespace: str) -> None:
    """Neither what is new nor what is changed is written; the words are those of any apply."""
    assert run(cubectl, "apply", config_maps(namespace, "a", "old")).code == 0
    bad = manifest("c", namespace, kind="Pod", more="spec: {containers: []}\n")
    done = run(cubectl, "apply", [*config_maps(namespace, "ab", "new"), bad])
    assert (done.code, done.out) == (1, "")
    first, last = done.err.splitlines()
    assert first == (
        'Error from server (Invalid): error when creating "STDIN": Pod "c" is invalid: '
        "spec.containers: Required value"
    )
    assert last == "nothing was applied: --atomic is all or nothing"
    assert data(cubectl, namespace) == ["old"]


def test_a_replacement_happens_at_one_moment(cubectl: CommandLine, namespace: str) -> None:
    """Or not at all, where one object is missing."""
    assert run(cubectl, "create", config_maps(namespace, "ab", "old")).code == 0
    done = run(cubectl, "replace", config_maps(namespace, "abc", "new"))
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        'Error from server (NotFound): error when replacing "STDIN": configmaps "c" not found',
        "nothing was replaced: --atomic is all or nothing",
    ]
    assert data(cubectl, namespace) == ["old"] * 2
    done = run(cubectl, "replace", config_maps(namespace, "ab", "new"))
    assert done.out.splitlines() == ["configmap/a replaced", "configmap/b replaced"]
    assert len(versions(cubectl, namespace)) == 1
    assert data(cubectl, namespace) == ["new"] * 2


def test_a_deletion_happens_at_one_moment(cubectl: CommandLine, namespace: str) -> None:
    """Of files, of names and of what is selected; what is missing stops it unless it may be."""
    assert run(cubectl, "create", config_maps(namespace, "abcdef", "k")).code == 0
    done = run(cubectl, "delete", config_maps(namespace, "axb", ""))
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        'Error from server (NotFound): error when deleting "STDIN": configmaps "x" not found',
        "nothing was deleted: --atomic is all or nothing",
    ]
    done = cubectl("delete", "--atomic", "cm", "c", "y", "-n", namespace)
    assert (done.code, done.out) == (1, "")
    assert len(data(cubectl, namespace)) == 6
    done = run(cubectl, "delete", config_maps(namespace, "axb", ""), "--ignore-not-found")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == ['configmap "a" deleted', 'configmap "b" deleted']
    done = cubectl("delete", "--atomic", "cm", "--all", "-n", namespace)
    assert done.out.splitlines() == [f'configmap "{name}" deleted' for name in "cdef"]
    assert data(cubectl, namespace) == []


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("apply", "--prune", "--all"), "--prune, which deletes objects at its time"),
        (("apply", "--force"), "--force, which deletes objects at its time"),
        (("replace", "--force"), "--force, which deletes before it creates"),
        (("create", "--edit"), "--edit, which creates one by one"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_happens_at_other_moments_is_refused(
    cubectl: CommandLine, args: tuple[str, ...], why: str
) -> None:
    """It could not be undone."""
    done = cubectl(*args, "--atomic", "-f", "-")
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: --atomic contradicts {why}\n"

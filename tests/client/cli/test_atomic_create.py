"""``cubectl create --atomic``: all objects of files at one moment, or none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.client.cli.test_many import create, manifest

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine

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

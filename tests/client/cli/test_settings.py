"""Which server and namespace a command works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube_client.cli.failures import CommandError
from protocube_client.cli.settings import config, settings
from protocube_client.connection.address import DEFAULT_SERVER

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
current-context: dev
contexts:
- name: dev
  server: dev:1
  namespace: team-a
- name: prod
  server: prod:2
- name: bare
"""


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Provide the environment of a user with a config file in its usual place."""
    folder = tmp_path / ".config" / "protocube"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG)
    return {"HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("flags", "environ", "server"),
    [
        ({}, {}, "dev:1"),
        ({"context": "prod"}, {}, "prod:2"),
        ({"context": "bare"}, {}, DEFAULT_SERVER),
        ({}, {"PROTOCUBE_SERVER": "env:3"}, "env:3"),
        ({"context": "bare"}, {"PROTOCUBE_SERVER": "env:3"}, "env:3"),
        ({"context": "prod"}, {"PROTOCUBE_SERVER": "env:3"}, "prod:2"),
        ({"server": "flag:4"}, {"PROTOCUBE_SERVER": "env:3"}, "flag:4"),
        ({"server": "flag:4", "context": "prod"}, {}, "flag:4"),
    ],
)
def test_flags_beat_the_environment_and_that_the_file(
    home: dict[str, str], flags: dict[str, str], environ: dict[str, str], server: str
) -> None:
    """A context that is named by a flag counts as a flag."""
    assert settings.complete(flags, home | environ).server == server


def test_the_namespace_is_the_flags_or_the_contexts_or_default(home: dict[str, str]) -> None:
    """Only a namespace on the command line binds the objects to it."""
    of_context = settings.complete({}, home)
    assert (of_context.namespace, of_context.namespace_given) == ("team-a", False)
    of_flag = settings.complete({"namespace": "x"}, home)
    assert (of_flag.namespace, of_flag.namespace_given) == ("x", True)
    assert settings.complete({"context": "prod"}, home).namespace == "default"


def test_another_file_can_be_named(home: dict[str, str], tmp_path: Path) -> None:
    """``--config`` beats ``$PROTOCUBE_CONFIG``, and that the usual places."""
    for name in ("a", "b"):
        (tmp_path / name).write_text(
            f"current-context: x\ncontexts: [{{name: x, server: '{name}:1'}}]"
        )
    environ = home | {"PROTOCUBE_CONFIG": str(tmp_path / "a")}
    assert settings.complete({}, environ).server == "a:1"
    assert settings.complete({"config": str(tmp_path / "b")}, environ).server == "b:1"


def test_no_file_is_no_error(tmp_path: Path) -> None:
    """Without any configuration the server's default address is used."""
    complete = settings.complete({}, {"HOME": str(tmp_path)})
    assert (complete.server, complete.namespace) == (DEFAULT_SERVER, "default")
    assert complete.timeout is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: c", "yaml: mapping values are not allowed in this context (line 1)"),
        ("a: 1\nb: {", "yaml: line 2: did not find expected node content"),
        ("[]", "line 1: it must hold an object"),
        ("\ncontexts: {a: 1}", "line 2: contexts must be a list"),
        ("contexts:\n- name: a\n- 1", "line 3: contexts[1] must be an object"),
        ("contexts:\n- server: 'a:1'", "line 2: contexts[0].name must be set"),
        ("contexts:\n- name: a\n  server: 1", "line 3: contexts[0].server must be a string"),
        (
            "clusters:\n- name: a\n  plaintext: 1",
            "line 3: clusters[0].plaintext must be true or false",
        ),
        ("current-context: 1", "line 1: current-context must be a string"),
        ("users:\n- name: a\n  client-key: 1", "line 3: users[0].client-key must be a string"),
        (
            "clusters:\n- name: a\n  cluster: {server: 'https://a'}",
            (
                "line 3: clusters[0].cluster is an object, as in a file of kubectl's: "
                "what it holds belongs beside the name, and a server is HOST:PORT"
            ),
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_where(tmp_path: Path, text: str, message: str) -> None:
    """The file is named, and the line in it, and what is wrong there."""
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(CommandError) as caught:
        settings.complete({"config": str(path)}, {})
    assert str(caught.value) == f'error loading config file "{path}": {message}'


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    """In the words of kubectl, and not in those of Python."""
    path = tmp_path / "config.yaml"
    folder = tmp_path / "folder"
    folder.mkdir()
    path.write_bytes(b"contexts: \xff")
    for file, fault in (
        (folder, f"open {folder}: is a directory"),
        (path, "it is not text in UTF-8"),
    ):
        with pytest.raises(CommandError) as caught:
            settings.complete({"config": str(file)}, {})
        assert str(caught.value) == f'error loading config file "{file}": {fault}'


def test_a_context_says_what_its_cluster_does_not(tmp_path: Path) -> None:
    """A cluster's server is that of its contexts; what a context says itself is stronger."""
    path = tmp_path / "config.yaml"
    path.write_text(
        "clusters: [{name: c, server: 'c:1', tls-server-name: x, certificate-authority: ca.crt}]\n"
        "contexts: [{name: a, cluster: c}, {name: b, cluster: c, server: 'b:1'}, "
        "{name: z, cluster: nope}]\n"
    )
    flags = {"config": str(path)}
    found = config.context({**flags, "context": "a"}, {})
    assert (found.server, found.tls_server_name) == ("c:1", "x")
    assert found.certificate_authority == str(tmp_path / "ca.crt")
    assert config.context({**flags, "context": "b"}, {}).server == "b:1"
    with pytest.raises(CommandError, match='cluster "nope" does not exist'):
        config.context({**flags, "context": "z"}, {})


def test_a_file_or_context_that_is_named_must_exist(home: dict[str, str]) -> None:
    """What the user named and is not there is an error."""
    with pytest.raises(CommandError, match='context "nope" does not exist'):
        settings.complete({"context": "nope"}, home)
    with pytest.raises(CommandError, match='the config file "nope" does not exist'):
        settings.complete({"config": "nope"}, home)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", None), ("30", 30), ("5s", 5), ("1m30s", 90), ("1.5h", 5400), ("250ms", 0.25)],
)
def test_a_request_timeout_has_units(tmp_path: Path, text: str, seconds: float | None) -> None:
    """Seconds without a unit, else Go's notation; 0 is any time."""
    complete = settings.complete({"request_timeout": text}, {"HOME": str(tmp_path)})
    assert complete.timeout == seconds


@pytest.mark.parametrize("text", ["", "x", "5x", "-1", "s", "1m 5s"])
def test_a_wrong_request_timeout_is_refused(tmp_path: Path, text: str) -> None:
    """The message says how to write one."""
    with pytest.raises(CommandError, match="Invalid timeout value"):
        settings.complete({"request_timeout": text}, {"HOME": str(tmp_path)})

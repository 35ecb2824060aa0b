"""``cubectl config``. The sentences are kubectl's."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
clusters:
- name: c1
  server: 127.0.0.1:1
contexts:
- cluster: c1
  name: dev
  namespace: team-a
- name: prod
  server: prod:2
current-context: dev
extra: kept
"""


def test_the_file_is_shown(config: CommandLine) -> None:
    """As YAML, as JSON, or a part of it."""
    assert config("config", "view").out == CONFIG
    assert config("config", "view", "-o", "jsonpath={.contexts[*].name}").out == "dev prod"
    assert config("config", "view", "-o", "json").out.startswith('{\n    "clusters": [\n')
    assert config("config", "view", "--minify", "--context=prod").out == (
        "clusters: []\ncontexts:\n- name: prod\n  server: prod:2\n"
        "current-context: prod\nextra: kept\n"
    )
    assert "team-a" in config("config", "view", "--minify").out


def test_contexts_are_a_table(config: CommandLine) -> None:
    """A star marks the current one; names alone are for scripts."""
    assert config("config", "get-contexts").out == (
        "CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE\n"
        "*         dev    c1                   team-a\n"
        "          prod   prod:2               \n"
    )
    assert config("config", "get-contexts", "-o", "name").out == "dev\nprod\n"
    assert config("config", "get-contexts", "--no-headers", "dev").out == (
        "*     dev   c1          team-a\n"
    )
    done = config("config", "get-contexts", "zz", "prod", "-o", "name")
    assert (done.code, done.out, done.err) == (1, "prod\n", "error: context zz not found\n")


def test_the_current_context_is_chosen(config: CommandLine, file: Path) -> None:
    """What the file holds beside it stays."""
    assert config("config", "current-context").out == "dev\n"
    assert config("config", "use-context", "prod").out == 'Switched to context "prod".\n'
    assert config("config", "use", "prod").code == 0
    assert file.read_text() == CONFIG.replace("current-context: dev", "current-context: prod")


def test_contexts_and_clusters_are_set(config: CommandLine, file: Path) -> None:
    """What is not given stays, and what is given as nothing goes."""
    assert config("config", "set-context", "--current", "--namespace=q").out == (
        'Context "dev" modified.\n'
    )
    assert config("config", "set-context", "new", "--cluster=c2", "-n", "r").out == (
        'Context "new" created.\n'
    )
    assert config("config", "set-context", "prod", "--server=").code == 0
    assert (
        config("config", "set-cluster", "c2", "--server=c:2", "--insecure-skip-tls-verify").out
        == 'Cluster "c2" set.\n'
    )
    assert file.read_text() == (
        "clusters:\n- name: c1\n  server: 127.0.0.1:1\n"
        "- insecure-skip-tls-verify: true\n  name: c2\n  server: c:2\n"
        "contexts:\n- cluster: c1\n  name: dev\n  namespace: q\n- name: prod\n"
        "- cluster: c2\n  name: new\n  namespace: r\n"
        "current-context: dev\nextra: kept\n"
    )


def test_a_context_is_taken_out(config: CommandLine, file: Path) -> None:
    """With a warning when it is the current one."""
    done = config("config", "delete-context", "prod")
    assert (done.out, done.err) == (f"deleted context prod from {file}\n", "")
    done = config("config", "delete-context", "dev")
    assert done.err == (
        'warning: this removed your active context, use "cubectl config use-context" '
        "to select a different one\n"
    )
    assert "contexts: []\n" in file.read_text()


def test_a_new_file_is_its_owners(tmp_path: Path) -> None:
    """It is made where it belongs, and nothing is left beside it."""
    cubectl = CommandLine(environ={"HOME": str(tmp_path)})
    assert cubectl("config", "view").out == 'clusters: []\ncontexts: []\ncurrent-context: ""\n'
    assert cubectl("config", "set-context", "a", "--server=a:1").code == 0
    path = tmp_path / ".config" / "protocube" / "config.yaml"
    assert path.read_text() == "contexts:\n- name: a\n  server: a:1\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["config.yaml"]
    path.chmod(0o644)
    assert cubectl("config", "use-context", "a").code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_file_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    """It is named as it was given, though another one is written first."""
    cubectl = CommandLine(environ={"HOME": str(tmp_path)})
    done = cubectl("config", "set-cluster", "a", "--config=/proc/nobody/config.yaml")
    fault = "open /proc/nobody/config.yaml: no such file or directory"
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: cannot write the config file: {fault}\n"


def test_commands_go_to_the_server_of_the_context(
    server: str, namespace: str, tmp_path: Path
) -> None:
    """A cluster, a context and its namespace are all that is needed."""
    cubectl = CommandLine(environ={"HOME": str(tmp_path)})
    assert cubectl("config", "set-cluster", "here", f"--server={server}").code == 0
    assert cubectl("config", "set-context", "a", "--cluster=here", "-n", namespace).code == 0
    assert cubectl("config", "use-context", "a").code == 0
    assert cubectl("get", "cm").err == f"No resources found in {namespace} namespace.\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["use-context", "zz"], 'no context exists with the name: "zz"'),
        (["use-context", ""], "empty context names are not allowed"),
        (["delete-context", "zz"], "cannot delete context zz, not in {file}"),
        (["set-context"], "you must specify a non-empty context name or --current"),
        (["set-context", "x", "--current"], "you cannot specify both a context name and --current"),
        (["set-cluster", ""], "you must specify a non-empty cluster name"),
        (["view", "--minify", "--context=zz"], "cannot locate context zz"),
        (["get-contexts", "-o", "x"],
         ("--output x is not available in cubectl config get-contexts; "
         "resetting to default output format")),
        (["use-context", "a", "b"],
         "Unexpected args: [a b]\nSee 'cubectl config use-context -h' for help and examples"),
        (["view", "x"],
         "unexpected arguments: [x]\nSee 'cubectl config view -h' for help and examples"),
        (["zz"], "unknown command \"zz\"\nSee 'cubectl config -h' for help and examples"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_as_kubectl_does(
    config: CommandLine, file: Path, args: list[str], message: str
) -> None:
    """And the file stays as it is."""
    done = config("config", *args)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: {message.format(file=file)}\n"
    assert file.read_text() == CONFIG


def test_no_current_context_is_an_error(tmp_path: Path) -> None:
    """Where one is asked for."""
    cubectl = CommandLine(environ={"HOME": str(tmp_path)})
    assert cubectl("config", "current-context").err == "error: current-context is not set\n"
    done = cubectl("config", "set-context", "--current", "-n", "x")
    assert done.err == "error: no current context is set\n"

"""``cubectl config``: clusters, users and single values. The sentences are kubectl's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube_client.cli.failures import CommandError
from protocube_client.cli.settings import settings
from protocube_client.connection.exec_plugin import ExecPlugin
from protocube_client.connection.transport import Tls

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.command_line import CommandLine

CONFIG = """\
clusters:
- certificate-authority: ca.crt
  name: c1
  server: one:1
- name: a.b
  server: two:2
contexts:
- cluster: c1
  name: dev
  namespace: team-a
  user: ada
- name: prod
  server: prod:2
current-context: dev
users:
- client-certificate: ada.crt
  client-key: ada.key
  name: ada
"""


def test_clusters_and_users_are_listed(config: CommandLine) -> None:
    """By name, below a heading; the table of contexts says who belongs where."""
    assert config("config", "get-clusters").out == "NAME\na.b\nc1\n"
    assert config("config", "get-users").out == "NAME\nada\n"
    assert config("config", "get-contexts").out == (
        "CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE\n"
        "*         dev    c1        ada        team-a\n"
        "          prod   prod:2               \n"
    )


def test_clusters_and_users_are_taken_out(config: CommandLine, file: Path) -> None:
    """Contexts that name them stay, and say so when they are used."""
    assert config("config", "delete-cluster", "c1").out == f"deleted cluster c1 from {file}\n"
    assert config("get", "pods").err == 'error: cluster "c1" does not exist\n'
    file.write_text(CONFIG)
    assert config("config", "delete-user", "ada").out == f"deleted user ada from {file}\n"
    assert "users: []\n" in file.read_text()
    assert config("get", "pods").err == 'error: user "ada" does not exist\n'


def test_a_context_gets_another_name(config: CommandLine, file: Path) -> None:
    """It keeps its place in the file, and stays the current one."""
    assert config("config", "rename-context", "dev", "qa").out == (
        'Context "dev" renamed to "qa".\n'
    )
    wanted = CONFIG.replace("name: dev", "name: qa").replace("context: dev", "context: qa")
    assert file.read_text() == wanted
    assert config("config", "rename-context", "prod", "live").code == 0
    assert config("config", "current-context").out == "qa\n"


def test_users_are_set(config: CommandLine, file: Path, tmp_path: Path) -> None:
    """What is not given stays, and files are named from the root on."""
    done = config("config", "set-credentials", "bob", "--client-key=/k", "--server=ignored:1")
    assert done.out == 'User "bob" set.\n'
    assert config("config", "set-credentials", "ada", f"--client-key={tmp_path}/new").code == 0
    assert config("config", "set-context", "prod", "--user=bob").out == (
        'Context "prod" modified.\n'
    )
    assert file.read_text().partition("users:\n")[2] == (
        f"- client-certificate: ada.crt\n  client-key: {tmp_path}/new\n  name: ada\n"
        "- client-key: /k\n  name: bob\n"
    )
    assert "  user: bob\n" in file.read_text()
    assert config("config", "view", "--minify", "--context=prod", "-o", "name").code == 1
    shown = config("config", "view", "--minify", "--context=prod").out
    assert "bob" in shown
    assert "ada" not in shown


def test_a_connection_uses_the_cluster_and_the_user(file: Path) -> None:
    """The context beats its user, and the user its cluster."""
    folder = file.parent
    found = settings.complete({"config": str(file)}, {})
    assert found.server == "one:1"
    assert found.transport == Tls(
        certificate_authority=f"{folder}/ca.crt",
        client_certificate=f"{folder}/ada.crt",
        client_key=f"{folder}/ada.key",
    )
    file.write_text(
        CONFIG.replace("  server: one:1\n", "  server: one:1\n  client-key: weak.key\n").replace(
            "  user: ada\n", "  user: ada\n  client-certificate: own.crt\n"
        )
    )
    assert settings.complete({"config": str(file)}, {}).transport == Tls(
        certificate_authority=f"{folder}/ca.crt",
        client_certificate=f"{folder}/own.crt",
        client_key=f"{folder}/ada.key",
    )
    file.write_text(CONFIG.replace("name: ada", "name: eve"))
    with pytest.raises(CommandError, match='user "ada" does not exist'):
        settings.complete({"config": str(file)}, {})


def test_certificates_and_no_check_of_them_exclude_each_other(
    config: CommandLine, file: Path
) -> None:
    """Both at once are refused; one takes the other's place."""
    assert config("config", "set-cluster", "c1", "--insecure-skip-tls-verify").code == 0
    assert file.read_text().startswith("clusters:\n- insecure-skip-tls-verify: true\n  name: c1\n")
    assert config("config", "set-cluster", "c1", "--certificate-authority=/x").code == 0
    assert file.read_text().startswith("clusters:\n- certificate-authority: /x\n  name: c1\n")
    done = config(
        "config", "set-cluster", "c1", "--certificate-authority=/x", "--insecure-skip-tls-verify"
    )
    assert done.err == (
        "error: you cannot specify a certificate authority and insecure mode at the same time\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "old", "new"),
    [
        ("current-context", "prod", "current-context: dev", "current-context: prod"),
        ("contexts.dev.namespace", "q", "namespace: team-a", "namespace: q"),
        ("clusters.a.b.server", "three:3", "server: two:2", "server: three:3"),
        ("clusters.c1.plaintext", "T", "  name: c1\n", "  name: c1\n  plaintext: true\n"),
        ("users.ada.client-key", "/k", "client-key: ada.key", "client-key: /k"),
        (
            "users.bob.client-key",
            "/k",
            "  name: ada\n",
            "  name: ada\n- client-key: /k\n  name: bob\n",
        ),
    ],
)
def test_single_values_are_set(
    config: CommandLine, file: Path, name: str, value: str, old: str, new: str
) -> None:
    """The entry is made where there is none; names may hold dots."""
    assert config("config", "set", name, value).out == f'Property "{name}" set.\n'
    assert file.read_text() == CONFIG.replace(old, new)


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("current-context", "current-context: dev\n"),
        ("contexts.dev.namespace", "  namespace: team-a\n"),
        ("contexts.prod", "- name: prod\n  server: prod:2\n"),
        ("contexts.zz", "nothing"),
        ("users.ada.client-key", "  client-key: ada.key\n"),
    ],
)
def test_single_values_are_taken_out(config: CommandLine, file: Path, name: str, gone: str) -> None:
    """A value, or an entry; what is not there needs no taking out."""
    assert config("config", "unset", name).out == f'Property "{name}" unset.\n'
    assert file.read_text() == CONFIG.replace(gone, "")


def test_a_list_is_emptied(config: CommandLine, file: Path) -> None:
    """All users go at once, and the rest of the file stays."""
    assert config("config", "unset", "users").out == 'Property "users" unset.\n'
    assert file.read_text() == CONFIG.partition("users:\n")[0] + "users: []\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["delete-cluster", "zz"], "cannot delete cluster zz, not in {file}"),
        (["delete-user", "zz"], "cannot delete user zz, not in {file}"),
        (["delete-user"], "user to delete is required"),
        (["rename-context", "dev"], "Unexpected args: [dev]"),
        (["rename-context", "zz", "q"], 'cannot rename the context "zz", it\'s not in {file}'),
        (
            ["rename-context", "dev", "prod"],
            'cannot rename the context "dev", the context "prod" already exists in {file}',
        ),
        (["rename-context", "dev", ""], "You must specify a new non-empty context name"),
        (["set-credentials"], "unexpected args: []"),
        (["set-credentials", ""], "you must specify a non-empty user name"),
        (["set", "a"], "Unexpected args: [a]"),
        (["set", "a", "b"], "unable to parse a after [] at api.Config"),
        (["set", "current-context", ""], "you cannot use set to unset a property"),
        (["set", "clusters.c1.plaintext", "maybe"],
         'strconv.ParseBool: parsing "maybe": invalid syntax'),
        (["set", "contexts.dev", "x"],
         '"contexts.dev" is more than one value: name a property of it'),
        (["set", "users.ada.password", "x"],
         ('"users.ada.password" is no property: users have client-certificate, client-key, '
         "token, tokenFile")),
        (["unset"], "Unexpected args: []"),
        (["unset", "nope"], "unable to parse nope after [] at api.Config"),
        (["unset", "contexts.zz.namespace"], "current map key `zz` is invalid"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(
    config: CommandLine, file: Path, args: list[str], message: str
) -> None:
    """And the file stays as it is."""
    done = config("config", *args)
    assert done.code == 1
    assert done.err.splitlines()[0] == f"error: {message.format(file=file)}"
    assert file.read_text() == CONFIG


def test_a_program_is_set_as_kubectl_sets_it(config: CommandLine, file: Path) -> None:
    """Another command has none of the arguments; the environment is changed by name."""
    words = ("config", "set-credentials", "ada")
    version = "client.authentication.k8s.io/v1"
    assert config(*words, "--exec-arg=ignored").code == 0
    assert "exec" not in file.read_text()
    done = config(
        *words,
        "--exec-command=get",
        f"--exec-api-version={version}",
        "--exec-interactive-mode=Never",
        "--exec-arg=a,b",
        "--exec-arg=c",
        "--exec-env=A=1",
        "--exec-env=B=2",
        "--exec-provide-cluster-info",
    )
    assert done.out == 'User "ada" set.\n'
    assert config(*words, "--exec-env=A-", "--exec-env=B=3").code == 0
    plugin = settings.complete({"config": str(file)}, {}).plugin
    assert plugin == ExecPlugin(
        command="get",
        args=("a", "b", "c"),
        env=(("B", "3"),),
        api_version=version,
        interactive_mode="Never",
        provide_cluster_info=True,
    )
    assert config(*words, "--exec-command=other").code == 0
    found = settings.complete({"config": str(file)}, {}).plugin
    assert found is not None
    assert (found.command, found.args) == ("other", ())
    assert config(*words, "--exec-interactive-mode=x").err == (
        "error: invalid interactive mode type, can be only IfAvailable, Never, Always\n"
    )
    assert config(*words, "--exec-env=x").err == "error: invalid exec-env format: x\n"
    assert "passwords" in config(*words, "--username=me").err


def test_certificates_are_embedded(config: CommandLine, file: Path, tmp_path: Path) -> None:
    """They are in the file then, and are shown as kubectl shows them; the path is gone."""
    words = ("config", "set-credentials", "ada", "--embed-certs")
    assert config(*words).err == (
        "error: you must specify a --client-certificate or --client-key to embed\n"
    )
    missing = config(*words, f"--client-key={tmp_path}/none")
    assert missing.err.startswith(f"error: could not stat client-key file {tmp_path}/none: ")
    (tmp_path / "k").write_text("the key")
    (tmp_path / "ca").write_text("the authority")
    assert config(*words, f"--client-key={tmp_path}/k").code == 0
    embed = ("config", "set-cluster", "c1", "--embed-certs")
    assert config(*embed, f"--certificate-authority={tmp_path}/ca").code == 0
    found = settings.complete({"config": str(file)}, {}).transport
    assert isinstance(found, Tls)
    assert (found.certificate_authority, found.client_key) == (b"the authority", b"the key")
    assert "the key" not in repr(found)
    shown = config("config", "view").out
    assert shown.count("DATA+OMITTED") == 2
    assert config("config", "set-credentials", "ada", "--client-key=/k").code == 0
    assert "client-key-data" not in file.read_text()
    file.write_text(CONFIG.replace("  client-key: ada.key", "  client-key-data: no!"))
    assert "line 17: users[0].client-key-data is not base64" in config("get", "ns").err

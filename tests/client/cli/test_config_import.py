"""``cubectl config import``: what of a kubeconfig has a place in our config file."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from tests.client.command_line import CommandLine

_EMBEDDED = base64.b64encode(b"a certificate").decode()
KUBECONFIG = f"""\
apiVersion: v1
kind: Config
clusters:
- name: good
  cluster:
    server: https://cube.example.com:7443
    certificate-authority: ca.crt
    tls-server-name: cube
- name: arn:aws/eks
  cluster: {{server: "https://[::1]", certificate-authority-data: {_EMBEDDED}}}
- name: plain
  cluster: {{server: http://localhost:8080, insecure-skip-tls-verify: true}}
- name: pathful
  cluster: {{server: "https://rancher.example.com/k8s/clusters/c-1"}}
users:
- name: ada
  user: {{token: secret-token}}
- name: bob
  user: {{client-certificate-data: {_EMBEDDED}, client-key-data: {_EMBEDDED}}}
- name: cloud
  user: {{exec: {{command: aws}}}}
- name: other-cloud
  user:
    exec: {{command: ./get-token, apiVersion: client.authentication.k8s.io/v1beta1}}
contexts:
- name: dev
  context: {{cluster: good, user: ada, namespace: team-a}}
- name: eks
  context: {{cluster: arn:aws/eks, user: cloud}}
- name: rancher
  context: {{cluster: pathful, user: bob}}
current-context: dev
"""


@pytest.fixture
def cubectl(tmp_path: Path) -> CommandLine:
    """Provide the command line of a user with a kubeconfig in the usual place."""
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_text(KUBECONFIG)
    return CommandLine(environ={"HOME": str(tmp_path)})


def value(cubectl: CommandLine, path: str) -> str:
    """Return what the config file has at a path."""
    return cubectl("config", "view", "--raw", f"-o=jsonpath={path}").out


def test_what_fits_is_taken_over(cubectl: CommandLine, tmp_path: Path) -> None:
    """And of the rest it is said why it does not."""
    done = cubectl("config", "import")
    assert done.out == (
        'Cluster "good" imported.\n'
        'Cluster "arn:aws/eks" imported.\n'
        'Cluster "plain" imported.\n'
        'User "ada" imported.\n'
        'User "bob" imported.\n'
        'User "other-cloud" imported.\n'
        'Context "dev" imported.\n'
        'Switched to context "dev".\n'
    )
    assert done.err == (
        'cluster "pathful" is not imported: its server '
        '"https://rancher.example.com/k8s/clusters/c-1" has a path, and gRPC has none\n'
        'user "cloud" is not imported: apiVersion must be specified for cloud to use exec '
        "authentication plugin\n"
        'context "eks" is not imported: its user "cloud" is not imported\n'
        'context "rancher" is not imported: its cluster "pathful" is not imported\n'
    )
    assert done.code == 0
    assert (
        value(cubectl, "{.clusters[*].server}") == "cube.example.com:7443 [::1]:443 localhost:8080"
    )
    assert value(cubectl, "{.clusters[0].certificate-authority}") == str(tmp_path / ".kube/ca.crt")
    assert value(cubectl, "{.clusters[2].plaintext}") == "true"
    assert value(cubectl, "{.users[0].token}") == "secret-token"
    assert value(cubectl, "{.contexts[0].namespace}") == "team-a"


def test_what_is_embedded_becomes_a_file_of_its_owners(cubectl: CommandLine) -> None:
    """Beside the config file, under a name without the slashes of the entry's."""
    assert cubectl("config", "import").code == 0
    for path in (
        "{.clusters[1].certificate-authority}",
        "{.users[1].client-certificate}",
        "{.users[1].client-key}",
    ):
        file = Path(value(cubectl, path))
        assert file.read_bytes() == b"a certificate"
        assert file.parent.name == "certificates"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_there_stays_unless_it_is_to_be_replaced(
    cubectl: CommandLine, tmp_path: Path
) -> None:
    """So is the current context."""
    assert cubectl("config", "set-cluster", "good", "--server=mine:1").code == 0
    assert cubectl("config", "set-context", "own", "--server=mine:1").code == 0
    assert cubectl("config", "use-context", "own").code == 0
    done = cubectl("config", "import")
    told = 'cluster "good" is not imported: there is one already (--overwrite replaces it)\n'
    assert done.err.startswith(told)
    assert 'Context "dev" imported.\n' in done.out
    assert value(cubectl, "{.clusters[0].server} {.current-context}") == "mine:1 own"
    assert cubectl("config", "import").err.endswith("error: there is nothing to import\n")
    named = str(tmp_path / ".kube" / "config")
    assert cubectl("config", "import", named, "--overwrite", "--server=other:2").code == 0
    assert value(cubectl, "{.clusters[*].server}") == "other:2 other:2 other:2 other:2"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[", "line"),
        ("clusters: 5", "clusters must be a list"),
        ("users: [{user: {}}]", "users[0].name must be set"),
        ("contexts: [{name: a, context: b}]", "contexts[0].context must be an object"),
        ("[]", "it must hold an object"),
    ],
)
def test_what_is_no_kubeconfig_is_told_of(
    cubectl: CommandLine, tmp_path: Path, text: str, fault: str
) -> None:
    """With the file and the place; nothing is written."""
    file = tmp_path / "odd"
    file.write_text(text)
    done = cubectl("config", "import", str(file))
    assert (done.code, done.out) == (1, "")
    assert str(file) in done.err
    assert fault in done.err
    assert not (tmp_path / ".config").exists()


def test_a_list_of_files_is_one_kubeconfig(tmp_path: Path) -> None:
    """Of two entries of a name the first counts; a file that is missing says nothing."""
    one, two = tmp_path / "one", tmp_path / "two"
    entry = "clusters: [{{name: c, cluster: {{server: 'https://{}:1'}}}}]"
    one.write_text(entry.format("one"))
    two.write_text(entry.format("two"))
    paths = f"{tmp_path}/missing:{one}:{two}"
    cubectl = CommandLine(environ={"HOME": str(tmp_path), "KUBECONFIG": paths})
    assert cubectl("config", "import").code == 0
    assert value(cubectl, "{.clusters[*].server}") == "one:1"
    done = cubectl("config", "import", f"{tmp_path}/missing")
    assert done.err == f'error: the kubeconfig "{tmp_path}/missing" does not exist\n'

"""``cubectl create KIND``. What is expected was observed from kubectl 1.32."""

from __future__ import annotations

import base64
import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

CONFIG_KEY = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
    "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Provide a command line without a server, in a folder with files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.txt").write_text("hello\n")
    (tmp_path / "bin").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "env").write_text("\ufeffA=1\n# c\n\n  B=two=3\nHOMEX\n")
    (tmp_path / "bad-env").write_bytes(b"A=1\n\xff=2\n")
    (tmp_path / "dir" / "sub").mkdir(parents=True)
    (tmp_path / "dir" / "b.txt").write_text("y\n")
    (tmp_path / "dir" / "a").write_text("x\n")
    (tmp_path / "dir" / "link").symlink_to("a")
    return CommandLine(
        environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": "127.0.0.1:1", "HOMEX": "home"}
    )


def dry(cubectl: CommandLine, *args: str, output: str = "yaml") -> str:
    """Return what would be created."""
    done = cubectl("create", "--dry-run=client", "-o", output, *args)
    assert (done.code, done.err) == (0, "")
    return done.out


def manifest(kind: str, *lines: str, name: str = "x", before: tuple[str, ...] = ()) -> str:
    """Return the YAML of an object: what is ``before`` its kind and behind its metadata."""
    head = ["apiVersion: v1", *before, f"kind: {kind}", "metadata:"]
    return "\n".join([*head, "  creationTimestamp: null", f"  name: {name}", *lines, ""])


def test_a_namespace_and_a_service_account_are_names(offline: CommandLine) -> None:
    """Empty parts are shown as kubectl shows them; a namespace only where one is given."""
    assert dry(offline, "namespace", "x") == manifest("Namespace", "spec: {}", "status: {}")
    assert dry(offline, "ns", "x", "-n", "q") == manifest("Namespace", "spec: {}", "status: {}")
    assert dry(offline, "serviceaccount", "x") == manifest("ServiceAccount")
    assert dry(offline, "sa", "x", "-n", "q") == manifest("ServiceAccount", "  namespace: q")


def test_a_config_map_holds_literals_and_files(offline: CommandLine) -> None:
    """Text is data, everything else binaryData; a file's name is its key."""
    flags = ("--from-file=f.txt,k=bin", "--from-literal=a=b=c", "--from-literal=e=")
    assert dry(offline, "configmap", "x", *flags) == manifest(
        "ConfigMap",
        before=(
            "binaryData:", "  k: //4A", "data:", "  a: b=c", '  e: ""', "  f.txt: |", "    hello",
        ),
    )  # fmt: skip
    assert dry(offline, "cm", "x") == manifest("ConfigMap")


def test_a_config_map_holds_the_files_of_a_folder(offline: CommandLine) -> None:
    """Plain files only, in the order of their names."""
    assert dry(offline, "cm", "x", "--from-file=dir") == manifest(
        "ConfigMap", before=("data:", "  a: |", "    x", "  b.txt: |", "    y")
    )


def test_a_config_map_holds_an_environment(offline: CommandLine) -> None:
    """A name alone has the value of this process's environment."""
    assert dry(offline, "cm", "x", "--from-env-file=env") == manifest(
        "ConfigMap", before=("data:", '  A: "1"', "  B: two=3", "  HOMEX: home")
    )


@pytest.mark.parametrize(
    ("args", "name"),
    [
        (["configmap", "x"], "configmap/x-62ctbmbfd2"),
        (["configmap", "x", "--from-literal=a=b"], "configmap/x-64686gkt6c"),
        (["configmap", "x", "--from-literal=a=<b>&"], "configmap/x-9hdd2dhbtm"),
        (["configmap", "x", "--from-file=k=bin"], "configmap/x-kfm586h55m"),
        (["secret", "generic", "x"], "secret/x-b8485c8589"),
        (["secret", "generic", "x", "--from-literal=a=b"], "secret/x-k694gm4m9h"),
    ],
)
def test_a_hash_of_the_content_can_be_part_of_the_name(
    offline: CommandLine, args: list[str], name: str
) -> None:
    """It is the one that kubectl and kustomize compute."""
    assert dry(offline, *args, "--append-hash", output="name") == f"{name}\n"


def test_a_secret_is_base64(offline: CommandLine) -> None:
    """Literals and files, and a type where one is given."""
    given = dry(offline, "secret", "generic", "x", "--from-file=f.txt", "--type=a/b")
    assert given == manifest("Secret", "type: a/b", before=("data:", "  f.txt: aGVsbG8K"))


def test_a_docker_registry_secret_is_a_login(offline: CommandLine) -> None:
    """It has the content of Docker's own config file, or is one."""
    login = (
        "--docker-username=u", "--docker-password=p<>&", "--docker-email=e@x",
    )  # fmt: skip
    shown = json.loads(dry(offline, "secret", "docker-registry", "x", *login, output="json"))
    assert shown["type"] == "kubernetes.io/dockerconfigjson"
    content = base64.b64decode(shown["data"][".dockerconfigjson"]).decode()
    assert content == (
        '{"auths":{"https://index.docker.io/v1/":{"username":"u",'
        '"password":"p\\u003c\\u003e\\u0026","email":"e@x","auth":"dTpwPD4m"}}}'
    )
    given = dry(offline, "secret", "docker-registry", "x", "--from-file=f.txt")
    assert "  .dockerconfigjson: aGVsbG8K\n" in given


def key_pair(folder: Path, name: str) -> None:
    """Write a certificate and its key."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-subj", "/CN=x", "-keyout", f"{name}.key", "-out", f"{name}.crt"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


def test_a_tls_secret_holds_a_pair_that_matches(offline: CommandLine, tmp_path: Path) -> None:
    """Certificate and key are checked as Go checks them."""
    for name in ("a", "b"):
        key_pair(tmp_path, name)
    flags = ("secret", "tls", "x", "--dry-run=client")
    done = offline("create", *flags, "--cert=a.crt", "--key=a.key", "-o", "json")
    shown = json.loads(done.out)
    assert shown["type"] == "kubernetes.io/tls"
    assert base64.b64decode(shown["data"]["tls.crt"]) == (tmp_path / "a.crt").read_bytes()
    for cert, key, message in (
        ("a.crt", "b.key", "tls: private key does not match public key"),
        ("f.txt", "a.key", "tls: failed to find any PEM data in certificate input"),
        ("a.crt", "f.txt", "tls: failed to find any PEM data in key input"),
        ("a.key", "a.key", ("tls: failed to find certificate PEM data in certificate input, but "
         "did find a private key; PEM inputs may have been switched")),
        ("a.crt", "a.crt",
         "tls: found a certificate rather than a key in the PEM for the private key"),
        ("no", "a.key", "Cannot read file no, open no: no such file or directory"),
    ):  # fmt: skip
        done = offline("create", *flags, f"--cert={cert}", f"--key={key}")
        assert (done.code, done.out, done.err) == (1, "", f"error: {message}\n")


def test_a_deployment_runs_images(offline: CommandLine) -> None:
    """Each image is a container; the command is that of the only one."""
    given = dry(
        offline, "deployment", "web", "--image=reg:5000/nginx@sha256:ab", "--port=80", "-r3",
        "--", "date", "-u",
    )  # fmt: skip
    assert given == (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  creationTimestamp: null\n"
        "  labels:\n    app: web\n  name: web\nspec:\n  replicas: 3\n  selector:\n"
        "    matchLabels:\n      app: web\n  strategy: {}\n  template:\n    metadata:\n"
        "      creationTimestamp: null\n      labels:\n        app: web\n    spec:\n"
        "      containers:\n      - command:\n        - date\n        - -u\n"
        "        image: reg:5000/nginx@sha256:ab\n        name: nginx\n        ports:\n"
        "        - containerPort: 80\n        resources: {}\nstatus: {}\n"
    )
    names = dry(
        offline, "deploy", "web", "--image=a,b_c.d:1",
        output="jsonpath={.spec.template.spec.containers[*].name}",
    )  # fmt: skip
    assert names.startswith("a b-c-d-")
    assert len(names) == len("a b-c-d-12345")


def test_json_has_the_order_of_the_fields(offline: CommandLine) -> None:
    """As kubectl, which holds these objects in types of its own; a template sees floats."""
    given = dry(offline, "cm", "x", "--from-literal=b=1", "--from-literal=a=2", output="json")
    assert given == (
        '{\n    "kind": "ConfigMap",\n    "apiVersion": "v1",\n    "metadata": {\n'
        '        "name": "x",\n        "creationTimestamp": null\n    },\n    "data": {\n'
        '        "a": "2",\n        "b": "1"\n    }\n}\n'
    )
    flags = ("deployment", "x", "--image=a", "--replicas=3000000")
    assert dry(offline, *flags, output="jsonpath={.spec.replicas}") == "3e+06"


def test_the_configuration_can_be_kept(offline: CommandLine) -> None:
    """The annotation holds the object without it, in the order of its fields."""
    path = r"jsonpath={.metadata.annotations.kubectl\.kubernetes\.io/last-applied-configuration}"
    flags = ("cm", "x", "--from-literal=a=b", "--save-config")
    assert dry(offline, *flags, output=path) == (
        '{"kind":"ConfigMap","apiVersion":"v1",'
        '"metadata":{"name":"x","creationTimestamp":null},"data":{"a":"b"}}\n'
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["configmap", ""], "name must be specified"),
        (["configmap", "x", "--from-literal=a"], "invalid literal source a, expected key=value"),
        (["configmap", "x", "--from-literal==a"], "invalid literal source =a, expected key=value"),
        (["configmap", "x", "--from-literal=a=1", "--from-literal=a=2"],
         'cannot add key "a", another key by that name already exists in Data for ConfigMap "x"'),
        (["configmap", "x", "--from-literal=a b=1"],
         f'"a b" is not a valid key name for a ConfigMap: {CONFIG_KEY}'),
        (["configmap", "x", "--from-literal=.=1"],
         '"." is not a valid key name for a ConfigMap: must not be \'.\''),
        (["configmap", "x", f"--from-literal={'a' * 254}=1"],
         (f'"{"a" * 254}" is not a valid key name for a ConfigMap: '
         "must be no more than 253 characters")),
        (["configmap", "x", "--from-file=no"], "error reading no: no such file or directory"),
        (["configmap", "x", "--from-file==no"], "key name for file path no missing"),
        (["configmap", "x", "--from-file=k="], "file path for key name k missing"),
        (["configmap", "x", "--from-file=k=v=w"], "key names or file paths cannot contain '='"),
        (["configmap", "x", "--from-file=k=dir"], "cannot give a key name for a directory path"),
        (["configmap", "x", "--from-env-file=dir"], "env config file cannot be a directory"),
        (["configmap", "x", "--from-env-file=no"], "error reading no: no such file or directory"),
        (["configmap", "x", "--from-env-file=bad-env"],
         "env file bad-env contains invalid utf8 bytes at line 2: [255 61 50]"),
        (["configmap", "x", "--from-env-file=env", "--from-literal=a=b"],
         "from-env-file cannot be combined with from-file or from-literal"),
        (["secret", "generic", "x", "--from-literal=a=1", "--from-literal=a=2"],
         "cannot add key a, another key by that name already exists"),
        (["secret", "generic", "x", "--from-literal=..a=1"],
         "\"..a\" is not valid key name for a Secret must not start with '..'"),
        (["secret", "generic", "x", "--from-env-file=dir"],
         "env secret file cannot be a directory"),
        (["secret", "tls", "x", "--cert=a"], "key and cert must be specified"),
        (["secret", "docker-registry", "x"],
         ("either --from-file or the combination of --docker-username, --docker-password and "
         "--docker-server is required")),
        (["secret", "x"],
         "unknown command \"x\"\nSee 'cubectl create secret -h' for help and examples"),
        (["deployment", "x"], 'required flag(s) "image" not set'),
        (["deployment", "x", "--image=a,b", "--", "date"],
         "cannot specify multiple --image options and command"),
        (["deployment", "--image=a"],
         ("exactly one NAME is required, got 0\n"
         "See 'cubectl create deployment -h' for help and examples")),
        (["configmap", "a", "b"],
         ("exactly one NAME is required, got 2\n"
         "See 'cubectl create configmap -h' for help and examples")),
        (["configmap", "x", "-o", "wide"],
         ('unable to match a printer suitable for the output format "wide", allowed formats are: '
         "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,"
         "template,templatefile,yaml")),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_as_kubectl_does(
    offline: CommandLine, args: list[str], message: str
) -> None:
    """Before anything is sent."""
    done = offline("create", *args)
    assert (done.code, done.out, done.err) == (1, "", f"error: {message}\n")


def test_flags_may_stand_before_the_kind(offline: CommandLine) -> None:
    """They are the generator's; those of ``create -f`` are not."""
    assert offline("create", "--dry-run=client", "cm", "x").out == (
        "configmap/x created (dry run)\n"
    )
    done = offline("create", "-f", "x", "configmap", "y")
    assert done.err == (
        "error: unknown shorthand flag: 'f' in -f\n"
        "See 'cubectl create configmap --help' for usage.\n"
    )


def test_a_group_without_a_command_shows_help_and_fails(offline: CommandLine) -> None:
    """On standard error, as kubectl does."""
    done = offline("create", "secret")
    assert (done.code, done.out) == (1, "")
    for word in ("docker-registry", "generic", "tls", "Usage:\n  cubectl create secret "):
        assert word in done.err


def test_objects_are_created_on_the_server(cubectl: CommandLine, namespace: str) -> None:
    """In the namespace of the command; what the server says to it is told with its kind."""
    flags = ("--from-literal=a=b", "-n", namespace)
    assert cubectl("create", "cm", "x", *flags, "--dry-run=server").out == (
        "configmap/x created (server dry run)\n"
    )
    assert cubectl("create", "cm", "x", *flags).out == "configmap/x created\n"
    done = cubectl("create", "cm", "x", *flags)
    assert (done.code, done.err) == (
        1,
        'error: failed to create configmap: configmaps "x" already exists\n',
    )
    assert cubectl("create", "secret", "generic", "x", *flags).code == 0
    done = cubectl("create", "secret", "generic", "x", *flags)
    assert done.err == 'error: failed to create secret secrets "x" already exists\n'
    shown = json.loads(cubectl("create", "sa", "x", "-n", namespace, "-o", "json").out)
    assert list(shown)[:3] == ["kind", "apiVersion", "metadata"]
    assert shown["metadata"]["namespace"] == namespace
    assert cubectl("create", "deploy", "x", "--image=a", "-n", namespace).out == (
        "deployment.apps/x created\n"
    )
    done = cubectl("create", "ns", namespace)
    assert done.err == (
        f'Error from server (AlreadyExists): namespaces "{namespace}" already exists\n'
    )


def test_an_unreachable_server_is_one_line(offline: CommandLine) -> None:
    """Who refused, without a prefix."""
    assert offline("create", "cm", "x").err == (
        "The connection to the server 127.0.0.1:1 was refused"
        " - did you specify the right host or port?\n"
    )

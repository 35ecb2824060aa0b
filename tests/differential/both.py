"""Runs a case through kubectl and through cubectl, and gives what each said."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from tests.client.command_line import CommandLine
from tests.differential.case import NAMESPACE, Case
from tests.differential.kinds import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.differential.rest_server import RestServer

_SECONDS = 60
_CERTIFICATE = {"client-certificate": "ada.crt", "client-key": "ada.key"}
"""Of a user whom no context names."""

_VARYING = (
    (re.compile(r"(uid\"?: )(\"?)[0-9a-f]{8}-[0-9a-f-]{27}\2"), r"\1UID"),
    (re.compile(r"(resourceVersion\"?: )\"\d+\""), r"\1REVISION"),
    (re.compile(r"(\"uid\":)\"[0-9a-f-]{36}\""), r"\1UID"),
    (re.compile(r"(\"resourceVersion\":)\"\d+\""), r"\1REVISION"),
    (re.compile(r"\"?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\"?"), "TIME"),
    (re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}"), "TIME"),
    (re.compile(r"(?<=\s)\d+s\b"), "AGE"),
)
"""What no two servers give alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command gave, without what varies from run to run."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """The two programs and their servers."""

    rest: RestServer
    server: str
    """The address of a cube-apiserver."""
    kubectl: str
    """The program's path."""
    cache: Path
    """kubectl's discovery cache, shared because filling it takes longest."""

    def run(self, case: Case, namespace: str, folder: Path) -> tuple[Outcome, Outcome]:
        """Return kubectl's outcome and cubectl's. ``folder`` is the working directory."""
        self._prepare(case, namespace, folder)
        args = tuple(arg.replace(NAMESPACE, namespace) for arg in case.args)
        stdin = _bytes(case.stdin, namespace)
        with self._start(args, namespace, folder) as kubectl:
            # While kubectl starts.
            ours = self._cubectl(namespace, folder)(*args, stdin=stdin)
            out, err = kubectl.communicate(stdin, timeout=_SECONDS)
        theirs = Outcome(
            code=kubectl.returncode,
            out=_alike(out.decode(), self.rest.url),
            err=_alike(err.decode(), self.rest.url),
        )
        server = f"http://{self.server}"
        return theirs, Outcome(
            code=ours.code, out=_alike(ours.out, server), err=_alike(ours.err, server)
        )

    def _prepare(self, case: Case, namespace: str, folder: Path) -> None:
        for name, content in case.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if name.endswith("/"):
                path.mkdir()
            else:
                path.write_bytes(_bytes(content, namespace))
        for name, target in case.links.items():
            (folder / name).symlink_to(target)
        own = f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}}}\n"
        manifests = own + (
            "---\n" + case.objects.replace(NAMESPACE, namespace) if case.objects else ""
        )
        made = self._cubectl(namespace, folder)("create", "-f", "-", stdin=manifests.encode())
        assert made.code == 0, made.err
        for item in yaml.safe_load_all(manifests):
            kind = next(kind for kind in KINDS if kind.name == item["kind"])
            where = item["metadata"].get("namespace", namespace) if kind.namespaced else ""
            self.rest.store.create(kind, where, item)

    def _cubectl(self, namespace: str, folder: Path) -> CommandLine:
        config = folder.with_name("cubectl.yaml")
        content = {
            "current-context": "here",
            "clusters": [{"name": "here", "server": self.server}],
            "contexts": [{"name": "here", "cluster": "here", "namespace": namespace}],
            "users": [{"name": "ada", **_CERTIFICATE}],
        }
        config.write_text(json.dumps(content))
        environ = {"HOME": str(folder.parent), "PROTOCUBE_CONFIG": str(config)}
        return CommandLine(environ=environ)

    def _start(
        self, args: tuple[str, ...], namespace: str, folder: Path
    ) -> subprocess.Popen[bytes]:
        config = folder.with_name("kubectl.yaml")
        config.write_text(json.dumps(kubeconfig(self.rest.url, namespace)))
        return subprocess.Popen(
            [self.kubectl, *args],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={
                "PATH": os.environ.get("PATH", ""),
                "HOME": str(folder.parent),
                "KUBECONFIG": str(config),
                "KUBECACHEDIR": str(self.cache),
            },
        )


def kubeconfig(url: str, namespace: str) -> dict[str, object]:
    """Return a config file of kubectl for one server."""
    context = {"cluster": "here", "user": "", "namespace": namespace}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "here", "cluster": {"server": url}}],
        "contexts": [{"name": "here", "context": context}],
        "users": [{"name": "ada", "user": _CERTIFICATE}],
    }


def _bytes(content: str | bytes, namespace: str) -> bytes:
    if isinstance(content, bytes):
        return content
    return content.replace(NAMESPACE, namespace).encode()


def _alike(text: str, server: str) -> str:
    """Hide what varies: the program's own name, its server, times and identities."""
    text = text.replace("cubectl", "kubectl").replace(server.removeprefix("http://"), "SERVER")
    for pattern, name in _VARYING:
        text = pattern.sub(name, text)
    return text

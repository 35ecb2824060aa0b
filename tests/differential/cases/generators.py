"""create KIND: objects from flags, shown and not sent.

kubectl sends these in Kubernetes' own protobuf, which the stand-in does not read; what a
real server answers is in tests/client/transcripts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.case import Case

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILES: Mapping[str, str | bytes] = {
    "a.txt": "one\ntwo\n",
    "b.bin": b"\x00\xff\x01",
    "settings.env": '# comment\nMODE=test\n\nEMPTY=\nQUOTED="x y"\n  LEADING=1\n',
    "bad.env": "1X=y\n",
    "bom.env": b"\xef\xbb\xbfA=b\n",
    "a b.txt": "x",
    "d/one": "1",
    "d/two.txt": "2\n",
    "d/bad name": "3",
    "d/sub/deep": "4",
    "docker.json": '{"auths":{"https://index.docker.io/v1/":{"auth":"dTpw"}}}',
    "no.crt": "not a certificate\n",
    "no.key": "not a key\n",
}
_SHOWN = ("--dry-run=client", "-o", "yaml")

GENERATORS: tuple[tuple[str, ...], ...] = (
    ("namespace", "@ns-x"), ("ns", "@ns-x"), ("namespace", "@ns-x", *_SHOWN), ("namespace",),
    ("namespace", "a", "b"), ("namespace", "Bad_Name", *_SHOWN),
    ("namespace", "@ns-x", "-o", "name"),
    ("namespace", ""),
    ("configmap", "c"), ("cm", "c", "--from-literal=a=1"), ("configmap",), ("configmap", "a", "b"),
    ("configmap", "c", "--from-literal=a=1", "--from-literal=b=x y", *_SHOWN),
    ("configmap", "c", "--from-literal=a=b=c", *_SHOWN),
    ("configmap", "c", "--from-literal=a=", *_SHOWN),
    ("configmap", "c", "--from-literal=a=yes", "--from-literal=b=010", *_SHOWN),
    ("configmap", "c", "--from-literal=a='q'", '--from-literal=b="q"', *_SHOWN),
    ("configmap", "c", "--from-literal=a"), ("configmap", "c", "--from-literal==x"),
    ("configmap", "c", "--from-literal=a=1", "--from-literal=a=2"),
    ("configmap", "c", "--from-literal=a b=1"), ("configmap", "c", "--from-literal=a/b=1"),
    ("configmap", "c", "--from-literal=..=1"),
    ("configmap", "c", "--from-literal=a=1,b=2", *_SHOWN),
    ("configmap", "c", "--from-file=a.txt", *_SHOWN),
    ("configmap", "c", "--from-file=k=a.txt", *_SHOWN),
    ("configmap", "c", "--from-file=b.bin", *_SHOWN), ("configmap", "c", "--from-file=d", *_SHOWN),
    ("configmap", "c", "--from-file=k=d"), ("configmap", "c", "--from-file=gone.txt"),
    ("configmap", "c", "--from-file=d/one", "--from-file=d/two.txt", *_SHOWN),
    ("configmap", "c", "--from-file=a b.txt"), ("configmap", "c", "--from-file=k=a b.txt", *_SHOWN),
    ("configmap", "c", "--from-file=a.txt", "--from-file=a.txt"),
    ("configmap", "c", "--from-file="),
    ("configmap", "c", "--from-file=k="), ("configmap", "c", "--from-file==a.txt"),
    ("configmap", "c", "--from-file=k=l=a.txt"),
    ("configmap", "c", "--from-env-file=settings.env", *_SHOWN),
    ("configmap", "c", "--from-env-file=bad.env"), ("configmap", "c", "--from-env-file=gone.env"),
    ("configmap", "c", "--from-env-file=bom.env", *_SHOWN), ("configmap", "c", "--from-env-file=d"),
    ("configmap", "c", "--from-env-file=settings.env", "--from-env-file=bom.env", *_SHOWN),
    ("configmap", "c", "--from-env-file=settings.env", "--from-literal=a=b"),
    ("configmap", "c", "--from-literal=a=1", "--append-hash", *_SHOWN),
    ("configmap", "c", "--append-hash", "-o", "name"),
    ("configmap", "c", "--from-file=b.bin", "--append-hash"),
    ("configmap", "c", "--from-literal=a=1", "-o", "json", "--dry-run=client"),
    ("configmap", "c", "--from-literal=a=1", "-o", "yaml"),
    ("configmap", "c", "-n", "other", *_SHOWN),
    ("configmap", "c", "--validate=false"), ("configmap", "c", "--save-config", *_SHOWN),
    ("configmap", "c", "--field-manager=me"), ("configmap", "c", "--nope"),
    ("configmap", "Bad_Name"),
    ("secret", "generic", "s", "--from-literal=a=1", *_SHOWN), ("secret", "generic", "s"),
    ("secret", "generic", "s", "--from-literal=a=1", "--type=example.com/x", *_SHOWN),
    ("secret", "generic", "s", "--from-file=b.bin", *_SHOWN), ("secret", "generic"), ("secret",),
    ("secret", "generic", "s", "--from-env-file=settings.env", *_SHOWN),
    ("secret", "generic", "s", "--from-literal=a=1", "--append-hash", *_SHOWN), ("secret", "nope"),
    ("secret", "tls", "s"), ("secret", "tls", "s", "--cert=no.crt", "--key=no.key"),
    ("secret", "tls", "s", "--cert=gone.crt", "--key=gone.key"),
    ("secret", "tls", "s", "--cert=no.crt"),
    ("secret", "docker-registry", "s"),
    ("secret", "docker-registry", "s", "--docker-username=u", "--docker-password=p", *_SHOWN),
    ("secret", "docker-registry", "s", "--docker-username=u", "--docker-password=p",
     "--docker-email=e@x", "--docker-server=reg.example.com", *_SHOWN),
    ("secret", "docker-registry", "s", "--docker-username=u"),
    ("secret", "docker-registry", "s", "--from-file=docker.json", *_SHOWN),
    ("secret", "docker-registry", "s", "--from-file=.dockerconfigjson=docker.json", *_SHOWN),
    ("serviceaccount", "robot"), ("sa", "robot", *_SHOWN), ("serviceaccount",),
    ("deployment", "web", "--image=nginx", *_SHOWN), ("deploy", "web", "--image=nginx", *_SHOWN),
    ("deployment", "web", "--image=nginx", "--replicas=3", "--port=80", *_SHOWN),
    ("deployment", "web", "--image=reg.example.com:5000/a/b:1@sha:a", "--image=busybox", *_SHOWN),
    ("deployment", "web", "--image=busybox", *_SHOWN, "--", "date"), ("deployment", "web"),
    ("deployment", "web", "--image=busybox", *_SHOWN, "--", "sh", "-c", "sleep 1; date"),
    ("deployment", "web", "--image=a", "--image=b", "--", "date"), ("deployment", "--image=nginx"),
    ("deployment", "web", "--image=nginx", "--replicas=x"),
    ("deployment", "web", "--image=nginx", "--replicas=-1"),
    ("deployment", "web", "--image=nginx", "--port=99999", *_SHOWN),
    ("deployment", "web", "--image=n", "-r", "2", *_SHOWN),
    ("widget", "w"),
)  # fmt: skip


def _unsent(args: tuple[str, ...]) -> tuple[str, ...]:
    if "--dry-run=client" in args:
        return args
    end = args.index("--") if "--" in args else len(args)
    return (*args[:end], "--dry-run=client", *args[end:])


CASES = tuple(
    Case(name=f"generators/{' '.join(args)}", args=("create", *_unsent(args)), files=_FILES)
    for args in GENERATORS
)

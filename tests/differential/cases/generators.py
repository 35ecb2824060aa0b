"""create KIND: objects from flags, shown and not sent.

kubectl sends these in Kubernetes' own protobuf, which the stand-in does not read; what a
real server answers is in tests/client/transcripts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.case import Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
    "bad.crt": "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
    "bad.key": "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n",
    "damaged.crt": "-----BEGIN CERTIFICATE-----\naGVsb!8=\n-----END CERTIFICATE-----\n",
}
SHOWN = ("--dry-run=client", "-o", "yaml")

GENERATORS: tuple[tuple[str, ...], ...] = (
    ("namespace", "@ns-x"), ("ns", "@ns-x"), ("namespace", "@ns-x", *SHOWN), ("namespace",),
    ("namespace", "a", "b"), ("namespace", "Bad_Name", *SHOWN),
    ("namespace", "@ns-x", "-o", "name"),
    ("namespace", ""),
    ("configmap", "c"), ("cm", "c", "--from-literal=a=1"), ("configmap",), ("configmap", "a", "b"),
    ("configmap", "c", "--from-literal=a=1", "--from-literal=b=x y", *SHOWN),
    ("configmap", "c", "--from-literal=a=b=c", *SHOWN),
    ("configmap", "c", "--from-literal=a=", *SHOWN),
    ("configmap", "c", "--from-literal=a=yes", "--from-literal=b=010", *SHOWN),
    ("configmap", "c", "--from-literal=a='q'", '--from-literal=b="q"', *SHOWN),
    ("configmap", "c", "--from-literal=a"), ("configmap", "c", "--from-literal==x"),
    ("configmap", "c", "--from-literal=a=1", "--from-literal=a=2"),
    ("configmap", "c", "--from-literal=a b=1"), ("configmap", "c", "--from-literal=a/b=1"),
    ("configmap", "c", "--from-literal=..=1"),
    ("configmap", "c", "--from-literal=a=1,b=2", *SHOWN),
    ("configmap", "c", "--from-file=a.txt", *SHOWN),
    ("configmap", "c", "--from-file=k=a.txt", *SHOWN),
    ("configmap", "c", "--from-file=b.bin", *SHOWN), ("configmap", "c", "--from-file=d", *SHOWN),
    ("configmap", "c", "--from-file=k=d"), ("configmap", "c", "--from-file=gone.txt"),
    ("configmap", "c", "--from-file=d/one", "--from-file=d/two.txt", *SHOWN),
    ("configmap", "c", "--from-file=a b.txt"), ("configmap", "c", "--from-file=k=a b.txt", *SHOWN),
    ("configmap", "c", "--from-file=a.txt", "--from-file=a.txt"),
    ("configmap", "c", "--from-file="),
    ("configmap", "c", "--from-file=k="), ("configmap", "c", "--from-file==a.txt"),
    ("configmap", "c", "--from-file=k=l=a.txt"),
    ("configmap", "c", "--from-env-file=settings.env", *SHOWN),
    ("configmap", "c", "--from-env-file=bad.env"), ("configmap", "c", "--from-env-file=gone.env"),
    ("configmap", "c", "--from-env-file=bom.env", *SHOWN), ("configmap", "c", "--from-env-file=d"),
    ("configmap", "c", "--from-env-file=settings.env", "--from-env-file=bom.env", *SHOWN),
    ("configmap", "c", "--from-env-file=settings.env", "--from-literal=a=b"),
    ("configmap", "c", "--from-literal=a=1", "--append-hash", *SHOWN),
    ("configmap", "c", "--append-hash", "-o", "name"),
    ("configmap", "c", "--from-file=b.bin", "--append-hash"),
    ("configmap", "c", "--from-literal=a=1", "-o", "json", "--dry-run=client"),
    ("configmap", "c", "--from-literal=a=1", "-o", "yaml"),
    ("configmap", "c", "-n", "other", *SHOWN),
    ("configmap", "c", "--validate=false"), ("configmap", "c", "--save-config", *SHOWN),
    ("configmap", "c", "--field-manager=me"), ("configmap", "c", "--nope"),
    ("configmap", "Bad_Name"),
    ("secret", "generic", "s", "--from-literal=a=1", *SHOWN), ("secret", "generic", "s"),
    ("secret", "generic", "s", "--from-literal=a=1", "--type=example.com/x", *SHOWN),
    ("secret", "generic", "s", "--from-file=b.bin", *SHOWN), ("secret", "generic"), ("secret",),
    ("secret", "generic", "s", "--from-env-file=settings.env", *SHOWN),
    ("secret", "generic", "s", "--from-literal=a=1", "--append-hash", *SHOWN), ("secret", "nope"),
    ("secret", "tls", "s"), ("secret", "tls", "s", "--cert=no.crt", "--key=no.key"),
    ("secret", "tls", "s", "--cert=gone.crt", "--key=gone.key"),
    ("secret", "tls", "s", "--cert=no.crt"),
    ("secret", "tls", "s", "--cert=bad.crt", "--key=bad.key"),
    ("secret", "tls", "s", "--cert=damaged.crt", "--key=bad.key"),
    ("secret", "tls", "s", "--cert=bad.key", "--key=bad.crt"),
    ("secret", "tls", "s", "--cert=bad.crt", "--key=bad.crt"),
    ("secret", "docker-registry", "s"),
    ("secret", "docker-registry", "s", "--docker-username=u", "--docker-password=p", *SHOWN),
    ("secret", "docker-registry", "s", "--docker-username=u", "--docker-password=p",
     "--docker-email=e@x", "--docker-server=reg.example.com", *SHOWN),
    ("secret", "docker-registry", "s", "--docker-username=u"),
    ("secret", "docker-registry", "s", "--from-file=docker.json", *SHOWN),
    ("secret", "docker-registry", "s", "--from-file=.dockerconfigjson=docker.json", *SHOWN),
    ("serviceaccount", "robot"), ("sa", "robot", *SHOWN), ("serviceaccount",),
    ("deployment", "web", "--image=nginx", *SHOWN), ("deploy", "web", "--image=nginx", *SHOWN),
    ("deployment", "web", "--image=nginx", "--replicas=3", "--port=80", *SHOWN),
    ("deployment", "web", "--image=reg.example.com:5000/a/b:1@sha:a", "--image=busybox", *SHOWN),
    ("deployment", "web", "--image=busybox", *SHOWN, "--", "date"), ("deployment", "web"),
    ("deployment", "web", "--image=busybox", *SHOWN, "--", "sh", "-c", "sleep 1; date"),
    ("deployment", "web", "--image=a", "--image=b", "--", "date"), ("deployment", "--image=nginx"),
    ("deployment", "web", "--image=nginx", "--replicas=x"),
    ("deployment", "web", "--image=nginx", "--replicas=-1"),
    ("deployment", "web", "--image=nginx", "--port=99999", *SHOWN),
    ("deployment", "web", "--image=n", "-r", "2", *SHOWN),
    ("widget", "w"),
)  # fmt: skip


def _unsent(args: tuple[str, ...]) -> tuple[str, ...]:
    if "--dry-run=client" in args:
        return args
    end = args.index("--") if "--" in args else len(args)
    return (*args[:end], "--dry-run=client", *args[end:])


def cases_of(generators: Iterable[tuple[str, ...]]) -> tuple[Case, ...]:
    """Return the cases of ``create`` with each of these arguments."""
    return tuple(
        Case(name=f"generators/{' '.join(args)}", args=("create", *_unsent(args)), files=_FILES)
        for args in generators
    )


CASES = cases_of(GENERATORS)

"""``cubectl create ingress``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import ports
from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_RULE = re.compile(
    r"(?P<host>[\w*.-]*)(?P<path>/[^=]*)=(?P<service>[\w-]+):(?P<port>[\w-]+)", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where a host's path leads."""

    host: str
    path: dict[str, Any]
    tls: bool
    secret: str
    """That of the host's certificate; nothing for a default one."""

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Read ``host/path=service:port,tls=secret``. Raises :class:`CommandError`."""
        route, *tails = text.split(",")
        found = _RULE.match(route)
        if found is None:
            raise CommandError(
                f"rule {text} is invalid and should be in format "
                "host/path=svcname:svcport[,tls[=secret]]"
            )
        is_prefix = found["path"].endswith("*")
        path = {
            "path": found["path"].removesuffix("*"),
            "pathType": "Prefix" if is_prefix else "Exact",
            "backend": _backend(found["service"], found["port"]),
        }
        is_secure = len(tails) == 1
        secret = tails[0].split("=")[1] if is_secure and "=" in tails[0] else ""
        return cls(host=found["host"], path=path, tls=is_secure, secret=secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressOptions:
    """What the Ingress does."""

    rules: tuple[str, ...]
    default_backend: str
    ingress_class: str
    annotations: tuple[str, ...]

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if not self.default_backend and not self.rules:
            raise CommandError(
                "not enough information provided: every ingress has to either specify a "
                "default-backend (which catches all traffic) or a list of rules (which catch "
                "specific paths)"
            )
        self._rules()
        for annotation in self.annotations:
            if "=" not in annotation:
                raise CommandError(
                    f"annotation {annotation} is invalid and should be in format key=[value]"
                )
        if self.default_backend and self.default_backend.count(":") != 1:
            raise CommandError("default-backend should be in format servicename:serviceport")

    def manifest(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Return the Ingress."""
        rules = self._rules()
        spec: dict[str, Any] = {}
        if self.ingress_class:
            spec["ingressClassName"] = self.ingress_class
        if self.default_backend:
            service, _, port = self.default_backend.partition(":")
            spec["defaultBackend"] = _backend(service, port)
        if secured := _secured(rules):
            spec["tls"] = secured
        if rules:
            spec["rules"] = _by_host(rules)
        if self.annotations:
            pairs = (annotation.partition("=") for annotation in self.annotations)
            metadata = {**metadata, "annotations": {key: value for key, _, value in pairs}}
        return {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": metadata,
            "spec": spec,
        }

    def _rules(self) -> list[Rule]:
        return [Rule.parse(text) for text in self.rules]


def _backend(service: str, port: str) -> dict[str, Any]:
    number = ports.number_or_text(port)
    chosen = {"number" if isinstance(number, int) else "name": number}
    return {"service": {"name": service, "port": chosen}}


def _by_host(rules: list[Rule]) -> list[dict[str, Any]]:
    """Return the paths of each host."""
    paths: dict[str, list[dict[str, Any]]] = {}
    for rule in rules:
        paths.setdefault(rule.host, []).append(rule.path)
    return [
        {**({"host": host} if host else {}), "http": {"paths": found}}
        for host, found in paths.items()
    ]


def _secured(rules: list[Rule]) -> list[dict[str, Any]]:
    """Return the hosts of each certificate; a host has that of its first rule with one."""
    hosts: dict[str, list[str]] = {}
    seen: set[str] = set()
    for rule in rules:
        if not rule.tls or rule.host in seen:
            continue
        seen.add(rule.host)
        if rule.secret in hosts:
            hosts[rule.secret].append(rule.host)
        elif rule.host or rule.secret:
            hosts[rule.secret] = [rule.host] if rule.host else []
    return [
        {**({"hosts": found} if found else {}), **({"secretName": secret} if secret else {})}
        for secret, found in hosts.items()
    ]


@click.pass_obj
def _create(app: App, /, **flags: Any) -> None:
    options = IngressOptions(
        rules=flags.pop("rule"),
        default_backend=flags.pop("default_backend"),
        ingress_class=flags.pop("ingress_class"),
        annotations=flags.pop("annotation"),
    )
    created = generation.take(flags)
    options.validate()
    created.run(app, options.manifest, complaint="failed to create ingress: ")


COMMAND = Command(
    "ingress",
    callback=_create,
    usage="NAME --rule=HOST/PATH=SERVICE:PORT[,tls[=SECRET]] [flags]",
    help=(
        "Create an Ingress from rules. A path that ends with * stands for all that begin with it."
    ),
    examples="""
# Send a path of a host to a Service
cubectl create ingress web --rule="www.example.com/shop=shop:8080"

# Send all paths there, with the certificate in a Secret
cubectl create ingress web --rule="www.example.com/*=shop:http,tls=www-cert"

# Send everything that no rule names to a Service
cubectl create ingress web --default-backend=fallback:80 --class=internal
""",
    params=[
        Flag(
            ["--rule"],
            multiple=True,
            metavar="RULE",
            help="HOST/PATH=SERVICE:PORT, with ,tls or ,tls=SECRET behind it; may be repeated.",
        ),
        Flag(
            ["--default-backend"],
            default="",
            metavar="SERVICE:PORT",
            help="Where everything else goes.",
        ),
        Flag(
            ["--class", "ingress_class"],
            default="",
            metavar="CLASS",
            help="The class of controllers that serve it.",
        ),
        Flag(
            ["--annotation"],
            multiple=True,
            metavar="KEY=VALUE",
            help="An annotation; may be repeated.",
        ),
        *generation.flags(),
    ],
)

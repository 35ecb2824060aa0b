"""Kubernetes' AuthenticationConfiguration: what is wrong with it, line by line."""

from __future__ import annotations

from typing import Any

import pytest

from protocube_server.authentication.openid import configuration
from protocube_server.config_files import UnusableFile

HEAD = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
"""
GOOD = """\
jwt:
- issuer:
    url: https://example.com
    audiences: [a]
  claimMappings:
    username: {claim: sub, prefix: ""}
"""


def _refused(text: str, **more: Any) -> str:
    with pytest.raises(UnusableFile) as refused:
        configuration.parse(text, file="F", **more)
    start = "authentication configuration 'F': "
    assert str(refused.value).startswith(start)
    return str(refused.value).removeprefix(start)


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_file_of_kubernetes_is_taken(version: str) -> None:
    """In both versions; what it does not say is empty."""
    found = configuration.parse(HEAD.replace("/v1", f"/{version}") + GOOD, file="F")
    (authenticator,) = found.authenticators
    assert (authenticator.url, authenticator.audiences) == ("https://example.com", ("a",))
    assert found.anonymous is None
    assert configuration.parse(HEAD, file="F").authenticators == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "it holds no object"),
        ("- a\n", "it holds no object"),
        ("kind: Policy\n", "it must be of the kind AuthenticationConfiguration, version "),
        ("a: [\n", "yaml: line 1: did not find expected node content"),
    ],
)
def test_another_text_is_refused(text: str, fault: str) -> None:
    """With what it is not."""
    assert _refused(text).startswith(fault)


CASES = {
    "- issuer: {url: http://x, audiences: [a]}\n"
    "  claimMappings: {username: {claim: s, prefix: ''}}": (
        'line 4: jwt[0].issuer.url: Invalid value: "http://x": URL scheme must be https'
    ),
    "- issuer: {audiences: [a]}\n  claimMappings: {username: {claim: s, prefix: ''}}": (
        "line 4: jwt[0].issuer.url: Required value: URL is required"
    ),
    "- issuer: {url: 'https://u:p@x?q#f', audiences: ['']}\n"
    "  claimMappings: {username: {claim: s, prefix: ''}}": (
        'line 4: jwt[0].issuer.url: Invalid value: "https://u:p@x?q#f": URL must not contain a '
        'username or password; line 4: jwt[0].issuer.url: Invalid value: "https://u:p@x?q#f": URL '
        'must not contain a query; line 4: jwt[0].issuer.url: Invalid value: "https://u:p@x?q#f": '
        "URL must not contain a fragment; line 4: jwt[0].issuer.audiences[0]: Required value: "
        "audience can't be empty"
    ),
    "- issuer: {url: https://x, audiences: [a, b]}\n"
    "  claimMappings: {username: {claim: s, prefix: ''}}": (
        'line 4: jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be '
        "MatchAny for multiple audiences"
    ),
    "- issuer: {url: https://x, audiences: [a], discoveryURL: https://x/}\n"
    "  claimMappings: {username: {claim: s, prefix: ''}}": (
        'line 4: jwt[0].issuer.discoveryURL: Invalid value: "https://x/": discoveryURL must be '
        "different from URL"
    ),
    "- issuer: {url: https://x, audiences: [a], certificateAuthority: no}\n"
    "  claimMappings: {username: {claim: s, prefix: ''}}": (
        "line 4: jwt[0].issuer.certificateAuthority: Invalid value: false: must be a string"
    ),
    "- issuer: {url: https://x, audiences: [a], certificateAuthority: 'no'}\n"
    "  claimMappings: {username: {claim: s, prefix: ''}}": (
        'line 4: jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>": it holds no '
        "certificates in PEM form"
    ),
    "- issuer: {url: https://x, audiences: [a]}\n  claimMappings: {username: {claim: s}}": (
        "line 5: jwt[0].claimMappings.username.prefix: Required value: prefix is required when "
        "claim is set. It can be set to an empty string to disable prefixing"
    ),
    "- issuer: {url: https://x, audiences: [a]}\n  claimMappings: {}": (
        "line 5: jwt[0].claimMappings.username: Required value: claim or expression is required"
    ),
    "- issuer: {url: https://x, audiences: [a]}\n"
    "  claimMappings: {username: {claim: s, expression: claims.s}}": (
        'line 5: jwt[0].claimMappings.username: Invalid value: "": claim and expression can\'t '
        "both be set"
    ),
    "- issuer: {url: https://x, audiences: [a]}\n"
    "  claimMappings: {username: {expression: 'claims.email'}}": (
        'line 5: jwt[0].claimMappings.username.expression: Invalid value: "claims.email": '
        "claims.email_verified must be used in claimMappings.username.expression or "
        "claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when "
        "claims.email is used in claimMappings.username.expression"
    ),
    "- issuer: {url: https://x, audiences: [a]}\n"
    "  claimMappings: {username: {expression: '1 + 1'}}": (
        'line 5: jwt[0].claimMappings.username.expression: Invalid value: "1 + 1": must evaluate '
        "to string but got int"
    ),
    "- issuer: {url: https://x, audiences: [a]}\n"
    "  claimMappings:\n"
    "    username: {claim: s, prefix: ''}\n"
    "    extra:\n"
    "    - {key: a.k8s.io/X, valueExpression: claims.x}\n"
    "    - {key: foo}": (
        'line 8: jwt[0].claimMappings.extra[0].key: Invalid value: "a.k8s.io/X": key must be '
        'lowercase; line 8: jwt[0].claimMappings.extra[0].key: Invalid value: "a.k8s.io/X": '
        "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use; line 9: "
        'jwt[0].claimMappings.extra[1].key: Invalid value: "foo": must be a domain-prefixed path '
        "(such as acme.io/foo); line 9: jwt[0].claimMappings.extra[1].valueExpression: Required "
        "value: valueExpression is required"
    ),
    "- issuer: {url: https://x, audiences: [a]}\n"
    "  claimMappings: {username: {claim: s, prefix: ''}}\n"
    "  claimValidationRules:\n"
    "  - {claim: a, expression: b}\n"
    "  - {}\n"
    "  - {claim: c, message: m}": (
        'line 7: jwt[0].claimValidationRules[0]: Invalid value: "a": claim and expression can\'t '
        "both be set; line 8: jwt[0].claimValidationRules[1]: Required value: claim or expression "
        'is required; line 9: jwt[0].claimValidationRules[2].message: Invalid value: "m": message '
        "can't be set when claim is set"
    ),
    "- issuer: {url: https://x, audiences: [a], egressSelectorType: cluster}\n"
    "  claimMappings: {username: {claim: s, prefix: ''}}": (
        "line 4: jwt[0].issuer.egressSelectorType: Forbidden: unknown field"
    ),
}


@pytest.mark.parametrize("entry", CASES)
def test_all_faults_are_told_with_their_lines(entry: str) -> None:
    """The words are Kubernetes'; what expressions there cannot be is said when it is read."""
    assert _refused(f"{HEAD}jwt:\n{entry}\n") == CASES[entry]


def test_an_expression_that_is_none_is_told_with_its_place() -> None:
    """In the words of CEL."""
    text = GOOD.replace('claim: sub, prefix: ""', "expression: claims.(")
    assert "jwt[0].claimMappings.username.expression: Invalid value: " in _refused(HEAD + text)
    assert "compilation failed: " in _refused(HEAD + text)


def test_issuers_are_named_once() -> None:
    """And none of them is the server's own."""
    twice = HEAD + GOOD + GOOD.partition("\n")[2]
    assert _refused(twice) == ('line 10: jwt[1].issuer.url: Duplicate value: "https://example.com"')
    assert _refused(HEAD + GOOD, own=["https://example.com"]) == (
        'line 5: jwt[0].issuer.url: Invalid value: "https://example.com": URL must not overlap '
        "with disallowed issuers: [https://example.com]"
    )
    entries = GOOD.partition("\n")[2] * 65
    assert _refused(f"{HEAD}jwt:\n{entries}").startswith("line 3: jwt: Too many: 65: ")


@pytest.mark.parametrize(
    ("said", "anonymous"),
    [
        ("anonymous: {enabled: true}", True),
        ("anonymous: {enabled: false}", False),
        ("anonymous: {enabled: true, conditions: [{path: /livez}, {path: /readyz}]}", False),
    ],
)
def test_anonymous_callers_are_let_in_as_it_says(said: str, *, anonymous: bool) -> None:
    """Probes are let in always: conditions on their paths let in nobody else."""
    assert configuration.parse(f"{HEAD}{said}\n", file="F").anonymous is anonymous


def test_a_condition_on_another_path_is_refused() -> None:
    """Methods have no paths of HTTP."""
    said = "anonymous: {enabled: true, conditions: [{path: /apis}]}\n"
    assert "anonymous.conditions[0].path: Invalid value: " in _refused(HEAD + said)

"""Which calls a policy means: Kubernetes' rules for what fits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from protocube_server import config_files
from protocube_server.audit import policy_file
from protocube_server.audit.policy import DEFAULT, WORDS, Policy
from protocube_server.calls.user import User
from protocube_server.calls.verb import Target

ALICE = User(name="alice", groups=("devs", "system:authenticated"))
FILE = Path("policy.yaml")
HEAD = "apiVersion: audit.k8s.io/v1\nkind: Policy\n"


def parsed(text: str) -> Policy:
    """Return the policy of a text."""
    node = config_files.parse(
        HEAD + text, FILE, kind="Policy", api_versions=["audit.k8s.io/v1"], what="audit policy"
    )
    return policy_file.of_node(node)


def level(policy: Policy, asked: str, user: User = ALICE) -> str:
    """Return the level of ``VERB [GROUP/]RESOURCE[:SUB] NAMESPACE NAME``, as a policy has it."""
    verb, what, namespace, name = asked.split()
    group, _, rest = what.rpartition("/")
    resource, _, sub = rest.partition(":")
    target = Target(namespace.strip("-"), name.strip("-"))
    whole = [rule for rule in policy.rules if rule.fits(user, verb, group, resource, sub, target)]
    # Those that are looked at for each call are worked out before.
    candidates = policy.candidates(verb, group, resource, sub)
    found = [each.rule for each in candidates if each.fits(user, target)]
    assert found[:1] == whole[:1]
    return WORDS[found[0].level] if found else "-"


FITS = {
    "level: Metadata": {"get pods dev a": "Metadata", "list apps/deployments - -": "Metadata"},
    "level: Metadata, users: [alice]": {"get pods dev a": "Metadata"},
    "level: Metadata, users: [bob]": {"get pods dev a": "-"},
    "level: Metadata, userGroups: [x, devs]": {"get pods dev a": "Metadata"},
    "level: Metadata, userGroups: [x]": {"get pods dev a": "-"},
    "level: Metadata, verbs: [get]": {"get pods dev a": "Metadata", "list pods dev -": "-"},
    "level: None, namespaces: [dev]": {"get pods dev a": "None", "get pods prod a": "-"},
    'level: None, namespaces: [""]': {"get nodes - a": "None", "get pods prod a": "-"},
    "level: Metadata, nonResourceURLs: [/x*]": {"get pods dev a": "-"},
    'level: Metadata, resources: [{group: ""}]': {
        "get pods dev a": "Metadata",
        "get pods:log dev a": "Metadata",
        "get apps/deployments dev a": "-",
    },
    "level: Metadata, resources: [{resources: [pods]}]": {
        "get pods dev a": "Metadata",
        "get pods:status dev a": "-",
    },
    "level: Metadata, resources: [{resources: [pods/status]}]": {
        "update pods dev a": "-",
        "update pods:status dev a": "Metadata",
    },
    'level: Metadata, resources: [{resources: ["pods/*"]}]': {
        "update pods:status dev a": "Metadata",
        "update pods dev a": "Metadata",
        "update services:status dev a": "-",
    },
    'level: Metadata, resources: [{group: apps, resources: ["*/scale"]}]': {
        "update apps/deployments:scale dev a": "Metadata",
        "update apps/deployments dev a": "-",
    },
    'level: Metadata, resources: [{resources: ["*"]}]': {"update pods:status d a": "Metadata"},
    'level: Metadata, resources: [{group: "*", resources: [events, "*/scale"]}]': {
        "create events dev a": "Metadata",
        "create events.k8s.io/events dev a": "Metadata",
        "update apps/deployments:scale dev a": "Metadata",
        "update apps/deployments dev a": "-",
    },
    "level: None, resources: [{resources: [configmaps], resourceNames: [a]}]": {
        "update configmaps dev a": "None",
        "update configmaps dev b": "-",
        "list configmaps dev -": "-",
    },
}


@pytest.mark.parametrize("rule", FITS)
def test_what_a_rule_fits(rule: str) -> None:
    """A rule fits by all that it names; what it does not name may be anything."""
    policy = parsed(f"rules: [{{{rule}}}]")
    assert {asked: level(policy, asked) for asked in FITS[rule]} == FITS[rule]


def test_the_first_rule_decides() -> None:
    """Later ones are not looked at, also when the first says None."""
    policy = parsed("rules: [{level: None, verbs: [get]}, {level: Metadata}]")
    assert level(policy, "get pods dev a") == "None"
    assert level(policy, "list pods dev -") == "Metadata"


def test_paths_of_methods_that_are_no_kinds() -> None:
    """They are fitted whole, or by their beginning."""
    text = "rules: [{level: Metadata, nonResourceURLs: [/a.B/*, /c.D/E]}]"
    policy = parsed(text)
    found = {path: policy.for_path(ALICE, "call", path) for path in ("/a.B/X", "/c.D/E", "/c.D/F")}
    assert [path for path, rule in found.items() if rule] == ["/a.B/X", "/c.D/E"]
    assert DEFAULT.for_path(ALICE, "call", "/a.B/X") is None


def test_the_default() -> None:
    """It writes down writes and reads of secrets, and not that somebody is alive."""
    wanted = {
        "create pods dev a": "Metadata",
        "patch apps/deployments:scale dev a": "Metadata",
        "deletecollection pods dev -": "Metadata",
        "get secrets dev a": "Metadata",
        "watch secrets dev -": "Metadata",
        "get pods dev a": "-",
        "create events dev a": "None",
        "create authorization.k8s.io/subjectaccessreviews - -": "None",
        "update coordination.k8s.io/leases dev a": "None",
    }
    assert {asked: level(DEFAULT, asked) for asked in wanted} == wanted


FAULTS: dict[str, Any] = {
    "": "policy.yaml:1: loaded illegal policy with 0 rules",
    "rules: []": "policy.yaml:1: loaded illegal policy with 0 rules",
    "rules:\n- verbs: [get]": "policy.yaml:4: rules[0]: level: Required value",
    "rules:\n- level: None\n- level: metadata": (
        'policy.yaml:5: rules[1].level: Unsupported value: "metadata": supported values: '
        '"None", "Metadata", "Request", "RequestResponse"'
    ),
    "rules:\n- level: [None]": "policy.yaml:4: rules[0].level: must be a string",
    "rules:\n- level: None\n  omitStages: [[]]": (
        "policy.yaml:5: rules[0].omitStages[0]: must be a string"
    ),
    "rules:\n- level: None\n---\nrules: []": (
        "policy.yaml:5: the audit policy is one document, and this is another"
    ),
    "rules:\n- level: None\n  resource: x": (
        "policy.yaml:5: rules[0].resource: unknown field; known are level, users, userGroups, "
        "verbs, resources, namespaces, nonResourceURLs, omitStages, omitManagedFields"
    ),
    "rules:\n- level: None\n  users: alice": "policy.yaml:5: rules[0].users: must be a list",
    "rules:\n- level: None\n  users: [1]": "policy.yaml:5: rules[0].users[0]: must be a string",
    "rules:\n- level: None\n  omitStages: [Done]": (
        "policy.yaml:5: rules[0].omitStages[0]: allowed stages are "
        "RequestReceived,ResponseStarted,ResponseComplete,Panic"
    ),
    "rules:\n- level: None\n  nonResourceURLs: [x]": (
        "policy.yaml:5: rules[0].nonResourceURLs[0]: non-resource URL rules must begin with a '/' "
        "character"
    ),
    "rules:\n- level: None\n  nonResourceURLs: [/a*b]": (
        "policy.yaml:5: rules[0].nonResourceURLs[0]: non-resource URL wildcards '*' must be the "
        "final character of the rule"
    ),
    "rules:\n- level: None\n  nonResourceURLs: [/a]\n  namespaces: [x]": (
        "policy.yaml:5: rules[0].nonResourceURLs: rules cannot apply to both regular resources and "
        "non-resource URLs"
    ),
    "rules:\n- level: None\n  resources:\n  - resourceNames: [x]": (
        "policy.yaml:6: rules[0].resources[0].resourceNames: using resourceNames requires at least "
        "one resource"
    ),
    "rules: [": "policy.yaml:4: yaml: did not find expected node content",
    "rules: []\nrules: []": 'policy.yaml: line 4: key "rules" already set in map',
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_told_with_its_line_and_field(text: str) -> None:
    """What is wrong with a policy can be found and mended."""
    with pytest.raises(config_files.ConfigFileError) as refused:
        parsed(text)
    assert str(refused.value) == FAULTS[text]


@pytest.mark.parametrize(
    ("rules", "exposing"),
    [
        ("[{level: RequestResponse}]", 0),
        ("[{level: Request, verbs: [create]}]", 0),
        ("[{level: Request, resources: [{resources: [secrets]}]}]", 0),
        ('[{level: Request, resources: [{group: "*"}]}]', 0),
        ("[{level: Metadata, verbs: [get]}, {level: RequestResponse}]", 1),
        ("[{level: None, users: [x]}, {level: RequestResponse}]", 1),
        ("[{level: Metadata, resources: [{resources: [secrets]}]}, {level: Request}]", None),
        ("[{level: None}, {level: RequestResponse}]", None),
        ("[{level: RequestResponse, resources: [{group: apps}]}]", None),
        ("[{level: Metadata}]", None),
    ],
)
def test_the_data_of_secrets_needs_to_be_asked_for(rules: str, exposing: int | None) -> None:
    """A policy that would write it down is refused, unless its annotation accepts that."""
    given = 'metadata: {annotations: {audit.protocube/secret-data: "true"}}\n'
    assert parsed(f"{given}rules: {rules}").rules
    if exposing is None:
        assert parsed(f"rules: {rules}").rules
        return
    with pytest.raises(config_files.ConfigFileError) as refused:
        parsed(f"rules: {rules}")
    assert f": rules[{exposing}]: would write the data of secrets to the log" in str(refused.value)


def test_another_kind_is_refused(tmp_path: Path) -> None:
    """So are another version, a file that is not there, and one that is no text."""
    file = tmp_path / "policy.yaml"
    wanted = {
        b"kind: Pod": f'{file}:1: the audit policy has the kind "Pod", it must be Policy',
        b"kind: Policy\napiVersion: audit.k8s.io/v1beta1": (
            f'{file}:1: the audit policy has the apiVersion "audit.k8s.io/v1beta1", it must be '
            "audit.k8s.io/v1"
        ),
        b"": f"{file}: the audit policy must be a Policy of audit.k8s.io/v1",
        b"\xff": f"the audit policy {file} is no text in UTF-8",
        b"#" * 1024 * 1024 * 2: f"the audit policy {file} has more than 1048576 bytes",
    }
    for data, message in wanted.items():
        file.write_bytes(data)
        with pytest.raises(config_files.ConfigFileError) as refused:
            policy_file.read(file)
        assert str(refused.value) == message
    with pytest.raises(config_files.ConfigFileError, match=r"cannot read .*: No such file"):
        policy_file.read(tmp_path / "none")

"""The file that names the keys: what it means, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protocube_server import config_files
from protocube_server.storage.sealing import configuration
from tests.sealing.keyed import HEAD, configured, provider, secret

if TYPE_CHECKING:
    from protocube_server.storage.sealing.sealing import Sealing

FILE = Path("keys.yaml")


def parsed(text: str) -> Sealing:
    """Return what a text says is sealed."""
    node = config_files.parse(
        HEAD + text,
        FILE,
        kind="EncryptionConfiguration",
        api_versions=["apiserver.config.k8s.io/v1"],
        what="encryption configuration",
        is_secret=True,
    )
    return configuration.of_node(node)


def test_which_keys_are_for_which_kinds(tmp_path: Path) -> None:
    """A kind by its name comes first, then all of its group, then all there are."""
    file = configured(
        tmp_path / "keys.yaml",
        events=["identity"],
        secrets__deployments_dot_apps=["aesgcm a b", "identity"],
        all_dot_apps=["secretbox c"],
        all_dot_all=["aesgcm d"],
    )
    sealing = configuration.read(file)

    def names(resource: str) -> str:
        sealer = sealing.of(resource)
        assert sealer is not None
        return " ".join(key.name or key.provider for key in sealer.keys)

    assert {each: names(each) for each in ("events", "secrets", "deployments.apps")} == {
        "events": "identity",
        "secrets": "a b identity",
        "deployments.apps": "a b identity",
    }
    assert names("daemonsets.apps") == "c"
    assert names("pods") == names("widgets.example.com") == "d"
    assert configuration.read(configured(file, all_dot_=["aesgcm a"])).of("pods") is not None
    assert configuration.read(configured(file, all_dot_=["aesgcm a"])).of("pods.x") is None
    # A kind may stand in several entries, one after the other.
    both = f"resources:\n- {{resources: [secrets], providers: [{provider('aesgcm a')}]}}\n" * 1
    both += f"- {{resources: [secrets], providers: [{provider('identity')}]}}\n"
    sealing = parsed(both)
    assert names("secrets") == "a identity"


def _one(resources: str, *providers: str) -> str:
    return f"resources:\n- resources: {resources}\n  providers: [{', '.join(providers)}]\n"


KEY = f"{{name: a, secret: {secret('a')}}}"
GCM = provider("aesgcm a")
KMS = "{kms: {apiVersion: v2, name: p, endpoint: unix:///s}}"
FAULTS = {
    "": "keys.yaml:1: resources: Required value: at least one resources is required",
    "resources: [{resources: [], providers: []}]": (
        "keys.yaml:3: resources[0]: resources: Required value: at least one resources is required"
    ),
    _one("[secrets]"): (
        "keys.yaml:4: resources[0]: providers: Required value: at least one providers is required"
    ),
    _one("[Secrets]", GCM): (
        "keys.yaml:4: resources[0].resources[0]: resource name should not contain capital letters"
    ),
    _one('["*"]', GCM): (
        "keys.yaml:4: resources[0].resources[0]: use '*.' to encrypt all the resources from core "
        "API group or *.* to encrypt all resources"
    ),
    _one('["secrets.*"]', GCM): (
        "keys.yaml:4: resources[0].resources[0]: encrypting the same resource across groups is not "
        "supported"
    ),
    _one("[secrets, secrets]", GCM): (
        "keys.yaml:4: resources[0].resources: the same resource cannot be specified multiple times"
    ),
    _one('[secrets, "*."]', GCM): (
        "keys.yaml:4: resources[0].resources: using overlapping resources such as 'secrets' and "
        "'*.' in the same resource list is not allowed as they will be masked"
    ),
    _one('["*.apps"]', GCM) + f"- {{resources: [deployments.apps], providers: [{GCM}]}}": (
        'keys.yaml:6: resources[1].resources[0]: resource "deployments.apps" is masked by earlier '
        'rule "*.apps"'
    ),
    _one('["*.*"]', GCM) + f'- {{resources: ["*."], providers: [{GCM}]}}': (
        'keys.yaml:6: resources[1].resources[0]: resource "*." is masked by earlier rule "*.*"'
    ),
    _one("[secrets]", "{}"): (
        "keys.yaml:5: resources[0].providers[0]: a provider is one of aesgcm, aescbc, secretbox, "
        "identity, kms"
    ),
    _one("[secrets]", f"{{aesgcm: {{keys: [{KEY}]}}, identity: {{}}}}"): (
        "keys.yaml:5: resources[0].providers[0]: more than one provider specified in a single "
        "element, should split into different list elements"
    ),
    _one("[secrets]", f"{{aescbc: {{keys: [{KEY}]}}}}"): (
        "keys.yaml:5: resources[0].providers[0].aescbc: aescbc is not served: what it seals can be "
        "changed unnoticed. Use secretbox or aesgcm"
    ),
    _one("[secrets]", "{aesgcm: {keys: []}}"): (
        "keys.yaml:5: resources[0].providers[0].aesgcm: keys: Required value: at least one keys is "
        "required"
    ),
    _one("[secrets]", "{aesgcm: {keys: [{name: a}]}}"): (
        "keys.yaml:5: resources[0].providers[0].aesgcm.keys[0]: secret: Required value: secret is "
        "a mandatory field for a key"
    ),
    _one("[secrets]", "{aesgcm: {keys: [{name: a, secret: '%'}]}}"): (
        "keys.yaml:5: resources[0].providers[0].aesgcm.keys[0].secret: secrets must be base64 "
        "encoded"
    ),
    _one("[secrets]", f"{{secretbox: {{keys: [{{name: a, secret: {secret('a', 16)}}}]}}}}"): (
        "keys.yaml:5: resources[0].providers[0].secretbox.keys[0].secret: secret is not of the "
        "expected length, got 16, expected one of [32]"
    ),
    _one("[secrets]", f"{{aesgcm: {{keys: [{{name: 'a:b', secret: {secret('a')}}}]}}}}"): (
        "keys.yaml:5: resources[0].providers[0].aesgcm.keys[0].name: a name has no colon"
    ),
    _one("[secrets]", "{kms: {name: p, endpoint: unix:///s}}"): (
        'keys.yaml:5: resources[0].providers[0].kms: the version "v1" of plugins is not served, v2 '
        "is"
    ),
    _one("[secrets]", "{kms: {apiVersion: v2, name: p, endpoint: 'tcp://a'}}"): (
        'keys.yaml:5: resources[0].providers[0].kms.endpoint: unsupported scheme "tcp" for KMS '
        "provider, only unix is supported"
    ),
    _one("[secrets]", KMS, KMS): (
        "keys.yaml:5: resources[0].providers[1].kms.name: duplicate KMS provider name p, names "
        "must be unique"
    ),
    _one("[secrets]", KMS.replace("unix:///s", "unix:///s, timeout: 3")): (
        "keys.yaml:5: resources[0].providers[0].kms.timeout: must be a string"
    ),
    _one("[secrets]", KMS.replace("unix:///s", "unix:///s, timeout: 0s")): (
        "keys.yaml:5: resources[0].providers[0].kms.timeout: timeout should be a positive value"
    ),
    f"resources: [{{secret: {secret('a')}": "keys.yaml:4: it is no YAML",
    _one("[secrets]", f"{{aesgcm: {{keys: [{{name: {'n' * 1001}, secret: {secret('a')}}}]}}}}"): (
        "keys.yaml:5: resources[0].providers[0].aesgcm.keys[0].name: a name has at most 1000 bytes"
    ),
    _one("[secrets]", f"{{kms: {{apiVersion: v2, name: {'n' * 1001}, endpoint: 'unix:///s'}}}}"): (
        "keys.yaml:5: resources[0].providers[0].kms.name: a name has at most 1000 bytes"
    ),
    _one("[secrets]", GCM) + f"---\n{HEAD}": (
        "keys.yaml:6: the encryption configuration is one document, and this is another"
    ),
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_told_with_its_line_and_field(text: str) -> None:
    """It is told in Kubernetes' words, and never with a key."""
    with pytest.raises(config_files.ConfigFileError) as refused:
        parsed(text)
    assert str(refused.value) == FAULTS[text]
    assert secret("a") not in str(refused.value)


def test_a_file_that_others_can_read_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It holds keys."""
    file = configured(tmp_path / "keys.yaml", secrets=["aesgcm a"])
    configuration.read(file)
    assert not caplog.messages
    file.chmod(0o644)
    configuration.read(file)
    assert caplog.messages == [f"{file} holds keys, and others than its owner can read it"]

"""What cubectl prints of admission, as kubectl does beside a Kubernetes API server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests import server_process
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from tests.client.command_line import Done

_DOCS = Path(__file__).parents[2] / "docs" / "admission.md"
_SAID = "ValidatingAdmissionPolicy 'few-replicas' with binding 'few-replicas' denied request: "


def test_a_refusal_is_printed_as_kubectl_does(tmp_path: Path) -> None:
    """The policy is the one in the documentation; it is in force at once."""
    found = re.search(r"<<EOF\n(.*?)EOF\n", _DOCS.read_text(), re.DOTALL)
    assert found is not None
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }
    web = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 6, "selector": {"matchLabels": {"a": "b"}}, "template": template},
    }
    with server_process.running(tmp_path / "store.db") as server:
        environ = {"HOME": str(tmp_path), "PROTOCUBE_SERVER": server.address}
        cubectl = CommandLine(environ=environ)

        def create(manifest: str) -> Done:
            return cubectl("create", "-f", "-", stdin=manifest.encode())

        assert create(found[1]).code == 0
        refused = create(json.dumps(web))
        assert (refused.code, refused.out) == (1, "")
        assert refused.err == f'The deployments "web" is invalid: : {_SAID}at most five\n'
        refused = cubectl("create", "deployment", "web", "--image=i", "--replicas=6")
        assert refused.err == (
            'error: failed to create deployment: deployments.apps "web" is forbidden: '
            f"{_SAID}at most five\n"
        )
        assert cubectl("delete", "validatingadmissionpolicy", "few-replicas").code == 0
        assert create(json.dumps(web)).code == 0
        assert cubectl("create", "quota", "q", "--hard=configmaps=1").code == 0
        assert cubectl("create", "configmap", "a").code == 0
        refused = cubectl("create", "configmap", "b")
        assert refused.err == (
            'error: failed to create configmap: configmaps "b" is forbidden: exceeded quota: q, '
            "requested: configmaps=1, used: configmaps=1, limited: configmaps=1\n"
        )
        described = cubectl("describe", "quota", "q").out
        assert "configmaps  1     1\n" in described

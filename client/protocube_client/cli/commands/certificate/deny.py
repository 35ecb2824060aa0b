"""``cubectl certificate deny``."""

from __future__ import annotations

from protocube_client.cli.commands.certificate import deciding
from protocube_client.cli.commands.certificate.verdict import Verdict

COMMAND = deciding.command(
    "deny",
    Verdict(
        condition="Denied",
        contrary="Approved",
        reason="KubectlDeny",
        message="This CSR was denied by cubectl certificate deny.",
    ),
    help="Deny CertificateSigningRequests: their signer must not give the certificates out.",
    examples="""
# Deny a CertificateSigningRequest
cubectl certificate deny ada

# Deny those in a file
cubectl certificate deny -f requests.yaml
""",
)

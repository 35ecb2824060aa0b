"""``protocube.openid.v1.Issuer``: how tokens of service accounts are verified by others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.openid.v1 import issuer_pb2, issuer_pb2_grpc

if TYPE_CHECKING:
    from protocube_server.authentication.service_accounts.issuing import Issuer

_KEYS_PATH: Final = "/openid/v1/jwks"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenId(issuer_pb2_grpc.IssuerServicer):
    """Answers from the keys in use."""

    issuer: Issuer | None
    """``None`` where no tokens are made."""

    async def GetConfiguration(  # noqa: N802  # gRPC's name
        self, request: issuer_pb2.GetConfigurationRequest, context: Any
    ) -> issuer_pb2.GetConfigurationResponse:
        """Return the issuer's metadata. Raises ``errors.NotFound`` where no tokens are made."""
        del request, context
        issuer = self._issuer()
        return issuer_pb2.GetConfigurationResponse(
            issuer=issuer.name,
            jwks_uri=f"{issuer.name.rstrip('/')}{_KEYS_PATH}",
            response_types_supported=["id_token"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=sorted(
                {key.algorithms[0] for key in issuer.keys}
            ),
        )

    async def GetKeys(  # noqa: N802  # gRPC's name
        self, request: issuer_pb2.GetKeysRequest, context: Any
    ) -> issuer_pb2.GetKeysResponse:
        """Return the keys. Raises ``errors.NotFound`` where no tokens are made."""
        del request, context
        keys = [issuer_pb2.Key(**key.public()) for key in self._issuer().keys]
        return issuer_pb2.GetKeysResponse(keys=keys)

    def _issuer(self) -> Issuer:
        if self.issuer is None:
            raise errors.NotFound(
                "this server makes no tokens of service accounts (--service-account-key)"
            )
        return self.issuer

"""The client's methods that write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from protocube_client import target, verbs
from protocube_client.calling import Calling, M

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.authentication.v1.token_request_pb2 import TokenRequest
    from protocube.autoscaling.v1.scale_pb2 import Scale
    from protocube_client.options import (
        ApplyOptions,
        DeletionOptions,
        EvictionOptions,
        NamedDeletionOptions,
        NamedWriteOptions,
        PatchData,
        PatchOptions,
        ScaleApplyOptions,
        Selection,
        Subresource,
        TokenOptions,
        WriteOptions,
    )
    from protocube_client.target import Target


class Writing(Calling):
    """The part of a client that changes objects."""

    async def create(self, item: M, **options: Unpack[WriteOptions]) -> M:
        """Create ``item`` and give it as the server keeps it.

        Raises ``errors.AlreadyExists``, ``errors.Invalid`` and
        ``errors.NotFound`` (its namespace). With a ``request_id``, which
        every write takes, a call that is repeated after ``errors.OutcomeUnknown`` is
        carried out once; see docs/clients/python.md.
        """
        found = self._of(item)
        return found.parse(await self._send(verbs.create(found, item, **self._managed(options))))

    async def update(self, item: M, **options: Unpack[WriteOptions]) -> M:
        """Replace an object by ``item``, which carries the resource version it was read at.

        Raises ``errors.Conflict`` when the object was changed since,
        ``errors.Invalid`` and ``errors.NotFound``.
        """
        found = self._of(item)
        return found.parse(await self._send(verbs.update(found, item, **self._managed(options))))

    async def update_status(self, item: M, **options: Unpack[WriteOptions]) -> M:
        """Replace the status of an object by that of ``item``; nothing else is written.

        Raises what :meth:`update` raises, and ``errors.MethodNotSupported`` for
        a kind without a status of its own.
        """
        found = self._of(item)
        return found.parse(
            await self._send(verbs.update_status(found, item, **self._managed(options)))
        )

    @overload
    async def patch(
        self,
        kind: type[M],
        name: str,
        change: PatchData | M,
        *,
        subresource: Literal["", "status"] = "",
        **options: Unpack[PatchOptions],
    ) -> M: ...

    @overload
    async def patch(
        self,
        kind: type[Message] | str,
        name: str,
        change: PatchData | Scale,
        *,
        subresource: Literal["scale"],
        **options: Unpack[PatchOptions],
    ) -> Scale: ...

    @overload
    async def patch(
        self,
        kind: str,
        name: str,
        change: PatchData | Message,
        *,
        subresource: Literal["", "status"] = "",
        **options: Unpack[PatchOptions],
    ) -> Message: ...

    async def patch(
        self,
        kind: type[M] | str,
        name: str,
        change: PatchData | Message,
        *,
        subresource: Subresource = "",
        **options: Unpack[PatchOptions],
    ) -> M | Message:
        """Change parts of the object ``name``, whatever else it is by now, and return it.

        ``change`` is a patch as text or data, whose ``type`` is ``strategic`` unless said
        otherwise, or a message with ``fields``: the named fields are taken from it, and
        those that it has not set are cleared::

            await client.patch(Deployment, "web", {"spec": {"replicas": 3}}, type="merge")
            await client.patch(Deployment, "web", changed, fields=["spec.template"])

        The server carries it out anew when another write is faster. A resource version in
        it is a condition. With ``subresource`` the status is changed and not the spec, or
        the object's Scale, which is then returned.

        Raises ``errors.NotFound``, ``errors.Invalid`` for what the patch would leave and for
        another uid, ``errors.BadRequest`` for one that cannot be read or carried out,
        ``errors.Conflict`` for another resource version, and ``errors.MethodNotSupported``
        for a kind without the subresource.
        """
        found = target.of(self.catalog, kind)
        request = verbs.patch(
            found, name, change, subresource=subresource, **self._managed(options)
        )
        answer = await self._send(request)
        return _scale(answer) if subresource == "scale" else found.parse(answer)

    async def apply(self, item: M, **options: Unpack[ApplyOptions]) -> M:
        """Give an object the fields that ``item`` has set, and return it.

        The manager, named here or of the client, owns those fields from then on; what it
        has applied before and ``item`` lacks is taken away, unless others own it, too. An
        object that is missing is created. A field at its zero value is not set:
        :meth:`apply_manifest` can say those.

        Raises ``errors.Conflict`` with the fields that others own and their managers,
        unless ``force`` takes them, and ``errors.Invalid``.
        """
        found = self._of(item)
        request = verbs.apply(found, item, **self._managed(options))
        return found.parse(await self._send(request))

    @overload
    async def apply_manifest(
        self,
        kind: type[M],
        name: str,
        manifest: str,
        *,
        namespace: str = "",
        **options: Unpack[ApplyOptions],
    ) -> M: ...

    @overload
    async def apply_manifest(
        self,
        kind: str,
        name: str,
        manifest: str,
        *,
        namespace: str = "",
        **options: Unpack[ApplyOptions],
    ) -> Message: ...

    async def apply_manifest(
        self,
        kind: type[M] | str,
        name: str,
        manifest: str,
        *,
        namespace: str = "",
        **options: Unpack[ApplyOptions],
    ) -> M | Message:
        """Apply one document of YAML or JSON to the object ``name``, as :meth:`apply` does.

        The text has its kind and name, too, and says what a message cannot: fields at
        their zero value, and empty lists and maps. Raises ``errors.BadRequest`` for a text
        that cannot be read.
        """
        found = target.of(self.catalog, kind)
        request = verbs.apply_manifest(
            found, name, manifest, namespace=namespace, **self._managed(options)
        )
        return found.parse(await self._send(request))

    async def get_scale(
        self, kind: type[Message] | str, name: str, *, namespace: str = ""
    ) -> Scale:
        """Return the Scale of the object ``name``: its replicas, wanted and present.

        Raises ``errors.NotFound``, and ``errors.MethodNotSupported`` for a kind
        without replicas.
        """
        found: Target[Message] = target.of(self.catalog, kind)
        return _scale(await self._send(verbs.get_scale(found, name, namespace=namespace)))

    async def scale(
        self,
        kind: type[Message] | str,
        name: str,
        to: int | Scale,
        **options: Unpack[NamedWriteOptions],
    ) -> Scale:
        """Give the object ``name`` a number of replicas and return its Scale.

        ``to`` is the number, whatever it is by now, or a Scale that was read: its resource
        version is a condition then, and its own name and namespace are those that count.
        Raises what :meth:`get_scale` raises, ``errors.Invalid``, and ``errors.Conflict``
        when the object was changed since the Scale was read.
        """
        found: Target[Message] = target.of(self.catalog, kind)
        managed = self._managed(options)
        if isinstance(to, int):
            from protocube.autoscaling.v1 import scale_pb2

            wanted = scale_pb2.Scale(spec=scale_pb2.ScaleSpec(replicas=to))
            request = verbs.patch(
                found, name, wanted, subresource="scale", fields=["spec.replicas"], **managed
            )
        else:
            written: Any = {key: value for key, value in managed.items() if key != "namespace"}
            request = verbs.update_scale(found, to, **written)
        return _scale(await self._send(request))

    async def apply_scale(
        self,
        kind: type[Message] | str,
        name: str,
        replicas: int | None,
        **options: Unpack[ScaleApplyOptions],
    ) -> Scale:
        """Let the manager own a number of replicas of the object ``name``; return its Scale.

        ``None`` gives the number up: one that no other manager owns becomes 0. Raises what
        :meth:`get_scale` raises, ``errors.Invalid``, and ``errors.Conflict`` with the managers
        that own another number, unless ``force`` takes it.
        """
        found: Target[Message] = target.of(self.catalog, kind)
        request = verbs.apply_scale(found, name, replicas, **self._managed(options))
        return _scale(await self._send(request))

    @overload
    async def delete(
        self, kind: type[M], name: str, **options: Unpack[NamedDeletionOptions]
    ) -> M: ...

    @overload
    async def delete(
        self, kind: str, name: str, **options: Unpack[NamedDeletionOptions]
    ) -> Message: ...

    async def delete(
        self, kind: type[M] | str, name: str, **options: Unpack[NamedDeletionOptions]
    ) -> M | Message:
        """Delete the object ``name`` and give it as it last was.

        Raises ``errors.NotFound``, and ``errors.Conflict`` when a condition
        does not hold. An object with finalizers is given with its deletion
        timestamp, and stays.
        """
        found = target.of(self.catalog, kind)
        return found.parse(await self._send(verbs.delete(found, name, **options)))

    async def evict(
        self, kind: type[Message] | str, name: str, **options: Unpack[EvictionOptions]
    ) -> None:
        """Delete the object ``name``, a pod, if the disruption budgets allow it.

        Raises ``errors.TooManyRequests`` when they do not allow it now, ``errors.NotFound``,
        and ``errors.MethodNotSupported`` for a kind that has no budgets.
        """
        found: Target[Message] = target.of(self.catalog, kind)
        await self._send(verbs.evict(found, name, **options))

    async def create_token(self, name: str, **options: Unpack[TokenOptions]) -> TokenRequest:
        """Return a token of the service account ``name``, in the status of the answer.

        Raises ``errors.NotFound``, ``errors.Invalid`` for a duration that no token has, and
        ``errors.MethodNotSupported`` by a server that makes no tokens.
        """
        from protocube.authentication.v1 import token_request_pb2

        found: Target[Message] = target.of(self.catalog, "serviceaccounts")
        answer = await self._send(verbs.create_token(found, name, **options))
        return token_request_pb2.TokenRequest.FromString(answer)

    async def delete_collection(
        self, kind: type[Message] | str, selection: Selection, **options: Unpack[DeletionOptions]
    ) -> None:
        """Delete every object that a list of ``selection`` would give, one by one.

        An error leaves the rest as it is.
        """
        found: Target[Message] = target.of(self.catalog, kind)
        await self._send(verbs.delete_collection(found, selection, **options))


def _scale(body: bytes) -> Scale:
    from protocube.autoscaling.v1 import scale_pb2

    return scale_pb2.Scale.FromString(body)

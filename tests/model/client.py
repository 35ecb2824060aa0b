"""A client of a server that carries out what the model does: operations to typed calls."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.api.v1 import resource_pb2
from protocube.autoscaling.v1 import scale_requests_pb2
from protocube.meta.v1 import requests_pb2
from tests.model.reading import ALL, Page, Token
from tests.model.views import TEMPLATE, Views, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.model.objects import Content, Kind, Operation, View
    from tests.model.reading import Requirement, Selector
    from tests.server.caller import Caller

_OWNERS = {"include_managed_fields": True}


class Client:
    """One of the clients of a history."""

    def __init__(self, caller: Caller, namespace: str, views: Views) -> None:
        self._caller = caller
        self._namespace = namespace
        self._views = views
        self._tokens: dict[Token, str] = {}

    async def answer(self, call: Operation) -> Any:
        """Carry out an operation. Returns the answer or the refusal, as the model would."""
        try:
            return await getattr(self, f"_{call.verb.lower()}")(call)
        except errors.ApiError as error:
            return refused(error)

    async def events(
        self, kind: Kind, selector: Selector, after: int, until: int
    ) -> list[tuple[str, View]]:
        """Watch from a version on to another one, which has an event."""
        found: list[tuple[str, View]] = []
        watch = self._caller.watch(
            kind.word, resource_version=str(after), **self._selected(selector)
        )
        async with aclosing(watch) as responses:
            async for response in responses:
                for event in response.events:
                    word = requests_pb2.EventType.Name(event.type).removeprefix("EVENT_TYPE_")
                    found.append((word, self._views.read(kind, event.object)))
                if int(response.resource_version) >= until:
                    return found
        raise AssertionError("a watch does not end by itself")

    async def _create(self, call: Operation) -> View:
        return await self._write("Create", call)

    async def _update(self, call: Operation) -> View:
        return await self._write("Update", call)

    async def _updatestatus(self, call: Operation) -> View:
        return await self._write("UpdateStatus", call)

    async def _write(self, method: str, call: Operation) -> View:
        message = self._message(call.kind, call.name, call.get("content"), call.options)
        options = {**self._write_options(call), **_OWNERS}
        return self._read(call, await self._caller.write(method, message, **options))

    async def _get(self, call: Operation) -> View:
        options = {**self._named(call), **_OWNERS}
        if "version" in call.options:
            options["resource_version"] = str(call.get("version"))
        return self._read(call, await self._caller.get(call.kind.word, call.name, **options))

    async def _patch(self, call: Operation) -> View:
        options = {**self._write_options(call), **_OWNERS, "namespace": self._namespace}
        if call.get("subresource") == "status":
            options["subresource"] = resource_pb2.SUBRESOURCE_STATUS
        form, patch = call.get("form"), call.get("patch")
        conditions = self._conditions(call.options)
        if form == "object":
            options["object"] = self._message(
                call.kind, call.name, patch, call.options, is_part=True
            )
            options["update_mask"] = {"paths": call.get("paths")}
        elif form == "json_patch":
            options[form] = patch + [
                {"op": "add", "path": f"/metadata/{name}", "value": value}
                for name, value in conditions.items()
            ]
        else:
            metadata = {**patch.get("metadata", {}), **conditions}
            options[form] = {**patch, "metadata": metadata} if metadata else patch
        return self._read(call, await self._caller.patch(call.kind.word, call.name, **options))

    async def _apply(self, call: Operation) -> View:
        options = {**self._write_options(call), **_OWNERS, "force": call.get("force", False)}
        options["manager"] = options.pop("field_manager")
        if call.get("form") == "object":
            wanted = self._message(call.kind, call.name, call.get("content"), call.options)
            return self._read(call, await self._caller.apply(wanted, **options))
        content = call.get("content")
        metadata = {**content.get("metadata", {}), **self._conditions(call.options)}
        names = {"apiVersion": "v1", "kind": "ConfigMap"}
        manifest = {**names, **content, "metadata": {"name": call.name, **metadata}}
        options["namespace"] = self._namespace
        return self._read(call, await self._caller.apply(manifest, **options))

    async def _getscale(self, call: Operation) -> View:
        request = requests_pb2.GetRequest(name=call.name, namespace=self._namespace)
        return self._views.scale(await self._caller.scale("GetScale", call.kind.word, request))

    async def _updatescale(self, call: Operation) -> View:
        request = scale_requests_pb2.UpdateScaleRequest(**self._write_options(call))
        metadata = request.object.metadata
        metadata.name, metadata.namespace = call.name, self._namespace
        self._set_conditions(metadata, call.options)
        request.object.spec.replicas = call.get("replicas")
        return self._views.scale(await self._caller.scale("UpdateScale", call.kind.word, request))

    async def _patchscale(self, call: Operation) -> View:
        request = scale_requests_pb2.PatchScaleRequest(
            name=call.name, namespace=self._namespace, **self._write_options(call)
        )
        metadata = self._conditions(call.options)
        patch = {"metadata": metadata, "spec": {"replicas": call.get("replicas")}}
        request.merge_patch = json.dumps(patch)
        return self._views.scale(await self._caller.scale("PatchScale", call.kind.word, request))

    async def _delete(self, call: Operation) -> View:
        options = {**self._named(call), **_OWNERS, **self._deletion(call)}
        return self._read(call, await self._caller.delete(call.kind.word, call.name, **options))

    async def _deletecollection(self, call: Operation) -> Page:
        options = {**self._deletion(call), **self._selected(call.get("selector", ALL))}
        options["limit"] = call.get("limit", 0)
        word = call.kind.word
        return self._page(call, await self._caller.delete_collection(word, **options))

    async def _list(self, call: Operation) -> Page:
        options = self._selected(call.get("selector", ALL))
        options["limit"] = call.get("limit", 0)
        if token := call.get("token"):
            options["continue_token"] = self._tokens[token]
        if asked := call.get("version"):
            options["resource_version"] = str(asked)
        if match := call.get("match"):
            words = {"Exact": "EXACT", "NotOlderThan": "NOT_OLDER_THAN"}
            options["resource_version_match"] = f"RESOURCE_VERSION_MATCH_{words[match]}"
        return self._page(call, await self._caller.list(call.kind.word, **options))

    def _page(self, call: Operation, page: Any) -> Page:
        metadata = page.metadata
        rest = None
        if metadata.continue_token:
            # Where it goes on is the server's to know; the page that follows tells it.
            rest = Token(version=int(metadata.resource_version), after=page.items[-1].metadata.name)
            self._tokens[rest] = metadata.continue_token
        has_count = metadata.HasField("remaining_item_count")
        return Page(
            version=int(metadata.resource_version),
            items=tuple(self._views.read(call.kind, item) for item in page.items),
            rest=rest,
            remaining=metadata.remaining_item_count if has_count else None,
        )

    def _read(self, call: Operation, message: Any) -> View:
        return self._views.read(call.kind, message, owners=call.kind.has_owners)

    def _message(
        self,
        kind: Kind,
        name: str,
        content: Content,
        options: Mapping[str, Any],
        *,
        is_part: bool = False,
    ) -> Any:
        """Return an object of this content. A part of one has nothing beside it."""
        fields = {**content, "metadata": {**content.get("metadata", {})}}
        if kind.has_status and not is_part:
            fields["spec"] = {**TEMPLATE, **content.get("spec", {})}
        message = self._caller.make(kind.word, name, **fields)
        message.metadata.namespace = self._namespace
        self._set_conditions(message.metadata, options)
        return message

    def _set_conditions(self, metadata: Any, options: Mapping[str, Any]) -> None:
        conditions = self._conditions(options)
        metadata.resource_version = conditions.get("resourceVersion", "")
        metadata.uid = conditions.get("uid", "")

    def _conditions(self, options: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        if "version" in options:
            found["resourceVersion"] = str(options["version"])
        if "uid" in options:
            found["uid"] = self._views.uid(options["uid"])
        return found

    def _write_options(self, call: Operation) -> dict[str, Any]:
        return {"dry_run": call.get("dry_run", False), "field_manager": call.get("manager", "")}

    def _named(self, call: Operation) -> dict[str, Any]:
        del call
        return {"namespace": self._namespace}

    def _deletion(self, call: Operation) -> dict[str, Any]:
        conditions = self._conditions(call.options)
        policy = call.get("policy")
        return {
            "dry_run": call.get("dry_run", False),
            "preconditions": requests_pb2.Preconditions(
                uid=conditions.get("uid", ""),
                resource_version=conditions.get("resourceVersion", ""),
            ),
            "propagation_policy": f"PROPAGATION_POLICY_{(policy or 'Unspecified').upper()}",
        }

    def _selected(self, selector: Selector) -> dict[str, Any]:
        labels = ",".join(_text(requirement) for requirement in selector.labels)
        name = "metadata.name{}{}".format(*selector.name) if selector.name else ""
        return {"namespace": self._namespace, "label_selector": labels, "field_selector": name}


def _text(requirement: Requirement) -> str:
    key, operator, values = requirement
    if operator in ("in", "notin"):
        return f"{key} {operator} ({','.join(values)})"
    return f"!{key}" if operator == "!" else key

"""What the methods that write do, in the model's words.

Each takes an operation and returns what it is answered with, or raises ``Refused``. A write that
changes nothing is none; a dry run answers as if, and changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.model import ownership, patching, rules
from tests.model.objects import Content, Owners, Refused, Thing, tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.model.objects import Operation, View
    from tests.model.world import World

POLICIES = {"Background": "", "Foreground": "foregroundDeletion", "Orphan": "orphan"}
_OF_POLICIES = {name for name in POLICIES.values() if name}


def create(world: World, call: Operation) -> View:
    """Create an object, which must not exist. A status is not taken."""
    content = tidy(call.kind, call.get("content"))
    content.pop("status", None)
    owners = ownership.created(content, call.get("manager")) if call.kind.has_owners else {}
    return _create(world, call, content, owners)


def update(world: World, call: Operation) -> View:
    """Replace what users want of an object."""
    return _update(world, call, _with_status)


def update_status(world: World, call: Operation) -> View:
    """Replace the status of an object, and its annotations and finalizers."""
    if not call.kind.has_status:
        raise Refused("MethodNotAllowed")
    return _update(world, call, _only_status)


def patch(world: World, call: Operation) -> View:
    """Change parts of an object. A version or a uid in the patch is a condition."""
    is_of_status = call.get("subresource") == "status"
    if is_of_status and not call.kind.has_status:
        raise Refused("NotFound")
    old = world.require(call.kind, call.name)
    content = _patched(old.content, call)
    _require_version(old, call)
    faults = ["metadata.uid"] if call.get("uid", old.uid) != old.uid else []
    keep = _only_status if is_of_status else _with_status
    return _replace(world, call, old, keep(old, tidy(call.kind, content)), faults)


def update_scale(world: World, call: Operation) -> View:
    """Change the replicas of an object, by its Scale or by a patch of that."""
    old = world.require(call.kind, call.name)
    replicas = call.get("replicas")
    if replicas < 0:
        raise Refused("Invalid", "spec.replicas")
    _require_version(old, call)
    faults = ["metadata.uid"] if call.get("uid", old.uid) != old.uid else []
    content = patching.merge(old.content, {"spec": {"replicas": replicas}})
    return scale(_replace(world, call, old, content, faults))


def get_scale(world: World, call: Operation) -> View:
    """Read the Scale of an object."""
    thing = world.require(call.kind, call.name)
    return scale(thing.shown(thing.version))


def scale(view: View) -> View:
    """Return the Scale of an object."""
    content = view["content"]
    return {
        **{name: view[name] for name in ("name", "uid", "version", "created")},
        "replicas": content["spec"]["replicas"],
        "status": content.get("status", {}).get("replicas", 0),
    }


def apply(world: World, call: Operation) -> View:
    """Let an object have what a manager wants, and not what that one wanted before."""
    old = world.find(call.kind, call.name)
    config: Content = call.get("content")
    if call.get("form") == "object":
        # A message cannot say that something is empty.
        config = tidy(call.kind, config)
    if old is None:
        if "uid" in call.options:
            raise Refused("Conflict")
        found = ownership.applied({}, {}, config, call.get("manager"), force=False)
        return _create(world, call, tidy(call.kind, found.content), found.owners)
    if "version" in call.options:
        _require_version(old, call)
    force = bool(call.get("force"))
    is_going = old.going_since is not None
    owners = old.owners or ownership.before_first_apply(old.content, is_going=is_going)
    found = ownership.applied(owners, old.content, config, call.get("manager"), force=force)
    faults = ["metadata.uid"] if call.get("uid", old.uid) != old.uid else []
    content = tidy(call.kind, found.content)
    return _replace(world, call, old, content, faults, owners=found.owners)


def delete(world: World, call: Operation) -> View:
    """Delete an object, or mark it until its finalizers are gone."""
    old = world.require(call.kind, call.name)
    if call.get("uid", old.uid) != old.uid:
        raise Refused("Conflict")
    _require_version(old, call)
    return _remove(world, call, old)


def delete_collection(world: World, call: Operation, chosen: Sequence[Thing]) -> None:
    """Delete what is chosen, one after the other."""
    for thing in chosen:
        _remove(world, call, thing)


def _create(world: World, call: Operation, content: Content, owners: Owners) -> View:
    if faults := list(rules.faults(call.kind, content)):
        raise Refused("Invalid", *faults)
    if world.find(call.kind, call.name) is not None:
        raise Refused("AlreadyExists")
    thing = Thing(
        kind=call.kind,
        name=call.name,
        uid=0 if call.get("dry_run") else world.next_uid(),
        version=0,
        created=world.now,
        generation=1 if call.kind.has_status else 0,
        content=content,
        owners=owners,
    )
    if call.get("dry_run"):
        return thing.shown(None, owners=call.kind.has_owners)
    stored = world.put(thing)
    return stored.shown(stored.version, owners=call.kind.has_owners)


def _update(world: World, call: Operation, keep: Callable[[Thing, Content], Content]) -> View:
    old = world.require(call.kind, call.name)
    if call.get("uid", old.uid) != old.uid:
        raise Refused("Conflict")
    _require_version(old, call)
    return _replace(world, call, old, keep(old, tidy(call.kind, call.get("content"))))


def _with_status(old: Thing, new: Content) -> Content:
    """Keep the status of the old object."""
    kept = {"status": old.content["status"]} if "status" in old.content else {}
    return {**{name: value for name, value in new.items() if name != "status"}, **kept}


def _only_status(old: Thing, new: Content) -> Content:
    """Keep all of the old object but the status, the annotations and the finalizers."""
    metadata = {name: v for name, v in new.get("metadata", {}).items() if name != "labels"}
    if old.labels:
        metadata["labels"] = old.labels
    kept = {name: v for name, v in old.content.items() if name not in ("metadata", "status")}
    mine = {"metadata": metadata, "status": new.get("status", {})}
    return tidy(old.kind, {**kept, **mine})


def _replace(
    world: World,
    call: Operation,
    old: Thing,
    content: Content,
    faults: Sequence[str] = (),
    owners: Owners | None = None,
) -> View:
    """Write content in place of the old one; the last finalizer of an object ends it."""
    is_going = old.going_since is not None
    found = [
        *faults,
        *rules.changed(old.content, content, is_going=is_going),
        *rules.faults(old.kind, content),
    ]
    if found:
        raise Refused("Invalid", *found)
    if owners is None:
        manager = call.get("manager")
        owners = ownership.updated(old.owners, old.content, content, manager)
    new = replace(old, content=content, owners=owners, generation=_generation(call, old, content))
    shows = call.kind.has_owners
    if call.get("dry_run") or new == old:
        return new.shown(old.version, owners=shows)
    if is_going and not new.finalizers:
        world.remove(old)
        return new.shown(old.version, owners=shows)
    stored = world.put(new)
    return stored.shown(stored.version, owners=shows)


def _generation(call: Operation, old: Thing, new: Content) -> int:
    """Count changes of the spec and the annotations, but not those that come with a status."""
    is_of_status = call.verb == "UpdateStatus" or call.get("subresource") == "status"
    if not old.kind.has_status or is_of_status:
        return old.generation
    is_changed = old.content["spec"] != new["spec"] or _annotations(old.content) != _annotations(
        new
    )
    return old.generation + int(is_changed)


def _annotations(content: Content) -> Any:
    return content.get("metadata", {}).get("annotations")


def _remove(world: World, call: Operation, old: Thing) -> View:
    finalizers = old.finalizers
    if policy := call.get("policy"):
        wanted = {POLICIES[policy]} - {""}
        settled = [name for name in finalizers if name not in _OF_POLICIES - wanted]
        finalizers = settled + [name for name in wanted if name not in settled]
    if not finalizers:
        version = old.version if call.get("dry_run") else world.remove(old)
        return old.shown(version, owners=call.kind.has_owners)
    content = patching.merge(old.content, {"metadata": {"finalizers": finalizers}})
    is_first = old.going_since is None
    new = replace(
        old,
        content=content,
        owners=ownership.unowned(old.owners, old.content, content),
        going_since=world.now if is_first else old.going_since,
        generation=old.generation + (is_first and old.kind.has_status),
    )
    if call.get("dry_run") or new == old:
        return new.shown(old.version, owners=call.kind.has_owners)
    stored = world.put(new)
    return stored.shown(stored.version, owners=call.kind.has_owners)


def _require_version(old: Thing, call: Operation) -> None:
    if call.get("version", old.version) != old.version:
        raise Refused("Conflict")


def _patched(content: Content, call: Operation) -> Content:
    form, body = call.get("form"), call.get("patch")
    if form == "json_patch":
        # Its paths lead through what is always shown.
        always: Content = (
            {"metadata": {}, "status": {}} if call.kind.has_status else {"metadata": {}}
        )
        return patching.json_patch({**always, **content}, body)
    if form == "merge_patch":
        found: Content = patching.merge(content, body)
        return found
    if form == "strategic_merge_patch":
        return patching.strategic(content, body)
    return patching.masked(content, body, call.get("paths"))

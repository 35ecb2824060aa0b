"""``cubectl create --edit``, with editors that are scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.client.cli.editing import Editing
    from tests.client.command_line import Done

    Create = Callable[..., Done]

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {a: old}\n---\n"


@pytest.fixture
def create(editing: Editing) -> Create:
    """Provide ``create --edit`` of two ConfigMaps that are in a file."""
    file = editing.folder / "objects.yaml"
    file.write_text(CONFIG_MAP % "one" + CONFIG_MAP % "two")

    def run(script: str, *args: str) -> Done:
        cubectl = CommandLine(environ={**editing.environ, "KUBE_EDITOR": editing.script(script)})
        return cubectl("-n", editing.namespace, "create", "--edit", "-f", str(file), *args)

    return run


def test_objects_are_edited_before_they_are_created(editing: Editing, create: Create) -> None:
    """One after the other; what is not changed is not created, as with kubectl."""
    done = create('grep -q "name: two" $1 || sed -i s/old/new/ $1')
    assert (done.out, done.err) == (
        "configmap/one created\n",
        "Edit cancelled, no changes made.\n",
    )
    assert editing.data("one") == {"a": "new"}
    assert editing.left == []


@pytest.mark.parametrize("how", ["client", "server"])
def test_what_is_edited_for_a_dry_run_is_not_created(
    editing: Editing, create: Create, how: str
) -> None:
    """It is shown as it would be."""
    done = create("sed -i s/old/new/ $1", f"--dry-run={how}", "-o=yaml")
    assert done.code == 0, done.err
    assert done.out.count("a: new\n") == 2
    assert editing.cubectl("-n", editing.namespace, "get", "cm", "one").code == 1


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("sed -i 's/old/[]/' $1", "cannot unmarshal array"),
        ("sed -i s/ConfigMap/Nothing/ $1", "no matches for kind"),
        ("sed -i 's/namespace: .*/namespace: other/' $1", "does not match the namespace"),
    ],
)
def test_what_cannot_be_created_is_kept(
    editing: Editing, create: Create, script: str, told: str
) -> None:
    """In a file that is named."""
    done = create(script)
    assert done.code == 1
    assert told in done.err, done.err
    assert str(editing.left[0]) in done.err


def test_another_form_cannot_be_edited(create: Create) -> None:
    """No editor is opened."""
    done = create("touch $HOME/opened", "-o=name")
    assert done.err.startswith("error: unable to match a printer suitable for the output format")

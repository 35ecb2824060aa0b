"""``cubectl config``, the group."""

from __future__ import annotations

from protocube_client.cli.command import Group, Table

_HERE = "protocube_client.cli.configuring"
_COMMANDS: Table = {
    "current-context": (f"{_HERE}.current_context", "Show the name of the current context"),
    "delete-context": (f"{_HERE}.delete_context", "Take a context out of the file"),
    "get-contexts": (f"{_HERE}.get_contexts", "Show the contexts"),
    "set-cluster": (f"{_HERE}.set_cluster", "Add or change a cluster"),
    "set-context": (f"{_HERE}.set_context", "Add or change a context"),
    "use-context": (f"{_HERE}.use_context", "Choose the current context"),
    "view": (f"{_HERE}.view", "Show the file"),
}

COMMAND = Group(
    "config",
    table=_COMMANDS,
    aliases={"use": "use-context"},
    help=(
        "Show and change the config file: the servers to talk to, and the namespaces to work "
        "in.\n\nThe file is the one that --config names, else the one that $PROTOCUBE_CONFIG "
        "names, else ~/.config/protocube/config.yaml. A flag is stronger than the environment, "
        "and the environment than the file."
    ),
    examples="""
# Name a server, and a place to work on it
cubectl config set-cluster local --server=127.0.0.1:7443
cubectl config set-context dev --cluster=local --namespace=team-a
cubectl config use-context dev
""",
)

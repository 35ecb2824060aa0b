"""``cubectl config``, the group."""

from __future__ import annotations

from protocube_client.cli.command import Group, Table

_HERE = "protocube_client.cli.commands.config"
_COMMANDS: Table = {
    "current-context": (f"{_HERE}.current_context", "Show the name of the current context"),
    "delete-cluster": (f"{_HERE}.delete_cluster", "Take a cluster out of the file"),
    "delete-context": (f"{_HERE}.delete_context", "Take a context out of the file"),
    "delete-user": (f"{_HERE}.delete_user", "Take a user out of the file"),
    "get-clusters": (f"{_HERE}.get_clusters", "Show the clusters"),
    "get-contexts": (f"{_HERE}.get_contexts", "Show the contexts"),
    "get-users": (f"{_HERE}.get_users", "Show the users"),
    "import": (f"{_HERE}.import_files", "Take clusters, users and contexts of a kubeconfig over"),
    "rename-context": (f"{_HERE}.rename_context", "Give a context another name"),
    "set": (f"{_HERE}.set_property", "Set one value"),
    "set-cluster": (f"{_HERE}.set_cluster", "Add or change a cluster"),
    "set-context": (f"{_HERE}.set_context", "Add or change a context"),
    "set-credentials": (f"{_HERE}.set_credentials", "Add or change a user"),
    "unset": (f"{_HERE}.unset_property", "Take one value out"),
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

"""``cubectl create service``, the group."""

from __future__ import annotations

from protocube_client.cli.command import Group, Table

_HERE = "protocube_client.cli.commands.create"
_COMMANDS: Table = {
    "clusterip": (f"{_HERE}.service_cluster_ip", "With an address in the cluster, or without"),
    "externalname": (f"{_HERE}.service_external_name", "A name that stands for another one"),
    "loadbalancer": (f"{_HERE}.service_load_balancer", "Behind a load balancer"),
    "nodeport": (f"{_HERE}.service_node_port", "With a port on every node"),
}

COMMAND = Group(
    "service",
    table=_COMMANDS,
    help="Create a Service of one of these types.",
    examples="""
# Create a Service that passes port 80 on to port 8080 of pods with the label app=web
cubectl create service clusterip web --tcp=80:8080
""",
)

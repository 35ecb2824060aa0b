"""Webhooks: programs of users that are asked about writes, as in Kubernetes."""

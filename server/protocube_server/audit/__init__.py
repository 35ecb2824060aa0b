"""Who did what to which object, and what came of it: one line for a call, as Kubernetes has it.

A policy says which calls are written down and how much of each
(:mod:`~protocube_server.audit.policy`), a stage of the calls makes the lines
(:mod:`~protocube_server.audit.stage`), and a thread writes them
(:mod:`~protocube_server.audit.log`).
"""

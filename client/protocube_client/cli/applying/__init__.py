"""What ``apply`` and ``diff`` share: the patch of an apply, and what it would prune."""

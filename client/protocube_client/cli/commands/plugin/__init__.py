"""``cubectl plugin``: the programs on PATH that are commands of cubectl."""

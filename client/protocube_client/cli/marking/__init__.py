"""What ``cubectl label`` and ``cubectl annotate`` share: texts by key in an object's metadata."""

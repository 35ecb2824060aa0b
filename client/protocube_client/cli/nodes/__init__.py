"""What ``cubectl cordon``, ``uncordon`` and ``drain`` share."""

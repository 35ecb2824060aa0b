"""``python -m protocube_client`` is ``cubectl``."""

from protocube_client.cli.main import main

main()

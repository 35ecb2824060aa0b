"""``cubectl``: one file a command, each in kubectl's steps: options, complete, validate, run."""

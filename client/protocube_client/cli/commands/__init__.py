"""The commands of ``cubectl``: a file or a folder each."""

"""Completion of command lines: a script for each shell, and the command that they ask."""

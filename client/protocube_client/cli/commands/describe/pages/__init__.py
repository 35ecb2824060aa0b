"""The pages of kinds: each module has those of a family."""

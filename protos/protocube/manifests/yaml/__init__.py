"""YAML as kubectl reads it: libyaml's events by go-yaml's rules."""

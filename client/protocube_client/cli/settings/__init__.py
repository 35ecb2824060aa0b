"""What a user has set: the config file, the environment and the flags of the whole command."""

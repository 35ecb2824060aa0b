"""Whether .proto files declare kinds as kinds have to be, told by their descriptors alone."""

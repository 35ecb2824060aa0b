"""What describes objects, line by line, in kubectl's form."""

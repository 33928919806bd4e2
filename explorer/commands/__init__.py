"""One file a command. What is heavy is imported inside, so that help is there at once."""

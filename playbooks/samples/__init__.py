"""Sample companies to try the program on: a profile, a data map, a story, and accounts made up on the spot."""

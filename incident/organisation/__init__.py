"""Who we are: the profile every clock, scope and letter starts from."""

"""Supervisory authorities: who takes notices, how and in which language, and which of them is competent."""

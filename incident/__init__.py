"""What happened, which clocks run, and whose data it was."""

__version__ = "0.1.0"

"""Clocks: law files in, duties with their due moments out."""

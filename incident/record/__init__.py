"""The journal and what is derived from it. Nothing here knows a law, a database of accounts or a letter."""

"""The laws as data, one TOML file each."""

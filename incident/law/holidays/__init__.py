"""
Dated corrections to the library of public holidays, one TOML file a country; read by `incident/clock/calendars.py`.

A decree can move a day within days of the library's release. Each entry says which day, whether it is worked,
why, and where that was read:

    country = "KZ"

    [[day]]
    date = 2025-01-05
    working = true
    why = "worked in exchange for Friday 3 January"
    source = "the ministerial order, with its number"
    checked_on = 2026-11-21
"""

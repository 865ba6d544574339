"""`python -m incident` is the console script."""

from incident.cli import run

if __name__ == "__main__":
    run()

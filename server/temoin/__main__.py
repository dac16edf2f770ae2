"""`python -m temoin`."""

from temoin.cli.main import run

run()

"""`python -m papernet` is the `papernet` command."""

from papernet.cli import main

main()

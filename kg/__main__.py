"""``python -m kg``: the command line without its script on the path."""

from kg.cli import main

main()

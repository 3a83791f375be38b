"""Lets `python -m ninja_analytics` be the command line."""

from ninja_analytics.cli import main

if __name__ == "__main__":
    main()

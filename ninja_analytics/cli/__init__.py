"""The command line: `ninja-analytics connect | table | report | record | run | demo | …`.

    app         what all commands share; every error of ours is one line on stderr and an exit code
    exits       the exit codes
    connecting  connect, status, disconnect
    pulling     tables, table, reports, report
    counting    usage
    lifecycle   lifecycle (show, refresh, reset)
    history     record, sql, history (list, prune, compact, verify)
    checking    preflight, scrub
    packing     pack
    scheduling  run, jobs, schedule
    ran         what `run` says when several runs are over
    running     sandbox, demo
    asking      what a terminal asks: the fields of a new profile, a client secret
    consenting  the consent in a terminal
    states      how profiles stand
    terminal    what is shown of tables and the sandbox

Commands say what they do and call the library; what they call is imported when they run, so that
help is quick.
"""

# Each module adds its commands to the app, in the order of the help.
from ninja_analytics.cli import connecting, pulling, history, counting, lifecycle  # isort: skip
from ninja_analytics.cli import packing, checking, scheduling, running  # isort: skip
from ninja_analytics.cli.app import app, main

__all__ = [
    "app",
    "checking",
    "connecting",
    "counting",
    "history",
    "lifecycle",
    "main",
    "packing",
    "pulling",
    "running",
    "scheduling",
]

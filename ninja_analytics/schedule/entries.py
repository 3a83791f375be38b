"""The entry that starts a job by itself: a line for cron, units for systemd, a task for Windows."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ninja_analytics.errors import UsageError
from ninja_analytics.jobs import Job
from ninja_analytics.schedule.crontimes import CronTime, cron_time, on_calendar, schtasks

_KEPT = ("NINJA_HOME", "NINJA_TOKEN_STORE", "NINJA_HISTORY")
"""What a schedule's environment lacks and a run needs; none of it is a secret."""

_LONGEST_TASK = 261  # letters that schtasks takes as /TR


def words(job: Job) -> list[str]:
    """The command that runs *job* from any folder, word by word: of this very Python."""
    settings = [] if job.settings is None else ["--settings", str(job.settings)]
    return [sys.executable, "-m", "ninja_analytics", "run", "--job", job.name, *settings]


def kept(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The settings of this environment that the entry must carry, without any secret."""
    found = {name: environment[name] for name in _KEPT if environment.get(name)}
    return {
        name: value
        if name == "NINJA_TOKEN_STORE" or "://" in value
        else str(Path(value).absolute())
        for name, value in found.items()
        if not urlsplit(value).password  # an address with a login in it
    }


def _secret(job: Job) -> str:
    return (
        f"No secret belongs here. Type it once, as the user who runs this, at: ninja-analytics connect "
        f"--profile {job.profile}"
    )


def _time(job: Job) -> CronTime:
    if job.at is None:
        raise UsageError(
            f'The job {job.name!r} does not say when: add at = "0 6 1 * *" to it, for six o\'clock '
            "on the first of every month."
        )
    return cron_time(job.at)


def cron(job: Job, environment: Mapping[str, str] = os.environ) -> str:
    """The lines for `crontab -e`; UsageError for a job that does not say when."""
    time = _time(job)
    settings = [f"{name}={shlex.quote(value)}" for name, value in kept(environment).items()]
    command = " ".join([*settings, shlex.join(words(job))])
    if "\n" in command:
        raise _unquotable("a line break", "cron")
    return (
        f"# ninja-analytics, job {job.name}. Install with: crontab -e\n"
        f"# {_secret(job)}\n"
        f"# It is kept in the system keyring, which cron may not open: then set "
        f"NINJA_TOKEN_STORE=file before.\n"
        f"{time.text} {command.replace('%', chr(92) + '%')}\n"
    )


def systemd(job: Job, environment: Mapping[str, str] = os.environ) -> str:
    """A service and a timer, each led by a line that says where it goes; UsageError as `cron`."""
    when = on_calendar(_time(job))
    name = f"ninja-analytics-{job.name}"
    command = " ".join(_systemd_word(word) for word in words(job))
    settings = "".join(
        f"Environment={_systemd_word(f'{one}={value}', dollar=False)}\n"
        for one, value in kept(environment).items()
    )
    return (
        f"# ~/.config/systemd/user/{name}.service\n"
        f"[Unit]\nDescription=ninja-analytics, job {job.name}\n\n"
        f"[Service]\nType=oneshot\n"
        f"# {_secret(job)}\n"
        f"# Or keep NINJA_CLIENT_SECRET=… in a file of mode 0600 and name it: EnvironmentFile=\n"
        f"{settings}ExecStart={command}\n\n"
        f"# ~/.config/systemd/user/{name}.timer\n"
        f"[Unit]\nDescription=When to run the ninja-analytics job {job.name}\n\n"
        f"[Timer]\nOnCalendar={when}\nPersistent=true\n\n"
        f"[Install]\nWantedBy=timers.target\n\n"
        f"# Then: systemctl --user daemon-reload && systemctl --user enable --now {name}.timer\n"
        f"# To run while nobody is logged in: loginctl enable-linger\n"
    )


def _systemd_word(word: str, *, dollar: bool = True) -> str:
    """*word* as systemd.service(5) quotes one."""
    if "\n" in word:
        raise _unquotable("a line break", "systemd")
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    plain = plain.replace("$", "$$") if dollar else plain
    return f'"{plain}"' if set(plain) & set(" '\"\\;\t") or not plain else plain


def windows(job: Job, environment: Mapping[str, str] = os.environ) -> str:
    """The schtasks line for a command prompt; UsageError as `cron`, and for what it cannot hold."""
    options = schtasks(_time(job))
    for word in (*words(job), *kept(environment).values()):
        if set(word) & set('"%\n'):
            raise _unquotable("a quotation mark, % or line break", "Windows")
    command = " ".join(_quoted(word) for word in words(job))
    if len(command) > _LONGEST_TASK:
        raise UsageError(
            f"The command is {len(command)} letters long and schtasks takes {_LONGEST_TASK}: move "
            "the settings file, or the environment of this Python, to a shorter path."
        )
    task = _quoted(command.replace('"', '\\"'), always=True)
    settings = "".join(f'setx {one} "{value}"\n' for one, value in kept(environment).items())
    return (
        f"rem ninja-analytics, job {job.name}. Paste into a command prompt of the user who runs it.\n"
        f"rem {_secret(job)}\n"
        f'{settings}schtasks /Create /F /TN "ninja-analytics {job.name}" /TR {task} '
        f"{' '.join(options)}\n"
    )


def _quoted(word: str, *, always: bool = False) -> str:
    return f'"{word}"' if always or set(word) & set(" &()^;,=") else word


def _unquotable(what: str, whose: str) -> UsageError:
    return UsageError(
        f"A path of this job has {what} in it, which {whose} cannot be told. Rename the folder."
    )


ENTRIES = {"cron": cron, "systemd": systemd, "windows": windows}

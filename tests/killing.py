"""A program that does something to copies of a history and is killed at each of its steps in turn.

A step is whatever reaches the disk: a write that is half done, a sync, a rename, a removal. It prints
a JSON line for each time: what was left, and what is wrong with it.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ninja_analytics as na
from ninja_analytics.history import keeping
from tests.histories import NOW, assert_same, everything, leftovers

TABLES = ("organizations", "activities")
KEPT = ("202609", "202610")  # the months of whose snapshots the last one is kept
DOES: dict[str, Callable[[na.Ninja], object]] = {
    "record": lambda ninja: ninja.record(TABLES, now=NOW, progress="none"),
    "prune": lambda ninja: ninja.history.prune({"months": len(KEPT)}, now=NOW),
    "compact": lambda ninja: ninja.history.compact(now=NOW),
}


def dies_at(number: int) -> None:
    """Have this process killed at the step of that number."""
    left = number

    def step() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(call: Callable[..., Any]) -> Callable[..., Any]:
        def doing(*arguments: Any, **options: Any) -> Any:
            step()
            return call(*arguments, **options)

        return doing

    def half(source: Any, target: Any, _length: int = 0) -> None:
        data = source.read()
        target.write(data[: len(data) // 2])
        target.flush()
        step()
        target.write(data[len(data) // 2 :])

    os.fsync = before(os.fsync)
    Path.replace = before(Path.replace)
    Path.unlink = before(Path.unlink)
    shutil.copyfileobj = half


def in_a_process(work: Callable[[], object]) -> int:
    """How a child ended that did *work*: 0, or the signal that killed it, or what is wrong."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  # a child ends here, whatever happened
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def check(ninja: na.Ninja, what: str, before: dict[str, Any], *, most_new: int) -> None:
    """Hold what a kill left against all that was there *before*."""
    assert ninja.history.verify().empty
    now = everything(ninja)
    ids, there = ({name.split()[0] for name in one if " " in name} for one in (before, now))
    new, gone = there - ids, ids - there
    assert not gone or what == "prune"
    assert len(new) <= most_new
    assert all(f"{one} {table}" in now for one in new for table in TABLES)
    assert there >= set({one[:6]: one for one in sorted(ids)}.values())
    same = {name: data for name, data in before.items() if name.split()[0] in there}
    assert_same(same, {name: now[name] for name in same})
    if not new:
        assert_same({"": before["activities"]}, {"": now["activities"]})


def finish(ninja: na.Ninja, what: str, before: dict[str, Any]) -> None:
    """Do it again, to its end; and have what the kill left swept, but not before its time."""
    left = {path for path in leftovers(ninja) if path.suffix != ".json"}
    DOES[what](ninja)
    assert all(path.exists() for path in left)
    check(ninja, what, before, most_new=2 * (what == "record"))
    keeping.sweep(ninja.history.folder, now=time.time() + 2 * keeping.GRACE)
    assert leftovers(ninja) == []
    check(ninja, what, before, most_new=2 * (what == "record"))


def main() -> None:
    services, what, origin, copies = json.loads(sys.argv[1])
    ninja = na.connect(**services)

    def at(folder: str) -> na.Ninja:
        os.environ["NINJA_HISTORY"] = folder
        return ninja

    kept = Path(copies) / "before.pickle"
    assert in_a_process(lambda: kept.write_bytes(pickle.dumps(everything(at(origin))))) == 0
    for number in range(1, 200):
        copy = str(Path(copies) / str(number))
        shutil.copytree(origin, copy)
        code = in_a_process(lambda n=number, c=copy: (dies_at(n), DOES[what](at(c))))
        assert code in (0, -signal.SIGKILL), code

        def checked(copy: str = copy, number: int = number) -> None:
            before = pickle.loads(kept.read_bytes())
            check(at(copy), what, before, most_new=1 * (what == "record"))
            if number % 6 == 1:  # it costs a second, and does not depend on much
                finish(at(copy), what, before)

        print(
            json.dumps({"step": number, "code": code, "checked": in_a_process(checked)}), flush=True
        )
        shutil.rmtree(copy)
        if code == 0:
            return


if __name__ == "__main__":
    main()

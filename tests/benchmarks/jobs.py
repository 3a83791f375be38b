"""What is measured: each job with its fleet, the ways to do it, and what is to be reached."""

from __future__ import annotations

from dataclasses import dataclass, replace

WAYS = {
    "ours": "ninja_analytics",
    "by-hand": "by hand: requests, json_normalize per page, concat, the same dtypes",
    "ninjapy": "ninjapy 0.2.3, pages of 1000, json_normalize, the same dtypes",
    "download": "the limit: downloading the same bytes over as many connections, decoding nothing",
    "decode": "decoding alone, from memory",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """What the *measure* ("seconds" or "peak") of one way may be at most.

    In times of another way, or (of None) in megabytes.
    """

    way: str
    measure: str
    than: str | None
    most: float


@dataclass(frozen=True, slots=True)
class Job:
    """A table of a fleet of *devices*, each request *latency* seconds late, to a frame or a file.

    *once* are the ways that are so slow that they run in the first round only, *cannot* says of a
    way why it does not do the job.
    """

    name: str
    title: str
    table: str
    devices: int
    ways: tuple[str, ...]
    latency: float = 0.0
    to_file: bool = False
    once: tuple[str, ...] = ()
    cannot: tuple[tuple[str, str], ...] = ()
    goals: tuple[Goal, ...] = ()

    def small(self) -> Job:
        """The same job with next to nothing to do, to see that it runs."""
        return replace(self, devices=60, latency=min(self.latency, 0.01), goals=())


JOBS = {
    job.name: job
    for job in (
        Job(
            "software", "A million software rows", "software", 10_200,
            ("ours", "by-hand", "ninjapy", "download", "decode"),
            goals=(
                Goal("ours", "seconds", "by-hand", 1 / 6),
                Goal("ours", "peak", "by-hand", 0.75),
                Goal("ours", "seconds", "decode", 1.25),
            ),
        ),
        Job(
            "devices", "20,000 detailed devices", "devices_detailed", 20_000,
            ("ours", "by-hand", "ninjapy", "download", "decode"),
            goals=(Goal("ours", "seconds", "by-hand", 1 / 5),),
        ),
        # A million rows would take whoever asks page by page two minutes a round and tell the same:
        # the latency of a page is what counts, and it is the same for each.
        Job(
            "latency", "200,000 software rows at 100 ms per request", "software", 2_040,
            ("ours", "by-hand", "ninjapy", "download"), latency=0.1,
            goals=(Goal("ours", "seconds", "by-hand", 1 / 10),),
        ),
        Job(
            "parquet", "Ten million software rows to Parquet", "software", 102_000,
            ("ours", "by-hand", "download"), to_file=True, once=("by-hand",),
            cannot=(("ninjapy", "cannot: it gives one list of dicts, and no file"),),
            goals=(Goal("ours", "peak", None, 400),),
        ),
    )
}  # fmt: skip

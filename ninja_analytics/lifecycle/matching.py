"""Which release of which operating system a device runs, and until when that is supported."""

from __future__ import annotations

import pandas as pd

from ninja_analytics.lifecycle.table import PRODUCTS

BASES = ("build", "name", "edition unknown: the earlier date", "unmatched")
BY_BUILD, BY_NAME, EARLIER, UNMATCHED = BASES

# What is told of a match, beside the basis and the name of the system.
FACTS = (
    "product", "release", "edition_group", "mainstream_until", "eol_on", "eol_kind",
    "extended_until", "extended_kind",
)  # fmt: skip
_ASKED = ("name", "build_number", "release_id", "node_class")

# The build in 19045, 10.0.22631 and 10.0.19045.5487: an update's own number may follow it.
_BUILD = r"(?<![\d.])(?:\d+\.\d+\.)?(\d{4,5})(?!\d)"
_WINDOWS_RELEASE = r"\b(\d\dH\d|1[5-9]0[379]|1511|1607|2004)\b"
# The first that fits tells the edition: "Pro Education" is a kind of Pro, "IoT Enterprise LTSC" no
# Enterprise.
_EDITIONS = (
    (r"iot.*\blts[cb]\b", "IoT LTSC"),
    (r"\blts[cb]\b", "LTSC"),
    (r"\b(?:home|pro|professional|core)\b", "W"),
    (r"\b(?:enterprise|education)\b", "E"),
)
# Where an edition has no row of its own, the row of which edition counts.
_INSTEAD = {
    "IoT LTSC": ("IoT LTSC", "LTSC", ""),
    "LTSC": ("LTSC", ""),
    "W": ("W", ""),
    "E": ("E", ""),
    "unknown": ("W", "E", ""),
}

# Servers by the year in their name.
_SERVER = r"\b(?:windows|hyper-v)\b.*\bserver\D*(20\d\d(?:\s+R2)?)\b"
_SERVER_RELEASES = {"2008 R2": "2008 R2 SP1", "2008": "2008 SP2"}
_CLIENT = r"\bwindows\s+(7|8\.1|8|10|11)\b"
_IS_CLIENT = r"(?i)\bwindows\s+(?:7|8|10|11)\b"

_CODENAMES = {
    "tahoe": "26", "sequoia": "15", "sonoma": "14", "ventura": "13", "monterey": "12",
    "big sur": "11", "catalina": "10.15", "mojave": "10.14", "high sierra": "10.13",
}  # fmt: skip
_MAC = r"\b(?:mac\s?os|os\s?x)\b"
# The system's name and the number after it, which may also come from the release that is told
# beside it. What is named like one of these and is none of them does not fit.
_LINUX = (
    ("ubuntu", r"\bubuntu\D*(\d+\.\d+)"),
    ("debian", r"\bdebian\D*(\d+)"),
    ("rhel", r"\b(?:red\s?hat enterprise linux(?! coreos)|rhel)\D*(\d+)"),
    ("almalinux", r"\balma\s?linux\D*(\d+)"),
    ("rocky-linux", r"\brocky\s?linux\D*(\d+)"),
    ("centos", r"^(?!.*stream).*\bcentos\D*(\d+)"),
    ("oracle-linux", r"\boracle(?: enterprise)? linux\D*(\d+)"),
)


def matched(systems: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """The release that each of the *systems* runs, with the dates of the *table*.

    *systems* has name, build_number, release_id and node_class, and any other columns; the answer
    has the rows in the same order with the same index, all columns but those four and any that
    are answered, and beside them

    - system, the release as people call it, or what the device reports if nothing fits,
    - the columns of `FACTS`, which are missing where nothing fits,
    - basis, a word of `BASES`: what the match rests on.

    A build counts more than a name, since an upgrade may leave an old name; the name tells client
    from server where they share a build, else the node class does. An edition that the name does
    not tell gets the earlier date. The last update is not known, so nothing is said of it. For the
    rules of editions see https://learn.microsoft.com/lifecycle/faq/windows.
    """
    told = systems[list(_ASKED)].astype("str").fillna("")
    different = told.drop_duplicates(ignore_index=True)
    answers = pd.concat([different, _matches(different, table)], axis="columns")
    found = told.merge(answers, how="left", on=list(_ASKED)).drop(columns=list(_ASKED))
    kept = [name for name in systems if name not in _ASKED and name not in found]
    return pd.concat([systems[kept], found.set_axis(systems.index)], axis="columns")


def _matches(told: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """The answers to different systems."""
    name = (told["name"] + " " + told["release_id"]).str.strip()
    product, release, basis = _named(told, name)
    windows = told["name"].str.contains("windows", case=False) | (
        (told["name"] == "") & told["node_class"].str.startswith("WINDOWS")
    )
    build = told["build_number"].str.extract(_BUILD, expand=False).where(windows)
    product, release, basis = _by_build(
        told, table, build, product=product, release=release, basis=basis
    )
    chosen, edition = _rows(told["name"], product, release, table)
    facts = table.reindex(chosen.to_numpy()).set_axis(told.index)[list(FACTS)]
    basis = basis.mask(edition, EARLIER).mask(chosen.isna(), UNMATCHED)
    title = facts["product"].map(PRODUCTS) + " " + facts["release"]
    reported = (name + _in_brackets(told["build_number"])).str.strip()
    system = title.fillna(reported).replace("", "not reported")
    return pd.concat([system.rename("system"), facts, basis.rename("basis")], axis="columns")


def _in_brackets(build: pd.Series) -> pd.Series:
    return (" (" + build + ")").where(build != "", "")


def _named(told: pd.DataFrame, name: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Product, release and basis by the name and the release that are told."""
    product = pd.Series(index=told.index, dtype="str")
    release = product.copy()
    found = [*_windows_named(told), _mac_named(told)]
    found += [(one, name.str.extract(f"(?i){how}", expand=False)) for one, how in _LINUX]
    for one, number in found:
        fits = number.notna() & product.isna()
        product, release = product.mask(fits, one), release.mask(fits, number)
    return product, release, product.where(product.isna(), BY_NAME)


def _windows_named(told: pd.DataFrame) -> list[tuple[str, pd.Series]]:
    """The releases of Windows servers and clients, where the name tells them."""
    name = told["name"]
    year = name.str.extract(f"(?i){_SERVER}", expand=False).str.upper()
    year = year.str.replace(r"\s+", " ", regex=True).replace(_SERVER_RELEASES)
    client = name.str.extract(f"(?i){_CLIENT}", expand=False)
    both = name + " " + told["release_id"]
    version = both.str.extract(f"(?i){_WINDOWS_RELEASE}", expand=False).str.upper()
    version = version.where(client.isin(["10", "11"]))
    release = (client + " " + version).fillna(client.replace("7", "7 SP1"))
    return [("windows-server", year), ("windows", release.where(year.isna()))]


def _mac_named(told: pd.DataFrame) -> tuple[str, pd.Series]:
    """The releases of macOS: the first number, of which 10 alone needs a second part."""
    name = told["name"].where(told["name"].str.contains(f"(?i){_MAC}"))
    number = r"(?<![\d.])(10\.\d+|1[1-9]|[2-9]\d)\b"
    release = told["release_id"].str.extract(number, expand=False).where(name.notna())
    release = release.fillna(name.str.extract(number, expand=False))
    for codename, told_by in _CODENAMES.items():
        fits = release.isna() & name.str.contains(codename, case=False).fillna(value=False)
        release = release.mask(fits.astype(bool), told_by)
    return "macos", release


def _by_build(
    told: pd.DataFrame,
    table: pd.DataFrame,
    build: pd.Series,
    *,
    product: pd.Series,
    release: pd.Series,
    basis: pd.Series,
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Product, release and basis by the build of Windows, or as they are where none is known."""
    known = table[table["build"] != ""].drop_duplicates(["product", "build"])
    clients = known[known["product"] == "windows"].set_index("build")["release"]
    servers = known[known["product"] == "windows-server"].set_index("build")["release"]
    as_client, as_server = build.map(clients), build.map(servers)
    of_server, of_client = _is_server(told), _is_client(told)
    alone = ~of_server & ~of_client
    server = as_server.notna() & (of_server | (alone & as_client.isna()))
    client = as_client.notna() & (of_client | (alone & as_server.isna()))
    product = product.mask(server, "windows-server").mask(client, "windows")
    release = release.mask(server, as_server).mask(client, as_client)
    return product, release, basis.mask(server | client, BY_BUILD)


def _is_server(told: pd.DataFrame) -> pd.Series:
    named = told["name"].str.contains(r"(?i)\bserver\b")
    return named | (~told["name"].str.contains(_IS_CLIENT) & _class(told, "SERVER"))


def _is_client(told: pd.DataFrame) -> pd.Series:
    return ~_is_server(told) & (told["name"].str.contains(_IS_CLIENT) | _class(told, "WORKSTATION"))


def _class(told: pd.DataFrame, kind: str) -> pd.Series:
    return told["node_class"].str.endswith(kind)


def _rows(
    name: pd.Series, product: pd.Series, release: pd.Series, table: pd.DataFrame
) -> tuple[pd.Series, pd.Series]:
    """The index of each system's row in the table, and where an unknown edition chose among dates."""
    wanted = pd.DataFrame({"product": product, "release": release, "edition": _edition(name)})
    wanted = wanted.reset_index(names="asked")
    facts = table.reset_index(names="row")
    both = wanted.merge(facts, on=["product", "release"])
    rank = {(edition, one): at for edition, ones in _INSTEAD.items() for at, one in enumerate(ones)}
    pairs = pd.MultiIndex.from_frame(both[["edition", "edition_group"]])
    both["rank"] = pd.Series(pairs.map(rank), index=both.index, dtype="Float64")
    both = both.dropna(subset=["rank"])
    unknown = both["edition"] == "unknown"
    both["rank"] = both["rank"].mask(unknown, 0.0)
    both = both.sort_values(["rank", "eol_on", "row"], na_position="last")
    dates = both.groupby("asked")["eol_on"].nunique(dropna=False)
    chosen = both.drop_duplicates("asked").set_index("asked")["row"]
    picked = chosen.reindex(name.index).astype("Int64")
    doubtful = (dates > 1).reindex(name.index, fill_value=False)
    return picked, doubtful & (_edition(name) == "unknown") & picked.notna()


def _edition(name: pd.Series) -> pd.Series:
    """The edition group that each name tells, or "unknown"."""
    found = pd.Series("unknown", index=name.index, dtype="str")
    for pattern, group in _EDITIONS:
        found = found.mask((found == "unknown") & name.str.contains(f"(?i){pattern}"), group)
    return found

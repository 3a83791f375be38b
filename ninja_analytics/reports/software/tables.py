"""The tables of software_inventory: products, versions, who is behind, and what must not be there."""

from __future__ import annotations

import pandas as pd

from ninja_analytics.reports.software.installs import STATES, Software

MOST = 5_000
"""The most rows of the tables that have one per program and device."""
TOP = 20
"""Of how many products the devices behind are named."""
CAPTIONS = {
    "products": "Products on eligible computers, the most widespread first. Names are without version, "
    "architecture and language; newest is that of the platform with the most devices.",
    "versions": "The versions of each product by platform, the highest first, each device with the "
    "highest that it has. Newest: at or above the highest that enough devices have.",
    "organizations": "Eligible computers of each organization, those with a program that must not be "
    "there, and installs below the newest version.",
    "unauthorized_products": "Products that are denied or not in the allow list, the most devices first.",
    "unauthorized": f"The devices that have them, up to {MOST:,} rows.",
    "licenses": "Managed devices that have a product, silent ones too, against the seats of the "
    "settings. The difference is devices - seats.",
    "behind": f"The devices behind the newest version of the {TOP} products with the most of them, up "
    f"to {MOST:,} rows.",
    "not_reported": "Eligible computers of which no program is reported.",
}


def products(told: Software, found: pd.DataFrame) -> pd.DataFrame:
    """A row per product: devices, organizations, versions, and how many are below the newest."""
    organization = told.devices["organization_id"].fillna(-1).to_numpy()[found["device"]]
    rows = found.assign(organization=organization)
    each = rows.groupby("product")
    table = pd.DataFrame({"devices": each.size(), "organizations": each["organization"].nunique()})
    known = rows[rows["rank"] >= 0]
    table["versions"] = known.groupby("product")["rank"].nunique()
    states = (
        rows.groupby(["product", "state"]).size().unstack().reindex(columns=list(STATES)).fillna(0)
    )
    table["judged"] = states["newest"] + states["one_behind"] + states["older"]
    table["behind"] = states["one_behind"] + states["older"]
    table["unknown"] = states["unknown"]
    judged = table["judged"].astype("Float64")
    table["behind_share"] = table["behind"] / judged.where(judged > 0)
    table["newest"] = _newest(rows).map(told.versions)
    table["publisher"] = told.publishers.reindex(table.index)
    table["product"] = told.products.to_numpy()[table.index]
    table = table.rename_axis(None).sort_values(
        ["devices", "product"], ascending=[False, True], kind="stable", ignore_index=True
    )
    numbers = ["devices", "organizations", "versions", "judged", "behind", "unknown"]
    columns = ["product", "publisher", "newest"]
    table[numbers] = table[numbers].fillna(0)
    kinds = {**dict.fromkeys(numbers, "Int64"), **dict.fromkeys(columns, "str")}
    order = [
        "product",
        "publisher",
        *numbers[:3],
        "newest",
        *numbers[3:5],
        "behind_share",
        "unknown",
    ]
    return table.astype({**kinds, "behind_share": "Float64"})[order]


def _newest(rows: pd.DataFrame) -> pd.Series:
    """The rank of the newest version of each product, on the platform with the most devices."""
    judged = rows[rows["newest"] >= 0]
    sizes = judged.groupby(["product", "newest"]).size().rename("size").reset_index()
    sizes = sizes.sort_values(["size", "newest"], kind="stable")
    return sizes.drop_duplicates("product", keep="last").set_index("product")["newest"]


def versions(told: Software, found: pd.DataFrame) -> pd.DataFrame:
    """A row per product, platform and version: how many devices have it as their highest."""
    keys = ["product", "platform", "rank", "state"]
    table = found.groupby(keys).size().rename("devices").reset_index()
    total = table.groupby("product")["devices"].transform("sum")
    table = table.assign(total=total, name=told.products.to_numpy()[table["product"]])
    table = table.sort_values(
        ["total", "name", "platform", "rank"], ascending=[False, True, True, False],
        kind="stable", ignore_index=True,
    )  # fmt: skip
    table["version"] = table["rank"].map(told.versions)
    kinds = {
        "product": "str",
        "platform": "str",
        "version": "str",
        "devices": "Int64",
        "state": "str",
    }
    return (
        table.drop(columns="product").rename(columns={"name": "product"})[list(kinds)].astype(kinds)
    )


def organizations(
    told: Software, found: pd.DataFrame, bad: pd.DataFrame, listed: bool
) -> pd.DataFrame:
    """A row per organization: its computers, and what is wrong on them."""
    keys = ["organization_id", "organization"]
    devices = told.devices.assign(
        unauthorized=False, judged=0, behind=0
    )  # fmt: skip
    devices.loc[bad["device"].unique(), "unauthorized"] = True
    for name, states in (("judged", STATES[:3]), ("behind", STATES[1:3])):
        counts = found.loc[found["state"].isin(states), "device"].value_counts()
        devices.loc[counts.index, name] = counts.to_numpy()
    counted = devices[devices["counted"]]
    table = (
        counted.assign(computers=1)
        .groupby(keys, dropna=False)[["computers", "reported", "unauthorized", "judged", "behind"]]
        .sum()
        .reset_index()
    )
    judged = table["judged"].astype("Float64")
    table["behind_share"] = (table["behind"] / judged.where(judged > 0)).astype("Float64")
    numbers = ["computers", "reported", "unauthorized", "judged", "behind"]
    table = table.astype(dict.fromkeys(numbers, "Int64"))
    if not listed:
        table["unauthorized"] = table["unauthorized"].mask(table["unauthorized"].notna())
    table = table.sort_values(
        ["behind", "organization", "organization_id"], ascending=[False, True, True],
        kind="stable", ignore_index=True,
    )  # fmt: skip
    return table[["organization", *numbers, "behind_share", "organization_id"]]


def unauthorized_products(told: Software, bad: pd.DataFrame) -> pd.DataFrame:
    """A row per product that must not be there and the rule that says so."""
    rows = bad.assign(organization=_of(told, bad, "organization_id").fillna(-1).to_numpy())
    each = rows.groupby(["product", "rule"])
    table = pd.DataFrame(
        {"devices": each["device"].nunique(), "organizations": each["organization"].nunique()}
    ).reset_index()
    table["product"] = told.products.to_numpy()[table["product"]]
    table = table.astype(
        {"product": "str", "rule": "str", "devices": "Int64", "organizations": "Int64"}
    )
    return table.sort_values(
        ["devices", "product", "rule"], ascending=[False, True, True], kind="stable",
        ignore_index=True,
    )  # fmt: skip


def unauthorized(told: Software, bad: pd.DataFrame) -> pd.DataFrame:
    """Which device has what must not be there; denied programs come first."""
    rows = bad.assign(
        program=told.names.to_numpy()[bad["name"]],
        stray=bad["rule"] == "not in the allow list",
    )
    rows = rows.sort_values(["stray", "program", "device", "rank"], kind="stable").head(MOST)
    rows = _named(told, rows)
    return rows[["device", "organization", "location", "program", "version", "rule", "installed_on",
                 "device_id", "organization_id"]]  # fmt: skip


def behind(told: Software, found: pd.DataFrame) -> pd.DataFrame:
    """The devices below the newest version of the products with the most of them."""
    late = found[found["state"].isin(["one_behind", "older"])]
    counts = late["product"].value_counts(sort=False).rename("late")
    order = counts.reset_index().sort_values(["late", "product"], ascending=[False, True])
    top = list(order["product"].head(TOP))
    rows = late[late["product"].isin(top)]
    rows = rows.assign(place=rows["product"].map({one: at for at, one in enumerate(top)}))
    rows = rows.sort_values(["place", "rank", "device"], kind="stable").head(MOST)
    rows = rows.assign(
        program=told.products.to_numpy()[rows["product"]],
        newest=rows["newest"].map(told.versions).astype("str"),
    )
    rows = _named(told, rows).drop(columns="product").rename(columns={"program": "product"})
    return rows[["product", "device", "organization", "location", "version", "newest", "state",
                 "device_id", "organization_id"]]  # fmt: skip


def not_reported(told: Software) -> pd.DataFrame:
    """The eligible computers without a row, the longest silent first."""
    rows = told.counted[~told.counted["reported"]]
    rows = rows.sort_values(
        ["contact_days", "device", "device_id"], ascending=[False, True, True], kind="stable",
        ignore_index=True,
    )  # fmt: skip
    columns = ["device", "organization", "location", "node_class", "last_contact_at", "device_id"]
    return rows[[*columns, "organization_id"]]


def _named(told: Software, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the names of their devices and their versions in the place of numbers."""
    columns = ["device", "organization", "location", "device_id", "organization_id"]
    devices = told.devices[columns].iloc[rows["device"]].reset_index(drop=True)
    rest = rows.drop(columns="device").reset_index(drop=True)
    return pd.concat(
        [rest.assign(version=rest["rank"].map(told.versions).astype("str")), devices], axis=1
    )


def _of(told: Software, rows: pd.DataFrame, column: str) -> pd.Series:
    return told.devices[column].iloc[rows["device"]].reset_index(drop=True)

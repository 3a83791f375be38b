"""Assets, licenses and bills of the sandbox agree with its fleet."""

from __future__ import annotations

from collections import Counter

import pytest

from ninja_analytics.sandbox import Sandbox


@pytest.fixture(scope="module")
def town():
    with Sandbox(devices=200, seed=13, now="2026-11-23T17:00:00Z") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def devices(town):
    return {row["id"]: row for row in town.truth("devices")}


@pytest.fixture(scope="module")
def organizations(town):
    return {row["id"]: row["name"] for row in town.truth("organizations")}


def test_a_tag_counts_the_devices_that_carry_it(town, devices):
    carried = Counter(tag for row in devices.values() for tag in row.get("tags", ()))

    assert {row["name"]: row["targetsCount"] for row in town.truth("tags")} == carried


def test_relations_join_devices_that_are_there_by_a_known_kind(town, devices):
    kinds = {row["id"]: row["name"] for row in town.truth("asset_relation_types")}
    rows = town.truth("asset_relations")

    hosts = {
        row["id"]: row["parentDeviceId"] for row in devices.values() if "parentDeviceId" in row
    }
    runs = {row["sourceId"]: row["targetId"] for row in rows if row["name"] == "Runs on"}
    assert runs == hosts
    for row in rows:
        assert kinds[row["relationshipTypeId"]] == row["name"]
        assert {row["sourceId"], row["targetId"]} <= set(devices)


def test_a_role_has_the_tabs_of_the_role_it_is_derived_from(town):
    roles = {row["id"]: row for row in town.truth("roles")}
    child = next(row for row in roles.values() if "nodeRoleParentId" in row)
    own = town.truth("role_tabs", role_id=child["id"])

    assert own == town.truth("role_tabs", role_id=child["nodeRoleParentId"]) != []
    for tab in own:
        (whole,) = town.truth("custom_tabs", tab_id=tab["id"])
        assert (whole["name"], whole["entityType"]) == (tab["name"], "NODE_ROLE")
        assert whole["entityId"] in roles


def test_as_many_licenses_are_in_use_as_are_assigned_to_devices(town, devices, organizations):
    rows = town.truth("software_licenses")

    for row in rows:
        holders = town.truth("software_license_assignments", license_id=row["id"])
        assert len(holders) == row["currentUsage"]
        for one in holders:
            device = devices[one["licenseeId"]]
            assert device["organizationId"] == one["licenseeOrganizationId"]
            assert organizations[device["organizationId"]] == one["licenseeOrganizationName"]
    assert any(row["currentUsage"] > row["quantity"] for row in rows)
    assert any(row.get("expired") for row in rows)
    assert all(row["purchaseDate"] > 1e12 for row in rows)  # milliseconds


def test_invoices_are_of_agreements_of_accounts_of_organizations(town, organizations):
    accounts = {row["id"]: row["organizationId"] for row in town.truth("billing_accounts")}
    agreements = {row["id"]: row for row in town.truth("billing_agreements")}

    assert set(accounts.values()) <= set(organizations)
    for row in agreements.values():
        assert row["accountId"] in accounts
    for row in town.truth("billing_invoices"):
        assert agreements[row["agreementId"]]["accountId"] == row["accountId"]
        assert agreements[row["agreementId"]]["status"] == "ACTIVE"

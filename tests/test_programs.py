"""What programs are called, how their versions are ordered, and which pattern names them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninja_analytics.reports.programs import product, ranked, rules, version_key
from tests import plain_names


@pytest.mark.parametrize(
    ("lower", "higher"),
    [("9.9", "10.0"), ("1.0-beta", "1.0"), ("2.39-4ubuntu9", "2.39-12ubuntu1"), ("", "0.1"), ("1.1.1", "1.1.1w"), ("1.0-rc1", "1.0.0"),
     ("142.0.7444.9", "142.0.7444.176")],
)  # fmt: skip
def test_versions_are_compared_as_versions(lower, higher):
    assert version_key(lower) < version_key(higher)
    assert version_key("1.0") == version_key("1.0.0") == version_key("1")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("7-Zip 24.09 (x64)", "7-Zip"),
        ("Microsoft .NET Runtime - 8.0.11 (x64)", "Microsoft .NET Runtime"),
        ("Microsoft Visual C++ 2013 Redistributable", "Microsoft Visual C++ 2013 Redistributable"),
        ("Eclipse Temurin JRE 21.0.8+9 (x64)", "Eclipse Temurin JRE"),
        ("Tool v2.1 (2.1.0)", "Tool"),
        ("4.2.1", "4.2.1"),
        ("x64", "x64"),
        ("Tool (Beta 1.2)", "Tool (Beta 1.2)"),
        ("Mozilla Firefox (x64 en-US)", "Mozilla Firefox"),
        ("Microsoft 365 Apps for business - de-de", "Microsoft 365 Apps for business"),
        ("Notepad++ (64-bit x64)", "Notepad++"),
        ("Java 8 Update 421 (64-bit)", "Java 8"),
        ("Visual C++ 2008 Redistributable - x86 9.0.30729.6161", "Visual C++ 2008 Redistributable"),
        (
            "Visual C++ 2012 x86 Additional Runtime - 11.0.61030",
            "Visual C++ 2012 Additional Runtime",
        ),
        ("Intel Wi-Fi Driver (Wi-Fi)", "Intel Wi-Fi Driver (Wi-Fi)"),
        ("grub-efi-amd64", "grub-efi-amd64"),
    ],
)
def test_version_architecture_and_language_are_no_part_of_a_programs_name(name, plain):
    assert product(name) == plain


def test_versions_that_are_the_same_have_one_place():
    ranks, texts = ranked(["1.10", "1.0", "1", "1.2-rc1", "1.2"])
    assert ranks == {"1": 0, "1.0": 0, "1.2-rc1": 1, "1.2": 2, "1.10": 3}
    assert texts == {0: "1", 1: "1.2-rc1", 2: "1.2", 3: "1.10"}


def test_the_first_pattern_that_fits_a_name_with_or_without_its_version_is_told():
    names = ["uTorrent 3.6 (x64)", "7-Zip 24.09 (x64)", "Tool [beta]", "Steam"]
    patterns = ["*TORRENT*", "7-zip", "Tool [b?ta]", "*"]
    assert list(rules(names, patterns).values()) == patterns
    assert rules(names, []) == {}
    assert rules(["Steamy"], ["Steam"]) == {}


PARTS = ["Tool", "Kit", "365", "2013", "1.2", "v3.4.5", "24.09", "x64", "amd64", "(x64)", "(64-bit x64)",
         "(1.2, x86)", "(en-US)", "(Beta 1.2)", "-", "en-GB", "Wi-Fi", "Update", "421", "21.0.8+9"]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=6))
def test_a_name_is_what_is_left_when_it_is_read_word_by_word(parts):
    name = " ".join(parts)
    assert product(name) == plain_names.product(name)

"""Contracts and seats in the user's own CSV files: what is understood, and mistakes with their line."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports import found_settings
from ninja_analytics.reports.billing.contract import contract_of, read_contract
from ninja_analytics.reports.software.licenses import read_seats

HEAD = "organization,class_group,contracted,price,currency\n"


@pytest.fixture
def written(tmp_path):
    def write(text: str, name: str = "contract.csv", encoding: str = "utf-8"):
        path = tmp_path / name
        path.write_text(text, encoding=encoding)
        return path

    return write


def test_a_contract_is_read_with_the_line_of_each_row(written):
    path = written(HEAD + '"Heron, Lake & Co",Servers,4,12.50,eur\n\n 7 ,all, 10 ,,\n')
    rows = read_contract(path).astype(object).where(lambda frame: frame.notna(), None)
    assert rows.to_numpy().tolist() == [
        ["Heron, Lake & Co", "servers", 4, 12.5, "EUR", 2],
        ["7", "all", 10, None, "", 4],
    ]


def test_a_spreadsheet_of_another_country_is_read_as_well(written):
    path = written("Organization;Class group;Contracted\nHeron;servers;3\n", encoding="utf-8-sig")
    assert read_contract(path)["contracted"].tolist() == [3]


def test_a_contract_as_a_frame_is_checked_as_a_file_is(written):
    path = written(HEAD + "Heron,servers,4,12.5,EUR\nLake,all,2,,\n")
    frame = pd.read_csv(path)
    frame["contracted"] = frame["contracted"].astype(float)
    again = contract_of(contract_of(frame))
    assert again.drop(columns="line").equals(read_contract(path).drop(columns="line"))
    with pytest.raises(UsageError, match="row 1 of contract: contracted is -1"):
        contract_of(frame.assign(contracted=-1))
    with pytest.raises(UsageError, match="is not a frame"):
        contract_of("contract.csv")


@pytest.mark.parametrize(
    ("lines", "error", "said"),
    [
        ("Heron,servers,-4,,", UsageError, "line 2 of contract.csv: contracted is -4"),
        ("Heron,servers,four,,", UsageError, "contracted is four"),
        ("Heron,servers,1.5,,", UsageError, "must be a whole number"),
        ("Heron,servers,,,", UsageError, "contracted is nothing"),
        ("Heron,servers,inf,,", UsageError, "contracted is inf"),
        ("Heron,servers,4,-1,", UsageError, "price is -1"),
        ("Heron,servers,4,1,euros", UsageError, "three letters"),
        ("Heron,server,4,,", UnknownNameError, "Did you mean 'servers'"),
        (",servers,4,,", UsageError, "line 2 of contract.csv has no organization"),
        ("Heron,servers,4,,\nHERON,servers,5,,", UsageError, "line 3 of contract.csv has HERON"),
        ("Heron,servers,4,,\nHeron,all,5,,", UsageError, "after servers in line 2"),
        ("Heron,all,4,,\nHeron,servers,5,,", UsageError, "after all in line 2"),
        ("Heron, Lake,servers,4,,", UsageError, "quotation marks"),
    ],
)
def test_a_mistake_in_a_contract_is_told_with_its_line(written, lines, error, said):
    with pytest.raises(error) as told:
        read_contract(written(HEAD + lines + "\n"))
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("", UsageError, "has no column organization"),
        ("organization,class_group\n", UsageError, "has no column contracted"),
        (HEAD.replace("currency", "curency"), UnknownNameError, "Did you mean 'currency'"),
        (HEAD.replace("currency", "price"), UsageError, "the column price twice"),
    ],
)
def test_the_first_line_must_name_the_columns(written, text, error, said):
    with pytest.raises(error) as told:
        read_contract(written(text))
    assert said in str(told.value)


def test_a_file_that_cannot_be_read_is_told(written, tmp_path):
    with pytest.raises(UsageError, match="There is no file"):
        read_contract(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="is not UTF-8"):
        read_contract(written("Söhne", encoding="latin-1"))
    with pytest.raises(UsageError, match="cannot be read"):
        read_contract(tmp_path)


def test_seats_are_read_and_a_product_may_come_once(written):
    seats = read_seats(written("product,seats\nAdobe*,3\nVisio,0\n"))
    assert seats[["product", "seats"]].to_numpy().tolist() == [["Adobe*", 3], ["Visio", 0]]
    with pytest.raises(UsageError, match=r"line 3 of seats\.csv has visio again, after line 2"):
        read_seats(written("product,seats\nVisio,1\nvisio,2\n", "seats.csv"))


def test_the_settings_name_the_files_as_seen_from_their_own_folder(written, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path.parent)
    written(HEAD + "Heron,all,2,,\n")
    written("product,seats\nVisio,1\n", "seats.csv")
    path = written(
        '[contract]\nfile = "contract.csv"\n'
        '[software]\nallowed = ["Microsoft*"]\ndenied = ["*torrent*"]\nseats = "seats.csv"\n',
        "ninja-analytics.toml",
    )
    settings = found_settings(path)
    assert settings.contract is not None
    assert settings.contract["contracted"].tolist() == [2]
    assert settings.seats is not None
    assert settings.seats["seats"].tolist() == [1]
    assert settings.allowed_software == ("Microsoft*",)
    assert settings.denied_software == ("*torrent*",)


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ('[contract]\nfil = "x.csv"', UnknownNameError, "'file'"),
        ("[contract]\nfile = 3", UsageError, "must name a CSV file"),
        ("[contract]", UsageError, "must name a CSV file"),
        ('[contract]\nfile = "none.csv"', UsageError, "There is no file"),
        ("[software]\nseats = 3", UsageError, "must name a CSV file"),
        ('[software]\nallow = ["x"]', UnknownNameError, "'allowed'"),
        ('[software]\ndenied = "x"', UsageError, "must be a list of names"),
    ],
)
def test_a_mistake_in_the_settings_is_told(written, text, error, said):
    with pytest.raises(error) as told:
        found_settings(written(text, "ninja-analytics.toml"))
    assert said in str(told.value)

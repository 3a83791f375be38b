"""The files of a report beside page and tables: the manifest, PDF, SVG, and what LibreOffice reads."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from dataclasses import replace
from hashlib import sha256
from xml.etree import ElementTree

import openpyxl
import pytest

from ninja_analytics.errors import ExportError
from ninja_analytics.exports import pdf_bytes
from ninja_analytics.reports import FORMATS, REPORTS
from tests.browser import chromium
from tests.made_frames import NOW, fleet
from tests.test_exports_report import HOSTILE, hostile_frames
from tests.written import rows

needs_chromium = pytest.mark.skipif(
    chromium.find() is None,
    reason=f"without a browser no printed page is looked at; to run this: {chromium.ADVICE}",
)


def overview(frames=None, **parameters):
    frames = fleet(40, 6) if frames is None else frames
    return REPORTS["fleet_overview"].build(frames, now=NOW, **parameters)


def told(folder):
    [path] = folder.glob("*_manifest.json")
    return json.loads(path.read_text("utf-8"))


@pytest.fixture
def printer(monkeypatch):
    """The Chromium of the browser tests as the one that prints."""
    monkeypatch.setenv("NINJA_CHROMIUM", str(chromium.find()))


def test_the_manifest_has_the_true_hash_and_size_of_every_file(tmp_path):
    saved = overview().save(tmp_path, [name for name in FORMATS if name != "pdf"])
    entries = {one["name"]: one for one in told(tmp_path)["files"]}
    written = {path for path in tmp_path.iterdir() if path not in saved["manifest"]}
    assert set(entries) == {path.name for path in written}
    for path in written:
        data = path.read_bytes()
        assert entries[path.name]["bytes"] == len(data)
        assert entries[path.name]["sha256"] == sha256(data).hexdigest()
        assert entries[path.name]["format"] == path.suffix.removeprefix(".")


def test_the_manifest_tells_inputs_parameters_snapshot_and_versions(tmp_path):
    frames = fleet(40, 6)
    del frames["alerts"]
    frames["devices"].attrs["ninja"]["where"] = "class = MAC"
    report = overview(frames, organizations=[1, 3], active_days=14)
    report = replace(report, parameters={**report.parameters, "snapshot": "20261123T160000Z-1"})
    report.save(tmp_path, "html")
    made = told(tmp_path)
    inputs = {one["table"]: one for one in made["inputs"]}
    assert inputs["devices"]["rows"] == len(frames["devices"])
    assert inputs["devices"]["filter"] == "class = MAC"
    assert inputs["devices"]["pulled_at"] == "2026-11-23T16:00:00Z"
    assert (inputs["devices"]["complete"], inputs["alerts"]["complete"]) == (True, None)
    assert inputs["alerts"]["rows"] is None
    assert made["complete"] is False
    assert made["snapshot"] == "20261123T160000Z-1"
    assert made["parameters"]["organizations"] == [1, 3]
    assert made["parameters"]["active_days"] == 14
    assert made["as_of_at"] == "2026-11-23T16:00:00Z"
    assert {"ninja_analytics", "python", "pandas"} <= set(made["versions"])


def test_the_manifest_comes_last_and_not_at_all_when_a_file_fails(tmp_path):
    report = overview()
    (tmp_path / f"{report.stem}.xlsx").mkdir()
    with pytest.raises(ExportError):
        report.save(tmp_path, ["html", "xlsx"])
    assert not list(tmp_path.glob("*_manifest.json"))


def test_formats_saved_one_by_one_share_a_manifest(tmp_path):
    overview().save(tmp_path / "apart", "html")
    overview().save(tmp_path / "apart", "csv")
    overview().save(tmp_path / "at once", ["csv", "html"])
    assert told(tmp_path / "apart") == told(tmp_path / "at once")


def test_a_manifest_forgets_files_that_are_changed_or_of_other_data(tmp_path):
    report = overview()
    [page] = report.save(tmp_path, "html")["html"]
    page.write_text("edited")
    report.save(tmp_path, "xlsx")
    assert [one["format"] for one in told(tmp_path)["files"]] == ["xlsx"]
    overview(active_days=7).save(tmp_path, "png")
    assert {one["format"] for one in told(tmp_path)["files"]} == {"png"}


def test_a_file_in_the_place_of_a_manifest_that_is_none_is_replaced(tmp_path):
    report = overview()
    (tmp_path / f"{report.stem}_manifest.json").write_text("[]")
    report.save(tmp_path, "html")
    assert [one["format"] for one in told(tmp_path)["files"]] == ["html"]


@needs_chromium
def test_a_pdf_has_its_pages_and_can_be_made_again_byte_by_byte(tmp_path, printer):
    report = overview(fleet(60, 8))
    [path] = report.save(tmp_path, "pdf")["pdf"]
    data = path.read_bytes()
    assert data.startswith(b"%PDF-")
    assert 3 <= len(re.findall(rb"/Type /Page\b", data)) <= 12
    assert data.count(b"(D:20261123160000") == 2
    assert report.save(tmp_path / "again", "pdf")["pdf"][0].read_bytes() == data


@needs_chromium
@pytest.mark.skipif(
    not shutil.which("pdftotext"),
    reason="without pdftotext nobody reads what a PDF says, and in which order; to run this, install "
    "poppler-utils",
)
def test_a_pdf_reads_in_the_order_of_the_page_and_ends_with_the_definitions(tmp_path, printer):
    report = overview(fleet(400, 60))
    [path] = report.save(tmp_path, "pdf")["pdf"]
    command = ["pdftotext", "-layout", str(path), "-"]
    text = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    *_, last, nothing = text.split("\f")
    assert nothing == ""
    order = [report.question, report.kpis[0].label, "Fix now", "Charts", "Data quality"]
    places = [text.index(part) for part in [*order, "Definitions"]]
    assert places == sorted(places)
    assert last.strip().startswith("Definitions")
    assert f"ninja_analytics {report.version}" in last
    # The header of a table is on each of its pages, and paper leaves the end of long ones out.
    assert text.count("needs attention") > 1
    assert "On paper the first 40 of 61 rows; all of them are in the xlsx and csv files." in text
    assert "Search" not in text
    assert "↕" not in text


def test_without_a_browser_a_pdf_is_refused_in_a_sentence_and_nothing_is_written(
    tmp_path, monkeypatch
):
    monkeypatch.delenv("NINJA_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("ninja_analytics.exports.pdf.PLACES", ())
    with pytest.raises(ExportError, match=r"Install Chromium, Chrome or Edge.*print it to a PDF"):
        overview().save(tmp_path / "out", ["html", "pdf"])
    monkeypatch.setenv("NINJA_CHROMIUM", "no-such-browser")
    with pytest.raises(ExportError, match="is no-such-browser, and no program is there"):
        overview().save(tmp_path / "out", "pdf")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("does", "message"),
    [("echo 'out of ink' >&2", r"printed no PDF \(out of ink\)"), ("exec sleep 30", "within 0.3")],
)
def test_a_browser_that_prints_nothing_is_told(tmp_path, monkeypatch, does, message):
    program = tmp_path / "browser"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setenv("NINJA_CHROMIUM", str(program))
    with pytest.raises(ExportError, match=message):
        pdf_bytes("<p>x</p>", created=NOW, patience=0.3 if "sleep" in does else 30)


def test_an_svg_file_is_a_drawing_with_its_title_and_what_it_shows(tmp_path):
    report = overview(hostile_frames())
    saved = report.save(tmp_path, ["svg", "png"])
    assert [path.stem for path in saved["svg"]] == [path.stem for path in saved["png"]]
    for path, chart in zip(saved["svg"], report.charts.values(), strict=True):
        root = ElementTree.fromstring(path.read_bytes())
        assert root.get("aria-label") == chart.alt
        assert root.get("width").endswith("pt")
        tags = {node.tag.rpartition("}")[2] for node in root.iter()}
        assert not {"script", "image", "a", "foreignObject"} & tags
        assert chart.title in "".join(root.itertext())


def test_neutralizing_can_be_switched_off_for_csv_and_workbook(tmp_path):
    report = overview(hostile_frames())
    saved = report.save(tmp_path, ["csv", "xlsx"], neutralize=False)
    [devices] = [path for path in saved["csv"] if path.stem.endswith("_dim_device")]
    _, head, *body = rows(devices)  # the first line says that it is incomplete
    assert set(HOSTILE) <= {row[head.index("device")] for row in body}
    book = openpyxl.load_workbook(saved["xlsx"][0])
    cells = [cell for row in book["Problem devices"].iter_rows() for cell in row]
    assert "=cmd|' /C calc'!A0" in {cell.value for cell in cells}
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}


@pytest.fixture(scope="module")
def calc(tmp_path_factory):
    """What LibreOffice reads out of a workbook: its rows by the name of the sheet, as it shows them."""
    office = shutil.which("soffice")
    if not office:
        pytest.skip(
            "without LibreOffice no other program than openpyxl opens a workbook; to run this, install "
            "libreoffice-calc"
        )
    home = tmp_path_factory.mktemp("libreoffice")

    def read(path, folder):
        sheets = "44,34,76,1,,0,false,true,false,false,false,-1"  # comma, quote, UTF-8, every sheet
        command = [
            office, "--headless", f"-env:UserInstallation={home.as_uri()}", "--convert-to",
            f"csv:Text - txt - csv (StarCalc):{sheets}", "--outdir", str(folder), str(path),
        ]  # fmt: skip
        subprocess.run(command, capture_output=True, check=True, timeout=120)
        found = {}
        for file in folder.glob("*.csv"):
            with file.open(encoding="utf-8", newline="") as text:
                found[file.stem.removeprefix(f"{path.stem}-")] = list(csv.reader(text))
        return found

    return read


@pytest.mark.slow
def test_libreoffice_reads_the_workbook_as_it_was_meant(calc, tmp_path):
    report = overview(hostile_frames())
    [path] = report.save(tmp_path, "xlsx")["xlsx"]
    sheets = calc(path, tmp_path / "read")
    assert {"Summary", "Actions", "Problem devices", "Definitions", "Parameters"} <= set(sheets)
    for name, table in report.tables.items():
        head, *body = sheets[name.replace("_", " ").capitalize()]
        assert head == list(table.columns)
        assert len(body) == len(table)
    contact = {row[-2][:16] for row in sheets["Problem devices"][1:]}
    assert contact == {"2026-11-23 16:00"}
    assert all(row[-2].endswith("%") for row in sheets["Health by organization"][1:])
    everything = [cell for lines in sheets.values() for row in lines for cell in row]
    assert not [cell for cell in everything if cell.startswith(("#", "Err:"))]
    assert "'=cmd|' /C calc'!A0" in everything

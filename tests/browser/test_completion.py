"""What a person sees who presses Tab in JupyterLab."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.person import connect, leave_client_secret

OFFERED = {
    'ninja.table("vol': ["volumes"],
    'ninja.table("software", inst': ["installed_after=", "installed_before="],
    'na.device.node_class == "WIN': ["WINDOWS_SERVER", "WINDOWS_WORKSTATION"],
}


def test_tab_offers_what_ninjaone_has(lab, open_notebook, tenant, pictures):
    leave_client_secret(lab, tenant, "api-services")
    notebook = open_notebook(connect(tenant, "api-services"), *[""] * len(OFFERED))
    notebook.run(0)
    expect(notebook.output(0)).to_contain_text("connect() is back")
    expect(notebook.cell(0).locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"))

    for number, (typed, offered) in enumerate(OFFERED.items(), start=1):
        cell = notebook.cell(number).locator(".cm-content")
        cell.click()
        notebook.page.keyboard.insert_text(typed)
        notebook.page.keyboard.press("Tab")

        box = notebook.page.locator(".jp-Completer:visible .jp-Completer-match")
        expect(box).to_have_text(offered)
        if pictures:
            notebook.page.screenshot(path=pictures / f"completion-{number}.png")
        notebook.page.keyboard.press("Enter")
        expect(cell).to_contain_text(offered[0])

"""A front end without a screen, for cells and widgets in a real kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.blocking import BlockingKernelClient


@dataclass
class FrontEnd:
    """A front end without a screen: it runs cells, and hears and says what a widget's view does."""

    client: BlockingKernelClient
    heard: list[dict[str, Any]] = field(default_factory=list)

    def run(self, code: str) -> str:
        return self.client.execute(code, allow_stdin=True)

    def hear(self, wanted: Callable[[str, dict[str, Any]], bool]) -> dict[str, Any]:
        """The content of the next message that is wanted."""
        while True:
            message = self.client.get_iopub_msg(timeout=20)
            self.heard.append(message["content"])
            if wanted(message["msg_type"], message["content"]):
                return message["content"]

    def hear_custom(self, kind: str) -> dict[str, Any]:
        """The next custom message of this type from the widget."""

        def is_it(_: str, content: dict[str, Any]) -> bool:
            data = content.get("data", {})
            return data.get("method") == "custom" and data["content"].get("type") == kind

        return self.hear(is_it)["data"]["content"]

    def hear_state(self, **values: object) -> dict[str, Any]:
        """The next update of the widget's state that has these values."""

        def is_it(_: str, content: dict[str, Any]) -> bool:
            data = content.get("data", {})
            seen = data.get("state", {}).get("seen", {})
            return data.get("method") == "update" and values.items() <= seen.items()

        return self.hear(is_it)["data"]["state"]["seen"]

    def say(self, comm_id: str, content: dict[str, Any], *, subshell_id: str = "") -> None:
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        if subshell_id:
            message["header"]["subshell_id"] = subshell_id
        self.client.shell_channel.send(message)

    def open_subshell(self) -> str:
        """A thread of the kernel that is free while a cell runs; JupyterLab opens one, too."""
        self.client.control_channel.send(self.client.session.msg("create_subshell_request"))
        return self.client.get_control_msg(timeout=20)["content"]["subshell_id"]

    def interrupt(self) -> None:
        self.client.control_channel.send(self.client.session.msg("interrupt_request"))


def is_display(msg_type: str, _: dict[str, Any]) -> bool:
    return msg_type == "display_data"


def is_update(msg_type: str, _: dict[str, Any]) -> bool:
    return msg_type == "update_display_data"


def is_stream(msg_type: str, _: dict[str, Any]) -> bool:
    return msg_type == "stream"

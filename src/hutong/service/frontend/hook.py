"""The build hook: a wheel carries the front end inside, and an editable install puts it beside the source.

``HUTONG_FRONTEND=0`` leaves it out of an editable install, so that the command line alone needs no npm.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))
from install import FOR_TESTS, HERE, NODE, install, installed


def _left_out() -> bool:
    return os.environ.get("HUTONG_FRONTEND") == "0"


class FrontendHook(BuildHookInterface):
    """Install the front end before the files of a wheel are gathered."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what the build itself needs: a Node, unless all is there already."""
        return [] if _left_out() or installed() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Install, and name the folder as part of the wheel though git ignores it."""
        if version == "editable" and _left_out():
            return
        install()
        shipped = [*(n for n in json.loads((HERE / "files.json").read_text()) if n not in FOR_TESTS), "stamp"]
        build_data["artifacts"] += [f"src/hutong/service/web/static/vendor/{name}" for name in shipped]

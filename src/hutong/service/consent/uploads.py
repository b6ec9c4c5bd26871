"""Tables that an office sends, as one table of texts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hutong.sense.requests.sheet import read_sheet
from hutong.service.web.sent import sent_file


def read_upload(sent: Any) -> pd.DataFrame:
    """Return the table of an uploaded file as text; it raises as ``sent_file`` and ``read_sheet`` do."""
    with sent_file(sent) as path:
        return read_sheet(path, None)

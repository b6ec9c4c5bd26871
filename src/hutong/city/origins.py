"""What an importer says about where its columns come from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from hutong.city.schema import ORIGIN_SUFFIX, schema
from hutong.city.snapshot import Provenance


def settle_origins(
    tables: Mapping[str, pd.DataFrame], source: Mapping[str, str]
) -> tuple[dict[str, pd.DataFrame], dict[str, dict[str, Provenance]]]:
    """Return the tables and the provenance of every column that holds a value.

    A value is observed unless its table says otherwise in ``NAME__origin``; such a column is kept only where
    the origins of one column differ.

    Parameters
    ----------
    source
        The source id of each table.
    """
    out: dict[str, pd.DataFrame] = {}
    provenance: dict[str, dict[str, Provenance]] = {}
    for name, frame in tables.items():
        columns = provenance.setdefault(name, {})
        for column in schema().tables[name].columns:
            if column not in frame:
                continue
            known = frame[column].notna().to_numpy()
            if not known.any():
                continue
            cell = column + ORIGIN_SUFFIX
            origins = np.unique(frame[cell].to_numpy(str)[known]) if cell in frame else np.array(["observed"])
            if len(origins) == 1 and cell in frame:
                frame = frame.drop(columns=cell)
            columns[column] = Provenance(str(origins[0]) if len(origins) == 1 else "mixed", source[name])
        out[name] = frame
    return out, provenance

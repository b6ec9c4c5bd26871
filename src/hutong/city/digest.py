"""The content of a table as bytes for hashing, the same for any version of the libraries that hold it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa_arrow
import pyarrow.compute as pc
import shapely


def digest_column(digest: Any, series: pd.Series) -> None:
    """Feed one column to the digest in a form that does not depend on library versions."""
    if isinstance(series, gpd.GeoSeries):
        flat = shapely.to_wkb(series.to_numpy(), byte_order=1, include_srid=False)
        lengths = np.fromiter((-1 if b is None else len(b) for b in flat), np.int64, len(flat))
        digest.update(lengths.astype("<i8").tobytes())
        digest.update(b"".join(b for b in flat if b is not None))
    elif isinstance(series.dtype, pd.CategoricalDtype):
        digest.update("|".join(map(str, series.cat.categories)).encode())
        digest.update(series.cat.codes.to_numpy().astype("<i4").tobytes())
    elif isinstance(series.dtype, pd.BooleanDtype):
        digest.update(series.to_numpy(dtype="float64", na_value=np.nan).astype("<f8").tobytes())
    elif isinstance(series.dtype, pd.DatetimeTZDtype):
        digest.update(series.astype("int64").to_numpy().astype("<i8").tobytes())
    elif series.dtype.kind in "if":
        values = series.to_numpy().astype("<f8") + 0.0
        values[np.isnan(values)] = np.nan
        digest.update(values.tobytes())
    else:
        array = pa_arrow.array(series.array, pa_arrow.large_string())
        if isinstance(array, pa_arrow.ChunkedArray):
            array = array.combine_chunks()
        lengths = pc.fill_null(pc.cast(pc.binary_length(array), pa_arrow.int64()), -1)
        digest.update(lengths.to_numpy(zero_copy_only=False).astype("<i8").tobytes())
        filled = pc.fill_null(array, "")
        offsets = np.frombuffer(filled.buffers()[1], "<i8")[filled.offset : filled.offset + len(filled) + 1]
        if offsets[-1] > offsets[0]:  # without any text there may be no buffer
            digest.update(memoryview(filled.buffers()[2])[int(offsets[0]) : int(offsets[-1])])

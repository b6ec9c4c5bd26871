"""What a simulation says of every building, as layers of the map."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hutong.evolve.by_building import Buildings
from hutong.report.map_layers import Layer
from hutong.text import Text

#: From which condition (1 best, 0 worst) and share of runs a class begins (ours).
CONDITION = (0.75, 0.5, 0.25)
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
_CLASSES = (
    Text("0.75 及以上", "0.75 or more"), Text("0.50–0.75", "0.50–0.75"), Text("0.25–0.50", "0.25–0.50"), Text("0.25 以下", "below 0.25"),
)  # fmt: skip
_SHARE_CLASSES = (
    Text("不到 5%", "below 5%"), Text("5–25%", "5–25%"), Text("25–50%", "25–50%"), Text("50–75%", "50–75%"),
    Text("75–95%", "75–95%"), Text("95% 及以上", "95% or more"),
)  # fmt: skip
_NOTE = Text(
    "模型的预测，不是实测：行为参数多为假设。", "Predicted by the model, not observed: most parameters of behaviour are assumptions."
)  # fmt: skip
ENDS = (
    ("low", 0, Text("低端 5%", "low end, 5%")),
    ("median", 1, Text("中位", "median")),
    ("high", 2, Text("高端 95%", "high end, 95%")),
)


def layers(found: Buildings, size: int) -> Iterator[Layer]:
    """Yield the layers of one setting, by year: condition with its band, and where works are finished.

    ``size`` is the number of buildings of the snapshot; those where nobody lives have no class.
    """
    for k, year in enumerate(found.years):
        for name, at, said in ENDS:
            values = found.condition[k, at]
            codes = (values[:, None] < np.array(CONDITION)[None, :]).sum(axis=1)
            title = Text(
                f"推演 {year} 年后房屋状况（{found.setting.title.zh}，{said.zh}）",
                f"Predicted condition in {year} years ({found.setting.title.en}, {said.en})",
            )
            yield _layer(
                f"condition-{found.setting.id}-{year}-{name}",
                title,
                _CLASSES,
                codes,
                found,
                size,
                "condition",
            )
        title = Text(
            f"推演 {year} 年内完成更新的可能（{found.setting.title.zh}）",
            f"Predicted chance of works done within {year} years ({found.setting.title.en})",
        )
        codes = np.digitize(found.renewed[k], SHARES)
        yield _layer(
            f"renewed-{found.setting.id}-{year}", title, _SHARE_CLASSES, codes, found, size, "scheme"
        )


def _layer(
    name: str,
    title: Text,
    classes: tuple[Text, ...],
    codes: np.ndarray,
    found: Buildings,
    size: int,
    palette: str,
) -> Layer:
    whole = np.full(size, -1)
    whole[found.rows] = codes
    return Layer(
        name, title, classes, whole, whole >= 0, Text("无人居住", "nobody lives there"), _NOTE, palette
    )

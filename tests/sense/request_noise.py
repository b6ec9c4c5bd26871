"""Requests as hard as real ones: classes share words, callers name two troubles, clerks err. Made up, like the places.

python -m tests.sense.request_noise FILE.csv [COUNT]      # for hutong requests evaluate FILE.csv
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from .request_texts import PLACES, WHEN

#: What a caller says of a trouble. The same words stand in several classes, on purpose.
TROUBLES = {
    "房屋漏水渗水": ["屋顶漏水", "外墙渗水", "楼上管道漏水流到家里", "卫生间返水", "墙皮发霉", "维修后还是漏"],
    "给排水管线": ["下水管道堵塞", "管道漏水", "污水返上来", "水压低", "停水没有通知", "井盖旁冒污水，有异味"],
    "供暖": ["暖气不热", "供热管道漏水", "室温低", "暖气管有噪声", "交了费没有供暖", "维修后还是不热"],
    "物业服务": ["物业不管维修", "电梯厅没人打扫，垃圾堆放", "物业费涨价", "楼道灯不亮", "物业不处理漏水", "保安不管停车"],
    "停车管理": ["车位紧张", "有人私装地锁", "占用消防通道停车", "停车费涨价", "僵尸车占道", "夜间停车吵闹"],
    "消防安全": ["消防通道被车占用", "楼道堆放杂物", "电动车楼道充电", "灭火器过期", "飞线充电", "消防设施没人维修"],
    "环境卫生与公厕": ["垃圾清运不及时", "公厕有异味", "大件垃圾堆放", "垃圾桶旁污水横流", "老鼠多", "没人打扫"],
    "噪声扰民": ["夜间施工吵闹", "广场舞音响大", "楼下餐馆排风机有噪声", "装修噪声", "电梯运行噪声大", "夜间卸货扰民"],
    "油烟与污染": ["楼下餐馆油烟大", "施工扬尘", "排风口有异味", "河道有异味", "烧烤油烟", "夜间施工扬尘"],
    "违法建设": ["楼顶私搭房屋", "占用公共绿地搭建", "占用消防通道搭建", "私搭后外墙渗水", "群租隔断", "一楼私自改建餐馆"],
}  # fmt: skip
_OPEN = ("{p}居民反映，{w}", "{w}{p}{n}号楼", "来电人住{p}，称", "{p}{n}单元", "多次反映{p}", "")
_JOIN = ("，还有", "，同时", "，而且", "；另外", "，导致")
_CLOSE = ("，希望尽快解决。", "，无人处理", "，影响生活", "，要求核实处理。", "", "，请相关部门帮助协调")
_SLIPS = "的了不在有是我这个们"


def noisy(
    count: int, seed: int = 1, two: float = 0.35, wrong: float = 0.08, slips: float = 0.02
) -> tuple[list[str], list[str], list[str]]:
    """Return texts, the classes that clerks gave, and the true ones.

    Parameters
    ----------
    two
        Share of callers who name a second trouble of another class, before or after their own.
    wrong
        Share of requests that a clerk files under another class.
    slips
        Share of characters that are dropped or replaced.
    """
    rng = np.random.default_rng(seed)
    names = list(TROUBLES)
    weights = np.linspace(2.0, 0.6, len(names))
    true = rng.choice(names, count, p=weights / weights.sum())
    texts, given = [], []
    for own in true:
        said = [rng.choice(TROUBLES[own])]
        if rng.random() < two:
            other = rng.choice([n for n in names if n != own])
            said.insert(int(rng.random() < 0.7), rng.choice(TROUBLES[other]))
        opening = rng.choice(_OPEN).format(p=rng.choice(PLACES), w=rng.choice(WHEN), n=rng.integers(1, 30))
        text = opening + str(rng.choice(_JOIN)).join(said) + rng.choice(_CLOSE)
        fate = rng.random(len(text))
        texts.append(
            "".join(
                c if f >= slips else ("" if f < slips / 2 else rng.choice(list(_SLIPS)))
                for c, f in zip(text, fate, strict=True)
            )
        )
        given.append(str(rng.choice([n for n in names if n != own])) if rng.random() < wrong else str(own))
    return texts, given, true.tolist()


def main() -> None:
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    texts, given, _ = noisy(count)
    with Path(sys.argv[1]).open("w", encoding="gbk", newline="") as file:
        csv.writer(file).writerows([("诉求内容", "问题分类"), *zip(texts, given, strict=True)])


if __name__ == "__main__":
    main()

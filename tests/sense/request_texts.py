"""Requests that the tests make themselves: templates in Chinese, no real person or place."""

from __future__ import annotations

import numpy as np
import pandas as pd

TEMPLATES = {
    "房屋漏水渗水": ["{p}{n}号楼屋顶漏水，雨天{w}滴水", "{p}外墙渗水，{w}墙皮脱落", "{p}{n}单元卫生间返水，{w}无人处理", "{w}{p}顶层防水失效，漏雨"],
    "供暖": ["{p}{n}号楼暖气不热，室温只有十五度", "{p}{w}供暖温度低，老人受冻", "{w}{p}热力站停供，家里冰凉", "{p}采暖费已交，{w}暖气仍不热"],
    "停车管理": ["{p}车位紧张，{w}乱停车", "{p}{n}号楼前有人私装地锁", "{w}{p}停车费涨价不合理", "{p}僵尸车长期占车位，{w}无人管"],
    "环境卫生与公厕": ["{p}垃圾清运不及时，{w}有异味", "{p}公厕{w}脏乱，蚊蝇多", "{w}{p}大件垃圾堆放多日", "{p}{n}号楼垃圾桶满溢，老鼠出没"],
    "噪声扰民": ["{p}夜间施工扰民，{w}无法休息", "{p}广场舞音响吵闹，{w}", "{w}{p}楼下餐馆噪音大", "{p}{n}号楼装修噪声不断"],
}  # fmt: skip
PLACES = ["松荫里", "柳井胡同", "嘉泽苑", "红阳里", "榆桥胡同"]
WHEN = ["最近", "连续三天", "每到晚上", "多次反映", "上周以来", "今早"]


def labelled(count: int, seed: int = 1) -> tuple[list[str], list[str]]:
    """Return texts and their classes."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(list(TEMPLATES), count)
    texts = [
        rng.choice(TEMPLATES[label]).format(p=rng.choice(PLACES), n=rng.integers(1, 30), w=rng.choice(WHEN))
        for label in labels
    ]
    return texts, labels.tolist()


def office_table(count: int = 400, seed: int = 1) -> pd.DataFrame:
    """Return a list of requests as an office might export it, over 60 weeks."""
    rng = np.random.default_rng(seed)
    texts, labels = labelled(count, seed)
    minutes = np.sort(rng.integers(0, 60 * 7 * 24 * 60, count))
    time = pd.Timestamp("2024-01-01") + pd.to_timedelta(minutes, unit="min")
    resolved = rng.random(count) < 0.8
    return pd.DataFrame(
        {
            "工单编号": [f"G{i:05d}" for i in range(count)],
            "诉求时间": time.strftime("%Y-%m-%d %H:%M:%S"),
            "标题": texts,
            "诉求内容": [f"市民反映{t}，希望尽快解决，联系电话13800001111。" for t in texts],
            "问题分类": labels,
            "工单类型": np.where(rng.random(count) < 0.2, "咨询", "求助"),
            "承办单位": rng.choice(["甲街道", "乙街道", "丙局"], count, p=[0.6, 0.38, 0.02]),
            "是否响应": "是",
            "是否解决": np.where(resolved, "已解决", "未解决"),
            "是否满意": np.where(resolved, "满意", "不满意"),
            "办结时间": (time + pd.to_timedelta(rng.integers(1, 400, count), unit="h")).strftime(
                "%Y/%m/%d %H:%M"
            ),
            "经度": 116.40 + rng.random(count) * 0.01,
            "纬度": 39.93 + rng.random(count) * 0.01,
            "来电人": "某某",
        }
    )

"""How a simulation stands, and what its questions and schemes are called."""

from __future__ import annotations

from hutong.text import Text

#: How a simulation stands, with its mark and words.
STANDINGS = {
    "waiting": ("watch", Text("等待后台", "waiting for a worker")),
    "running": ("watch", Text("推演中", "running")),
    "stopping": ("watch", Text("正在停止", "being stopped")),
    "stopped": ("same", Text("已停止，可接着算", "stopped; it can go on")),
    "failed": ("alarm", Text("出错，可接着算", "failed; it can go on")),
    "done": ("good", Text("已完成", "done")),
}
TITLES = {
    "levers": Text("所选做法各改变什么", "What each chosen lever changes"),
    "policy": Text("哪种做法在各种情景下遗憾最小", "Which lever is regretted least, whatever comes"),
    "claims": Text("论文的论断在模型里成立吗", "Do the claims of the paper hold in the model"),
    "tipping": Text(
        "有没有拐点，受冲击后能否恢复", "Are there tipping points, and what comes back after a shock"
    ),
    "early-warning": Text("诉求失控之前有没有征兆", "Is there a sign before requests get out of hand"),
    "sensitivity": Text("结论最依赖哪些参数", "Which parameters the conclusion hangs on"),
}
#: What the map of a simulation is chosen by, what it shows, and which end of the band.
CHOOSE = {
    "what": Text("看什么", "Show"), "setting": Text("做法", "Lever"), "year": Text("什么时候", "When"), "end": Text("取哪一端", "How well it goes"),
}  # fmt: skip
WHAT = {
    "condition": Text("房屋状况", "condition of homes"),
    "renewed": Text("完成更新的可能", "chance that works are done"),
}
BAND = {
    "low": Text("差的情形（5%）", "badly (5 %)"), "median": Text("居中的情形", "in the middle"), "high": Text("好的情形（95%）", "well (95 %)"),
}  # fmt: skip
SCHEME_TITLES = {
    "balanced": Text("均衡方案", "balanced"), "least_cost": Text("最省方案", "least cost"), "most_benefit": Text("效益最大方案", "most benefit"),
}  # fmt: skip

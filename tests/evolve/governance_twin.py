"""Who governs and builds once more in plain Python: what the kernels of departments, operators and office must equal."""

from __future__ import annotations

from types import SimpleNamespace

START_SURVEY, COMMUNITIES, OPERATOR = 8, 9, 7
UNIT = 2.0**-32
OPERATORS, DEPARTMENTS = 5, 4
DONE = 6


def clip(x: float) -> float:
    return min(max(x, 0.0), 1.0)


def lend(capacity: list[float], waiting: list[float], share: float) -> None:
    missing, idle = 0.0, 0.0
    for c, q in zip(capacity, waiting, strict=True):
        if q > c:
            missing += q - c
        else:
            idle -= q - c
    if idle > 0 and missing > 0:
        moved = share * min(idle, missing)
        for i, (c, q) in enumerate(zip(list(capacity), waiting, strict=True)):
            capacity[i] = c + moved * ((q - c) / missing if q - c > 0.0 else (q - c) / idle)


class Governance:
    """Mixed into the twin: ``w``, ``p``, ``d``, ``words``, ``logistic``, ``people``, ``buildings``, ``projects`` are its."""

    def start_governance(self):
        w, p, d, b = self.w, self.p, self.d, self.w.bodies
        for i, home in enumerate(self.buildings):
            noise = p.survey_noise * (2.0 * (self.words(START_SURVEY, i, 0)[0] * UNIT) - 1.0)
            home.estimate = clip(home.condition + noise)
            home.community, home.department = int(b.place[0, i]), int(b.place[1, i])
            home.joint, home.heritage = float(b.home[0, i]), float(b.home[1, i]) > 0
            home.open, home.bonus, home.council = 0, 0.0, 0.0
        self.sizes, self.loads = b.size.tolist(), b.load.tolist()
        self.council, draws = [], []
        for c in range(len(self.sizes)):
            w0, w1, _, _ = self.words(COMMUNITIES, c, 0)
            self.council.append(min(d.structure * (1.0 + p.council_spread * (2.0 * (w0 * UNIT) - 1.0)), 1.0))
            draws.append(2.0 * (w1 * UNIT) - 1.0)
        total = mean = weighed = 0.0
        for size, x in zip(self.sizes, draws, strict=True):
            total += size
            mean += size * x
        mean /= max(total, 1.0)
        weights = [max(1.0 + d.inequality * (x - mean), 0.05) for x in draws]
        for size, x in zip(self.sizes, weights, strict=True):
            weighed += size * x
        self.weights = [x * (total / max(weighed, 1.0)) for x in weights]
        self.skill = [0.0] * DEPARTMENTS
        outlay = 0.0
        for x in b.project[2].tolist():
            outlay += x
        self.operators = []
        for o in range(OPERATORS):
            w0, w1, w2, _ = self.words(OPERATOR, o, 0)
            self.operators.append(
                SimpleNamespace(
                    faith=clip(p.faith_start + p.faith_spread * (2.0 * (w0 * UNIT) - 1.0)),
                    required=float(b.facts[2]) + p.required_spread * (2.0 * (w1 * UNIT) - 1.0),
                    capital=p.operator_capital * outlay * (0.5 + w2 * UNIT),
                    put_in=0.0, payoff=0.0, busy=False,
                )
            )  # fmt: skip
        for j, project in enumerate(self.projects):
            project.builder = -1 if w.private[j] else 0
            project.unbid, project.deal = 0, 0.0
            project.mixed, project.city, project.outlay, project.net, project.rate = b.project[:5, j].tolist()
            project.floor, project.poor, project.worth = (
                b.project[5:7, j].tolist(),
                *b.project[7:9, j].tolist(),
            )
        self.order = list(range(len(self.projects)))
        self.treasury, self.lever, self.acts = [0.0, 0.0], 0.0, [0.0] * 4
        self.ledger = dict.fromkeys(
            (
                "income",
                "kept",
                "shared",
                "bids",
                "no_bids",
                "gain_low",
                "gain_all",
                "failed",
                "held",
                "added",
            ),
            0.0,
        )

    def in_place(self, t: int):
        """The dials as far as they are in place."""
        p, d = self.p, self.d
        built = min(t / max(p.rollout_months, 1.0), 1.0)
        access = built * d.participation
        opened, joined = built * d.transparency, built * d.coordination
        read = opened / max(p.coverage_base + (1.0 - p.coverage_base) * access, 1e-9)
        apart = (1.0 - p.whistle_base) * (1.0 - p.whistle_structure * d.structure)
        watch = built * d.sensing
        return SimpleNamespace(
            t=t, access=access, watch=watch, open=opened, joined=joined,
            whistle=clip(1.0 - apart * (1.0 - p.whistle_digital * joined)),
            information=p.information_digital * read, news=p.news_digital * read, rumour=p.rumour_digital * read,
            sense=p.sense_rate * watch,
        )  # fmt: skip

    def govern(self, t: int, m):
        p, d = self.p, self.d
        if t == int(d.shock_month):
            self.shock()
        for i, home in enumerate(self.buildings):
            w0, w1, _, _ = self.words(START_SURVEY, i, t)
            if w0 * UNIT < p.survey_rate + p.survey_digital * m.watch:
                noise = p.survey_noise * (1.0 - p.survey_sharp * m.watch)
                home.estimate = clip(home.condition + noise * (2.0 * (w1 * UNIT) - 1.0))
        if (t - 1) % 12 == 0:
            self.fund(t)
            self.earn()
            self.prioritise()
            vain = any(x.builder < 0 and x.unbid >= 6 for x in self.projects)
            self.lever = min(
                max(self.lever + p.instrument_step * (1.0 if vain else -0.5), 0.0), d.environment
            )
            self.imitate_operators(t)
            self.imitate_communities(t)
        self.move_projects(t, m)
        self.service(m)

    def shock(self):
        p, d = self.p, self.d
        for home in self.buildings:
            home.condition = self.f32(home.condition * (1.0 - d.shock_condition))
        for me in self.people:
            me.gov[1] = self.f32(me.gov[1] + d.shock_trust * p.trust_evidence)
        self.treasury = [x - d.shock_money * max(x, 0.0) for x in self.treasury]
        lost = self.purse - (self.treasury[0] + self.treasury[1])
        self.purse -= lost
        self.received -= lost

    def earn(self):
        p, d = self.p, self.d
        for home in self.buildings:
            home.bonus = 0.0
        for j, project in enumerate(self.projects):
            if project.phase != DONE or project.builder < 1:
                continue
            net = project.net * project.share
            shared = p.share_rate * d.results * max(net, 0.0)
            self.ledger["income"] += net
            self.ledger["shared"] += shared
            self.ledger["kept"] += net - shared
            builder = self.operators[project.builder]
            builder.capital += net - shared
            builder.payoff += net - shared
            each = p.share_content * shared / max(int(self.w.roll_heads[j]), 1) / 1000.0
            for home in self.members(j):
                home.bonus += each

    def prioritise(self):
        w, count = self.w, len(self.projects)
        need = []
        for j in range(count):
            total = 0.0
            for home in self.members(j):
                total += home.homes * (1.0 - home.estimate) * float(w.condition_gain[j])
            need.append(total / max(float(w.public_yuan[j]), 1.0))
        ranked = sorted(range(count), key=lambda j: (-need[j], j))
        score = [0.0] * count
        for r, j in enumerate(ranked):
            means = self.d.means
            score[j] = (1.0 - means) * self.projects[j].worth + means * (1.0 - r / max(count - 1, 1))
        self.order = sorted(range(count), key=lambda j: (-score[j], j))

    def imitate_operators(self, t: int):
        for o in range(1, OPERATORS):
            w0, w1, _, _ = self.words(OPERATOR, o, t, 2)
            me, other = self.operators[o], self.operators[1 + (w0 * (OPERATORS - 1) >> 32)]
            if me is other or me.put_in <= 0 or other.put_in <= 0:
                continue
            gap = other.payoff / other.put_in - me.payoff / me.put_in
            if w1 * UNIT < self.logistic(gap / self.p.operator_noise):
                me.faith = other.faith

    def imitate_communities(self, t: int):
        p, count = self.p, len(self.sizes)
        total, here = [0.0] * count, [0] * count
        for me in self.people:
            if not me.gone:
                total[me.home.community] += me.content
                here[me.home.community] += 1
        content = [x / max(n, 1) for x, n in zip(total, here, strict=True)]
        new = []
        for c in range(count):
            w0, w1, w2, _ = self.words(COMMUNITIES, c, t)
            other, level = w0 * count >> 32, self.council[c]
            if w1 * UNIT < p.council_rate * self.logistic((content[other] - content[c]) / p.imitation_noise):
                level = self.council[other]
            new.append(clip(level + p.council_drift * self.d.structure * (2.0 * (w2 * UNIT) - 1.0)))
        self.council = new

    def service(self, m):
        p, d = self.p, self.d
        waiting, talking = [0] * len(self.sizes), [0] * len(self.sizes)
        queue = [0] * DEPARTMENTS
        for home in self.buildings:
            waiting[home.community] += home.open
            queue[home.department] += home.open
            talking[home.community] += home.homes * home.talk
        front = []
        for c, size in enumerate(self.sizes):
            busy = p.deliberation_load * self.council[c] * talking[c] / max(size, 1)
            front.append(p.capacity * d.capacity * self.weights[c] * size * (1.0 - min(busy, 1.0)))
        desk = [p.department_capacity * load for load in self.loads]
        lend(front, waiting, m.whistle)
        lend(desk, queue, m.whistle)
        usual = p.joint_loss * float(self.w.bodies.facts[0]) * (1.0 - p.whistle_base)
        handled = [0.0] * DEPARTMENTS
        for home in self.buildings:
            c, k = home.community, home.department
            home.serve = min(front[c] / max(waiting[c], 1), desk[k] / max(queue[k], 1), 1.0)
            resolve = p.resolve_base + p.resolve_digital * m.joined + p.learning_gain * self.skill[k]
            home.resolve = clip(resolve - (p.joint_loss * home.joint * (1.0 - m.whistle) - usual))
            handled[k] += home.serve * home.open
        for k in range(DEPARTMENTS):
            share = min(p.learning_rate * (handled[k] / max(self.loads[k], 1)), 1.0)
            self.skill[k] += share * (1.0 - self.skill[k])

    # ---- projects -------------------------------------------------------------------------------------------------

    def preparation(self, project, m) -> int:
        p, d = self.p, self.d
        plain = p.preparation_months * (1.0 - p.preparation_digital * m.joined)
        plain *= 1.0 - p.preparation_environment * d.environment
        mixed = p.mixed_months * d.complexity * project.mixed * (1.0 - p.mixed_environment * d.environment)
        return int(plain + mixed + 0.5)

    def openness(self, j: int) -> float:
        return self.council[self.members(j)[0].community]

    def bid(self, j: int, m):
        p, d, project = self.p, self.d, self.projects[j]
        rate = (1.0 - d.results) * project.rate + d.results * float(self.w.bodies.facts[1])
        rate -= p.share_rate * d.results * max(rate, 0.0)
        rate += p.instrument_return * self.lever
        risk = p.risk_base + p.risk_failed * self.ledger["failed"] / max(self.ledger["held"], 1.0)
        risk += p.risk_mixed * d.complexity * project.mixed
        risk *= (1.0 - p.risk_open * m.open) * (1.0 - p.risk_environment * d.environment)
        words = self.words(OPERATOR, j, m.t, 1)
        scores = {
            o: m.open * self.operators[o].faith + (1.0 - m.open) * (words[o - 1] * UNIT)
            for o in range(1, OPERATORS)
            if rate - p.risk_price * risk >= self.operators[o].required
            and self.operators[o].capital >= project.outlay
        }
        if scores:
            project.builder = max(scores, key=lambda o: scores[o])
            project.deal = self.lever
            self.ledger["bids"] += 1
        else:
            project.unbid += 1
            self.ledger["no_bids"] += 1

    def can_pay(self, j: int, m) -> bool:
        need = (self.projects[j].city, float(self.w.public_yuan[j]) - self.projects[j].city)
        short = [need[k] - self.treasury[k] for k in (0, 1)]
        spare = [self.treasury[1 - k] - need[1 - k] for k in (0, 1)]
        return all(short[k] <= 0 or short[k] <= m.whistle * spare[k] for k in (0, 1))

    def pay(self, j: int):
        need = (self.projects[j].city, float(self.w.public_yuan[j]) - self.projects[j].city)
        self.treasury = [self.treasury[k] - need[k] for k in (0, 1)]
        for k in (0, 1):
            if self.treasury[k] < 0:
                self.treasury[1 - k] += self.treasury[k]
                self.treasury[k] = 0.0
        project = self.projects[j]
        builder = self.operators[project.builder]
        builder.capital -= project.outlay
        builder.put_in += project.outlay
        self.ledger["added"] += self.p.instrument_floor * project.deal * project.floor[0]

    def caught(self, m) -> float:
        p = self.p
        return min(
            p.detection_base + p.detection_digital * m.open + p.detection_deliberation * self.d.structure, 1.0
        )

    def slack(self, j: int, m):
        p, project = self.p, self.projects[j]
        builder = self.operators[project.builder]
        spread = project.outlay / max(project.planned, 1)
        builder.payoff += spread * (1.0 - builder.faith) * (p.temptation - self.caught(m) * p.penalty)

    def after_works(self, m):
        p = self.p
        for o in self.operators:
            if o.busy:
                gain = self.caught(m) * p.penalty - p.temptation
                o.faith = clip(o.faith + p.faith_rate * o.faith * (1.0 - o.faith) * gain)

    def act(self):
        self.acts = [a * self.p.rate_memory for a in self.acts]
        self.acts[0] += self.count["closed"]
        for home in self.buildings:
            if home.talk:
                self.acts[1] += home.homes * home.council
        for j, project in enumerate(self.projects):
            if project.phase == 5:
                self.acts[2 if project.builder > 0 else 3] += sum(h.homes for h in self.members(j))

    def record_governance(self, m) -> dict[str, float]:
        n, openness, wrong, heritage, floor = len(self.people), 0.0, 0.0, 0.0, 0.0
        for size, level in zip(self.sizes, self.council, strict=True):
            openness += size * level
        for home in self.buildings:
            wrong += home.homes * abs(home.estimate - home.condition)
            heritage += home.condition * home.heritage
        for project in self.projects:
            if project.phase == DONE:
                floor += (project.floor[1] - project.floor[0]) * project.share
        total = square = 0.0
        for a in self.acts:
            total += a
        for a in self.acts:
            square += (a / total) * (a / total) if total else 0.0
        faith = skill = 0.0
        for o in self.operators:
            faith += o.faith
        for x in self.skill:
            skill += x
        out = {
            "polycentricity": (1.0 / square - 1.0) / 3.0 if total else 0.0,
            "openness": openness / n,
            "skill": skill / DEPARTMENTS,
            "whistle": m.whistle,
            "lever": self.lever,
            "surveyed": 1.0 - wrong / n,
            "heritage": heritage / max(sum(h.heritage for h in self.buildings), 1),
            "floor": 1.0 + (floor + self.ledger["added"]) / max(float(self.w.bodies.facts[3]), 1.0),
        }
        names = ("income", "kept", "shared", "bids", "no_bids", "gain_low", "gain_all")
        out.update({k: self.ledger[k] for k in names})
        out["given_up"] = sum(x.phase == 7 for x in self.projects)
        self.faith = faith / OPERATORS
        return out

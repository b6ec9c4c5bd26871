"""The model once more in plain Python, one household at a time: what the kernels must equal to the last byte."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np

from .governance_twin import Governance

LOGISTIC = [1.0 / (1.0 + v) for v in np.exp(-(np.arange(2049) / 128.0 - 8.0)).tolist()]
UNIT = 2.0**-32
START, HOUSEHOLD, REQUEST, VOTE, BUILDING, PROJECT = range(1, 7)
WAITING, PREPARING, DISCUSSING, VOTING, APPROVED, WORKING, DONE, GIVEN_UP, COOLING = range(9)


def f32(x: float) -> float:
    return float(np.float32(x))


def philox(
    counter: tuple[int, int, int, int], key: tuple[int, int], rounds: int = 10
) -> tuple[int, int, int, int]:
    """Philox 4x32, of ten rounds or seven, from the paper's description."""
    x0, x1, x2, x3 = counter
    a, b = key
    for _ in range(rounds):
        high0, low0 = divmod(0xD2511F53 * x0, 1 << 32)
        high1, low1 = divmod(0xCD9E8D57 * x2, 1 << 32)
        x0, x1, x2, x3 = high1 ^ x1 ^ a, low1, high0 ^ x3 ^ b, low0
        a, b = (a + 0x9E3779B9) % (1 << 32), (b + 0xBB67AE85) % (1 << 32)
    return x0, x1, x2, x3


def logistic(x: float) -> float:
    if x <= -8.0:
        return LOGISTIC[0]
    if x >= 8.0:
        return LOGISTIC[-1]
    return LOGISTIC[int((x + 8.0) * 128.0 + 0.5)]


def clip(x: float) -> float:
    return min(max(x, 0.0), 1.0)


class Twin(Governance):
    """One run; ``months`` holds a dictionary of counts per month, named as ``RAW``."""

    f32, logistic = staticmethod(f32), staticmethod(logistic)

    def __init__(self, world, p: dict[str, float], seed: int, dials):
        self.w = world
        self.p = SimpleNamespace(**p)
        self.key = (seed % (1 << 32), seed >> 32)
        self.d = dials
        self.months: list[dict[str, float]] = []

    def words(self, stream, entity, step, extra=0):
        return philox((int(entity), int(step), stream, int(extra)), self.key)

    def often(self, stream, entity, step):
        """The draws of every month, of seven rounds."""
        return philox((int(entity), int(step), stream, 0), self.key, 7)

    def run(self, months: int) -> np.ndarray:
        self.start()
        for t in range(1, months + 1):
            self.step(t)
        return np.array([list(m.values()) for m in self.months]).T

    # ---- month 0 -----------------------------------------------------------------------------------------------

    def start(self):
        w, p = self.w, self.p
        self.buildings = [
            SimpleNamespace(
                condition=float(c),
                service=float(s),
                wear=0.0,
                talk=False,
                works=0.0,
                done=False,
                homes=int(n),
            )
            for c, s, n in zip(w.condition, w.service, w.homes, strict=True)
        ]
        self.people = [self.household(i) for i in range(len(w.building))]
        self.projects = [
            SimpleNamespace(phase=WAITING, clock=0, elapsed=0, planned=0, rounds=0, share=1.0)
            for _ in w.matter
        ]
        self.purse = self.spent = self.received = self.upkeep = self.openings = 0.0
        self.rehoused = 0
        self.gains = [0.0, 0.0, 0.0]
        self.news = [0.0, 0.0, 0.0, 0.0]
        self.start_governance()
        base = 0.05 * len(self.people)
        pleased = p.resolve_base * p.satisfied_resolved + (1.0 - p.resolve_base) * p.satisfied_unresolved
        self.rates = [base * p.response_start, base, base * p.resolve_base, base, base * pleased]
        self.count = dict.fromkeys(
            ("pairs", "clash", "due", "responded", "closed", "resolved", "satisfied"), 0.0
        )
        for i, me in enumerate(self.people):
            ties = self.ties(i)
            if ties:
                self.count["pairs"] += 1
                self.count["clash"] += (me.stance >= 0.5) != (self.people[ties[0]].stance >= 0.5)
        self.record(0, self.in_place(0))

    def household(self, i: int):
        w, p = self.w, self.p
        w0, w1, w2, w3 = self.words(START, i, 0)
        v0, v1, _, _ = self.words(START, i, 0, 1)
        gov = min(max(p.trust_government + p.trust_spread * (2.0 * (w0 * UNIT) - 1.0), 0.02), 0.98)
        op = min(max(p.trust_operator + p.trust_spread * (2.0 * (w1 * UNIT) - 1.0), 0.02), 0.98)
        u = (w2 + 0.5) * UNIT
        interest = f32(float(w.lean[i]) + math.log(u / (1.0 - u)))
        stance = 0.5 + p.first_information * (logistic(interest) - 0.5)
        stance += p.first_trust * (0.5 * (gov + op) - 0.5) + p.first_noise * (2.0 * (w3 * UNIT) - 1.0)
        home = self.buildings[w.building[i]]
        e = p.trust_evidence
        return SimpleNamespace(
            home=home, interest=interest, stance=f32(clip(stance)), content=f32(0.5 * home.condition + 0.5 * home.service),
            gov=[f32(e * gov), f32(e * (1.0 - gov))], op=[f32(e * op), f32(e * (1.0 - op))],
            request=0, gone=False, signed=False,
            active=-int(v1 * UNIT * 12) if v0 * UNIT < p.participation_start else -12,
            elder=float(w.elder[i]), low=float(w.low_income[i]),
        )  # fmt: skip

    def ties(self, i: int) -> list[int]:
        return self.w.indices[self.w.indptr[i] : self.w.indptr[i + 1]].tolist()

    def use(self, me, access: float) -> float:
        p = self.p
        skill = (1.0 - p.skill_elder * me.elder) * (1.0 - p.skill_income * me.low)
        return (p.coverage_base + (1.0 - p.coverage_base) * access) * skill

    # ---- a month -----------------------------------------------------------------------------------------------

    def step(self, t: int):
        p = self.p
        m = self.in_place(t)
        self.govern(t, m)
        self.count = dict.fromkeys(self.count, 0.0)
        stances = [self.opinion(i, t, m) for i in range(len(self.people))]
        for home in self.buildings:
            home.next_open = 0
        contents = [self.case(i, t, m) for i in range(len(self.people))]
        for home in self.buildings:
            home.open = home.next_open
        for me, stance, content in zip(self.people, stances, contents, strict=True):
            me.stance, me.content = stance, content
        for b, home in enumerate(self.buildings):
            condition = home.condition - p.ageing_rate - home.wear / max(home.homes, 1)
            gap = 1.0 - home.condition
            failures = p.failure_rate * (1.0 - p.warn_digital * self.d.means * m.watch)
            if self.words(BUILDING, b, t)[0] * UNIT < failures * gap * gap:
                condition -= p.failure_loss
            home.condition, home.wear = f32(clip(condition)), 0.0
        for j, project in enumerate(self.projects):
            if project.phase == VOTING:
                self.ballot(j, t, m)
        self.rates = [r * p.rate_memory for r in self.rates]
        for k, name in enumerate(("responded", "due", "resolved", "closed", "satisfied")):
            self.rates[k] += self.count[name]
        self.act()
        self.record(t, m)

    def fund(self, t: int):
        w, p = self.w, self.p
        year = (t - 1) // 12
        if len(w.budget):
            income = float(w.budget[year]) if year < len(w.budget) else 0.0
        else:
            public = 0.0
            for yuan in w.public_yuan.tolist():
                public += yuan
            income = public * min(max(p.programme_years - year, 0.0), 1.0) / max(p.programme_years, 1.0)
        income = self.after_dials(income)
        upkeep = city = public = 0.0
        for j, project in enumerate(self.projects):
            city += project.city
            public += float(w.public_yuan[j])
            if project.phase == DONE:
                upkeep += float(w.upkeep[j]) * project.share
        part = city / public if public > 0 else 0.5
        self.treasury[0] += part * income
        self.treasury[1] += (1.0 - part) * income - upkeep
        self.purse += income - upkeep
        self.received += income
        self.upkeep += upkeep

    def after_dials(self, income: float) -> float:
        d = self.d
        digital = 0.25 * (d.sensing + d.participation + d.transparency + d.coordination)
        return income * d.budget * (1.0 - self.p.digital_cost * digital)

    def to_come(self, t: int) -> float:
        w, p, public, total = self.w, self.p, 0.0, 0.0
        for yuan in w.public_yuan.tolist():
            public += yuan
        years = len(w.budget) or int(p.programme_years) + 1
        for year in range((t - 1) // 12 + 1, years):
            if len(w.budget):
                income = float(w.budget[year])
            else:
                income = public * min(max(p.programme_years - year, 0.0), 1.0) / max(p.programme_years, 1.0)
            total += self.after_dials(income)
        return total

    def opinion(self, i: int, t: int, m) -> float:
        p, me = self.p, self.people[i]
        if me.gone:
            return me.stance
        w0, w1, w2, _ = self.often(HOUSEHOLD, i, t)
        w3 = self.often(REQUEST, i, t)[3]
        use, stance = self.use(me, m.access), me.stance
        trust = 0.5 * (me.gov[0] / (me.gov[0] + me.gov[1]) + me.op[0] / (me.op[0] + me.op[1]))
        met = False
        if me.home.talk:
            x = p.meet_logit + p.meet_trust * (trust - 0.5) + p.meet_digital * use + p.meet_elder * me.elder
            met = w3 * UNIT < me.home.council * logistic(x)
            if met:
                me.active = t
        ties = self.ties(i)
        if ties:
            other = self.people[ties[w0 * len(ties) >> 32]]
            if not other.gone:
                self.count["pairs"] += 1
                self.count["clash"] += (stance >= 0.5) != (other.stance >= 0.5)
                if met:
                    if abs(other.stance - stance) <= p.bound:
                        stance = stance + p.mixing * (other.stance - stance)
                elif w1 * UNIT < p.imitation_rate * logistic(
                    (other.content - me.content) / p.imitation_noise
                ):
                    stance = other.stance
        if not me.home.done and w2 * UNIT < p.rumour_rate * (1.0 - m.rumour * use):
            stance -= p.rumour_step * (1.0 - trust) * stance
        x = me.interest + p.trust_pull * (trust - 0.5 * (p.trust_government + p.trust_operator))
        if me.home.done:
            x += p.experience_pull * (me.content - 0.5)
        rate = p.information_base + m.information * use
        if met:
            rate += p.information_deliberation
        return f32(clip(stance + min(rate, 1.0) * (logistic(x) - stance)))

    def case(self, i: int, t: int, m) -> float:
        p, me, n = self.p, self.people[i], self.count
        if me.gone:
            return me.content
        use, home = self.use(me, m.access), me.home
        (gg, bg), (go, bo) = me.gov, me.op
        content = me.content
        life = 0.5 * home.condition + 0.5 * home.service - p.disruption * home.works + home.bonus
        content += p.satisfaction_rate * (clip(life) - content)
        v0, v1, v2, _ = self.often(REQUEST, i, t)
        v3 = self.often(HOUSEHOLD, i, t)[3]
        gap = 1.0 - home.condition
        if me.request == 0 and v3 * UNIT < p.problem_base + p.problem_slope * gap * gap:
            me.request = -1
        if me.request < 0:
            x = p.ask_logit + p.ask_digital * use + p.ask_trust * (gg / (gg + bg) - 0.5)
            if v0 * UNIT < logistic(x):
                me.request, me.active = 1, t
            elif v1 * UNIT < m.sense:
                me.request = 1
            else:
                content -= p.unreported_drag * content
                home.wear += p.neglect_wear
        elif me.request > 0:
            first, served = me.request == 1, v0 * UNIT < home.serve
            n["due"] += first
            n["responded"] += first and served
            if not served:
                me.request += 1
                bg += p.wait_weight
            else:
                n["closed"] += 1
                late = p.wait_penalty * (me.request - 1)
                if v1 * UNIT < home.resolve:
                    n["resolved"] += 1
                    n["satisfied"] += v2 * UNIT < p.satisfied_resolved - late
                    me.request = 0
                    home.wear -= p.repair_gain
                    gg += p.request_weight
                    content += p.request_step * (1.0 - content)
                else:
                    n["satisfied"] += v2 * UNIT < p.satisfied_unresolved - late
                    me.request = -1
                    bg += p.request_weight
                    content -= p.request_step * content
        heard = p.news_weight * (1.0 + m.news * use)
        me.gov = self.remember(gg + heard * self.news[0], bg + heard * self.news[1])
        me.op = self.remember(go + heard * self.news[2], bo + heard * self.news[3])
        home.next_open += me.request > 0
        return f32(clip(content))

    def remember(self, good: float, bad: float) -> list[float]:
        if good + bad > self.p.trust_memory:
            keep = self.p.trust_memory / (good + bad)
            good, bad = good * keep, bad * keep
        return [f32(good), f32(bad)]

    # ---- projects ----------------------------------------------------------------------------------------------

    def voters(self, j: int) -> list[int]:
        return self.w.voter[self.w.voter_ptr[j] : self.w.voter_ptr[j + 1]].tolist()

    def members(self, j: int):
        return [self.buildings[b] for b in self.w.member[self.w.member_ptr[j] : self.w.member_ptr[j + 1]]]

    def act_of(self, j: int) -> int:
        return int(self.w.thresholds[self.w.matter[j], 18])

    def move_projects(self, t: int, m):  # noqa: C901 (one branch per phase)
        w, p = self.w, self.p
        self.openings += p.openings * len(self.projects)
        self.news = [0.0, 0.0, 0.0, 0.0]
        coming, bound = self.to_come(t), 0.0
        for j, project in enumerate(self.projects):
            if project.phase in (PREPARING, DISCUSSING, VOTING, APPROVED, COOLING):
                bound += float(w.public_yuan[j])
        for o in self.operators:
            o.busy = False
        for j in self.order:
            project = self.projects[j]
            if project.phase == WAITING:
                if self.openings >= 1.0 and bound + float(w.public_yuan[j]) <= self.purse + coming:
                    self.openings -= 1.0
                    bound += float(w.public_yuan[j])
                    project.phase, project.clock = PREPARING, self.preparation(project, m)
            elif project.phase in (PREPARING, COOLING):
                project.clock -= 1
                if project.clock <= 0:
                    project.phase = APPROVED if self.act_of(j) == 2 else DISCUSSING
                    project.clock = int(p.discussion_months + self.openness(j) * p.deliberation_months + 0.5)
            elif project.phase == DISCUSSING:
                project.clock -= 1
                if project.clock <= 0:
                    project.phase = VOTING
            elif project.phase == APPROVED:
                if project.builder < 0:
                    self.bid(j, m)
                if project.builder >= 0 and self.can_pay(j, m):
                    self.begin_works(j, project)
            elif project.phase == WORKING:
                builder = self.operators[project.builder]
                builder.busy = True
                self.slack(j, m)
                project.elapsed += 1
                progress = p.progress_low + (p.progress_high - p.progress_low) * builder.faith
                project.clock -= self.words(PROJECT, j, t)[0] * UNIT < progress
                if project.clock <= 0:
                    self.finish_works(j, project)
        for home in self.buildings:
            home.talk, home.works = False, 0.0
        for j, project in enumerate(self.projects):
            for home in self.members(j):
                if project.phase == DISCUSSING:
                    home.talk, home.council = True, self.council[home.community]
                if project.phase == WORKING:
                    home.works = max(home.works, float(w.disruption[j]))
        self.after_works(m)

    def begin_works(self, j: int, project):
        w, p = self.w, self.p
        self.pay(j)
        self.purse -= float(w.public_yuan[j])
        self.spent += float(w.public_yuan[j])
        months = int(min(p.works_base + p.works_slope * float(w.intensity[j]), p.works_longest) + 0.5)
        project.phase, project.planned, project.clock = WORKING, max(months, 1), max(months, 1)
        for i in self.voters(j):
            me = self.people[i]
            if me.signed and not me.gone:
                me.gone, me.request = True, 0
                self.rehoused += int(w.people[i])

    def finish_works(self, j: int, project):
        w, p = self.w, self.p
        project.phase = DONE
        late = project.elapsed > project.planned * (1.0 + p.tolerance)
        for home in self.members(j):
            home.condition = f32(
                home.condition + project.share * float(w.condition_gain[j]) * (1.0 - home.condition)
            )
            home.service = f32(home.service + project.share * float(w.service_gain[j]) * (1.0 - home.service))
            home.done = True
        for k in range(3):
            gain = project.share * float(w.value_gain[j, k]) * (1.0 - p.late_discount * late)
            self.gains[k] += gain
            self.ledger["gain_all"] += gain
            self.ledger["gain_low"] += gain * project.poor
        private = int(w.private[j])
        self.news[2 * private + late] += 1.0
        for i in self.voters(j):
            belief = self.people[i].op if private else self.people[i].gov
            belief[int(late)] = f32(belief[int(late)] + p.promise_weight)

    def ballot(self, j: int, t: int, m):
        w, p, project = self.w, self.p, self.projects[j]
        rule = w.thresholds[w.matter[j]].tolist()
        roll = [int(w.roll_area[j]), int(w.roll_heads[j])]
        part, yes = [0, 0], [0, 0]
        for i in self.voters(j):
            me, area = self.people[i], int(w.area_cm2[i])
            if me.gone:
                roll = [roll[0] - area, roll[1] - 1]
                continue
            w0, w1, _, _ = self.words(VOTE, i, t, j)
            x = p.vote_logit + p.vote_trust * (me.gov[0] / (me.gov[0] + me.gov[1]) - 0.5)
            x += p.vote_digital * self.use(me, m.access)
            if t - me.active < 12:
                x += p.vote_habit
            if self.act_of(j) != 0 or w0 * UNIT >= logistic(x):
                continue
            me.active = t
            part = [part[0] + area, part[1] + 1]
            if w1 * UNIT < logistic((me.stance - 0.5) / p.vote_noise):
                yes = [yes[0] + area, yes[1] + 1]
        project.rounds += 1
        self.ledger["held"] += 1
        if self.act_of(j) == 0:
            passed, project.share = self.carries(rule, roll, part, yes), 1.0
            if passed:
                self.surrender(j, t)
        else:
            leaving = self.surrender(j, t)
            passed, project.share = leaving > 0, leaving / max(roll[1], 1)
        if passed:
            project.phase = APPROVED
            return
        self.ledger["failed"] += 1
        for i in self.voters(j):
            self.people[i].gov[1] = f32(self.people[i].gov[1] + p.failed_weight)
        if project.rounds >= p.most_rounds:
            project.phase = GIVEN_UP
        else:
            project.phase, project.clock = COOLING, int(p.cooling_months + 0.5)

    def surrender(self, j: int, t: int) -> int:
        w, p, n = self.w, self.p, 0
        for i in self.voters(j):
            me = self.people[i]
            if math.isnan(w.leave[j]) or not w.tenant[i] or me.gone:
                continue
            trust = 0.5 * (me.gov[0] / (me.gov[0] + me.gov[1]) + me.op[0] / (me.op[0] + me.op[1]))
            own = me.interest - float(w.lean[i])
            pull = p.trust_pull * (trust - 0.5 * (p.trust_government + p.trust_operator))
            if float(w.leave[j]) + own + pull > 0.0:
                me.signed, me.active, n = True, t, n + 1
        return n

    @staticmethod
    def carries(rule, roll, part, yes) -> bool:
        if rule[18]:
            return yes[1] > 0
        if rule[17]:
            part = roll
        base = roll if rule[16] else part
        pairs = [(part[0], roll[0]), (part[1], roll[1]), (yes[0], base[0]), (yes[1], base[1])]
        for k, (got, whole) in enumerate(pairs):
            asked, numerator, denominator, strict = rule[4 * k : 4 * k + 4]
            if whole <= 0:
                return False
            if asked and not (
                got * denominator > whole * numerator if strict else got * denominator >= whole * numerator
            ):
                return False
        return True

    # ---- counting ----------------------------------------------------------------------------------------------

    def record(self, t: int, m_):
        w = self.w
        zero = ("residents", "stake", "support", "trust_government", "trust_operator", "content", "content_low", "low",
                "pairs", "clash", "coverage", "active", "open", "due", "responded", "closed", "resolved", "satisfied",
                "condition", "service", "people")  # fmt: skip
        m = dict.fromkeys(zero, 0.0)
        m.update(self.count)
        for i, me in enumerate(self.people):
            if me.gone:
                continue
            m["residents"] += 1
            m["people"] += int(w.people[i])
            if w.stake[i]:
                m["stake"] += 1
                m["support"] += me.stance >= 0.5
            m["trust_government"] += int((me.gov[0] / (me.gov[0] + me.gov[1])) * 2**30) / 2**30
            m["trust_operator"] += int((me.op[0] / (me.op[0] + me.op[1])) * 2**30) / 2**30
            m["content"] += int((me.content) * 2**30) / 2**30
            m["content_low"] += int((me.content * me.low) * 2**30) / 2**30
            m["low"] += int((me.low) * 2**30) / 2**30
            m["coverage"] += int((self.use(me, m_.access)) * 2**30) / 2**30
            m["active"] += t - me.active < 12
            m["open"] += me.request > 0
            m["condition"] += int((me.home.condition) * 2**30) / 2**30
            m["service"] += int((me.home.service) * 2**30) / 2**30
        governance = self.record_governance(m_)
        finished = 0.0
        for j, project in enumerate(self.projects):
            if project.phase == DONE:
                finished += int(w.roll_heads[j]) * project.share
        names = ("rate_responded", "rate_due", "rate_resolved", "rate_closed", "rate_satisfied")
        m.update(zip(names, self.rates, strict=True))
        m.update(gain_economic=self.gains[0], gain_ecological=self.gains[1], gain_cultural=self.gains[2])
        m.update(
            finished=finished,
            faith=self.faith,
            rehoused=self.rehoused,
            spent=self.spent,
            received=self.received,
            upkeep=self.upkeep,
            **governance,
        )
        self.months.append({k: float(v) for k, v in m.items()})

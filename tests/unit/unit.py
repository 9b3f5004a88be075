"""The unit: people, providers, cases and what follows from them, 2024-01-01 to 2026-12-31 and some months before.

Everything is decided here in the order the parts depend on each other; records.py writes it down. `planted` keeps what was put in on
purpose: rule -> the records it is to find."""
from datetime import date

from prng import Deck, Stream

START, END = date(2024, 1, 1).toordinal(), date(2026, 12, 31).toordinal()
TEAMS = ["mottag", "utredning_1", "utredning_2", "utredning_3", "ungdom", "uppfoljning"]
# posts: title, role(s), how many at scale 1
POSTS = [
    ("h", "Socialsekreterare", ["handlaggare"], 42),
    ("s", "Samordnare", ["samordnare"], 6),
    ("p", "Placeringssekreterare", ["placeringssekreterare"], 2),
    ("a", "Administratör", ["admin"], 4),
    ("b", "Biträdande enhetschef", ["bitr_enhetschef", "ledningsgrupp"], 4),
    ("e", "Enhetschef", ["enhetschef", "ledningsgrupp"], 1),
    ("k", "Utvecklingssekreterare", ["kvalitet"], 1),
]
# built-in trends, per cent, by year
TRENDS = {
    "care_plan": (78, 90, 97),
    "impl_plan": (61, 82, 93),
    "follow_up": (58, 79, 92),
    "ivo_before": (55, 88, 98),
    "register_before": (40, 83, 96),
    "decision_motivated": (71, 80, 86),
    "pre_motive": (34, 58, 77),
    "inv_child_heard": (74, 83, 90),
    "best_interests": (62, 70, 81),
    "child_attitude": (48, 57, 69),
    "police_decision": (52, 74, 91),
    "risk_assessed": (39, 60, 84),
}
# log-normal, median 5.5 months, 90th percentile 16; in months
STAY = [(0, 0.8), (0.1, 2.9), (0.25, 4.3), (0.5, 5.5), (0.75, 12), (0.9, 16), (0.95, 27), (0.99, 42), (1, 46)]
INVESTIGATION = [(0, 20), (0.25, 70), (0.5, 96), (0.75, 112), (0.95, 150), (1, 240)]


def iso(day):
    return date.fromordinal(day).isoformat()


def year(day):
    return date.fromordinal(min(day, END)).year


def months(day, n):
    """The same day n months on; days after the 28th are never counted from (see workday)."""
    d = date.fromordinal(day)
    m = d.year * 12 + d.month - 1 + n
    return date(m // 12, m % 12 + 1, d.day).toordinal()


def workday(day):
    """The first weekday from it on, never the 29th to 31st: months are counted from it, and what a month after the
    31st is, is no question to ask a unit."""
    while date.fromordinal(day).weekday() > 4 or date.fromordinal(day).day > 28:
        day += 1
    return day


def before(day):
    """The same, backwards."""
    while date.fromordinal(day).weekday() > 4 or date.fromordinal(day).day > 28:
        day -= 1
    return day


class Thing:
    """A bag of facts."""

    def __init__(self, **kw):
        self.__dict__.update(kw)


class Unit:
    def __init__(self, scale, seed):
        self.scale, self.seed = scale, seed
        self.planted = {}
        self.decks, self.stays = {}, []
        self.make_staff()
        self.make_providers()
        self.make_cases()
        self.make_violence()
        self.make_placements()
        self.make_checks()
        self.make_plans()
        self.make_follow_ups()
        self.make_contracts()
        self.hand_over()

    def n(self, count, least=1):
        """A count at scale 1, at this scale."""
        return max(least, int(count * self.scale + 0.5))

    def stream(self, name):
        return Stream(self.seed, name)

    def plant(self, rule, record):
        self.planted.setdefault(rule, []).append(record)

    def trend(self, r, name, day):
        """Whether it went well, so often as the trend of the day's year says."""
        y = min(max(year(day), 2024), 2026)
        key = name, y
        if key not in self.decks:
            self.decks[key] = Deck(r, TRENDS[name][y - 2024], min(50, max(10, int(50 * self.scale))))
        return self.decks[key].draw()

    # --- people ----------------------------------------------------------------------------------------

    def make_staff(self):
        r = self.stream("staff")
        small = max(self.scale, 0.3)  # a tenth of the unit still has its groups and its roles
        self.posts, self.staff, number = [], [], {}
        for code, title, roles, count in POSTS:
            count = 1 if code in "ek" else max({"h": 12, "b": 2}.get(code, 1), int(count * small + 0.5))
            for i in range(count):
                team = TEAMS[i % len(TEAMS)] if code in "hs" else "stab"
                self.posts.append(Thing(code=code, title=title, roles=roles, team=team, holders=[]))

        def hire(post, since):
            number[post.code] = number.get(post.code, 0) + 1
            p = Thing(id="staff-syn%s%02d" % (post.code, number[post.code]), handle="%s%02d" % (post.code, number[post.code]),
                      title="%s %02d" % (post.title, number[post.code]) if post.code not in "ek" else post.title,
                      roles=post.roles, team=post.team, since=since, until=None, post=post)
            post.holders.append(p)
            self.staff.append(p)

        for post in self.posts:
            hire(post, workday(START - r.among(60, 3000)))
        # 18 per cent a year leave, mostly those who meet the children
        left = self.n(35, 6)
        who = [p for p in self.posts if p.code == "h"] * 6 + [p for p in self.posts if p.code in "sab"]
        for day in sorted(r.among(START + 60, END - 25) for _ in range(left)):
            while True:
                post = r.pick(who)
                if post.holders[-1].since < day - 30:
                    break
            post.holders[-1].until = day
            hire(post, day + 1)
        self.of = {c: [p for p in self.posts if p.code == c] for c in "hspabek"}
        self.head = self.of["e"][0].holders[0]
        # one in twenty is away for long: a colleague stands beside
        self.away = {id(p): r.among(START + 200, END - 200) for p in r.sample(self.of["h"], max(1, len(self.of["h"]) // 20))}

    def holder(self, post, day):
        for p in post.holders:
            if p.until is None or day <= p.until:
                return p

    def deputy(self, team, day):
        return self.holder(self.of["b"][TEAMS.index(team) * len(self.of["b"]) // len(TEAMS)], day)

    def officer(self, r, day):
        return self.holder(r.pick(self.of["p"]), day)

    def administrator(self, r, day):
        return self.holder(r.pick(self.of["a"]), day)

    # --- providers ----------------------------------------------------------------------------------------

    def make_providers(self):
        r = self.stream("providers")
        self.providers = []
        total = self.n(70, 8)
        for i in range(total):
            used = i < self.n(40, 6)
            # three in four are private
            op = ["private", "private", "municipal", "private"][i % 4]
            forms, ages = ["hvb"], r.pick([(8, 15), (10, 17), (12, 18), (13, 20), (8, 20)])
            if i % 14 == 6:
                op, ages = "state", (12, 20)
                forms = ["sis"]
            elif i % 10 == 3:
                forms, ages = ["stodboende"], (15, 20)
            elif i % 10 == 5:
                forms, ages = ["skyddat_boende"], (0, 20)
            elif i % 5 == 0:
                forms = ["hvb", "stodboende"]
            self.providers.append(Thing(
                id="provider-syn%03d" % (i + 1), number=i + 1, used=used, operator=op, forms=forms, ages=ages,
                places=r.among(4, 9), stop=False, active=used or not r.chance(15),
                permit={"private": "permit", "state": "not_required"}.get(op, "notification"),
                outside=op == "private" and r.chance(38), stays=[]))
        self.providers[-1].__dict__.update(operator="private", permit="permit", forms=["hvb"], active=True)
        idle = [p for p in self.providers if not p.used and p.active and p.operator == "private"]
        for p in r.sample(idle, self.n(1)):
            p.permit = "notification"
            self.plant("X18", p.id)

    # --- cases ---------------------------------------------------------------------------------------------

    def make_cases(self):
        r = self.stream("cases")
        total, stock, warm = self.n(2500), self.n(34), self.n(120)
        weight = {7: 45, 5: 130, 9: 130, 10: 130, 12: 85}
        weeks = [(d, weight.get(date.fromordinal(d).month, 100)) for d in range(START, END - 6, 7)]
        opened = [(r.among(START - 520, START - 150), True) for _ in range(stock)]
        opened += [(r.among(START - 125, START - 1), True) for _ in range(warm)]
        rest = total - stock - warm
        share = max(0, (54 * total - 100 * (stock + warm)) / rest)  # of all, 54 per cent are investigated
        opened += [(r.weighted(weeks) + r.weighted([(0, 25), (1, 20), (2, 20), (3, 20), (4, 15)]), r.chance(share)) for _ in range(rest)]
        opened.sort()
        self.cases = []
        for i, (day, inv) in enumerate(opened):
            self.cases.append(self.make_case(r, i + 1, workday(day), inv))
        for c in self.cases[:stock]:  # of these, children are placed when the three years begin
            c.birth = year(c.opened) - r.among(9, 16)

    def make_case(self, r, number, day, inv):
        age = r.quantile([(0, 0), (0.3, 7), (0.7, 14), (1, 18)])
        c = Thing(id="case-syn%05d" % number, number=number, opened=day, birth=year(day) - int(age), placed=[], notes=0,
                  child="barn-%05d%s" % (number, r.pick("ABCDEFGHJKMNPQRSTVWXYZ")), sex=r.weighted([("girl", 48), ("boy", 49), ("not_recorded", 3)]),
                  research=r.chance(10), violence=False, protected=False, leaver=None, ext=None, ext_reason=False, pre=None, pre_ext=False,
                  inv_open=None, inv_close=None, closed=None, reason=None, co=None, police=None, risk=None, lists=[])
        if self.cases and r.chance(8):  # the child was here before
            old = r.pick(self.cases)
            c.child, c.birth, c.sex, c.research = old.child, old.birth, old.sex, old.research
        c.channel = r.weighted([("concern_report", 74), ("police_report", 13), ("application", 7 if inv else 0), ("own_initiative", 4), ("referral", 2)])
        lag = r.among(1, 11) if not r.chance(6) else r.among(16, 26)
        pre = workday(day + lag)
        if c.channel == "application":
            c.inv_open = workday(day)
        elif pre <= END:
            c.pre, c.pre_heard = pre, r.chance(45)
            c.pre_ext = lag > 14 and r.chance(50)
            if inv:
                c.inv_open = pre
            else:
                c.closed, c.reason = pre, "no_investigation"
        if c.inv_open is not None:
            close = workday(c.inv_open + int(r.quantile(INVESTIGATION)))
            limit = months(c.inv_open, 4)
            if close > limit:  # longer than four months: mostly decided in time
                if r.chance(88):
                    c.ext = close + r.among(0, 20)
            if close <= END:
                c.inv_close = close
                if r.chance(45):
                    c.closed, c.reason = close, "no_intervention"
                else:
                    done = workday(close + r.among(60, 420))
                    if done <= END:
                        c.closed, c.reason = done, r.weighted([("completed", 76), ("moved", 10), ("withdrawn", 12), ("other", 2)])
            elif c.ext and limit > END:
                c.ext = None  # not yet asked for
        team = "mottag" if c.inv_open is None else "ungdom" if c.opened > START - 600 and year(day) - c.birth >= 14 and r.chance(60) else \
            r.pick(["utredning_1", "utredning_2", "utredning_3", "uppfoljning"])
        c.team = team
        c.post = r.pick([p for p in self.of["h"] if p.team == team])
        c.co_post = r.pick([p for p in self.of["h"] if p.team == team and p is not c.post] or [None]) if r.chance(20) else None
        return c

    def make_violence(self):
        r = self.stream("violence")
        for c in r.sample(self.cases, len(self.cases) * 28 // 100):
            c.violence = True
        old = [c for c in self.cases if c.opened < END - 60]
        for c in r.sample(old, self.n(75, 3)):
            c.protected = True
        for c in self.cases:
            if not c.violence:
                continue
            c.kinds = r.sample(["exposed", "witnessed", "honour", "sexual", "neglect"], r.weighted([(1, 60), (2, 34), (3, 6)]))
            if self.trend(r, "risk_assessed", c.opened):
                day = c.opened + r.among(0, 6)
                if day <= END:
                    c.risk = day, r.weighted([("low", 35), ("medium", 40), ("high", 25)])
            if self.trend(r, "police_decision", c.opened):
                day = c.opened + r.among(0, 12)
                if day <= END:
                    c.police = Thing(day=day, report=r.chance(62), reported=min(END, day + r.among(0, 3)))

    # --- placements -----------------------------------------------------------------------------------------

    def make_placements(self):
        r = self.stream("placements")
        self.placements, lo, hi = [], self.n(33, 4), self.n(40, 5)
        pool = [c for c in self.cases if c.inv_open is not None]
        now = []  # those that go on
        stock = [c for c in pool if c.opened < START - 150]
        for c in stock:
            if len(now) > lo:
                break
            while True:
                days = max(60, self.stay(r))
                start = workday(max(c.inv_open + 10, START - r.among(5, days)))
                if start + days > START + 20:
                    break
            got = self.place(r, c, start, days, r.weighted([(0, 74), (1, 22), (2, 4)]))
            if got:
                now.append(got)
        for day in range(START, END + 1):
            over = [p for p in now if p is None or p.end is not None and p.end <= day]
            now = [p for p in now if p is not None and p not in over]
            for p in over:
                if p and p.moves and p.end == day:
                    days = max(20, self.stay(r))
                    moved = self.place(r, p.case, day, days, p.moves - 1, p)
                    if moved:
                        p.reason = r.weighted([("new_placement", 70), ("breakdown", 20), ("provider_terminated", 10)])
                        now.append(moved)
            if date.fromordinal(day).weekday() > 4 or date.fromordinal(day).day > 28:
                continue
            while len(now) < lo or len(now) < hi and r.chance(0.5 * self.scale):
                free = [c for c in pool if not c.placed and c.inv_open + 10 <= day <= (c.inv_close or END) + 25
                        and (c.closed is None or c.closed + 25 >= day) and 8 <= year(day) - c.birth <= 19]
                if not free:
                    break
                now.append(self.place(r, r.pick(free), day, max(10, self.stay(r)), r.weighted([(0, 74), (1, 22), (2, 4)])))
                if now[-1] is None:
                    now.pop()
                    break
        for p in self.placements:
            if p.end is not None and p.end > END:
                p.end = None
            if p.end is not None and p.reason is None:
                p.reason = r.weighted([("moved_home", 35), ("planned_end", 45), ("unit_terminated", 10), ("other", 10)])
        for c in pool:
            if not c.placed:
                continue
            last = c.placed[-1]
            if c.inv_close is not None or last.end is not None:
                c.inv_close = c.inv_close or None
            if c.inv_close is None or last.end is None:
                c.closed = c.reason = None
            else:
                done = workday(max(c.inv_close, last.end) + r.among(20, 80))
                c.closed, c.reason = (done, "completed") if done <= END else (None, None)
        self.plant_stops(r)

    def place(self, r, c, start, days, moves, earlier=None):
        age = year(start) - c.birth
        form = "skyddat_boende" if c.violence and r.chance(14) else r.weighted([("hvb", 88), ("stodboende", 7 if age >= 16 else 0), ("sis", 5 if age >= 13 else 0)])
        fit = [v for v in self.providers if v.used and form in v.forms and v.ages[0] <= age - 1 and age <= v.ages[1] and
               (not earlier or v is not earlier.provider) and sum(1 for p in v.stays if p.end is None or p.end > start) < v.places]
        if not fit:
            fit = [v for v in self.providers if v.used and "hvb" in v.forms and v.ages[0] <= age - 1 and age <= v.ages[1] and
                   (not earlier or v is not earlier.provider)]
            form = "hvb"
        if not fit:
            return None
        # rather where there is room, and nine times in ten a private one
        v = r.weighted([(v, (60 if v.operator == "private" else 15) // (1 + 4 * sum(1 for p in v.stays if p.end is None or p.end > start))) for v in fit])
        c.placed.append(None)
        n = len(self.placements) + 1
        lvu = r.chance(45)
        p = Thing(id="placement-syn%04d" % n, number=n, case=c, provider=v, form=form, start=start, end=before(start + days), moves=moves,
                  acute=not earlier and r.chance(30), legal=r.weighted([("lvu_2", 55), ("lvu_3", 30), ("lvu_6", 15)]) if lvu else
                  "shelter_act" if form == "skyddat_boende" else "sol", reason=None, plans=[], follow_ups=[], check=None, checklist=None, contract=None,
                  planned=start + days + r.among(-20, 60) if r.chance(80) else None)
        if p.end <= start:
            p.end = start + 5
        p.framework = "not_applicable" if v.operator != "private" else "outside" if v.outside or r.chance(10) else "inside"
        p.health = r.weighted([("performed", 93), ("declined", 7)])
        p.health_init, p.health_done = start - r.among(-8, 6), workday(start + r.among(20, 50))
        # every six months at the latest
        p.considered, day = [], workday(start + r.among(140, 172))
        while day < min(p.end, END):
            p.considered.append(day)
            day = workday(day + r.among(140, 172))
        c.placed[-1] = p
        v.stays.append(p)
        self.placements.append(p)
        return p

    def stay(self, r):
        """Days; every fortieth part of the distribution as often as the others, or a small unit has no long stay."""
        if not self.stays:
            self.stays = r.shuffled(range(40))
        u = (self.stays.pop() + r.unit()) / 40
        for (p, a), (q, b) in zip(STAY, STAY[1:]):
            if u <= q:
                return int((a + (b - a) * (u - p) / (q - p)) * 30.44)

    def plant_stops(self, r):
        """Providers under a stop with one child there."""
        there = {v: [p for p in v.stays if p.end is None] for v in self.providers}
        open_to_all = [v for v in self.providers if there[v] and not any(p.case.protected for p in there[v])]
        alone = [v for v in open_to_all if len(there[v]) == 1]
        for v in r.sample(alone or open_to_all, self.n(2)):
            v.stop = True
            for p in there[v]:
                self.plant("X15", p.id)

    # --- checks, plans, follow-ups, contracts ----------------------------------------------------------------

    def make_checks(self):
        r = self.stream("checks")
        self.checks = []
        for p in self.placements:
            good = self.trend(r, "ivo_before", p.start)
            reg = self.register(r, p.start, good)
            if good:
                day = p.start - r.among(0, 20)
            elif r.chance(15):
                continue  # never
            else:
                day = workday(p.start + r.among(1, 40))
            if day > END:
                continue
            p.check = self.check("new_placement", p.provider, day, self.deputy(p.case.team, day), placement=p, confirmed=reg)
            p.check.block = reg or r.chance(80)  # at times only the permit was asked about
        for y in (2024, 2025, 2026):
            for half, first, last in (("H1", date(y, 1, 8), date(y, 6, 24)), ("H2", date(y, 7, 8), date(y, 12, 20))):
                first, last = first.toordinal(), last.toordinal()
                for v in self.providers:
                    if any(p.start < last and (p.end is None or p.end > first) or p.end is None and p.start <= END and last > END - 30 for p in v.stays):
                        self.check("half_year", v, before(r.among(first + 30, last)), self.officer(r, first), period="%d%s" % (y, half))
        missing = r.sample(self.placements, self.n(5))
        for p in self.placements:
            p.checklist = p not in missing

    def register(self, r, day, good):
        """Confirmed before the start; never where the permit was not checked by then."""
        y = min(max(year(day), 2024), 2026) - 2024
        key = "register", y
        if key not in self.decks:
            self.decks[key] = Deck(r, (100 * TRENDS["register_before"][y] + 50) // TRENDS["ivo_before"][y], min(50, max(10, int(50 * self.scale))))
        return good and self.decks[key].draw()

    def check(self, trigger, provider, day, by, placement=None, period=None, confirmed=True):
        k = Thing(id="provider_check-syn%04d" % (len(self.checks) + 1), number=len(self.checks) + 1, trigger=trigger, provider=provider,
                  day=day, by=by, placement=placement, period=period, confirmed=confirmed, block=True)
        self.checks.append(k)
        return k

    def plan(self, p, kind, day, earlier=None):
        k = Thing(id="plan-syn%04d" % (len(self.plans) + 1), number=len(self.plans) + 1, placement=p, kind=kind, day=day, earlier=earlier,
                  version=earlier.version + 1 if earlier else 1, next=None)
        k.next = workday(day + self.stream("next-" + k.id).among(100, 175))
        self.plans.append(k)
        p.plans.append(k)
        return k

    def make_plans(self):
        r = self.stream("plans")
        self.plans = []
        for p in self.placements:
            over = min(p.end or END, END)
            if self.trend(r, "care_plan", p.start):
                day = workday(p.start + r.among(2, 24)) if p.acute else before(p.start - r.among(0, 8))
            else:
                day = None if r.chance(25) else workday(p.start + (28 if p.acute else 0) + r.among(4, 60))
            if day and day <= over:
                care = self.plan(p, "care_plan", day)
                again = workday(months(p.start, 22) + r.among(0, 40))
                if again < over:
                    self.plan(p, "care_plan", again, care)
                elif r.chance(9) and day + 120 < over:
                    self.plan(p, "care_plan", workday(r.among(day + 60, over - 30)), care)
            if self.trend(r, "impl_plan", p.start):
                day = workday(p.start + r.among(8, 24))
            else:
                day = None if r.chance(20) else workday(p.start + 30 + r.among(4, 80))
            if day and day <= over:
                self.plan(p, "implementation_plan", day)

    def make_follow_ups(self):
        r = self.stream("follow-ups")
        self.follow_ups = []
        for p in self.placements:
            over, day, soon = min(p.end or END, END), p.start, 0
            while True:
                # half a year as it should be has two or three of them, one as it should not has none
                if not soon:
                    soon = r.weighted([(2, 20), (3, 80)]) if self.trend(r, "follow_up", day) else 0
                held = workday(day + (r.among(56, 72) if soon else r.among(188, 240)))
                soon = max(0, soon - 1)
                if held > over - 6:
                    break
                day = held
                plans = [k for k in p.plans if k.day <= held and not any(x.earlier is k and x.day <= held for x in p.plans)]
                f = Thing(id="follow_up-syn%04d" % (len(self.follow_ups) + 1), number=len(self.follow_ups) + 1, placement=p, day=held, plans=plans,
                          extension=None, ends=False, revise=bool(plans) and r.chance(13), concern=r.chance(2), heard=r.chance(90),
                          next=workday(held + r.among(85, 170)))
                self.follow_ups.append(f)
                p.follow_ups.append(f)
                if f.revise:
                    again = workday(held + r.among(4, 22))
                    if again <= over:
                        self.plan(p, plans[-1].kind, again, plans[-1])
                if f.concern:
                    seen = workday(held + r.among(1, 4))
                    if seen <= END:
                        self.check("signal", p.provider, seen, self.officer(r, seen))

    def make_contracts(self):
        r = self.stream("contracts")
        self.contracts = []
        for p in self.placements:
            if p.framework == "not_applicable":
                continue
            a = Thing(id="contract-syn%04d" % (len(self.contracts) + 1), number=len(self.contracts) + 1, placement=p, day=p.start - r.among(0, 5),
                      extensions=[], procurement="direct_award" if p.framework == "outside" else r.pick(["framework_city", "framework_city", "framework_adda", "dis"]))
            self.contracts.append(a)
            p.contract = a
            at = p.start
            for f in p.follow_ups:
                decided = workday(f.day + r.among(3, 25))
                if f.day - at < 74 or decided > min(p.end or END, END) - 4 or not r.chance(92):
                    continue
                f.extension = Thing(day=decided, contract=a, follow_up=f, by=self.administrator(r, decided), to=None)
                a.extensions.append(f.extension)
                at = decided
            # each period ends shortly after the next was decided
            ends = [x.day + r.among(5, 20) for x in a.extensions]
            ends.append(p.end + r.among(0, 20) if p.end is not None else END + r.among(20, 150))
            a.initial = ends[0]
            for x, to in zip(a.extensions, ends[1:]):
                x.to = max(to, x.day + 30)
            a.to = a.extensions[-1].to if a.extensions else a.initial
            last = p.follow_ups[-1] if p.follow_ups else None
            if p.end is not None and last and not last.extension and r.chance(40):
                last.ends = True
        many = [r.pick(a.extensions) for a in self.contracts if a.extensions and not a.placement.case.protected]
        for x in r.sample(many, self.n(4)):
            x.follow_up.extension = x.follow_up = None
            self.plant("X32", x.contract.id)

    # --- who has the case now --------------------------------------------------------------------------------

    def hand_over(self):
        r = self.stream("hand-over")
        for c in self.cases:
            day = c.closed if c.closed is not None else END
            c.handler = self.holder(c.post, day)
            c.manager = self.deputy(c.team, day)
            away = self.away.get(id(c.post))
            if c.co_post is None and away and c.opened < away + 120 and day > away:
                c.co_post = r.pick([p for p in self.of["h"] if p is not c.post])
            c.co = self.holder(c.co_post, day) if c.co_post else None
            if c.co is c.handler:
                c.co = None
            # everyone who ever had it: none of them is to review it
            c.all = {p.id for post in (c.post, c.co_post) if post for p in post.holders} | \
                {p.id for post in self.of["b"] for p in post.holders}
        # leavers who still have a case
        left = [p for p in self.staff if p.until is not None and p.until < END - 5 and p.post.code == "h"]
        free = [c for c in self.cases if c.closed is None and not c.protected and not c.placed]
        wanted = self.n(5)
        for p in r.shuffled(left):
            mine = [c for c in free if c.opened <= p.until]
            if not mine or not wanted:
                continue
            wanted -= 1
            c = r.pick([c for c in mine if c.post is p.post] or [c for c in mine if c.team == p.team] or mine)
            c.handler = p
            c.all.add(p.id)
            free.remove(c)
            self.plant("X71", c.id)

    def handler_at(self, c, day):
        return self.holder(c.post, day)

"""Numbers that are the same on every machine: SplitMix64, integers and the four operations, nothing of the
platform's mathematics. Each part of the unit draws from a stream of its own, named, so that a draw more in one
part moves no other."""
import hashlib

MASK = (1 << 64) - 1


class Stream:
    def __init__(self, seed, name):
        h = hashlib.sha256(("%s/%s" % (seed, name)).encode()).digest()
        self.s = int.from_bytes(h[:8], "big")

    def next(self):
        self.s = (self.s + 0x9E3779B97F4A7C15) & MASK
        z = self.s
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, n):
        return self.next() * n >> 64

    def among(self, lo, hi):
        """lo to hi, both included."""
        return lo + self.below(hi - lo + 1)

    def chance(self, percent):
        return self.below(10000) < percent * 100

    def unit(self):
        return (self.next() >> 11) / (1 << 53)

    def pick(self, items):
        return items[self.below(len(items))]

    def weighted(self, pairs):
        """One of (item, weight)."""
        at = self.below(sum(w for _, w in pairs))
        for item, w in pairs:
            if at < w:
                return item
            at -= w

    def shuffled(self, items):
        v = list(items)
        for i in range(len(v) - 1, 0, -1):
            k = self.below(i + 1)
            v[i], v[k] = v[k], v[i]
        return v

    def sample(self, items, n):
        return self.shuffled(items)[:n]

    def quantile(self, table):
        """A draw from a distribution given as (share, value) in rising order, straight between them."""
        u = self.unit()
        for (p, a), (q, b) in zip(table, table[1:]):
            if u <= q:
                return a + (b - a) * (u - p) / (q - p)
        return table[-1][1]

    def length(self, median, p95, top):
        """A text's length by its median, 95th percentile and longest; the last twentieth thins out fast."""
        u = self.unit()
        if u < 0.5:
            return int(median * (0.25 + 1.5 * u))
        if u < 0.95:
            t = (u - 0.5) / 0.45
            return int(median + (p95 - median) * t * t)
        t = (u - 0.95) / 0.05
        return int(p95 + (top - p95) * t * t * t * t)


class Deck:
    """Answers of which exactly `percent` in every `size` are yes: a trend that shows at any scale."""

    def __init__(self, r, percent, size=50):
        self.r, self.percent, self.size, self.v = r, percent, size, []

    def draw(self):
        if not self.v:
            yes = (self.percent * self.size + 50) // 100
            self.v = self.r.shuffled([True] * yes + [False] * (self.size - yes))
        return self.v.pop()

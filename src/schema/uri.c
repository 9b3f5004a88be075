#include "schema/uri.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

struct part {
	const char *p; /* NULL: absent, which differs from empty */
	size_t n;
};

struct parts {
	struct part scheme, authority, path, query, fragment;
};

static bool
alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
hex(char c)
{
	if (digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Every character is unreserved, a sub-delim, one of `extra`, or %XX (RFC 3986 2). */
static bool
chars_ok(struct part t, const char *extra)
{
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];

		if (c == '%') {
			if (t.n - i < 3 || hex(t.p[i + 1]) < 0 || hex(t.p[i + 2]) < 0)
				return false;
			i += 2;
		} else if (!alpha(c) && !digit(c) &&
		    (!c || (!strchr("-._~!$&'()*+,;=", c) && !strchr(extra, c)))) {
			return false;
		}
	}
	return true;
}

/* Appendix B, by hand. */
static struct parts
split(const char *s, size_t n)
{
	struct parts u = {0};
	const char *end = s + n, *p = s;

	while (p < end && !strchr(":/?#", *p))
		p++;
	if (p < end && *p == ':' && p > s) {
		u.scheme = (struct part){s, (size_t)(p - s)};
		s = p + 1;
	}
	if (end - s >= 2 && s[0] == '/' && s[1] == '/') {
		for (p = s += 2; p < end && !strchr("/?#", *p); p++)
			;
		u.authority = (struct part){s, (size_t)(p - s)};
		s = p;
	}
	for (p = s; p < end && *p != '?' && *p != '#'; p++)
		;
	u.path = (struct part){s, (size_t)(p - s)};
	if (p < end && *p == '?') {
		for (s = ++p; p < end && *p != '#'; p++)
			;
		u.query = (struct part){s, (size_t)(p - s)};
	}
	if (p < end)
		u.fragment = (struct part){p + 1, (size_t)(end - p - 1)};
	return u;
}

bool
uri_ipv4_valid(const char *s, size_t n)
{
	const char *end = s + n;

	for (int octet = 0; octet < 4; octet++) {
		int v = 0, digits = 0;

		if (octet > 0 && (s == end || *s++ != '.'))
			return false;
		while (s < end && digit(*s) && digits < 4) {
			v = v * 10 + (*s++ - '0');
			digits++;
		}
		/* dec-octet has no leading zeros */
		if (digits == 0 || digits > 3 || v > 255 || (digits > 1 && s[-digits] == '0'))
			return false;
	}
	return s == end;
}

bool
uri_ipv6_valid(const char *s, size_t n)
{
	const char *end = s + n;
	int groups = 0;
	bool gap = false;

	if (n >= 2 && s[0] == ':' && s[1] == ':') {
		gap = true;
		s += 2;
	}
	while (s < end) {
		const char *p = s;

		while (p < end && hex(*p) >= 0 && p - s < 5)
			p++;
		if (p < end && *p == '.') { /* an IPv4 address may be the last 32 bits */
			groups += 2;
			return uri_ipv4_valid(s, (size_t)(end - s)) &&
			    (gap ? groups <= 7 : groups == 8);
		}
		if (p == s || p - s > 4)
			return false;
		groups++;
		s = p;
		if (s == end)
			break;
		if (*s++ != ':' || s == end)
			return false;
		if (*s == ':') {
			if (gap)
				return false;
			gap = true;
			s++;
		}
	}
	return gap ? groups <= 7 : groups == 8;
}

/* [ IPv6 / "v" HEX+ "." chars ] */
static bool
ip_literal_ok(struct part h)
{
	size_t i = 2;

	if (h.n < 2 || h.p[h.n - 1] != ']')
		return false;
	h = (struct part){h.p + 1, h.n - 2};
	if (h.n == 0 || (h.p[0] != 'v' && h.p[0] != 'V'))
		return uri_ipv6_valid(h.p, h.n);
	if (h.n < 4 || hex(h.p[1]) < 0)
		return false;
	while (i < h.n && hex(h.p[i]) >= 0)
		i++;
	if (i + 1 >= h.n || h.p[i] != '.')
		return false;
	h = (struct part){h.p + i + 1, h.n - i - 1};
	return !memchr(h.p, '%', h.n) && chars_ok(h, ":");
}

static bool
authority_ok(struct part a)
{
	const char *at = memchr(a.p, '@', a.n);
	size_t n;

	if (at) {
		struct part user = {a.p, (size_t)(at - a.p)};

		if (!chars_ok(user, ":"))
			return false;
		a = (struct part){at + 1, a.n - user.n - 1};
	}
	/* port: digits behind the last ':', which must not be inside brackets */
	for (n = a.n; n > 0 && digit(a.p[n - 1]); n--)
		;
	if (n > 0 && a.p[n - 1] == ':')
		a.n = n - 1;
	if (a.n > 0 && a.p[0] == '[')
		return ip_literal_ok(a);
	return chars_ok(a, "");
}

bool
uri_valid(const char *s, size_t n)
{
	struct parts u;

	if (memchr(s, '\0', n))
		return false;
	u = split(s, n);
	if (!u.scheme.p || !alpha(u.scheme.p[0]))
		return false;
	for (size_t i = 1; i < u.scheme.n; i++) {
		char c = u.scheme.p[i];

		if (!alpha(c) && !digit(c) && c != '+' && c != '-' && c != '.')
			return false;
	}
	if (u.authority.p && !authority_ok(u.authority))
		return false;
	return chars_ok(u.path, ":@/") && chars_ok(u.query, ":@/?") && chars_ok(u.fragment, ":@/?");
}

/* Section 5.2.4, on a path that is in `b` from `from` on. */
static void
remove_dots(struct buf *b, size_t from)
{
	char *in, *start;
	size_t out = from;

	if (!b->p)
		return;
	start = b->p + from;
	in = start;
	while (*in) {
		size_t n;

		if (strncmp(in, "../", 3) == 0) {
			in += 3;
		} else if (strncmp(in, "./", 2) == 0) {
			in += 2;
		} else if (strncmp(in, "/./", 3) == 0) {
			in += 2;
		} else if (strcmp(in, "/.") == 0) {
			in[1] = '\0';
			in[0] = '/';
		} else if (strncmp(in, "/../", 4) == 0 || strcmp(in, "/..") == 0) {
			if (in[3]) {
				in += 3;
			} else {
				in[1] = '\0';
			}
			while (out > from && b->p[--out] != '/')
				;
		} else if (strcmp(in, ".") == 0 || strcmp(in, "..") == 0) {
			break;
		} else {
			n = 1 + strcspn(in + 1, "/");
			memmove(b->p + out, in, n);
			out += n;
			in += n;
		}
	}
	b->p[out] = '\0';
	b->n = out;
}

static bool
decode(struct arena *a, const char **out, struct part t)
{
	char *d = arena_alloc(a, t.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] == '%') {
			if (t.n - i < 3 || hex(t.p[i + 1]) < 0 || hex(t.p[i + 2]) < 0)
				return false;
			d[n] = (char)(hex(t.p[i + 1]) << 4 | hex(t.p[i + 2]));
			if (!d[n])
				return false;
			n++;
			i += 2;
		} else {
			d[n++] = t.p[i];
		}
	}
	d[n] = '\0';
	*out = d;
	return true;
}

bool
uri_resolve(struct arena *a, const char **out, const char **fragment, const char *base,
    const char *ref)
{
	struct parts b = split(base, strlen(base)), r = split(ref, strlen(ref)), t = r;
	struct buf s = {0};
	const char *decoded = NULL;
	size_t path;

	if (r.fragment.p && !decode(a, &decoded, r.fragment))
		return false;
	if (!r.scheme.p) {
		t.scheme = b.scheme;
		if (!r.authority.p) {
			t.authority = b.authority;
			if (r.path.n == 0) {
				t.path = b.path;
				if (!r.query.p)
					t.query = b.query;
			}
		}
	}
	if (t.scheme.p) {
		buf_add(&s, t.scheme.p, t.scheme.n);
		buf_putc(&s, ':');
	}
	if (t.authority.p) {
		buf_puts(&s, "//");
		buf_add(&s, t.authority.p, t.authority.n);
	}
	path = s.n;
	/* a relative path is merged with the base's, 5.2.3 */
	if (!r.scheme.p && !r.authority.p && r.path.n > 0 && r.path.p[0] != '/') {
		size_t n = b.path.n;

		while (n > 0 && b.path.p[n - 1] != '/')
			n--;
		if (n == 0 && b.authority.p)
			buf_putc(&s, '/');
		buf_add(&s, b.path.p, n);
	}
	buf_add(&s, t.path.p, t.path.n);
	if (r.path.n > 0)
		remove_dots(&s, path);
	if (t.query.p) {
		buf_putc(&s, '?');
		buf_add(&s, t.query.p, t.query.n);
	}
	*out = arena_strndup(a, buf_str(&s), s.n);
	*fragment = decoded;
	buf_free(&s);
	return true;
}

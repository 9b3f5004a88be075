/* Formats that are asserted. The grammars: RFC 3339 5.6 and appendix A, RFC 5321 4.1.2,
 * RFC 4122 3, RFC 3986 appendix A. */
#include "schema/formats.h"

#include <string.h>

#include "base/date.h"
#include "base/i18n.h"
#include "schema/schema.h"
#include "schema/uri.h"

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
alnum(char c)
{
	return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
two_digits(int *out, const char *s, const char *end)
{
	if (end - s < 2 || !digit(s[0]) || !digit(s[1]))
		return false;
	*out = (s[0] - '0') * 10 + (s[1] - '0');
	return true;
}

static bool
is_date(const char *s, size_t n)
{
	int64_t days;

	return date_parse(&days, s, n);
}

/* RFC 3339 full-time. A leap second only at 23:59:60 UTC, whatever the offset. */
static bool
is_time(const char *s, size_t n)
{
	const char *end = s + n;
	int h, m, sec, oh = 0, om = 0, utc;

	if (n < 9 || !two_digits(&h, s, end) || s[2] != ':' || !two_digits(&m, s + 3, end) ||
	    s[5] != ':' || !two_digits(&sec, s + 6, end) || h > 23 || m > 59 || sec > 60)
		return false;
	s += 8;
	if (*s == '.') {
		const char *first = ++s;

		while (s < end && digit(*s))
			s++;
		if (s == first)
			return false;
	}
	utc = h * 60 + m;
	if (end - s == 1 && (*s == 'Z' || *s == 'z')) {
		/* no offset to take away */
	} else if (end - s == 6 && (*s == '+' || *s == '-') && two_digits(&oh, s + 1, end) &&
	    s[3] == ':' && two_digits(&om, s + 4, end) && oh <= 23 && om <= 59) {
		utc += (*s == '+' ? -1 : 1) * (oh * 60 + om);
	} else {
		return false;
	}
	return sec < 60 || (utc + 2 * 1440) % 1440 == 1439;
}

static bool
is_date_time(const char *s, size_t n)
{
	return n > 11 && (s[10] == 'T' || s[10] == 't') && is_date(s, 10) &&
	    is_time(s + 11, n - 11);
}

/* One or more `<digits><unit>`, units consecutive ones of `units` as appendix A demands
 * (P1YT and P1Y1D, which skips the month, are none). Returns where it stopped, NULL if wrong. */
static const char *
elements(const char *s, const char *end, const char *units)
{
	const char *expect = NULL;

	while (s < end && *s != 'T') {
		const char *first = s, *unit;

		while (s < end && digit(*s))
			s++;
		if (s == first || s == end || !*s)
			return NULL;
		unit = strchr(units, *s++);
		if (!unit || (expect && unit != expect))
			return NULL;
		expect = unit + 1;
	}
	return expect ? s : NULL;
}

static bool
is_duration(const char *s, size_t n)
{
	const char *end = s + n;

	if (n < 3 || *s++ != 'P')
		return false;
	if (end[-1] == 'W')
		return elements(s, end, "W") == end;
	if (*s != 'T')
		s = elements(s, end, "YMD");
	if (s && s < end)
		s = elements(s + 1, end, "HMS");
	return s == end;
}

static bool
is_uuid(const char *s, size_t n)
{
	if (n != 36)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		bool hex = digit(s[i]) || (s[i] >= 'a' && s[i] <= 'f') ||
		    (s[i] >= 'A' && s[i] <= 'F');

		if (dash ? s[i] != '-' : !hex)
			return false;
	}
	return true;
}

/* RFC 5321 4.1.2: Domain, or an address in brackets (4.1.3). */
static bool
is_mail_domain(const char *s, size_t n)
{
	size_t label = 0;

	if (n == 0 || n > 255)
		return false;
	if (s[0] == '[') {
		if (n < 3 || s[n - 1] != ']')
			return false;
		if (n > 7 && strncmp(s + 1, "IPv6:", 5) == 0)
			return uri_ipv6_valid(s + 6, n - 7);
		return uri_ipv4_valid(s + 1, n - 2);
	}
	for (size_t i = 0; i <= n; i++) {
		if (i == n || s[i] == '.') {
			if (label == 0 || label > 63 || s[i - 1] == '-')
				return false;
			label = 0;
		} else if (alnum(s[i]) || (s[i] == '-' && label > 0)) {
			label++;
		} else {
			return false;
		}
	}
	return true;
}

static bool
is_email(const char *s, size_t n)
{
	static const char atext[] = "!#$%&'*+-/=?^_`{|}~";
	size_t i = 0;

	if (n > 0 && s[0] == '"') {
		for (i = 1; i < n && s[i] != '"'; i++) {
			if (s[i] == '\\')
				i++;
			if (i >= n || (unsigned char)s[i] < 0x20 || (unsigned char)s[i] > 0x7e)
				return false;
		}
		i++;
	} else {
		for (; i < n && s[i] != '@'; i++) {
			if (s[i] == '.') {
				if (i == 0 || s[i - 1] == '.' || i + 1 == n || s[i + 1] == '@')
					return false;
			} else if (!alnum(s[i]) && (!s[i] || !strchr(atext, s[i]))) {
				return false;
			}
		}
	}
	if (i == 0 || i > 64 || i + 1 >= n || s[i] != '@')
		return false;
	return is_mail_domain(s + i + 1, n - i - 1);
}

static const struct {
	const char *name;
	bool (*valid)(const char *s, size_t n);
	const char *text;
} asserted[] = {
	{"date", is_date, N_("is not a date (YYYY-MM-DD)")},
	{"date-time", is_date_time, N_("is not a date and time (such as 2026-03-02T09:14:00Z)")},
	{"time", is_time, N_("is not a time of day with its zone (such as 09:14:00Z)")},
	{"duration", is_duration, N_("is not a duration (such as P3M or P14D)")},
	{"email", is_email, N_("is not an e-mail address")},
	{"uuid", is_uuid, N_("is not a UUID")},
	{"uri", uri_valid,
	    N_("is not a full web address or other URI (such as https://example.org/)")},
};

/* Validation 7.3; known, but annotations only. */
static const char *const noted[] = {"idn-email", "hostname", "idn-hostname", "ipv4", "ipv6",
    "uri-reference", "iri", "iri-reference", "uri-template", "json-pointer",
    "relative-json-pointer", "regex"};

int
formats_find(const char *name)
{
	for (size_t i = 0; i < sizeof asserted / sizeof *asserted; i++)
		if (strcmp(asserted[i].name, name) == 0)
			return (int)i;
	return -1;
}

bool
formats_known(const char *name)
{
	for (size_t i = 0; i < sizeof noted / sizeof *noted; i++)
		if (strcmp(noted[i], name) == 0)
			return true;
	return formats_find(name) >= 0 || strncmp(name, "x-", 2) == 0;
}

bool
formats_valid(int format, const char *s, size_t n)
{
	return asserted[format].valid(s, n);
}

const char *
formats_text(int format)
{
	return _(asserted[format].text);
}

bool
schema_format_valid(const char *format, const char *s, size_t n)
{
	int f = formats_find(format);

	return f < 0 || formats_valid(f, s, n);
}

#include "merge/storepath.h"

#include <string.h>

#include "base/alloc.h"
#include "base/id.h"

enum {
	WORD_MAX = 32,       /* handles, teams, types, ids of imported records */
	EXTRA_MAX = 60,      /* stem of a rule's, report's or generator's file */
	NAME_BYTES = 66,     /* of the longest field of struct storepath, with its NUL */
	PARTS_MAX = 5,
	EPOCH_HEX = 8,
	PARKED_HEX = 16,
};

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_lower_digit(char c)
{
	return is_lower(c) || (c >= '0' && c <= '9');
}

/* [a-z]([a-z0-9] or a character of `more`){0,max-1}, all n characters */
static bool
word(const char *s, size_t n, size_t max, const char *more)
{
	if (n < 1 || n > max || !is_lower(s[0]))
		return false;
	for (size_t i = 1; i < n; i++)
		if (!is_lower_digit(s[i]) && (s[i] == '\0' || !strchr(more, s[i])))
			return false;
	return true;
}

static bool
handle(const char *s, size_t n)
{
	return word(s, n, WORD_MAX, "_-");
}

static bool
hex(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(s[i] >= '0' && s[i] <= '9') && !(s[i] >= 'a' && s[i] <= 'f'))
			return false;
	return true;
}

bool
storepath_handle_ok(const char *s)
{
	return handle(s, strnlen(s, NAME_BYTES));
}

bool
storepath_team_ok(const char *s)
{
	return storepath_handle_ok(s[0] == '~' ? s + 1 : s);
}

bool
storepath_type_ok(const char *s)
{
	return word(s, strnlen(s, NAME_BYTES), WORD_MAX, "_");
}

bool
storepath_device_ok(const char *id)
{
	const char *dot = strchr(id, '.');

	return dot && handle(id, (size_t)(dot - id)) && storepath_handle_ok(dot + 1);
}

/* True, with the length before it, when s ends in `suffix`. */
static bool
ends(size_t *stem, const char *s, const char *suffix)
{
	size_t n = strlen(s), k = strlen(suffix);

	if (n < k || memcmp(s + n - k, suffix, k) != 0)
		return false;
	*stem = n - k;
	return true;
}

static void
keep(char *dst, const char *s, size_t n)
{
	memcpy(dst, s, n);
	dst[n] = '\0';
}

/* <type>-<id>, n characters */
static bool
record_name(struct storepath *p, const char *s, size_t n)
{
	const char *dash = memchr(s, '-', n);
	size_t type, id;

	if (!dash)
		return false;
	type = (size_t)(dash - s);
	id = n - type - 1;
	if (!word(s, type, WORD_MAX, "_") || id < 3 || id > WORD_MAX)
		return false;
	for (size_t i = 0; i < id; i++)
		if (!is_lower_digit(dash[1 + i]))
			return false;
	keep(p->type, s, type);
	keep(p->record, s, n);
	return true;
}

static enum storepath_kind
in_dossier(struct storepath *p, const char *s)
{
	static const char sealed[] = ".yaml.age", parked[] = ".yaml.age.parked-";
	size_t n = strlen(s), k = sizeof parked - 1, stem;

	if (strcmp(s, "dossier.yaml") == 0)
		return PATH_DOSSIER;
	if (ends(&stem, s, sealed) && record_name(p, s, stem))
		return PATH_RECORD;
	if (n > k + PARKED_HEX && memcmp(s + n - PARKED_HEX - k, parked, k) == 0 &&
	    hex(s + n - PARKED_HEX, PARKED_HEX) && record_name(p, s, n - PARKED_HEX - k)) {
		keep(p->parked, s + n - PARKED_HEX, PARKED_HEX);
		return PATH_PARKED;
	}
	return PATH_BAD;
}

/* <c>/<c>/<dossier>: the fan-out is the id's own first two characters */
static bool
fan_out(struct storepath *p, char *const part[], const char *id, size_t n)
{
	if (n != ID_DOSSIER || strlen(part[1]) != 1 || strlen(part[2]) != 1 ||
	    part[1][0] != id[0] || part[2][0] != id[1])
		return false;
	keep(p->dossier, id, n);
	return id_valid(p->dossier, ID_DOSSIER);
}

static enum storepath_kind
schema_extra(struct storepath *p, char *const part[])
{
	size_t stem;

	if (strcmp(part[1], "rules") != 0 && strcmp(part[1], "reports") != 0 &&
	    strcmp(part[1], "generators") != 0)
		return PATH_BAD;
	if ((!ends(&stem, part[2], ".sql") && !ends(&stem, part[2], ".yaml")) ||
	    !word(part[2], stem, EXTRA_MAX, "_-"))
		return PATH_BAD;
	keep(p->name, part[2], strlen(part[2]));
	return PATH_SCHEMA_EXTRA;
}

static enum storepath_kind
team_file(struct storepath *p, char *const part[])
{
	enum storepath_kind kind;
	size_t stem;

	if (!storepath_team_ok(part[1]))
		return PATH_BAD;
	if (ends(&stem, part[2], ".yaml"))
		kind = PATH_EPOCH;
	else if (ends(&stem, part[2], ".age"))
		kind = PATH_EPOCH_KEY;
	else
		return PATH_BAD;
	if (stem != EPOCH_HEX || !hex(part[2], stem))
		return PATH_BAD;
	keep(p->name, part[1], strlen(part[1]));
	keep(p->epoch, part[2], stem);
	return kind;
}

static enum storepath_kind
classify(struct storepath *p, char *const part[], size_t n)
{
	size_t stem;

	if (n == 1 && strcmp(part[0], "store.yaml") == 0)
		return PATH_STORE;
	if (n == 1 && strcmp(part[0], "allowed_signers") == 0)
		return PATH_SIGNERS;
	if (n == 2 && strcmp(part[0], "members") == 0 && ends(&stem, part[1], ".yaml") &&
	    handle(part[1], stem)) {
		keep(p->name, part[1], stem);
		return PATH_MEMBER;
	}
	if (n == 2 && strcmp(part[0], "schema") == 0 && ends(&stem, part[1], ".yaml") &&
	    word(part[1], stem, WORD_MAX, "_")) {
		keep(p->name, part[1], stem);
		return PATH_SCHEMA;
	}
	if (n == 3 && strcmp(part[0], "schema") == 0)
		return schema_extra(p, part);
	if (n == 3 && strcmp(part[0], "teams") == 0)
		return team_file(p, part);
	if (n == 5 && strcmp(part[0], "records") == 0 &&
	    fan_out(p, part, part[3], strlen(part[3])))
		return in_dossier(p, part[4]);
	if (n == 4 && strcmp(part[0], "erased") == 0 && ends(&stem, part[3], ".yaml") &&
	    fan_out(p, part, part[3], stem))
		return PATH_TOMBSTONE;
	return PATH_BAD;
}

enum storepath_kind
storepath_parse(struct storepath *out, const char *path)
{
	/* longest: records/c/c/<10>/<65>.yaml.age.parked-<16> */
	char copy[160], *part[PARTS_MAX];
	struct storepath p = {.kind = PATH_BAD};
	size_t len = strnlen(path, sizeof copy), n = 0;

	if (len > 0 && len < sizeof copy) {
		memcpy(copy, path, len + 1);
		part[n++] = copy;
		for (char *c = copy; *c; c++) {
			if (*c != '/')
				continue;
			*c = '\0';
			if (n == PARTS_MAX) {
				n = 0; /* deeper than any path of a store */
				break;
			}
			part[n++] = c + 1;
		}
		p.kind = classify(&p, part, n);
	}
	if (p.kind == PATH_BAD)
		p = (struct storepath){.kind = PATH_BAD}; /* nothing half-read */
	if (out)
		*out = p;
	return p.kind;
}

char *
storepath_in_dossier(const char *dossier, const char *name)
{
	return xasprintf("records/%c/%c/%s/%s", dossier[0], dossier[1], dossier, name);
}

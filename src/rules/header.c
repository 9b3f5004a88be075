#include "rules/header.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "tree/node.h"
#include "tree/yaml.h"

enum { KEY_MAX = 32, SETTING_MAX = 64, VALUE_MAX = 4096, CONTINUED = 3 };

static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

struct reading {
	struct header h;
	struct arena *a;
	const struct header_key *keys;
	struct err *e;
	bool skip; /* the field before was at fault: what goes on with it is too */
	uint64_t seen; /* keys that stand there, at fault or not */
};

/* Position of `at` in its line, in characters. */
static unsigned
column_of(const char *line, const char *at)
{
	unsigned n = 1;

	for (; line < at; line++)
		n += ((unsigned char)*line & 0xc0) != 0x80;
	return n;
}

static bool
is_key(const char *s, size_t n)
{
	return n > 0 && n <= KEY_MAX && *s >= 'a' && *s <= 'z' && strspn(s, lower) >= n;
}

static const struct header_key *
key_of(const struct reading *r, const char *name)
{
	for (const struct header_key *k = r->keys; k && k->name; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

static void
add_field(struct reading *r, const char *line, const char *key, size_t nkey, const char *value,
    const char *end, unsigned at)
{
	const char *name = arena_strndup(r->a, key, nkey);
	const struct header_key *known = key_of(r, name);
	unsigned column = column_of(line, key);
	struct header_field *v;

	r->skip = true;
	if (known)
		r->seen |= UINT64_C(1) << (known - r->keys);
	if (r->keys && !known) {
		err_at(r->e, ERR_INVALID, r->h.file, at, column, name, _("is not known here"));
	} else if (known && known->how != HEADER_MANY && header_field(&r->h, name)) {
		err_at(r->e, ERR_INVALID, r->h.file, at, column, name, _("stands there twice"));
	} else if (value == end) {
		err_at(r->e, ERR_INVALID, r->h.file, at, column, name, _("is empty"));
	} else if (r->h.n == HEADER_MAX_FIELDS) {
		err_at(r->e, ERR_INVALID, r->h.file, at, column, name, _("is one field too many"));
	} else {
		if (r->h.n == r->h.cap) {
			/* an arena does not shrink: doubling costs no more than all together */
			r->h.cap = r->h.cap ? r->h.cap * 2 : 16;
			v = arena_alloc(r->a, r->h.cap * sizeof *v);
			if (r->h.n)
				memcpy(v, r->h.v, r->h.n * sizeof *v);
			r->h.v = v;
		}
		r->h.v[r->h.n++] = (struct header_field){
			.key = name,
			.value = arena_strndup(r->a, value, (size_t)(end - value)),
			.line = at,
			.column = column_of(line, value),
		};
		r->skip = false;
	}
}

/* One line of the head, without its line feed. */
static void
head_line(struct reading *r, const char *line, const char *end, unsigned at)
{
	const char *p = line + 2, *key, *value;
	size_t blanks, nkey;

	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	blanks = strspn(p, " \t");
	if (p + blanks >= end)
		return;
	p += blanks;
	if (*p == '#')
		return;
	if (blanks >= CONTINUED && (r->h.n || r->skip)) {
		struct header_field *f = r->skip ? NULL : &r->h.v[r->h.n - 1];

		if (f && strlen(f->value) + (size_t)(end - p) >= VALUE_MAX) {
			header_bad(&r->h, f, _("is too long"), r->e);
			r->skip = true;
		} else if (f) {
			f->value = arena_printf(r->a, "%s %.*s", f->value, (int)(end - p), p);
		}
		return;
	}
	key = p;
	nkey = strspn(p, lower);
	value = p + nkey;
	if (!is_key(key, nkey) || value >= end || *value != ':') {
		r->skip = true;
		err_at(r->e, ERR_INVALID, r->h.file, at, column_of(line, p), NULL,
		    _("is no `-- key: value`; a comment begins with `-- #`"));
		return;
	}
	value++;
	value += strspn(value, " \t");
	add_field(r, line, key, nkey, value < end ? value : end, end, at);
}

/* Nothing but blanks and comments is no query. */
static bool
has_query(const char *p)
{
	while (*p) {
		const char *end;

		p += strspn(p, " \t\n;");
		if (strncmp(p, "--", 2) == 0) {
			p += strcspn(p, "\n");
		} else if (strncmp(p, "/*", 2) == 0) {
			end = strstr(p + 2, "*/");
			p = end ? end + 2 : p + strlen(p);
		} else if (*p) {
			return true;
		}
	}
	return false;
}

int
header_parse(struct header *out, struct arena *a, const char *text, size_t n, const char *file,
    const struct header_key *keys, struct err *e)
{
	struct reading r = {.h = {.file = file}, .a = a, .keys = keys, .e = e};
	struct node *clean = NULL;
	const char *p, *line;
	unsigned at = 1;
	int before = e->n + e->lost, rc;

	if (n > HEADER_MAX_BYTES)
		return err_at(e, ERR_INVALID, file, 0, 0, NULL, _("is larger than %d KiB"),
		    HEADER_MAX_BYTES / 1024);
	rc = yaml_text(&clean, a, text, n, file, e);
	if (rc)
		return rc;
	r.h.sql = clean->text;
	for (p = clean->text; *p; at++) {
		line = p;
		p += strcspn(p, "\n");
		if (line + strspn(line, " \t") != p) {
			if (strncmp(line, "--", 2) != 0) {
				p = line;
				break;
			}
			head_line(&r, line, p, at);
		}
		p += *p == '\n';
	}
	for (const struct header_key *k = keys; k && k->name; k++)
		if (k->how == HEADER_MUST && !(r.seen & UINT64_C(1) << (k - keys)))
			err_at(e, ERR_INVALID, file, 1, 1, k->name, _("is missing"));
	if (!has_query(p))
		err_at(e, ERR_INVALID, file, at, 1, NULL, _("holds no query"));
	if (e->n + e->lost != before)
		return ERR_INVALID;
	*out = r.h;
	return 0;
}

const struct header_field *
header_field(const struct header *h, const char *key)
{
	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->v[i].key, key) == 0)
			return &h->v[i];
	return NULL;
}

const char *
header_get(const struct header *h, const char *key)
{
	const struct header_field *f = header_field(h, key);

	return f ? f->value : NULL;
}

int
header_bad(const struct header *h, const struct header_field *f, const char *text, struct err *e)
{
	return err_at(e, ERR_INVALID, h->file, f->line, f->column, f->key, "%s", text);
}

bool
header_setting_value(struct header_setting *out, const char *value)
{
	char *end;

	if (!*value || strlen(value) > SETTING_MAX ||
	    value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")])
		return false;
	errno = 0;
	out->i = strtoll(value, &end, 10);
	out->is_int = !*end && end != value;
	out->text = value;
	return !out->is_int || (errno == 0 && out->i > -1000000000 && out->i < 1000000000);
}

int
header_setting(struct header_setting *out, struct arena *a, const struct header *h,
    const struct header_field *f, struct err *e)
{
	size_t n = strspn(f->value, lower);
	const char *p = f->value + n;
	struct header_setting s = {.name = arena_strndup(a, f->value, n)};

	p += strspn(p, " \t");
	if (!is_key(f->value, n) || *p++ != '=')
		return header_bad(h, f, _("is no NAME = VALUE"), e);
	p += strspn(p, " \t");
	if (!header_setting_value(&s, p))
		return header_bad(h, f,
		    _("the value is no whole number, nor a word of letters, digits, - . and _"), e);
	*out = s;
	return 0;
}

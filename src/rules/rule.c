#include "rules/rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "tree/node.h"

enum { ID_MAX = 32, LEAD_MAX = 3660, COLUMN_MAX = 64 };

static const char id_characters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
static const char column_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

static const struct header_key keys[] = {
	{"id", HEADER_MUST},
	{"severity", HEADER_MUST},
	{"sv", HEADER_MUST},
	{"en", HEADER_MUST},
	{"next_sv", HEADER_MAY},
	{"next_en", HEADER_MAY},
	{"next", HEADER_MAY},
	{"next_draft", HEADER_MAY},
	{"lead", HEADER_MAY},
	{"role", HEADER_MAY},
	{"requirement", HEADER_MAY},
	{"due", HEADER_MAY},
	{"only", HEADER_MAY},
	{"setting", HEADER_MANY},
	{NULL, HEADER_MAY},
};

static const char *const severities[] = {"info", "warning", "error"};

const char *
rule_severity_name(enum rule_severity s)
{
	return severities[s];
}

static void
read_id(struct rule *r, struct err *e)
{
	const struct header_field *f = header_field(&r->header, "id");

	r->id = f->value;
	if (strlen(r->id) > ID_MAX || r->id[strspn(r->id, id_characters)])
		header_bad(&r->header, f, _("is no name of letters, digits, _ and -, at most 32"), e);
	else if (strncmp(r->id, "akt", 3) == 0)
		header_bad(&r->header, f, _("begins as the program's own rules do"), e);
}

static void
read_severity(struct rule *r, struct err *e)
{
	const struct header_field *f = header_field(&r->header, "severity");

	for (size_t i = 0; i < sizeof severities / sizeof *severities; i++)
		if (strcmp(f->value, severities[i]) == 0) {
			r->severity = (enum rule_severity)i;
			return;
		}
	header_bad(&r->header, f, _("must be error, warning or info"), e);
}

static void
read_lead(struct rule *r, struct err *e)
{
	const struct header_field *f = header_field(&r->header, "lead");
	char *end;
	long v;

	if (!f)
		return;
	for (size_t i = 0; i < r->nsettings; i++)
		if (strcmp(r->settings[i].name, f->value) == 0 && r->settings[i].is_int)
			r->lead_setting = &r->settings[i];
	if (r->lead_setting)
		return;
	v = strtol(f->value, &end, 10);
	if (*end || v < 0 || v > LEAD_MAX)
		header_bad(&r->header, f, _("is no number of days from 0 to 3660, nor a setting of the rule"), e);
	else
		r->lead = (int)v;
}

static void
read_settings(struct rule *r, struct arena *a, struct err *e)
{
	const struct header *h = &r->header;

	r->settings = arena_alloc(a, (h->n + 1) * sizeof *r->settings);
	for (size_t i = 0; i < h->n; i++) {
		struct header_setting s;

		if (strcmp(h->v[i].key, "setting") != 0 || header_setting(&s, a, h, &h->v[i], e))
			continue;
		if (strcmp(s.name, "today") == 0)
			header_bad(h, &h->v[i], _("is bound by the program"), e);
		r->settings[r->nsettings++] = s;
	}
}

int
rule_parse(struct rule *out, struct arena *a, const char *text, size_t n, const char *file,
    struct err *e)
{
	struct rule r = {.file = file};
	int before = e->n + e->lost, rc;

	rc = header_parse(&r.header, a, text, n, file, keys, e);
	if (rc)
		return rc;
	read_id(&r, e);
	read_severity(&r, e);
	read_settings(&r, a, e);
	read_lead(&r, e);
	r.sv = header_get(&r.header, "sv");
	r.en = header_get(&r.header, "en");
	r.next_sv = header_get(&r.header, "next_sv");
	r.next_en = header_get(&r.header, "next_en");
	r.next = header_get(&r.header, "next");
	r.next_draft = header_get(&r.header, "next_draft");
	r.role = header_get(&r.header, "role");
	r.requirement = header_get(&r.header, "requirement");
	r.due = header_get(&r.header, "due");
	r.only = header_get(&r.header, "only");
	r.sql = r.header.sql;
	if (e->n + e->lost != before)
		return ERR_INVALID;
	*out = r;
	return 0;
}

/* --- texts -------------------------------------------------------------------------------------- */

/* Length of a `{column}` at p, braces and all; 0: there is none. */
static size_t
place(char column[COLUMN_MAX + 1], const char *p)
{
	size_t n = *p == '{' ? strspn(p + 1, column_characters) : 0;

	if (n == 0 || n > COLUMN_MAX || p[n + 1] != '}')
		return 0;
	memcpy(column, p + 1, n);
	column[n] = '\0';
	return n + 2;
}

static bool
has_column(const char *const *columns, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(columns[i], name) == 0)
			return true;
	return false;
}

int
rule_check_columns(const struct rule *r, const char *const *columns, size_t n, struct err *e)
{
	static const char *const texts[] = {"sv", "en", "next_sv", "next_en", "next",
		"next_draft"};
	static const char *const must[] = {"record", "due_on"};
	const struct header *h = &r->header;
	int before = e->n + e->lost;

	for (size_t i = 0; i < sizeof must / sizeof *must; i++)
		if (!has_column(columns, n, must[i]))
			err_at(e, ERR_INVALID, r->file, 0, 0, must[i],
			    _("is no column of the query, and must be one"));
	if (r->next_draft && !has_column(columns, n, "draft")) {
		const struct header_field *f = header_field(h, "next_draft");

		err_at(e, ERR_INVALID, r->file, f->line, f->column, f->key,
		    _("names {%s}, which is no column of the query"), "draft");
	}
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct header_field *f = header_field(h, texts[i]);
		char column[COLUMN_MAX + 1];

		for (const char *p = f ? f->value : ""; *p; p++)
			if (place(column, p) && !has_column(columns, n, column))
				err_at(e, ERR_INVALID, r->file, f->line, f->column, f->key,
				    _("names {%s}, which is no column of the query"), column);
	}
	return e->n + e->lost != before ? ERR_INVALID : 0;
}

void
rule_day(struct buf *out, const char *date, const char *lang, const char *today)
{
	static const char *const sv[] = {"januari", "februari", "mars", "april", "maj", "juni", "juli",
		"augusti", "september", "oktober", "november", "december"};
	static const char *const en[] = {"January", "February", "March", "April", "May", "June", "July",
		"August", "September", "October", "November", "December"};
	const char *const *months = strcmp(lang, "sv") == 0 ? sv : en;
	int64_t day;

	if (!date_parse(&day, date, strlen(date))) {
		buf_puts(out, date);
		return;
	}
	buf_printf(out, "%d %s", (date[8] - '0') * 10 + date[9] - '0',
	    months[(date[5] - '0') * 10 + date[6] - '0' - 1]);
	if (strncmp(date, today, 4) != 0)
		buf_printf(out, " %.4s", date);
}

/* A value as text; nothing that a terminal would obey. */
static void
put_value(struct buf *out, const struct node *v)
{
	size_t from = out->n;

	if (v->kind == NODE_STR)
		buf_add(out, v->text, v->len);
	else if (v->kind != NODE_NULL)
		node_scalar_json(out, v);
	for (size_t i = from; i < out->n; i++)
		if ((unsigned char)out->p[i] < 0x20 || out->p[i] == 0x7f)
			out->p[i] = ' ';
}

void
rule_text(struct buf *out, const char *text, const struct node *row, const char *lang,
    const char *today)
{
	char column[COLUMN_MAX + 1];
	const struct node *v;
	int64_t day;

	while (*text) {
		size_t n = place(column, text);

		v = n ? node_get(row, column) : NULL;
		if (!v)
			buf_putc(out, *text++);
		else if (v->kind == NODE_STR && date_parse(&day, v->text, v->len))
			rule_day(out, v->text, lang, today);
		else
			put_value(out, v);
		text += v ? n : 0;
	}
}

void
rule_command(struct buf *out, const char *text, const struct node *row)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@+,";
	char column[COLUMN_MAX + 1];

	while (*text) {
		size_t n = place(column, text);
		const struct node *v = n ? node_get(row, column) : NULL;
		struct buf one = {0};

		if (!v) {
			buf_putc(out, *text++);
			continue;
		}
		put_value(&one, v);
		if (one.n && strspn(buf_str(&one), plain) == one.n) {
			buf_add(out, one.p, one.n);
		} else {
			buf_putc(out, '\'');
			for (size_t i = 0; i < one.n; i++)
				buf_puts(out, one.p[i] == '\'' ? "'\\''" : (char[]){one.p[i], '\0'});
			buf_putc(out, '\'');
		}
		buf_free(&one);
		text += n;
	}
}

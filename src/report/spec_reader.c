/* Documents taken apart with their positions. */
#include "report/spec_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

void
spec_fault(struct spec_reader *r, const struct node *at, const char *path, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_at(r->e, ERR_INVALID, r->file, at->line, at->column, path, "%s", text);
	r->bad = true;
}

const char *
spec_under(struct spec_reader *r, const char *path, const char *key)
{
	return *path ? arena_printf(r->a, "%s.%s", path, key) : key;
}

const char *
spec_item(struct spec_reader *r, const char *path, size_t i)
{
	return arena_printf(r->a, "%s.%zu", path, i);
}

void
spec_map(struct spec_reader *r, const struct node *v, const char *path,
    const struct spec_key *keys, void *out)
{
	if (v->kind != NODE_MAP) {
		spec_fault(r, v, path, _("must be a mapping"));
		return;
	}
	for (size_t i = 0; i < v->n; i++) {
		struct node key = {.line = v->map[i].line, .column = v->map[i].column};
		const struct spec_key *k = keys;

		while (k->name && strcmp(k->name, v->map[i].key) != 0)
			k++;
		if (!k->name)
			spec_fault(r, &key, spec_under(r, path, v->map[i].key), _("is not known here"));
	}
	for (const struct spec_key *k = keys; k->name; k++) {
		const struct node *x = node_get(v, k->name);

		if (x && x->kind == NODE_NULL)
			spec_fault(r, x, spec_under(r, path, k->name), _("is empty"));
		else if (x)
			k->read(r, x, spec_under(r, path, k->name), out);
		else if (k->required)
			spec_fault(r, v, spec_under(r, path, k->name), _("is required"));
	}
}

const char *
spec_string(struct spec_reader *r, const struct node *v, const char *path)
{
	/* a NUL would end SQL early */
	if (v->kind == NODE_STR && v->len && strlen(v->text) == v->len)
		return v->text;
	spec_fault(r, v, path, _("must be text"));
	return NULL;
}

static const char *
line_of(const char *text, unsigned line)
{
	while (line-- > 1 && text) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text;
}

/* Characters to bytes: what stands before a query in its line is mostly ASCII, but need not be. */
static const char *
column_of(const char *line, unsigned column)
{
	while (line && column-- > 1 && *line && *line != '\n')
		for (line++; ((unsigned char)*line & 0xc0) == 0x80; line++)
			;
	return line;
}

const char *
spec_query(struct spec_reader *r, const struct node *v, const char *path)
{
	const char *s = spec_string(r, v, path), *at, *next, *out;
	struct buf b = {0};
	size_t indent;

	if (!s || !v->line)
		return s;
	at = column_of(line_of(r->text, v->line), v->column);
	if (!at || (*at != '|' && *at != '>')) {
		/* on the key's line */
		for (unsigned i = 1; i < v->line; i++)
			buf_putc(&b, '\n');
		for (unsigned i = 1; i < v->column; i++)
			buf_putc(&b, ' ');
		buf_puts(&b, s);
	} else {
		/* a block below it, whose indentation YAML took away */
		for (unsigned i = 0; i < v->line; i++)
			buf_putc(&b, '\n');
		next = line_of(r->text, v->line + 1);
		indent = next ? strspn(next, " ") : 0;
		indent -= strspn(s, " ") < indent ? strspn(s, " ") : indent;
		for (; *s; s += strcspn(s, "\n") + (s[strcspn(s, "\n")] == '\n')) {
			for (size_t i = 0; i < indent; i++)
				buf_putc(&b, ' ');
			buf_add(&b, s, strcspn(s, "\n"));
			buf_putc(&b, '\n');
		}
	}
	out = arena_strdup(r->a, buf_str(&b));
	buf_free(&b);
	return out;
}

bool
spec_flag(struct spec_reader *r, const struct node *v, const char *path)
{
	if (v->kind != NODE_BOOL)
		spec_fault(r, v, path, _("must be true or false"));
	return v->kind == NODE_BOOL && v->b;
}

bool
spec_list(struct spec_reader *r, const struct node *v, const char *path, size_t max)
{
	if (v->kind == NODE_SEQ && v->n && v->n <= max)
		return true;
	if (v->kind != NODE_SEQ)
		spec_fault(r, v, path, _("must be a list"));
	else
		spec_fault(r, v, path, _("must have 1 to %zu items"), max);
	return false;
}

int
spec_word(struct spec_reader *r, const struct node *v, const char *path, const char *const *words)
{
	struct buf list = {0};

	for (int i = 0; words[i]; i++) {
		if (v->kind == NODE_STR && strcmp(v->text, words[i]) == 0) {
			buf_free(&list);
			return i;
		}
		buf_printf(&list, "%s%s", i ? ", " : "", words[i]);
	}
	spec_fault(r, v, path, _("must be one of: %s"), buf_str(&list));
	buf_free(&list);
	return -1;
}

const char *
spec_name(struct spec_reader *r, const struct node *v, const char *path)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

	if (v->kind == NODE_STR && v->len && v->len <= 32 && v->text[0] >= 'a' && v->text[0] <= 'z' &&
	    strspn(v->text, letters) == v->len)
		return v->text;
	spec_fault(r, v, path, _("must be a name: a-z, then a-z, 0-9 or _, at most 32"));
	return NULL;
}

void
spec_label(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_text *t = out;

	if (v->kind != NODE_MAP || v->n == 0) {
		spec_fault(r, v, path, _("must be a mapping with sv, en or both"));
		return;
	}
	for (size_t i = 0; i < v->n; i++) {
		struct node key = {.line = v->map[i].line, .column = v->map[i].column};
		const char *at = spec_under(r, path, v->map[i].key);

		if (strcmp(v->map[i].key, "sv") == 0)
			t->sv = spec_string(r, v->map[i].value, at);
		else if (strcmp(v->map[i].key, "en") == 0)
			t->en = spec_string(r, v->map[i].value, at);
		else
			spec_fault(r, &key, at, _("is not known here"));
	}
}

int
spec_column(struct spec_reader *r, const struct node *v, const char *path)
{
	const struct spec_section *s = r->section;

	for (size_t i = 0; v->kind == NODE_STR && i < s->ncolumns; i++)
		if (s->columns[i].name && strcmp(s->columns[i].name, v->text) == 0)
			return (int)i;
	spec_fault(r, v, path, _("is none of the section's columns"));
	return -1;
}

const char *
spec_text(const struct spec_text *t, const char *lang)
{
	const char *first = strcmp(lang, "sv") == 0 ? t->sv : t->en,
	           *second = strcmp(lang, "sv") == 0 ? t->en : t->sv;

	return first ? first : second ? second : "";
}

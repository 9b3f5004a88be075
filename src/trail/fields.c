#include "trail/fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/id.h"
#include "crypt/age.h"
#include "tree/yaml.h"

void
fields_bad(struct fields *r, const struct node *at, const char *field, const char *text)
{
	if (!r->failed)
		err_at(r->e, ERR_DAMAGED, r->path, at ? at->line : 0, at ? at->column : 0, field,
		    "%s", text);
	r->failed = true;
}

void
fields_open_text(struct fields *r, const char *path, const char *p, size_t n, struct err *e)
{
	struct err inner;
	const struct err_item *it = &inner.item[0];

	err_clear(&inner);
	*r = (struct fields){.path = path, .text = p, .n = n, .a = arena_new(), .e = e};
	if (yaml_parse(&r->doc, r->a, p, n, path, YAML_STORED, &inner)) {
		/* what a commit says is damage to the store, not a person's slip */
		err_at(e, ERR_DAMAGED, path, it->line, it->column, *it->path ? it->path : NULL,
		    "%s", it->text);
		r->failed = true;
		r->doc = NULL;
	}
}

void
fields_open(struct fields *r, const char *path, const char *p, size_t n, struct err *e)
{
	const struct node *akt;

	fields_open_text(r, path, p, n, e);
	akt = node_get(r->doc, "akt");
	if (!akt || akt->kind != NODE_INT || akt->i != 1)
		fields_bad(r, akt ? akt : r->doc, "akt",
		    _("is not 1, the format that this program reads"));
}

/* The canonical check: what we understood, written again, is what stands there. */
int
fields_close(struct fields *r, const struct node *again)
{
	struct buf out = {0};
	unsigned line = 1;
	size_t i = 0;

	if (!r->failed && again) {
		yaml_emit(&out, again);
		if (out.n != r->n || memcmp(buf_str(&out), r->text, r->n) != 0) {
			for (; i < out.n && i < r->n && out.p[i] == r->text[i]; i++)
				line += r->text[i] == '\n';
			err_at(r->e, ERR_DAMAGED, r->path, line, 1, NULL, "%s",
			    _("is not in canonical form, or has a field that does not belong "
			      "here"));
			r->failed = true;
		}
	}
	buf_free(&out);
	arena_free(r->a);
	return r->failed ? ERR_DAMAGED : 0;
}

/* The value under key, of that kind; NULL after a fault or when absent and optional. */
const struct node *
fields_get(
    struct fields *r, const struct node *m, const char *key, enum node_kind kind, bool optional)
{
	const struct node *v = node_get(m, key);

	if (r->failed)
		return NULL;
	if (!v && !optional)
		fields_bad(r, m, key, _("is missing"));
	else if (v && v->kind != kind)
		fields_bad(r, v, key, _("is of the wrong kind"));
	return r->failed ? NULL : v;
}

const char *
fields_text(struct fields *r, const struct node *m, const char *key, bool optional)
{
	const struct node *v = fields_get(r, m, key, NODE_STR, optional);

	if (v && v->len == 0) /* control characters, NUL too, YAML has refused */
		fields_bad(r, v, key, _("is empty"));
	return v && !r->failed ? v->text : NULL;
}

/* Text that `ok` accepts, into dst; unchanged ("") when absent or faulty. */
void
fields_name(struct fields *r, char *dst, size_t size, const struct node *m, const char *key,
    bool optional, bool (*ok)(const char *))
{
	const char *s = fields_text(r, m, key, optional);

	if (!s)
		return;
	if (strlen(s) >= size || !ok(s))
		fields_bad(r, node_get(m, key), key, _("is not a valid name or code"));
	else
		memcpy(dst, s, strlen(s) + 1);
}

int64_t
fields_time(struct fields *r, const struct node *m, const char *key, bool optional)
{
	const char *s = fields_text(r, m, key, optional);
	int64_t at = 0;

	if (s && !date_time_parse(&at, s, strlen(s)))
		fields_bad(r, node_get(m, key), key, _("is not a time (YYYY-MM-DDTHH:MM:SSZ)"));
	return at;
}

void
fields_hash(struct fields *r, uint8_t out[32], const struct node *m, const char *key)
{
	const char *s = fields_text(r, m, key, false);

	if (s && !hash_unhex(out, 32, s))
		fields_bad(r, node_get(m, key), key, _("is not 64 hexadecimal digits"));
}

void
fields_recipient(struct fields *r, uint8_t pk[32], const struct node *m)
{
	const char *s = fields_text(r, m, "recipient", false);

	if (s && age_recipient_parse(pk, s, NULL))
		fields_bad(r, node_get(m, "recipient"), "recipient", _("is not an age recipient"));
}

/* Item i of a list of mappings, after a check that the list is sorted is left to the caller. */
size_t
fields_list(struct fields *r, const struct node **list, const struct node *m, const char *key,
    bool optional, enum node_kind kind)
{
	const struct node *v = fields_get(r, m, key, NODE_SEQ, optional);

	*list = v;
	if (!v)
		return 0;
	if (optional && v->n == 0)
		fields_bad(r, v, key, _("is empty and should be left out"));
	for (size_t i = 0; i < v->n && !r->failed; i++)
		if (v->seq[i]->kind != kind)
			fields_bad(r, v->seq[i], key, _("has an item of the wrong kind"));
	return r->failed ? 0 : v->n;
}

void
fields_order(struct fields *r, const struct node *at, const char *field, int cmp)
{
	if (cmp >= 0)
		fields_bad(r, at, field, _("is not sorted, or names something twice"));
}

/* A sorted list of names into `size` wide slots. */
size_t
fields_names(struct fields *r, void *out, size_t size, const struct node *m, const char *key,
    bool (*ok)(const char *))
{
	const struct node *list;
	size_t n = fields_list(r, &list, m, key, false, NODE_STR);
	char *v = xcalloc(n, size);

	for (size_t i = 0; i < n && !r->failed; i++) {
		const struct node *it = list->seq[i];

		if (it->len >= size || !ok(it->text)) {
			fields_bad(r, it, key, _("is not a valid name or code"));
			break;
		}
		memcpy(v + i * size, it->text, it->len + 1);
		if (i > 0)
			fields_order(r, it, key, strcmp(v + (i - 1) * size, v + i * size));
	}
	memcpy(out, &v, sizeof v);
	return n;
}

bool
fields_code_ok(const char *s)
{
	size_t n = strlen(s);

	if (n < 1 || n > 16)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strchr(
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", s[i]))
			return false;
	return true;
}

bool
fields_id_ok(const char *s)
{
	return id_valid(s, ID_DOSSIER);
}

bool
fields_epoch_ok(const char *s)
{
	uint8_t b[4];

	return hash_unhex(b, sizeof b, s);
}

#include "vault/envelope.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "merge/storepath.h"
#include "tree/node.h"
#include "tree/yaml.h"

static const char *const order[] = {"akt", "type", "v", "id", "dossier", "created", "updated",
    "data", "conflicts"};

static int
bad(struct err *e, const char *file, const struct node *at, const char *path, const char *text)
{
	return err_at(e, ERR_INVALID, file, at ? at->line : 0, at ? at->column : 0, path, "%s",
	    text);
}

/* {at, by} or {at, by, why}. */
static int
check_stamp(const struct node *rec, const char *name, const char *file, struct err *e)
{
	const struct node *s = node_get(rec, name);
	const char *at, *by;
	int64_t t;

	if (!s || s->kind != NODE_MAP)
		return bad(e, file, s ? s : rec, name, _("must be a mapping with at and by"));
	for (size_t i = 0; i < s->n; i++) {
		const char *key = s->map[i].key;

		if (strcmp(key, "at") == 0 || strcmp(key, "by") == 0 ||
		    (strcmp(key, "why") == 0 && s->map[i].value->kind == NODE_STR))
			continue;
		return bad(e, file, s->map[i].value, name, _("may hold at, by and why alone"));
	}
	at = node_get_str(s, "at");
	by = node_get_str(s, "by");
	if (!at || !date_time_parse(&t, at, strlen(at)))
		return bad(e, file, node_get(s, "at") ? node_get(s, "at") : s, name,
		    _("at must be a UTC time (YYYY-MM-DDTHH:MM:SSZ)"));
	if (!by || !storepath_handle_ok(by))
		return bad(e, file, node_get(s, "by") ? node_get(s, "by") : s, name,
		    _("by must be a member's handle"));
	return 0;
}

/* {value, at, by}, or {absent: true, at, by}. */
static bool
candidate_ok(const struct node *v)
{
	const struct node *absent = node_get(v, "absent");
	const char *at = node_get_str(v, "at"), *by = node_get_str(v, "by");
	int64_t t;

	if (v->kind != NODE_MAP || v->n != 3 || !at || !by || !date_time_parse(&t, at, strlen(at)) ||
	    !storepath_handle_ok(by))
		return false;
	return absent ? absent->kind == NODE_BOOL && absent->b : node_get(v, "value") != NULL;
}

/* [{path, locked, values}]: what reads the list later may rely on its form. */
static int
check_conflicts(const struct node *list, const char *file, struct err *e)
{
	if (list->kind != NODE_SEQ)
		return bad(e, file, list, "conflicts", _("must be a list"));
	for (size_t i = 0; i < list->n; i++) {
		const struct node *c = list->seq[i], *values = node_get(c, "values"),
		    *locked = node_get(c, "locked");
		bool ok = c->kind == NODE_MAP && c->n == (locked ? 3 : 2) && node_get_str(c, "path") &&
		    (!locked || locked->kind == NODE_BOOL) && values && values->kind == NODE_SEQ &&
		    values->n > 0;

		for (size_t k = 0; ok && k < values->n; k++)
			ok = candidate_ok(values->seq[k]);
		if (!ok)
			return bad(e, file, c, "conflicts",
			    _("holds something else than a path and the values that stand open there"));
	}
	return 0;
}

int
envelope_check(const struct node *rec, const struct storepath *p, const char *file,
    struct err *e)
{
	const struct node *n;
	const char *id, *type, *dossier;
	struct storepath own;
	char *path;
	enum storepath_kind kind;
	int rc;

	if (!rec || rec->kind != NODE_MAP)
		return bad(e, file, rec, "", _("is not a record: a mapping is expected"));
	for (size_t i = 0; i < rec->n; i++) {
		size_t j = 0;

		while (j < sizeof order / sizeof *order && strcmp(order[j], rec->map[i].key) != 0)
			j++;
		if (j == sizeof order / sizeof *order)
			return err_at(e, ERR_INVALID, file, rec->map[i].line, rec->map[i].column, "",
			    _("is no part of a record's envelope"));
	}
	n = node_get(rec, "akt");
	if (!n || n->kind != NODE_INT || n->i != 1)
		return bad(e, file, n ? n : rec, "akt", _("must be 1, the format this program knows"));
	n = node_get(rec, "v");
	if (!n || n->kind != NODE_INT || n->i < 1 || n->i > 1000000)
		return bad(e, file, n ? n : rec, "v", _("must be the schema's version, 1 or more"));
	type = node_get_str(rec, "type");
	if (!type || !storepath_type_ok(type))
		return bad(e, file, node_get(rec, "type") ? node_get(rec, "type") : rec, "type",
		    _("must be a record type"));
	id = node_get_str(rec, "id");
	dossier = node_get_str(rec, "dossier");
	/* the path's grammar is the one judge of ids */
	path = storepath_in_dossier(dossier && id_valid(dossier, ID_DOSSIER) ? dossier : "0000000000",
	    "");
	{
		char *full = xasprintf("%s%s.yaml.age", path, id ? id : "");

		kind = storepath_parse(&own, full);
		free(full);
		free(path);
	}
	if (kind != PATH_RECORD || strcmp(own.type, type) != 0)
		return bad(e, file, node_get(rec, "id") ? node_get(rec, "id") : rec, "id",
		    _("must be the type, a hyphen and 3 to 32 of 0-9 and a-z"));
	if (p && (!dossier || strcmp(dossier, p->dossier) != 0))
		return bad(e, file, node_get(rec, "dossier"), "dossier",
		    _("is not the dossier it lies in: moved or swapped"));
	if (!p && node_get(rec, "dossier") && (!dossier || !id_valid(dossier, ID_DOSSIER)))
		return bad(e, file, node_get(rec, "dossier"), "dossier", _("is not a dossier id"));
	if (p && strcmp(own.record, p->record) != 0)
		return bad(e, file, node_get(rec, "id"), "id",
		    _("is not the name it lies under: moved or swapped"));
	if ((rc = check_stamp(rec, "created", file, e)) ||
	    (rc = check_stamp(rec, "updated", file, e)))
		return rc;
	n = node_get(rec, "data");
	if (!n || n->kind != NODE_MAP)
		return bad(e, file, n ? n : rec, "data", _("must be a mapping"));
	n = node_get(rec, "conflicts");
	return n ? check_conflicts(n, file, e) : 0;
}

static void
as_text(struct arena *a, struct node *map, const char *key)
{
	struct node *v = map ? node_get(map, key) : NULL;

	if (v && v->plain && (v->kind == NODE_INT || v->kind == NODE_REAL || v->kind == NODE_BOOL)) {
		struct node *s = node_strn(a, v->text, v->len);

		s->line = v->line;
		s->column = v->column;
		node_set(a, map, key, s);
	}
}

void
envelope_normalise(struct arena *a, struct node *rec)
{
	if (!rec || rec->kind != NODE_MAP)
		return;
	as_text(a, rec, "type");
	as_text(a, rec, "id");
	as_text(a, rec, "dossier");
	as_text(a, node_get(rec, "created"), "by");
	as_text(a, node_get(rec, "updated"), "by");
	as_text(a, node_get(rec, "updated"), "why");
}

static struct node *
stamp(struct arena *a, const char *handle, int64_t now, const char *why)
{
	struct node *s = node_map(a);
	char at[DATE_TIME_LEN + 1];

	date_time_format(at, now);
	node_set(a, s, "at", node_str(a, at));
	node_set(a, s, "by", node_str(a, handle));
	if (why)
		node_set(a, s, "why", node_str(a, why));
	return s;
}

struct node *
envelope_new(struct arena *a, const char *type, int v, const char *id, const char *dossier,
    const char *handle, int64_t now)
{
	struct node *r = node_map(a);

	node_set(a, r, "akt", node_int(a, 1));
	node_set(a, r, "type", node_str(a, type));
	node_set(a, r, "v", node_int(a, v));
	node_set(a, r, "id", node_str(a, id));
	node_set(a, r, "dossier", node_str(a, dossier));
	node_set(a, r, "created", stamp(a, handle, now, NULL));
	node_set(a, r, "updated", stamp(a, handle, now, NULL));
	node_set(a, r, "data", node_map(a));
	return r;
}

void
envelope_stamp(struct arena *a, struct node *rec, const char *handle, int64_t now,
    const char *why)
{
	node_set(a, rec, "updated", stamp(a, handle, now, why));
}

void
envelope_format(struct buf *out, struct arena *a, struct node *rec)
{
	struct node *sorted = node_map(a);
	const struct node *c = node_get(rec, "conflicts");

	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		struct node *n = node_get(rec, order[i]);

		if (n && !(n == c && c->n == 0))
			node_set(a, sorted, order[i], n);
	}
	yaml_emit(out, sorted);
	yaml_pad(out);
}

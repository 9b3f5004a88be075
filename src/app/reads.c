/* reads: what was opened, by whom and on which device; for team logg (DESIGN 4). */
#include "app/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/reads.h"
#include "vault/vault.h"
#include "vault/witness.h"

void
note_read(struct session *s, const char *what, const char *record)
{
	reads_record(s->v, what, record);
	reads_flush(s->v);
}

void
note_query(struct session *s, const char *what, const char *query, size_t hits)
{
	reads_query(s->v, what, query ? query : "", hits);
	reads_flush(s->v);
}

struct reading {
	struct session *s;
	const char *by, *record; /* NULL: all */
	size_t n, cap;
	struct read_row {
		const char *at;
		size_t place; /* as the device wrote them: several fall into one second */
		struct node *node;
	} *v;
	size_t sealed; /* logs that could not be opened */
	struct err *e;
};

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* One row as its device wrote it: taken apart field by field, since it is a colleague's word. */
static void
add_row(struct reading *r, const char *device, const struct node *row)
{
	struct arena *a = r->s->arena;
	const char *at = node_get_str(row, "at"), *what = node_get_str(row, "what"),
	           *record = node_get_str(row, "record"), *query = node_get_str(row, "query");
	const struct node *hits = node_get(row, "hits");
	char by[34];
	struct node *out;

	snprintf(by, sizeof by, "%.*s", (int)strcspn(device, "."), device);
	if (!at || !what || (!record && !query) || (r->record && (!record || !begins(record, r->record))) ||
	    (r->by && strcmp(r->by, by) != 0 && strcmp(r->by, device) != 0))
		return;
	out = node_map(a);
	node_set(a, out, "at", node_str(a, at));
	node_set(a, out, "by", node_str(a, by));
	node_set(a, out, "device", node_str(a, device));
	node_set(a, out, "what", node_str(a, what));
	if (record) {
		node_set(a, out, "record", node_str(a, record));
	} else {
		node_set(a, out, "query", node_str(a, query));
		if (hits && hits->kind == NODE_INT)
			node_set(a, out, "hits", node_int(a, hits->i));
	}
	vec_grow(r);
	r->v[r->n] = (struct read_row){node_get_str(out, "at"), r->n, out};
	r->n++;
}

static void
add_rows(struct reading *r, const char *device, const struct buf *text)
{
	struct node *list = NULL;

	if (!text->n)
		return;
	if (yaml_parse(&list, r->s->arena, buf_str(text), text->n, device, YAML_STORED, NULL) ||
	    list->kind != NODE_SEQ) {
		r->sealed++;
		return;
	}
	for (size_t i = 0; i < list->n; i++)
		add_row(r, device, list->seq[i]);
}

static int
read_chain(void *ctx, const char *ref, const struct oid *tip)
{
	struct reading *r = ctx;
	struct git *g = vault_git(r->s->v);
	struct oid *ids = NULL;
	size_t n = 0;
	int rc = git_walk(g, &ids, &n, tip, NULL, 0, r->e);

	for (size_t i = 0; !rc && i < n; i++) {
		struct buf sealed = {0}, text = {0};
		struct err inner = {0};
		int one = witness_log(g, &sealed, &ids[i], &inner);

		if (!one)
			one = reads_open(r->s->v, &text, buf_str(&sealed), sealed.n, &inner);
		if (!one)
			add_rows(r, ref + strlen(WITNESS_REFS), &text);
		else if (one != ERR_NOTFOUND)
			r->sealed++;
		buf_free(&sealed);
		buf_free(&text);
	}
	free(ids);
	return rc;
}

static int
by_time(const void *a, const void *b)
{
	const struct read_row *x = a, *y = b;
	int c = strcmp(x->at, y->at);

	return c ? c : (x->place > y->place) - (x->place < y->place);
}

int
app_reads(struct session *s, struct node **out, const char *by, const char *record, struct err *e)
{
	struct reading r = {.s = s, .by = by, .record = record, .e = e};
	struct buf text = {0}, files = {0};
	const struct member *me;
	const struct device *d;
	struct node *rows;
	struct found f;
	int rc = session_store(s, true, e);

	if (!rc)
		rc = vault_me(s->v, &me, &d, e);
	if (!rc && !state_in_team(vault_state(s->v), "logg", me->handle, date_now()))
		rc = err_set(e, ERR_ACCESS, _("what was opened is for members of team logg"));
	/* else a name that is mistyped would look like somebody who opened nothing */
	if (!rc && by && !state_member(vault_state(s->v), by) && !state_device(vault_state(s->v), by, NULL))
		rc = err_set(e, ERR_NOTFOUND, _("no such member: %s"), by);
	/* a beginning of an id will do, of a record too that has been erased, or is not for this reader */
	if (!rc && record && (strchr(record, ':') || strcmp(record, "@") == 0)) {
		rc = find_record(s, &f, record, e);
		r.record = f.id;
	}
	if (rc)
		return rc;
	rc = git_ref_each(vault_git(s->v), WITNESS_REFS, read_chain, &r, e);
	/* and what waits on this device */
	if (!rc)
		rc = reads_waiting(s->v, &text, &files, e);
	if (!rc)
		add_rows(&r, d->id, &text);
	buf_free(&text);
	buf_free(&files);
	rows = node_seq(s->arena);
	if (r.n)
		qsort(r.v, r.n, sizeof *r.v, by_time);
	for (size_t i = 0; i < r.n; i++)
		node_push(s->arena, rows, r.v[i].node);
	free(r.v);
	if (rc)
		return rc;
	*out = rows;
	if (r.sealed && (rc = session_disk(s, e)))
		return rc;
	if (r.sealed)
		return err_set(e, ERR_DAMAGED,
		    ngettext("%zu log could not be opened and is not in the list",
		        "%zu logs could not be opened and are not in the list", r.sealed), r.sealed);
	return 0;
}

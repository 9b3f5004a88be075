/* Readers of dossiers, tombstones and x-akt.write of schemas; see state_read.c. */
#include "trail/state_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "merge/storepath.h"
#include "trail/fields.h"

/* --- records/C/C/DOSSIER/dossier.yaml --------------------------------------------- */

void
state_free_dossier(struct dossier *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->nkeys; i++)
		free(d->keys[i].to);
	free(d->access);
	free(d->until);
	free(d->keys);
	free(d);
}

static int
by_text(const void *a, const void *b)
{
	const struct node *const *x = a, *const *y = b;
	int c = strcmp((*x)->text, (*y)->text);

	if (!c)
		c = ((*x)->line > (*y)->line) - ((*x)->line < (*y)->line);
	return c ? c : ((*x)->column > (*y)->column) - ((*x)->column < (*y)->column);
}

/* Sorted first: comparing each with each takes minutes on a hostile list. */
static void
each_once(struct fields *r, const struct node *list)
{
	const struct node **v;

	if (r->failed || list->n < 2)
		return;
	v = xmalloc(list->n * sizeof *v);
	memcpy(v, list->seq, list->n * sizeof *v);
	qsort(v, list->n, sizeof *v, by_text);
	for (size_t i = 1; i < list->n; i++)
		if (strcmp(v[i - 1]->text, v[i]->text) == 0)
			fields_bad(r, v[i], "keys.for", _("names an epoch twice"));
	free(v);
}

static void
read_key(struct fields *r, struct dossier *d, size_t i, const struct node *it)
{
	struct dossier_key *k = &d->keys[i];
	const struct node *list;
	int cmp = 0;

	fields_hash(r, k->id, it, "id");
	k->nfor = fields_list(r, &list, it, "for", false, NODE_STR);
	k->to = xcalloc(k->nfor, sizeof *k->to);
	if (!r->failed && k->nfor == 0)
		fields_bad(r, list, "keys.for", _("is empty"));
	for (size_t j = 0; j < k->nfor && !r->failed; j++) {
		const char *s = list->seq[j]->text, *slash = strchr(s, '/');
		size_t n = slash ? (size_t)(slash - s) : 0;

		if (!slash || n >= sizeof k->to[j].team || !fields_epoch_ok(slash + 1)) {
			fields_bad(r, list->seq[j], "keys.for", _("is not TEAM/EPOCH"));
			break;
		}
		memcpy(k->to[j].team, s, n);
		memcpy(k->to[j].epoch, slash + 1, sizeof k->to[j].epoch);
		if (!storepath_team_ok(k->to[j].team))
			fields_bad(r, list->seq[j], "keys.for", _("is not TEAM/EPOCH"));
	}
	each_once(r, list);
	fields_hash(r, k->file, it, "file");
	if (i > 0) {
		cmp = memcmp(d->keys[i - 1].id, k->id, 32);
		fields_order(r, it, "keys", cmp ? cmp : memcmp(d->keys[i - 1].file, k->file, 32));
	}
}

int
state_read_dossier(struct dossier **out, const char *path, const char *p, size_t n, struct err *e)
{
	struct dossier *d = xcalloc(1, sizeof *d);
	const struct node *list;
	struct fields r;
	int rc = 0;

	fields_open(&r, path, p, n, e);
	fields_name(&r, d->id, sizeof d->id, r.doc, "dossier", false, fields_id_ok);
	fields_name(
	    &r, d->retention, sizeof d->retention, r.doc, "retention", true, fields_code_ok);
	d->naccess =
	    fields_names(&r, &d->access, sizeof *d->access, r.doc, "access", storepath_team_ok);
	if (!r.failed && d->naccess == 0)
		fields_bad(&r, node_get(r.doc, "access"), "access",
		    _("is empty: nobody could read the dossier"));
	d->nuntil = fields_list(&r, &list, r.doc, "until", true, NODE_MAP);
	d->until = xcalloc(d->nuntil, sizeof *d->until);
	for (size_t i = 0; i < d->nuntil && !r.failed; i++) {
		fields_name(&r, d->until[i].team, sizeof d->until[i].team, list->seq[i], "team",
		    false, storepath_team_ok);
		d->until[i].at = fields_time(&r, list->seq[i], "at", false);
		if (i > 0)
			fields_order(&r, list->seq[i], "until",
			    strcmp(d->until[i - 1].team, d->until[i].team));
	}
	d->nkeys = fields_list(&r, &list, r.doc, "keys", false, NODE_MAP);
	d->keys = xcalloc(d->nkeys, sizeof *d->keys);
	for (size_t i = 0; i < d->nkeys && !r.failed; i++)
		read_key(&r, d, i, list->seq[i]);
	rc = fields_close(&r, r.failed ? NULL : state_node_dossier(r.a, d));
	if (rc)
		state_free_dossier(d);
	else
		*out = d;
	return rc;
}

/* --- erased/C/C/DOSSIER.yaml ------------------------------------------------------ */

void
state_free_tombstone(struct tombstone *t)
{
	if (!t)
		return;
	free(t->by);
	free(t);
}

int
state_read_tombstone(
    struct tombstone **out, const char *path, const char *p, size_t n, struct err *e)
{
	struct tombstone *t = xcalloc(1, sizeof *t);
	const struct node *list;
	struct fields r;
	int rc = 0;

	fields_open(&r, path, p, n, e);
	fields_name(&r, t->dossier, sizeof t->dossier, r.doc, "dossier", false, fields_id_ok);
	fields_name(&r, t->basis, sizeof t->basis, r.doc, "basis", false, fields_code_ok);
	t->nby = fields_list(&r, &list, r.doc, "by", false, NODE_MAP);
	t->by = xcalloc(t->nby + 1, sizeof *t->by);
	if (!r.failed && t->nby == 0)
		fields_bad(&r, list, "by", _("is empty"));
	for (size_t i = 0; i < t->nby && !r.failed; i++) {
		fields_name(&r, t->by[i].handle, sizeof t->by[i].handle, list->seq[i], "handle",
		    false, storepath_handle_ok);
		t->by[i].at = fields_time(&r, list->seq[i], "at", false);
		if (i > 0)
			fields_order(
			    &r, list->seq[i], "by", strcmp(t->by[i - 1].handle, t->by[i].handle));
	}
	rc = fields_close(&r, r.failed ? NULL : state_node_tombstone(r.a, t));
	if (rc)
		state_free_tombstone(t);
	else
		*out = t;
	return rc;
}

/* --- schema/TYPE.yaml ------------------------------------------------------------- */

void
state_free_write(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

static bool
writer_ok(const char *s)
{
	unsigned role = 0;

	if (strncmp(s, "team:", 5) == 0)
		return storepath_team_ok(s + 5);
	return role_parse(&role, s) == 0 && (role & (role - 1)) == 0 && role != ROLE_RECOVERY;
}

int
state_read_write(char ***out, const char *path, const char *p, size_t n, struct err *e)
{
	const struct node *akt = NULL, *list = NULL;
	char **v = NULL;
	struct fields r;
	int rc = 0;

	fields_open_text(&r, path, p, n, e);
	if (!r.failed && r.doc->kind != NODE_MAP)
		fields_bad(&r, r.doc, NULL, _("a schema is a mapping"));
	akt = fields_get(&r, r.doc, "x-akt", NODE_MAP, true);
	list = fields_get(&r, akt, "write", NODE_SEQ, true);
	if (list)
		v = xcalloc(list->n + 1, sizeof *v);
	for (size_t i = 0; list && i < list->n && !r.failed; i++) {
		const struct node *it = list->seq[i];

		if (it->kind != NODE_STR || !writer_ok(it->text))
			fields_bad(&r, it, "x-akt.write", _("is neither a role nor team:NAME"));
		else
			v[i] = xstrdup(it->text);
	}
	rc = fields_close(&r, NULL);
	if (rc)
		state_free_write(v);
	else
		*out = v;
	return rc;
}

/* Generators: a query's rows become records, items of a list and grants, all in one commit. A dry run does the
 * same and leaves it there. */
#include "app/extras.h"
#include "app/readers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "index/index.h"
#include "rules/generator.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/current.h"
#include "vault/txn.h"
#include "vault/vault.h"

enum { ROWS_MAX = 5000 };

struct run {
	struct session *s;
	struct txn *t;
	struct generator g;
	const char *name;
	struct node *params; /* name to text, as given or made */
	struct node *rows;
	struct node *records, *grants;
	struct found target; /* of update */
	size_t nvalues;
	struct index_value *values;
	struct err *e;
};

/* --- the generator and its parameters ------------------------------------------------------------ */

static int
none_such(struct extras *x, struct err *e)
{
	struct buf list = {0};
	int rc;

	for (size_t i = 0; i < x->n; i++)
		buf_printf(&list, "%s%.*s", list.n ? ", " : "", (int)strcspn(x->v[i].name, "."), x->v[i].name);
	rc = x->n ? err_set(e, ERR_USAGE, _("the store has no generator of that name; it has: %s"),
	                buf_str(&list)) :
	            err_set(e, ERR_USAGE, _("the store has no generators"));
	buf_free(&list);
	return rc;
}

static int
load(struct run *r)
{
	struct extras x = {0};
	const struct extra *found = NULL;
	int rc = extras_head(r->s, &x, "generators", r->e);

	for (size_t i = 0; i < x.n; i++) {
		size_t n = strlen(r->name);

		if (strncmp(x.v[i].name, r->name, n) == 0 && strcmp(x.v[i].name + n, ".sql") == 0)
			found = &x.v[i];
	}
	if (!rc && !found)
		rc = none_such(&x, r->e);
	if (!rc)
		rc = generator_parse(&r->g, r->s->arena, buf_str(&found->text), found->text.n,
		    arena_strdup(r->s->arena, found->path), r->e);
	extras_free(&x);
	return rc;
}

static void
bind(struct run *r, const char *name, const char *text)
{
	struct header_setting v = {0};
	bool number = header_setting_value(&v, text) && v.is_int;

	r->values[r->nvalues++] =
	    (struct index_value){.name = name, .text = text, .is_int = number, .i = v.i};
	node_set(r->s->arena, r->params, name, node_str(r->s->arena, text));
}

static int
params(struct run *r, const struct assignment *given, size_t n)
{
	struct arena *a = r->s->arena;
	const struct generator *g = &r->g;
	char random[ID_DOSSIER + 1];
	int rc = 0;

	r->params = node_map(a);
	r->values = arena_alloc(a, (g->nparams + g->nsettings + 1) * sizeof *r->values);
	for (size_t i = 0; i < n; i++)
		if (!generator_param(g, given[i].path))
			rc = err_set(r->e, ERR_USAGE, _("the generator has no parameter %s"), given[i].path);
	for (size_t i = 0; !rc && i < g->nparams; i++) {
		const struct generator_param *p = &g->params[i];
		const char *text = p->text;

		for (size_t k = 0; k < n; k++)
			if (strcmp(given[k].path, p->name) == 0)
				text = given[k].value;
		if (!text || !*text) {
			rc = err_set(r->e, ERR_USAGE, _("the generator asks for %s: --param %s=VALUE"), p->name,
			    p->name);
			break;
		}
		if (text == p->text && p->random) {
			id_random(random, ID_DOSSIER);
			text = arena_strdup(a, random);
		}
		if (g->update && strcmp(g->update, p->name) == 0) {
			rc = find_record(r->s, &r->target, text, r->e);
			if (!rc && strcmp(r->target.type, g->update_type) != 0)
				rc = err_set(r->e, ERR_USAGE, _("--param %s: must be a record of type %s"), p->name,
				    g->update_type);
			text = arena_strdup(a, r->target.id);
		}
		bind(r, p->name, text);
	}
	for (size_t i = 0; !rc && i < g->nsettings; i++)
		r->values[r->nvalues++] = settings_value(r->s, &g->settings[i]);
	return rc;
}

static int
ask(struct run *r)
{
	int rc = search_index(r->s, false, r->e);

	if (!rc)
		rc = search_query(r->s, &r->rows, r->g.sql, r->g.file, NULL, r->values, r->nvalues, r->e);
	/* what is there and cannot be read would be made once more */
	if (!rc)
		rc = search_lacking(r->s, r->e);
	if (!rc && r->rows->n > ROWS_MAX)
		rc = err_set(r->e, ERR_USAGE, _("the generator would make more than %d at once"), (int)ROWS_MAX);
	return rc;
}

/* --- what becomes of the rows ------------------------------------------------------------------------ */

/* As the same text would be taken by --set. */
static int
put(struct run *r, const struct shape *shape, struct node *data, const char *path,
    const struct node *v)
{
	struct assignment x = {.path = path, .value = v->text};

	if (v->kind == NODE_NULL)
		return 0;
	return record_assign(r->s, shape, data, &x, r->e);
}

static int
make_records(struct run *r)
{
	struct session *s = r->s;
	const struct schema *sc = NULL;
	int rc = vault_schema(s->v, &sc, r->g.type, r->e);

	if (!rc && !sc)
		rc = err_set(r->e, ERR_USAGE, _("the store has no schema for %s"), r->g.type);
	for (size_t i = 0; !rc && i < r->rows->n; i++) {
		struct node *row = r->rows->seq[i], *data = node_map(s->arena), *rec = NULL, *one;

		if (s->progress && s->progress(s->ctx, _("generating"), i, r->rows->n))
			return err_set(r->e, ERR_CANCELLED, _("stopped; nothing was made"));
		for (size_t k = 0; !rc && k < row->n; k++)
			if (row->map[k].key[0] != '_')
				rc = put(r, schema_shape(sc), data, row->map[k].key, row->map[k].value);
		if (!rc)
			rc = save_new(s, r->t, &rec, r->g.type, sc, data, NULL, r->e);
		if (rc) {
			err_set(r->e, (enum err_code)rc, _("in row %zu of what %s makes"), i + 1, r->name);
			break;
		}
		one = node_map(s->arena);
		node_set(s->arena, one, "id", node_clone(s->arena, node_get(rec, "id")));
		node_set(s->arena, one, "dossier", node_clone(s->arena, node_get(rec, "dossier")));
		node_set(s->arena, one, "title", node_str(s->arena, record_title(s, sc, rec)));
		node_push(s->arena, r->records, one);
	}
	return rc;
}

static int
append_items(struct run *r, const struct shape *shape, struct node *data)
{
	const struct generator *g = &r->g;
	const struct shape *list = path_shape(shape, g->list);
	char *path = xasprintf("%s.+", g->list);
	int rc = 0;

	if (!list || !list->is_seq || !list->item || !list->item->nfields)
		rc = err_at(r->e, ERR_INVALID, g->file, 0, 0, g->list, _("is no list of groups of fields"));
	for (size_t i = 0; !rc && i < r->rows->n; i++) {
		struct node *item = node_map(r->s->arena);

		for (size_t k = 0; !rc && k < g->nitems; k++)
			rc = put(r, list->item, item, g->items[k].field,
			    node_get(r->rows->seq[i], g->items[k].column));
		if (!rc)
			rc = path_set(r->s->arena, shape, data, path, item, r->e);
	}
	free(path);
	return rc;
}

static int
change_target(struct run *r)
{
	struct session *s = r->s;
	const struct generator *g = &r->g;
	const struct schema *sc = NULL;
	struct node *before = NULL, *rec, *v;
	bool changed;
	int rc = vault_schema(s->v, &sc, r->target.type, r->e);

	if (!rc && !sc)
		rc = err_set(r->e, ERR_USAGE, _("the store has no schema for %s"), r->target.type);
	if (!rc)
		rc = open_found(s, &before, &r->target, r->e);
	if (rc)
		return rc;
	rec = node_clone(s->arena, before);
	for (size_t i = 0; !rc && i < g->nsets; i++) {
		const char *value = g->sets[i].value;

		if (strcmp(value, ":rows") == 0)
			v = node_str(s->arena, arena_printf(s->arena, "%zu", r->rows->n));
		else if (*value == ':')
			v = (struct node *)node_get(r->params, value + 1);
		else
			v = node_str(s->arena, value);
		rc = put(r, schema_shape(sc), node_get(rec, "data"), g->sets[i].field, v);
	}
	if (!rc && g->list)
		rc = append_items(r, schema_shape(sc), node_get(rec, "data"));
	if (rc)
		return rc;
	settle_edited(s, sc, before, rec);
	return save_put(s, r->t, before, rec, arena_printf(s->arena, "generate %s", r->name), &changed,
	    r->e);
}

/* --- for a time ---------------------------------------------------------------------------------------- */

static int
grant_one(struct run *r, const char *team, const char *record, const char *until, int64_t at)
{
	struct session *s = r->s;
	struct dossier *d = NULL;
	struct node *one;
	struct found f;
	bool reads = false, fixed = false;
	int rc = find_exact(s, &f, record, r->e);

	if (!rc)
		rc = readers_fixed(s, &fixed, f.dossier, r->e);
	if (!rc && fixed)
		rc = err_set(r->e, ERR_USAGE,
		    _("dossier %s is read by those its records name and nobody else; change the record instead"),
		    f.dossier);
	if (!rc)
		rc = txn_dossier(r->t, &d, f.dossier, r->e);
	/* who reads it for as long already, by another team too, needs no key; `team` is a member's own */
	for (size_t i = 0; !rc && i < d->naccess; i++) {
		bool ends = false;

		for (size_t k = 0; k < d->nuntil; k++)
			ends |= strcmp(d->until[k].team, d->access[i]) == 0 && d->until[k].at < at;
		reads |= !ends &&
		    state_in_team(vault_state(s->v), d->access[i], team + 1, txn_now(r->t));
	}
	dossier_free(d);
	if (rc || reads)
		return rc;
	rc = txn_grant(r->t, f.dossier, team, at, r->e);
	if (rc)
		return rc;
	one = node_map(s->arena);
	node_set(s->arena, one, "team", node_str(s->arena, team));
	node_set(s->arena, one, "dossier", node_str(s->arena, f.dossier));
	node_set(s->arena, one, "record", node_str(s->arena, record));
	node_set(s->arena, one, "until", node_str(s->arena, until));
	node_push(s->arena, r->grants, one);
	return 0;
}

static int
grant_row(struct run *r, const struct generator_grant *x, const struct node *row, size_t n)
{
	struct readers_walk w = {.s = r->s};
	const struct node *who = node_get(row, x->who), *until = node_get(row, x->until);
	struct node *ids = NULL;
	struct readers team = {0};
	const char *ref = NULL;
	int64_t day = 0;
	bool there = false;
	int rc = generator_ids(&ids, r->s->arena, node_get(row, x->reads), r->g.file, r->e);

	if (rc || !ids->n)
		return rc;
	if (who && who->kind == NODE_STR && readers_refer(&w, who->text, &there))
		ref = "*";
	if (who && who->kind == NODE_STR)
		readers_person(&w, &team, who, there ? "*" : ref, x->who);
	if (w.damage.n)
		rc = readers_unseen(&w, x->who, r->e);
	else if (!team.n || !current_team_active(vault_state(r->s->v), team.v[0], txn_now(r->t)))
		rc = err_set(r->e, ERR_USAGE, _("row %zu: %s names nobody who uses Akt"), n, x->who);
	else if (!until || until->kind != NODE_STR || !date_parse(&day, until->text, until->len))
		rc = err_set(r->e, ERR_USAGE, _("row %zu: %s is no date (YYYY-MM-DD)"), n, x->until);
	else if ((day + 1) * 86400 <= txn_now(r->t))
		rc = err_set(r->e, ERR_USAGE, _("row %zu: %s is a day that is over, so nobody can be let in until then"),
		    n, x->until);
	for (size_t i = 0; !rc && i < ids->n; i++)
		rc = grant_one(r, team.v[0], ids->seq[i]->text, until->text, (day + 1) * 86400);
	readers_free(&team);
	return rc;
}

/* --- all of it --------------------------------------------------------------------------------------------- */

static struct node *
result(struct run *r, const struct oid *commit, bool dry_run)
{
	struct arena *a = r->s->arena;
	struct node *out = commit ? commit_result(r->s, commit) : node_map(a), *rows = node_seq(a);

	node_set(a, out, "generator", node_str(a, r->name));
	node_set(a, out, "dry_run", node_bool(a, dry_run));
	node_set(a, out, "params", r->params);
	for (size_t i = 0; i < r->rows->n; i++) {
		const struct node *row = r->rows->seq[i];
		struct node *shown = node_map(a);

		for (size_t k = 0; k < row->n; k++)
			if (row->map[k].key[0] != '_')
				node_set(a, shown, row->map[k].key, row->map[k].value);
		node_push(a, rows, shown);
	}
	node_set(a, out, "rows", rows);
	/* of a dry run nothing has a name yet */
	node_set(a, out, "records", dry_run ? node_seq(a) : r->records);
	node_set(a, out, "type", r->g.type ? node_str(a, r->g.type) : node_null(a));
	node_set(a, out, "updated", r->g.update ? node_str(a, r->target.id) : node_null(a));
	node_set(a, out, "grants", r->grants);
	node_set(a, out, "covered", node_int(a, (int64_t)r->s->covered));
	node_set(a, out, "dossiers", node_int(a, (int64_t)r->s->dossiers));
	return out;
}

int
app_generate(struct session *s, struct node **out, const char *name,
    const struct assignment *given, size_t n, bool dry_run, struct err *e)
{
	struct run r = {.s = s, .name = name, .e = e};
	struct oid commit;
	int rc = session_store(s, true, e);

	r.records = node_seq(s->arena);
	r.grants = node_seq(s->arena);
	if (!rc)
		rc = find_refresh(s, e);
	/* first the lock: what is drawn from is what the commit stands on */
	if (!rc)
		rc = txn_begin(&r.t, s->v, e);
	if (!rc)
		rc = load(&r);
	if (!rc)
		rc = params(&r, given, n);
	if (!rc)
		rc = ask(&r);
	if (!rc && r.g.assign.column)
		rc = generator_assign(&r.g, s->arena, node_get_str(r.params, r.g.assign.by), r.rows, e);
	if (!rc && r.g.type)
		rc = make_records(&r);
	if (!rc && r.g.update && r.rows->n)
		rc = change_target(&r);
	for (size_t i = 0; !rc && i < r.g.ngrants; i++)
		for (size_t k = 0; !rc && k < r.rows->n; k++)
			rc = grant_row(&r, &r.g.grants[i], r.rows->seq[k], k + 1);
	if (!rc && !dry_run && r.rows->n)
		rc = txn_commit(r.t, &commit, "generate", e);
	txn_free(r.t);
	if (rc)
		return rc;
	note_query(s, "generate", name, r.rows->n);
	*out = result(&r, dry_run || !r.rows->n ? NULL : &commit, dry_run);
	return 0;
}

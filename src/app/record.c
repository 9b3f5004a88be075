/* new, set, show, list: one record at a time. */
#include "app/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/os.h"
#include "git/repo.h"
#include "index/index.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/envelope.h"
#include "vault/txn.h"
#include "vault/vault.h"

/* --- assignments ------------------------------------------------------------------------- */

int
record_assign(struct session *s, const struct shape *shape, struct node *data,
    const struct assignment *x, struct err *e)
{
	const char *path = path_canonical(s->arena, shape, data, x->path);
	const struct shape *at = path_shape(shape, path);
	struct node *value = NULL;
	int rc = 0;

	/* a text field takes what was typed as it is: no quoting to learn for a sentence with a colon */
	if (x->from_file || (at && at->is_string))
		rc = yaml_text(&value, s->arena, x->value, strlen(x->value), x->path, e);
	else
		rc = yaml_parse_value(&value, s->arena, x->value, x->path, e);
	return rc ? rc : path_set(s->arena, shape, data, path, value, e);
}

/* What is not there can be removed; what never could be there is a slip of the pen. */
static int
unassign(struct session *s, const struct shape *shape, struct node *data, const char *typed,
    struct err *e)
{
	const char *path = path_canonical(s->arena, shape, data, typed);

	if (!path_get(shape, data, path) && !path_shape(shape, path))
		return err_at(e, ERR_USAGE, NULL, 0, 0, path, _("the record has no such field"));
	return path_unset(shape, data, path, e);
}

static int
type_name(void *ctx, const char *type, const struct schema *sc)
{
	struct buf *list = ctx;

	(void)sc;
	buf_printf(list, "%s%s", list->n ? ", " : "", type);
	return 0;
}

static int
no_type(struct session *s, struct err *e)
{
	struct buf list = {0};
	int rc = each_type(s, type_name, &list, e);

	if (!rc)
		rc = err_set(e, ERR_USAGE, _("the store has no record type of that name; it has: %s"),
		    buf_str(&list));
	buf_free(&list);
	return rc;
}

/* *prefix: what the paths of the file's own fields begin with, "" or "data". */
static int
read_data(struct session *s, struct node **data, const char **prefix, const char *file,
    struct err *e)
{
	struct buf text = {0};
	struct node *doc = NULL;
	int rc = strcmp(file, "-") == 0 ? os_read_fd(&text, 0, YAML_MAX_BYTES, e) :
	                                  as_usage(os_read_file(&text, file, YAML_MAX_BYTES, e));

	if (!rc)
		rc = yaml_parse(&doc, s->arena, buf_str(&text), text.n, file, YAML_INPUT, e);
	buf_free(&text);
	if (rc)
		return rc;
	*prefix = "";
	if (node_get(doc, "akt")) {
		doc = node_get(doc, "data");
		*prefix = "data";
	}
	if (!doc || doc->kind != NODE_MAP)
		return err_at(e, ERR_INVALID, file, doc ? doc->line : 1, doc ? doc->column : 1, NULL,
		    _("must hold a mapping: the record's fields"));
	*data = doc;
	return 0;
}

/* What a person typed into a file is checked there, so that the lines told are the file's. */
static int
check_typed(const struct schema *sc, const struct node *data, const char *file,
    const char *prefix, struct err *e)
{
	struct diags d = {0};
	int rc = 0;

	schema_validate(sc, data, file, prefix, &d);
	diags_sort(&d);
	for (size_t i = 0; i < d.n; i++)
		rc = err_at(e, ERR_INVALID, d.v[i].file, d.v[i].line, d.v[i].column, d.v[i].path, "%s",
		    d.v[i].text);
	diags_free(&d);
	return rc;
}

/* A field that the type asks for and nobody gave. */
static bool
lacks(const struct shape *shape, const struct node *data)
{
	for (size_t i = 0; i < shape->nfields; i++)
		if (shape->fields[i]->required && !node_get(data, shape->fields[i]->name))
			return true;
	return false;
}

int
app_new(struct session *s, struct node **out, const char *type, const char *dossier,
    const struct assignment *set, size_t nset, const char *from_file, bool edit, struct err *e)
{
	const struct schema *sc = NULL;
	struct node *rec, *data = NULL;
	struct txn *t = NULL;
	const char *prefix = "";
	struct oid commit;
	int rc;

	rc = session_store(s, true, e);
	if (!rc)
		rc = vault_schema(s->v, &sc, type, e);
	if (!rc && !sc)
		rc = no_type(s, e);
	if (!rc && from_file)
		rc = read_data(s, &data, &prefix, from_file, e);
	if (rc)
		return rc;
	if (!data)
		data = node_map(s->arena);
	shape_normalise(s->arena, schema_shape(sc), data);
	for (size_t i = 0; !rc && i < nset; i++)
		rc = record_assign(s, schema_shape(sc), data, &set[i], e);
	/* a part of the fields is a beginning: the rest is asked for where there is somebody to ask */
	edit = edit && (!nset || (s->edit && lacks(schema_shape(sc), data)));
	if (!rc && edit)
		rc = edit_new(s, sc, type, &dossier, &data, e);
	if (!rc)
		rc = find_refresh(s, e);
	if (!rc)
		rc = txn_begin(&t, s->v, e);
	/* another may have been put in force while the person typed */
	if (!rc)
		rc = vault_schema(s->v, &sc, type, e);
	if (!rc && !sc)
		rc = no_type(s, e);
	if (!rc)
		shape_normalise(s->arena, schema_shape(sc), data);
	if (!rc && from_file)
		rc = check_typed(sc, data, from_file, prefix, e);
	if (!rc)
		rc = save_new(s, t, &rec, type, sc, data, dossier, e);
	if (!rc)
		rc = txn_commit(t, &commit, "new", e);
	if (!rc) {
		find_remember(s, node_get_str(rec, "id"));
		if (edit)
			edit_done(s, type);
		*out = saved_result(s, rec, &commit);
	}
	txn_free(t);
	return rc;
}

int
app_set(struct session *s, struct node **out, const char *name, const struct assignment *set,
    size_t nset, const char *const *unset, size_t nunset, const char *why, struct err *e)
{
	const struct schema *sc = NULL;
	struct node *before = NULL, *rec;
	struct txn *t = NULL;
	struct found f;
	struct oid commit;
	int rc;

	rc = said_why(s, &why, e);
	if (!rc)
		rc = session_store(s, true, e);
	if (!rc)
		rc = txn_begin(&t, s->v, e);
	if (!rc)
		rc = find_record(s, &f, name, e);
	if (!rc)
		rc = open_found(s, &before, &f, e);
	if (!rc)
		rc = vault_schema(s->v, &sc, f.type, e);
	if (!rc && !sc)
		rc = err_set(e, ERR_USAGE, _("the store has no schema for %s"), f.type);
	if (rc)
		goto done;
	rec = node_clone(s->arena, before);
	for (size_t i = 0; !rc && i < nunset; i++)
		rc = unassign(s, schema_shape(sc), node_get(rec, "data"), unset[i], e);
	for (size_t i = 0; !rc && i < nset; i++)
		rc = record_assign(s, schema_shape(sc), node_get(rec, "data"), &set[i], e);
	if (rc)
		goto done;
	settle_edited(s, sc, before, rec);
	rc = save_record(s, t, before, rec, why, "set", &commit, e);
	if (!rc)
		*out = saved_result(s, rec, &commit);
done:
	txn_free(t);
	return rc;
}

/* --- reading --------------------------------------------------------------------------------- */

static int
show_approval(struct session *s, struct node *rec, const char *dossier, struct err *e)
{
	struct approvals all = {0};
	int rc = approvals_load(s, &all, dossier, e);
	struct node *x = rc ? NULL : approval_of(s, &all, rec);

	if (x)
		node_set(s->arena, rec, "approval", x);
	approvals_free(&all);
	return rc;
}

int
app_show(struct session *s, struct node **out, const char *name, const char *at, struct err *e)
{
	struct found f;
	int rc = session_store(s, true, e);

	if (!rc)
		rc = find_record(s, &f, name, e);
	/* as it was: what is set aside beside it now is no part of that */
	if (!rc && at)
		rc = history_version(s, &f.blob, f.path, at, e);
	if (!rc)
		rc = at ? vault_open_record(s->v, out, s->arena, f.path, &f.blob, e) : open_found(s, out, &f, e);
	/* of what stands: an earlier version was another decision's */
	if (!rc && !at)
		rc = show_approval(s, *out, f.dossier, e);
	if (!rc)
		find_remember(s, f.id);
	if (!rc)
		note_read(s, "show", f.id);
	return rc;
}

struct listing {
	struct session *s;
	const char *type;
	struct node *list;
	size_t damaged;
	struct approvals approvals;
	struct err *e;
};

static int
list_one(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct listing *l = ctx;
	struct session *s = l->s;
	const struct schema *sc = NULL;
	struct node *rec = NULL, *row, *updated, *approval;
	struct err inner = {0};
	int rc;

	if (p->kind != PATH_RECORD || (l->type && strcmp(p->type, l->type) != 0) ||
	    !vault_can_read(s->v, p->dossier))
		return 0;
	if (s->progress && s->progress(s->ctx, _("reading"), l->list->n, 0))
		return err_set(l->e, ERR_CANCELLED, _("stopped"));
	if (vault_open_record(s->v, &rec, session_scratch(s), path, id, &inner)) {
		l->damaged++;
		return 0;
	}
	rc = vault_schema(s->v, &sc, p->type, l->e);
	if (rc)
		return rc;
	updated = node_get(rec, "updated");
	row = node_map(s->arena);
	node_set(s->arena, row, "id", node_str(s->arena, p->record));
	node_set(s->arena, row, "type", node_str(s->arena, p->type));
	node_set(s->arena, row, "dossier", node_str(s->arena, p->dossier));
	node_set(s->arena, row, "title", node_str(s->arena, record_title(s, sc, rec)));
	node_set(s->arena, row, "updated_at", node_clone(s->arena, node_get(updated, "at")));
	node_set(s->arena, row, "updated_by", node_clone(s->arena, node_get(updated, "by")));
	rc = approval_merged(s, &approval, &l->approvals, rec, path, id, l->e);
	if (approval)
		node_set(s->arena, row, "approval", approval);
	node_push(s->arena, l->list, row);
	return rc;
}

/* The list from the index, decisions too. */
static int
list_indexed(struct listing *l)
{
	struct session *s = l->s;
	int rc = search_index(s, false, l->e);

	if (!rc)
		rc = index_list(s->index, &l->list, s->arena, l->type, &l->damaged, l->e);
	if (!rc)
		rc = approvals_indexed(s, &l->approvals, l->e);
	for (size_t i = 0; !rc && l->approvals.n && i < l->list->n; i++) {
		struct node *row = l->list->seq[i], *approval = NULL;

		rc = approval_indexed(s, &approval, &l->approvals, node_get_str(row, "id"), l->e);
		if (approval)
			node_set(s->arena, row, "approval", approval);
	}
	return rc;
}

static int
by_type_and_age(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
	int c = strcmp(node_get_str(x, "type"), node_get_str(y, "type"));

	if (!c)
		c = strcmp(node_get_str(y, "updated_at"), node_get_str(x, "updated_at"));
	return c ? c : strcmp(node_get_str(x, "id"), node_get_str(y, "id"));
}

int
app_list(struct session *s, struct node **out, const char *type, struct err *e)
{
	struct listing l = {.s = s, .type = type, .e = e};
	const struct schema *sc = NULL;
	struct err inner = {0};
	int rc = session_store(s, true, e);

	if (!rc && type)
		rc = vault_schema(s->v, &sc, type, e);
	if (!rc && type && !sc)
		rc = no_type(s, e);
	if (rc)
		return rc;
	l.e = &inner;
	rc = list_indexed(&l);
	l.e = e;
	if (rc == ERR_CANCELLED) {
		err_append(e, &inner);
	} else if (rc) {
		/* the index is derived: where it cannot be used, the records themselves are read */
		l.list = node_seq(s->arena);
		l.damaged = 0;
		approvals_free(&l.approvals);
		rc = approvals_load(s, &l.approvals, NULL, e);
		if (!rc)
			rc = vault_each_record(s->v, vault_tree(s->v), list_one, &l, e);
		if (l.list->n)
			qsort(l.list->seq, l.list->n, sizeof *l.list->seq, by_type_and_age);
	}
	approvals_free(&l.approvals);
	if (rc)
		return rc;
	*out = l.list;
	note_query(s, "list", type, l.list->n);
	/* not damaged, perhaps: what kept them back is said first */
	if (l.damaged && (rc = session_disk(s, e)))
		return rc;
	if (l.damaged)
		return err_set(e, ERR_DAMAGED,
		    ngettext("%zu record could not be opened and is not in the list; run: akt check",
		        "%zu records could not be opened and are not in the list; run: akt check", l.damaged), l.damaged);
	return 0;
}

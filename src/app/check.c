/* Validity: of what is saved, of the store, of plain files, of new schemas. */
#include "app/extras.h"
#include "app/readers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "git/repo.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/envelope.h"
#include "vault/txn.h"
#include "vault/vault.h"

bool
check_has(const struct diags *d, const struct diag *x)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->v[i].path ? d->v[i].path : "", x->path ? x->path : "") == 0 &&
		    strcmp(d->v[i].text, x->text) == 0)
			return true;
	return false;
}

/* Once, however often the record is looked at on its way. */
static void
warn(struct session *s, const struct diag *x)
{
	struct arena *a = s->arena;

	if (!s->warnings)
		s->warnings = node_seq(a);
	for (size_t i = 0; i < s->warnings->n; i++)
		if (strcmp(node_get_str(s->warnings->seq[i], "file"), x->file) == 0 &&
		    strcmp(node_get_str(s->warnings->seq[i], "path"), x->path) == 0 &&
		    strcmp(node_get_str(s->warnings->seq[i], "message"), x->text) == 0)
			return;
	node_push(a, s->warnings, check_finding(a, x->file, x->line, x->column, x->path, x->text));
}

void
check_doubts(struct session *s, const struct schema *sc, const struct node *before,
    const struct node *data, const char *file, const char *prefix)
{
	struct diags was = {0}, now = {0};

	schema_doubts(sc, data, file, prefix, &now);
	if (before && now.n)
		schema_doubts(sc, node_get(before, "data"), file, prefix, &was);
	for (size_t i = 0; i < now.n; i++)
		if (!check_has(&was, &now.v[i]))
			warn(s, &now.v[i]);
	diags_free(&was);
	diags_free(&now);
}

int
check_text(const struct schema *sc, const char *text, const char *file, unsigned line,
    unsigned column, const char *path, struct err *e)
{
	const char *why = NULL;

	if (!text || schema_guard(sc, text, strlen(text), &why) != GUARD_HIT)
		return 0;
	return err_at(e, ERR_INVALID, file, line, column, path, "%s", why);
}

int
check_added(struct session *s, const struct schema *sc, const struct node *before,
    const struct node *rec, const char *file, struct err *e)
{
	struct diags was = {0}, now = {0};
	struct node *doc = NULL;
	struct buf text = {0};
	int rc = 0;

	if (!sc)
		return 0;
	/* positions are those of the text that would be stored */
	envelope_format(&text, s->arena, (struct node *)rec);
	rc = yaml_parse(&doc, s->arena, buf_str(&text), text.n, file, YAML_STORED, e);
	if (!rc)
		schema_validate(sc, node_get(doc, "data"), file, "data", &now);
	if (!rc && before)
		schema_validate(sc, node_get(before, "data"), file, "data", &was);
	/* DESIGN 3: what HEAD's version had already is a warning */
	for (size_t i = 0; !rc && i < now.n; i++)
		if (check_has(&was, &now.v[i]))
			warn(s, &now.v[i]);
		else
			err_at(e, ERR_INVALID, now.v[i].file, now.v[i].line, now.v[i].column,
			    now.v[i].path, "%s", now.v[i].text);
	if (!rc && e->n)
		rc = ERR_INVALID;
	if (!rc)
		check_doubts(s, sc, before, node_get(doc, "data"), file, "data");
	diags_free(&was);
	diags_free(&now);
	buf_free(&text);
	return rc;
}

/* --- results: {ok, errors: [{file, line, column, path, message}]} ---------------- */

struct node *
check_finding(struct arena *a, const char *file, unsigned line, unsigned column, const char *path,
    const char *message)
{
	struct node *m = node_map(a);

	node_set(a, m, "file", node_str(a, file ? file : ""));
	node_set(a, m, "line", node_int(a, line));
	node_set(a, m, "column", node_int(a, column));
	node_set(a, m, "path", node_str(a, path ? path : ""));
	node_set(a, m, "message", node_str(a, message));
	return m;
}

static struct node *
errors_of(struct arena *a, struct diags *d, const struct err *more)
{
	struct node *list = node_seq(a);

	diags_sort(d);
	for (int i = 0; more && i < more->n; i++)
		node_push(a, list,
		    check_finding(a, more->item[i].file, more->item[i].line, more->item[i].column,
		        more->item[i].path, more->item[i].text));
	for (size_t i = 0; i < d->n; i++)
		node_push(a, list,
		    check_finding(a, d->v[i].file, d->v[i].line, d->v[i].column, d->v[i].path, d->v[i].text));
	return list;
}

static int
result(struct session *s, struct node **out, struct diags *d, const struct err *more,
    size_t checked)
{
	struct node *r = node_map(s->arena);
	bool ok = d->n == 0 && (!more || more->n == 0);

	node_set(s->arena, r, "ok", node_bool(s->arena, ok));
	node_set(s->arena, r, "checked", node_int(s->arena, (int64_t)checked));
	node_set(s->arena, r, "errors", errors_of(s->arena, d, more));
	if (s->warnings && s->warnings->n)
		node_set(s->arena, r, "warnings", s->warnings);
	s->warnings = NULL; /* the result has them */
	diags_free(d);
	*out = r;
	return ok ? 0 : ERR_INVALID;
}

struct node *
app_check_failed(struct session *s, const struct err *e)
{
	struct diags none = {0};
	struct node *r = NULL;

	result(s, &r, &none, e, 0);
	return r;
}

/* --- records of the store ------------------------------------------------------------ */

struct store_check {
	struct session *s;
	struct diags *d;
	size_t checked, total;
	bool whole; /* the store's schemas too, each told of once */
	struct approvals approvals;
	struct node *warnings;
	struct err *e;
};

/* An approval that no longer holds is no fault of the record: somebody must look again. */
static int
check_approval(
    struct store_check *c, struct node *rec, const char *file, const char *path, const struct oid *id)
{
	struct arena *a = c->s->arena;
	struct node *x = NULL;
	int rc = approval_merged(c->s, &x, &c->approvals, rec, path, id, c->e);

	if (x && strcmp(node_get_str(x, "state"), "lapsed") == 0 &&
	    strcmp(node_get_str(x, "decision"), "approved") == 0)
		node_push(a, c->warnings, check_finding(a, file, 0, 0, "",
		    _("has changed since it was approved: the approval has lapsed")));
	return rc;
}

/* A list that was merged from two machines', or changed under an older schema, may be wider than the record
 * says. */
static void
check_readers(struct store_check *c, const struct schema *sc, const struct node *rec, const char *file,
    struct err *e)
{
	struct arena *a = c->s->arena;
	const char *dossier = node_get_str(rec, "dossier");
	struct readers wide = {0};

	readers_wide(c->s, NULL, &wide, sc, dossier, rec, e);
	for (size_t i = 0; i < wide.n; i++)
		node_push(a, c->warnings, check_finding(a, file, 0, 0, "",
		    arena_printf(a, _("can be read by %s too, whom it shuts out; run: akt access %s --revoke %s"),
		        wide.v[i], dossier, wide.v[i])));
	readers_free(&wide);
}

/* A reference is sound when such a record exists in the tree, whoever may read it: the
 * answer says no more than the tree shows. What keeps the answer back is a finding of this record,
 * and the others are checked all the same. */
static void
check_refs(struct store_check *c, const struct shape *shape, const struct node *n,
    const char *file, const char *path, struct err *e)
{
	char *sub;

	if (!shape || !n)
		return;
	for (size_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
		sub = xasprintf("%s.%s", path, n->map[i].key);
		check_refs(c, shape_field(shape, n->map[i].key), n->map[i].value, file, sub, e);
		free(sub);
	}
	for (size_t i = 0; n->kind == NODE_SEQ && i < n->n; i++) {
		sub = xasprintf("%s.%zu", path, i);
		check_refs(c, shape->item, n->seq[i], file, sub, e);
		free(sub);
	}
	if (shape->ref && n->kind == NODE_STR) {
		char dossier[11];
		bool known = true;

		find_known(c->s, &known, dossier, n->text, e);
		if (!known)
			diags_add(c->d, file, n->line, n->column, path,
			    _("refers to a record that is not there"));
	}
}

static void
add_findings(struct diags *d, const char *file, const struct err *e)
{
	for (int i = 0; i < e->n; i++)
		diags_add(d, e->item[i].file[0] ? e->item[i].file : file, e->item[i].line, e->item[i].column,
		    e->item[i].path, "%s", e->item[i].text);
}

static int
check_stored(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct store_check *c = ctx;
	struct session *s = c->s;
	const struct schema *sc = NULL;
	struct arena *a = session_scratch(s);
	struct buf text = {0};
	struct node *doc = NULL;
	struct err inner = {0};
	char *file = xasprintf("%s.yaml", p->record);
	bool read;
	int rc;

	if (s->progress && s->progress(s->ctx, _("checking"), c->checked, c->total)) {
		free(file);
		return err_set(c->e, ERR_CANCELLED, _("stopped"));
	}
	if (!vault_can_read(s->v, p->dossier)) {
		free(file);
		return 0;
	}
	c->checked++;
	rc = vault_schema(s->v, &sc, p->type, &inner);
	if (rc == ERR_INVALID) {
		if (!c->whole)
			add_findings(c->d, path, &inner);
		rc = 0;
		goto done;
	}
	if (rc) {
		err_append(c->e, &inner);
		goto done;
	}
	read = vault_open_bytes(s->v, &text, path, id, &inner) == 0 &&
	    yaml_parse(&doc, a, buf_str(&text), text.n, file, YAML_STORED, &inner) == 0;
	if (read)
		envelope_normalise(a, doc);
	if (read && envelope_check(doc, p, file, &inner) == 0) {
		vault_texts(s->v, p->type, doc);
		if (!sc) {
			diags_add(c->d, file, 0, 0, "type", _("the store has no schema for this type"));
		} else {
			schema_validate(sc, node_get(doc, "data"), file, "data", c->d);
			check_doubts(s, sc, NULL, node_get(doc, "data"), file, "data");
			check_refs(c, schema_shape(sc), node_get(doc, "data"), file, "data", &inner);
			check_readers(c, sc, doc, file, &inner);
			if (p->kind == PATH_RECORD)
				rc = check_approval(c, doc, file, path, id);
		}
	}
	add_findings(c->d, file, &inner);
done:
	buf_free(&text);
	free(file);
	return rc;
}

static int
check_schema(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct store_check *c = ctx;
	const struct schema *sc = NULL;
	struct err inner = {0};
	int rc = p->kind == PATH_SCHEMA ? vault_schema(c->s->v, &sc, p->name, &inner) : 0;

	(void)id;
	if (rc == ERR_INVALID) {
		add_findings(c->d, path, &inner);
		return 0;
	}
	err_append(c->e, &inner);
	return rc;
}

static void
named_twice(void *ctx, const char *file, const char *first, const char *id)
{
	struct store_check *c = ctx;

	(void)id;
	node_push(c->s->arena, c->warnings, check_finding(c->s->arena, file, 0, 0, "id",
	    arena_printf(c->s->arena,
	        _("is the name of the rule in %s too; an administrator gives one of them another: akt schema put"), first)));
}

int
app_check(struct session *s, struct node **out, const char *const *recs, size_t n,
    struct err *e)
{
	struct diags d = {0};
	struct store_check c = {.s = s, .d = &d, .e = e, .total = n, .whole = n == 0};
	int rc = find_refresh(s, e);

	c.warnings = s->warnings = node_seq(s->arena);
	if (!rc)
		rc = approvals_load(s, &c.approvals, NULL, e);
	if (!rc && c.whole)
		rc = each_in_folder(s, "schema", check_schema, &c, e);
	if (!rc)
		rc = find_each(s, recs, n, check_stored, &c, e);
	if (!rc && !n)
		rc = extras_twice(s, named_twice, &c, e);
	approvals_free(&c.approvals);
	if (rc) {
		diags_free(&d);
		return rc;
	}
	return result(s, out, &d, NULL, c.checked);
}

/* --- plain files -------------------------------------------------------------------------- */

void
schema_set_free(struct schema_set *d)
{
	for (size_t i = 0; i < d->n; i++) {
		schema_free(d->v[i].schema);
		arena_free(d->v[i].arena);
		buf_free(&d->v[i].text);
	}
	free(d->v);
	*d = (struct schema_set){0};
}

static int
load_schema(struct schema_set *d, const char *path, const char *name, struct diags *diags,
    struct err *e)
{
	struct schema_file f = {.arena = arena_new()};
	struct node *doc = NULL;
	size_t n = strlen(name);
	int rc;

	if (n > 5 && strcmp(name + n - 5, ".yaml") == 0)
		n -= 5;
	snprintf(f.type, sizeof f.type, "%.*s", (int)n, name);
	rc = as_usage(os_read_file(&f.text, path, YAML_MAX_BYTES, e));
	if (!rc)
		rc = yaml_parse(&doc, f.arena, buf_str(&f.text), f.text.n, name, YAML_STORED, e);
	if (!rc)
		rc = schema_compile(&f.schema, doc, name, SCHEMA_STORE, NULL, diags, e);
	/* what a schema's own findings are, diags has with positions */
	if (rc == ERR_INVALID && diags->n)
		err_clear(e);
	if (rc) {
		arena_free(f.arena);
		buf_free(&f.text);
		return rc;
	}
	vec_grow(d);
	d->v[d->n++] = f;
	return 0;
}

/* Every NAME.yaml of a folder, or one file. All their faults are in diags at once. */
static int
load_schemas(struct schema_set *d, const char *path, struct diags *diags, struct err *e)
{
	struct os_names names = {0};
	int rc;

	if (!os_is_dir(path)) {
		const char *base = strrchr(path, '/');

		return load_schema(d, path, base ? base + 1 : path, diags, e);
	}
	rc = os_names(&names, path, ".yaml", e);
	for (size_t i = 0; i < names.n; i++) {
		char *full = xasprintf("%s/%s", path, names.v[i]);
		int one = load_schema(d, full, names.v[i], diags, e);

		if (one && (!rc || rc == ERR_INVALID))
			rc = one;
		free(full);
	}
	os_names_free(&names);
	if (!rc && d->n == 0)
		rc = err_set(e, ERR_USAGE, _("%s holds no schema (NAME.yaml)"), path);
	return rc;
}

int
schema_set_load(struct schema_set *set, const char *path, struct err *e)
{
	struct diags d = {0};
	int rc = load_schemas(set, path, &d, e);

	for (size_t i = 0; rc == ERR_INVALID && i < d.n; i++)
		err_at(e, ERR_INVALID, d.v[i].file, d.v[i].line, d.v[i].column, d.v[i].path, "%s",
		    d.v[i].text);
	for (size_t i = 0; !rc && i < set->n; i++)
		if (!storepath_type_ok(set->v[i].type))
			rc = err_at(e, ERR_INVALID, set->v[i].type, 0, 0, NULL,
			    _("is no name for a record type (a-z, 0-9, _, at most 32)"));
	diags_free(&d);
	return rc;
}

static int
check_file(struct session *s, struct schema_set *schemas, const char *path, struct diags *d,
    struct err *e)
{
	struct node *doc = NULL, *data;
	const struct schema *sc = NULL;
	const char *prefix = "", *type = NULL;
	struct buf text = {0};
	struct err inner = {0};
	int rc;

	rc = as_usage(os_read_file(&text, path, YAML_MAX_BYTES, &inner));
	if (!rc)
		rc = yaml_parse(&doc, s->arena, buf_str(&text), text.n, path, YAML_INPUT, &inner);
	data = doc;
	if (!rc && node_get(doc, "akt")) {
		envelope_normalise(s->arena, doc);
		type = node_get_str(doc, "type");
		prefix = "data";
		data = node_get(doc, "data");
		rc = envelope_check(doc, NULL, path, &inner);
	}
	if (rc == ERR_INVALID) {
		add_findings(d, path, &inner);
		rc = 0;
		goto done;
	}
	err_append(e, &inner);
	if (rc)
		goto done;
	for (size_t i = 0; i < schemas->n; i++)
		if (schemas->n == 1 || (type && strcmp(schemas->v[i].type, type) == 0))
			sc = schemas->v[i].schema;
	if (!sc)
		diags_add(d, path, 1, 1, type ? "type" : "",
		    type ? _("no schema for this type is given") :
		           _("is plain data: name the one schema file it should follow"));
	else {
		shape_normalise(s->arena, schema_shape(sc), data);
		schema_validate(sc, data, path, prefix, d);
		check_doubts(s, sc, NULL, data, path, prefix);
	}
done:
	buf_free(&text);
	return rc;
}

int
app_check_files(struct session *s, struct node **out, const char *schema,
    const char *const *files, size_t n, struct err *e)
{
	struct schema_set schemas = {0};
	struct extras extras = {0};
	bool there[EXTRAS_FOLDERS];
	struct diags d = {0};
	struct err inner = {0};
	int rc = load_schemas(&schemas, schema, &d, &inner);

	if (!rc && os_is_dir(schema))
		rc = extras_load(&extras, there, schema, &inner);
	if (!rc)
		rc = extras_check(&extras, &schemas, NULL, &inner);
	extras_free(&extras);
	if (rc == ERR_INVALID) {
		schema_set_free(&schemas);
		return result(s, out, &d, &inner, 0);
	}
	err_append(e, &inner);
	for (size_t i = 0; !rc && i < n; i++)
		rc = check_file(s, &schemas, files[i], &d, e);
	schema_set_free(&schemas);
	if (rc) {
		diags_free(&d);
		return rc;
	}
	return result(s, out, &d, NULL, n);
}

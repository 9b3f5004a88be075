/* Plain YAML envelopes in and out. */
#include "app/private.h"

#include <ctype.h>
#include <errno.h>
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
#include "merge/record.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/envelope.h"
#include "vault/txn.h"
#include "vault/reads.h"
#include "vault/vault.h"

/* --- import ------------------------------------------------------------------------------- */

struct item {
	char *file;
	struct node *rec;
	const struct schema *schema;
	const char *id, *type;
	bool seen;    /* placed, or waiting for the one whose dossier it goes to */
	bool there;   /* the store has a record of this id; nothing of it is written */
	bool differs; /* and it says something else */
};

struct import {
	struct session *s;
	struct txn *t;
	size_t n, cap;
	struct item *v;
	struct item *wanted; /* the last one referred to, where it has no dossier yet */
};

static void
lower(struct session *s, struct node *m, const char *key)
{
	const struct node *old = node_get(m, key);
	struct node *fresh;
	char *copy;

	if (!old || old->kind != NODE_STR)
		return;
	copy = arena_strdup(s->arena, old->text);
	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	fresh = node_str(s->arena, copy);
	fresh->line = old->line;
	fresh->column = old->column;
	node_set(s->arena, m, key, fresh);
}

/* References follow their records' ids into lower case. */
static void
lower_refs(struct session *s, const struct shape *shape, struct node *n)
{
	if (!shape || !n)
		return;
	for (size_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
		const struct shape *f = shape_field(shape, n->map[i].key);

		if (f && f->ref && n->map[i].value->kind == NODE_STR)
			lower(s, n, n->map[i].key);
		else
			lower_refs(s, f, n->map[i].value);
	}
	for (size_t i = 0; n->kind == NODE_SEQ && i < n->n; i++) {
		if (shape->item && shape->item->ref && n->seq[i]->kind == NODE_STR) {
			char *copy = arena_strdup(s->arena, n->seq[i]->text);

			for (char *c = copy; *c; c++)
				*c = (char)tolower((unsigned char)*c);
			n->seq[i] = node_str(s->arena, copy);
		} else {
			lower_refs(s, shape->item, n->seq[i]);
		}
	}
}

static int
read_item(struct import *im, const char *path, struct err *e)
{
	struct session *s = im->s;
	struct item x = {0};
	struct diags d = {0};
	struct buf text = {0};
	struct err inner = {0};
	int rc = os_read_file(&text, path, YAML_MAX_BYTES, e);

	if (rc)
		return rc;
	rc = yaml_parse(&x.rec, s->arena, buf_str(&text), text.n, path, YAML_INPUT, e);
	if (rc)
		goto done;
	envelope_normalise(s->arena, x.rec);
	if (x.rec->kind == NODE_MAP)
		lower(s, x.rec, "id");
	rc = envelope_check(x.rec, NULL, path, e);
	if (rc)
		goto done;
	x.id = node_get_str(x.rec, "id");
	x.type = node_get_str(x.rec, "type");
	rc = vault_schema(s->v, &x.schema, x.type, e);
	if (!rc && !x.schema)
		rc = err_at(e, ERR_INVALID, path, node_get(x.rec, "type")->line,
		    node_get(x.rec, "type")->column, "type", _("the store has no schema for this type"));
	if (rc)
		goto done;
	shape_normalise(s->arena, schema_shape(x.schema), node_get(x.rec, "data"));
	lower_refs(s, schema_shape(x.schema), node_get(x.rec, "data"));
	/* an id is a name of a file that everybody sees */
	rc = check_text(x.schema, x.id, path, node_get(x.rec, "id")->line,
	    node_get(x.rec, "id")->column, "id", e);
	schema_validate(x.schema, node_get(x.rec, "data"), path, "data", &d);
	for (size_t i = 0; i < d.n; i++)
		rc = err_at(e, ERR_INVALID, d.v[i].file, d.v[i].line, d.v[i].column, d.v[i].path, "%s",
		    d.v[i].text);
	if (rc)
		goto done;
	check_doubts(s, x.schema, NULL, node_get(x.rec, "data"), path, "data");
	x.file = xstrdup(path);
	vec_grow(im);
	im->v[im->n++] = x;
done:
	err_append(e, &inner);
	diags_free(&d);
	buf_free(&text);
	return rc;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
read_folder(struct import *im, const char *dir, struct err *e)
{
	struct os_names names = {0};
	int rc;

	if (!os_is_dir(dir))
		return err_set(e, ERR_USAGE, _("cannot open folder %s"), dir);
	rc = os_names(&names, dir, "", e);
	/* all that is wrong in all files, at once */
	for (size_t i = 0; i < names.n; i++) {
		char *path = xasprintf("%s/%s", dir, names.v[i]);
		size_t len = strlen(path);
		int one = 0;

		if (os_is_dir(path))
			one = read_folder(im, path, e);
		else if ((len > 5 && strcmp(path + len - 5, ".yaml") == 0) ||
		    (len > 4 && strcmp(path + len - 4, ".yml") == 0))
			one = read_item(im, path, e);
		if (one && !rc)
			rc = one;
		free(path);
	}
	os_names_free(&names);
	return rc;
}

static int
by_id(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->id, ((const struct item *)b)->id);
}

static struct item *
find_item(struct import *im, const char *id)
{
	struct item key = {.id = id};

	return im->n ? bsearch(&key, im->v, im->n, sizeof *im->v, by_id) : NULL;
}

/* A reference may point at a record of the same import. Which dossier that goes to may not be settled yet. */
static const struct node *
peer(void *ctx, const char *id)
{
	struct import *im = ctx;
	struct item *x = find_item(im, id);

	if (x && !node_get(x->rec, "dossier"))
		im->wanted = x;
	return x ? x->rec : NULL;
}

/* An import adds. What the store has already stays as it is: a second import of the same folder
 * makes no second copy, and old files never undo what was written since. */
static int
known_item(struct import *im, struct item *x, struct err *e)
{
	struct session *s = im->s;
	struct node *stored = NULL;
	struct found f;
	char dossier[ID_DOSSIER + 1];
	int rc = find_known(s, &x->there, dossier, x->id, e);

	if (rc || !x->there)
		return rc;
	if (!vault_can_read(s->v, dossier))
		return err_at(e, ERR_ACCESS, x->file, 0, 0, "id",
		    _("is taken by a record that you have no access to"));
	rc = find_exact(s, &f, x->id, e);
	if (!rc)
		rc = open_found(s, &stored, &f, e);
	if (rc)
		return rc;
	node_set(s->arena, x->rec, "dossier", node_str(s->arena, f.dossier));
	x->differs = !merge_same_content(stored, x->rec);
	/* what refers to it is placed by what it says now */
	x->rec = stored;
	return 0;
}

/* Finds the dossier of an item that names none. One that goes to another's waits for that one, in a list
 * of its own: records that follow each other in a long row must not fill the stack. */
static int
place_item(struct import *im, struct item *x, struct err *e)
{
	struct place_peers peers = {peer, im};
	struct item **waiting = xcalloc(im->n + 1, sizeof *waiting);
	size_t n = 0;
	int rc = 0;

	waiting[n++] = x;
	while (!rc && n) {
		struct err inner = {0};
		char where[ID_DOSSIER + 1];

		x = waiting[n - 1];
		x->seen = true;
		im->wanted = NULL;
		if (!node_get(x->rec, "dossier")) {
			rc = place_record_among(im->s, im->t, where, x->type, x->schema,
			    node_get(x->rec, "data"), &peers, &inner);
			if (!rc)
				node_set(im->s->arena, x->rec, "dossier", node_str(im->s->arena, where));
		}
		if (!rc) {
			n--;
		} else if (im->wanted && !im->wanted->seen) {
			waiting[n++] = im->wanted;
			rc = 0;
		} else {
			err_append(e, &inner);
			err_set(e, (enum err_code)rc, _("in file %s"), x->file);
		}
	}
	free(waiting);
	return rc;
}

/* A file that names a dossier which is not here (it was exported elsewhere) opens it, with the list that
 * the record gives: first the records that have dossiers of their own, for they say whose it is. */
static int
open_dossier(struct import *im, struct item *x, struct err *e)
{
	struct place_peers peers = {peer, im};
	int rc = place_open(im->s, im->t, node_get_str(x->rec, "dossier"), x->schema,
	    node_get(x->rec, "data"), &peers, e);

	if (rc)
		err_set(e, (enum err_code)rc, _("in file %s"), x->file);
	return rc;
}

static int
place_all(struct import *im, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < im->n; i++) {
		rc = known_item(im, &im->v[i], e);
		if (rc)
			err_set(e, (enum err_code)rc, _("in file %s"), im->v[i].file);
	}
	for (int others = 0; others < 2; others++)
		for (size_t i = 0; !rc && i < im->n; i++) {
			struct item *x = &im->v[i];

			if (!x->there && node_get(x->rec, "dossier") &&
			    (others || place_owns(x->schema, node_get(x->rec, "data"))))
				rc = open_dossier(im, x, e);
		}
	for (size_t i = 0; !rc && i < im->n; i++)
		if (!im->v[i].there)
			rc = place_item(im, &im->v[i], e);
	return rc;
}

/* What a record says of its making is history; what it was changed by is this import. */
static int
put_item(struct import *im, struct item *x, bool *changed, struct err *e)
{
	const struct member *me;
	int rc = vault_me(im->s->v, &me, NULL, e);

	if (rc)
		return rc;
	rc = place_follow(im->s, im->t, x->rec, x->schema, NULL, e);
	if (rc)
		return rc;
	envelope_stamp(im->s->arena, x->rec, me->handle, txn_now(im->t), _("imported"));
	node_set(im->s->arena, x->rec, "v", node_int(im->s->arena, schema_akt(x->schema)->version));
	return txn_put_record(im->t, x->rec, im->s->arena, changed, e);
}

static size_t
dossiers_of(const struct import *im)
{
	const char **v = xcalloc(im->n + 1, sizeof *v);
	size_t n = 0, distinct = 0;

	for (size_t i = 0; i < im->n; i++)
		if (!im->v[i].there)
			v[n++] = node_get_str(im->v[i].rec, "dossier");
	qsort(v, n, sizeof *v, by_text);
	for (size_t i = 0; i < n; i++)
		distinct += i == 0 || strcmp(v[i], v[i - 1]) != 0;
	free(v);
	return distinct;
}

int
app_import(struct session *s, struct node **out, const char *dir, struct err *e)
{
	struct import im = {.s = s};
	struct node *r, *kept;
	struct oid commit;
	char hex[OID_HEX + 1];
	int64_t count = 0, same = 0;
	int rc = find_refresh(s, e);

	if (!rc)
		rc = read_folder(&im, dir, e);
	if (!rc && im.n)
		qsort(im.v, im.n, sizeof *im.v, by_id);
	for (size_t i = 1; !rc && i < im.n; i++)
		if (strcmp(im.v[i].id, im.v[i - 1].id) == 0)
			rc = err_at(e, ERR_INVALID, im.v[i].file, 0, 0, "id", _("is the id of another file too: %s"),
			    im.v[i - 1].file);
	if (!rc)
		rc = txn_begin(&im.t, s->v, e);
	if (!rc)
		rc = place_all(&im, e);
	for (size_t i = 0; !rc && i < im.n; i++) {
		bool changed = false;

		if (s->progress && s->progress(s->ctx, _("importing"), i, im.n)) {
			rc = err_set(e, ERR_CANCELLED, _("stopped; nothing was imported"));
			break;
		}
		if (im.v[i].there)
			continue;
		rc = put_item(&im, &im.v[i], &changed, e);
		if (rc)
			err_set(e, rc, _("in file %s"), im.v[i].file);
		count += changed;
	}
	if (!rc)
		rc = txn_commit(im.t, &commit, "import", e);
	if (!rc) {

		r = node_map(s->arena);
		oid_format(hex, &commit);
		node_set(s->arena, r, "records", node_int(s->arena, count));
		node_set(s->arena, r, "dossiers", node_int(s->arena, (int64_t)dossiers_of(&im)));
		node_set(s->arena, r, "commit", node_str(s->arena, hex));
		kept = node_seq(s->arena);
		for (size_t i = 0; i < im.n; i++) {
			same += im.v[i].there && !im.v[i].differs;
			if (im.v[i].differs)
				node_push(s->arena, kept, node_str(s->arena, im.v[i].id));
		}
		node_set(s->arena, r, "unchanged", node_int(s->arena, same));
		node_set(s->arena, r, "kept", kept);
		*out = r;
		if (kept->n)
			rc = ERR_FINDINGS;
	}
	txn_free(im.t);
	for (size_t i = 0; i < im.n; i++)
		free(im.v[i].file);
	free(im.v);
	return rc;
}

/* --- export ---------------------------------------------------------------------------------- */

struct exporting {
	struct session *s;
	const char *dir;
	int64_t count;
	struct err *e;
};

static int
open_aside(struct session *s, struct node **rec, const char *path, const struct storepath *p,
    const struct oid *id, struct err *e)
{
	struct found f = {.path = arena_strdup(s->arena, path), .blob = *id};

	memcpy(f.id, p->record, sizeof f.id);
	memcpy(f.type, p->type, sizeof f.type);
	memcpy(f.dossier, p->dossier, sizeof f.dossier);
	return open_found(s, rec, &f, e);
}

static int
export_one(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct exporting *x = ctx;
	struct session *s = x->s;
	struct parked aside = {0};
	struct node *rec = NULL;
	struct buf text = {0};
	char *file;
	int rc;

	if (p->kind != PATH_RECORD || !vault_can_read(s->v, p->dossier))
		return 0;
	if (s->progress && s->progress(s->ctx, _("exporting"), (size_t)x->count, 0))
		return err_set(x->e, ERR_CANCELLED, _("stopped"));
	rc = parked_find(s, &aside, p->dossier, p->record, x->e);
	/* as readers see it: a version set aside is in it */
	if (!rc && aside.n)
		rc = open_aside(s, &rec, path, p, id, x->e);
	else if (!rc)
		rc = vault_open_record(s->v, &rec, session_scratch(s), path, id, x->e);
	parked_free(&aside);
	if (rc)
		return rc;
	yaml_emit(&text, rec);
	file = xasprintf("%s/%s.yaml", x->dir, p->record);
	rc = os_create_file(file, buf_str(&text), text.n, 0600, x->e);
	x->count += rc == 0;
	if (!rc)
		reads_record(s->v, "export", p->record);
	free(file);
	buf_free(&text);
	return rc;
}

/* Before anything is written: every record that was named is there, and no file in its way. */
static int
export_free(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct exporting *x = ctx;
	char *file;
	int rc = 0;

	(void)path, (void)id;
	if (p->kind != PATH_RECORD || !vault_can_read(x->s->v, p->dossier))
		return 0;
	file = xasprintf("%s/%s.yaml", x->dir, p->record);
	if (os_exists(file))
		rc = err_os(x->e, ERR_USAGE, EEXIST, _("cannot write %s"), file);
	free(file);
	return rc;
}

int
app_export(struct session *s, struct node **out, const char *const *recs, size_t n,
    const char *dir, struct err *e)
{
	struct exporting x = {.s = s, .dir = dir, .e = e};
	int rc = find_refresh(s, e);

	if (!rc)
		rc = find_each(s, recs, n, export_free, &x, e);
	if (!rc)
		rc = os_mkdirs(dir, e);
	if (!rc)
		rc = find_each(s, recs, n, export_one, &x, e);
	if (s->v)
		reads_flush(s->v); /* what was written before a failure too */
	if (rc)
		return rc;
	*out = node_map(s->arena);
	node_set(s->arena, *out, "records", node_int(s->arena, x.count));
	return 0;
}

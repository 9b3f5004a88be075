/* Records that people name (REC). */
#include "app/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/os.h"
#include "git/repo.h"
#include "index/names.h"
#include "tree/node.h"
#include "vault/vault.h"

static const char no_such[] = N_("no such record, or you have no access to it");
static const char several[] = N_("several dossiers hold a record of that id; say which: DOSSIER/ID");

struct refresh {
	struct names *n;
	struct err *e;
};

static int
refresh_one(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct refresh *r = ctx;
	struct storepath p;

	(void)old_mode;
	(void)mode;
	if (storepath_parse(&p, path) != PATH_RECORD)
		return 0;
	if (!id)
		return names_drop(r->n, p.record, p.dossier, r->e);
	return old ? 0 : names_put(r->n, p.record, p.dossier, r->e);
}

/* ERR_NOTFOUND: built from a tree that is no more, of a merge that was forgotten, say. */
static int
bring_up(struct session *s, struct err *e)
{
	struct refresh r = {s->names, e};
	const struct oid *tree = vault_tree(s->v);
	struct oid built;
	bool have = names_tree(s->names, built.b);
	int rc;

	if (have && oid_equal(&built, tree))
		return 0;
	if (have && !git_has(vault_git(s->v), &built))
		return err_set(e, ERR_NOTFOUND, "%s", _(no_such));
	/* what an update left that was cut short is no part of this one */
	rc = names_begin(s->names, !have, e);
	if (!rc)
		rc = git_diff(vault_git(s->v), have ? &built : NULL, tree, refresh_one, &r, e);
	return rc ? rc : names_end(s->names, tree->b, e);
}

int
find_refresh(struct session *s, struct err *e)
{
	struct err inner = {0};
	char *path;
	int rc;

	rc = session_store(s, true, e);
	if (rc)
		return rc;
	path = vault_local(s->v, "names.db");
	if (!s->names)
		rc = names_open(&s->names, path, &inner);
	if (!rc)
		rc = bring_up(s, &inner);
	/* Derived, and so never in the way: made anew, and where the disk takes nothing (full, or
	 * read-only), in memory. */
	for (int i = 0; i < 2 && (rc == ERR_IO || rc == ERR_NOTFOUND); i++) {
		names_close(s->names);
		s->names = NULL;
		err_clear(&inner);
		if (i == 0)
			os_unlink(path, NULL);
		rc = names_open(&s->names, i == 0 ? path : NULL, &inner);
		if (!rc)
			rc = bring_up(s, &inner);
	}
	if (rc)
		err_append(e, &inner);
	free(path);
	return rc;
}

/* Asked where a record was not found: a fault of the disk may have changed the list, which says so by its
 * sum. True when it was made anew, so that asking again is worth it. */
static bool
renewed(struct session *s)
{
	char *path;

	if (s->names_checked || !s->names)
		return false;
	s->names_checked = true;
	if (names_sound(s->names))
		return false;
	path = vault_local(s->v, "names.db");
	names_close(s->names);
	s->names = NULL;
	os_unlink(path, NULL);
	free(path);
	return find_refresh(s, NULL) == 0;
}

static int
locate(struct session *s, struct found *f, struct err *e)
{
	struct oid blob;
	char name[80], *path;
	unsigned mode;
	size_t n = strcspn(f->id, "-");
	int rc;

	if (n >= sizeof f->type)
		return err_set(e, ERR_ACCESS, "%s", _(no_such));
	memcpy(f->type, f->id, n);
	f->type[n] = '\0';
	snprintf(name, sizeof name, "%s.yaml.age", f->id);
	path = storepath_in_dossier(f->dossier, name);
	f->path = arena_strdup(s->arena, path);
	free(path);
	rc = git_tree_find(vault_git(s->v), &blob, &mode, vault_tree(s->v), f->path, e);
	f->blob = blob;
	return rc;
}

enum { HITS_MAX = 1000, STOP = -1 };

struct hits {
	struct session *s;
	const char *id; /* as it was given */
	struct found one;
	size_t n, exact;
};

/* Counts only what this person may read: a prefix that others' records share says nothing. In id order,
 * so that the id itself comes before the longer ones that begin with it. */
static int
hit(void *ctx, const char *record, const char *dossier)
{
	struct hits *h = ctx;
	bool exact = strcmp(record, h->id) == 0;

	if (!vault_can_read(h->s->v, dossier))
		return 0;
	h->exact += exact;
	if (h->n++ == 0) {
		snprintf(h->one.id, sizeof h->one.id, "%s", record);
		snprintf(h->one.dossier, sizeof h->one.dossier, "%s", dossier);
	}
	return h->n == HITS_MAX ? STOP : 0;
}

static int
exact_hit(void *ctx, const char *record, const char *dossier)
{
	struct hits *h = ctx;

	return strcmp(record, h->id) == 0 ? hit(ctx, record, dossier) : STOP;
}

static int
first_hit(void *ctx, const char *record, const char *dossier)
{
	struct found *f = ctx;

	snprintf(f->id, sizeof f->id, "%s", record);
	snprintf(f->dossier, sizeof f->dossier, "%s", dossier);
	return 0;
}

int
find_known(struct session *s, bool *known, char dossier[11], const char *id, struct err *e)
{
	int rc = find_refresh(s, e);

	return rc ? rc : find_named(s, known, dossier, id, e);
}

int
find_named(struct session *s, bool *known, char dossier[11], const char *id, struct err *e)
{
	struct found f = {0};
	struct err inner = {0};
	int rc;

	/* in id order, so that the id itself comes before the longer ones that begin with it */
	rc = names_find(s->names, id, NULL, 1, first_hit, &f, &inner);
	if ((rc || strcmp(f.id, id) != 0) && renewed(s)) {
		err_clear(&inner);
		f = (struct found){0};
		rc = names_find(s->names, id, NULL, 1, first_hit, &f, &inner);
	}
	err_append(e, &inner);
	if (rc)
		return rc;
	*known = strcmp(f.id, id) == 0;
	if (*known)
		memcpy(dossier, f.dossier, sizeof f.dossier);
	return 0;
}

static int
exact_record(struct session *s, struct found *out, const char *id, struct err *e)
{
	struct hits h = {.s = s, .id = id};
	int rc = find_refresh(s, e);

	if (!rc)
		rc = names_find(s->names, id, NULL, 0, exact_hit, &h, e);
	if (rc && rc != STOP)
		return rc;
	if (h.n == 0 && vault_damage(s->v))
		return err_set(e, ERR_DAMAGED, "%s", vault_damage(s->v));
	if (h.n == 0)
		return err_set(e, ERR_NOTFOUND, "%s", _(no_such));
	/* somebody made a second record of that id: which one is meant is not for us to guess */
	if (h.n > 1)
		return err_set(e, ERR_NOTFOUND, "%s", _(several));
	rc = locate(s, &h.one, e);
	if (!rc)
		*out = h.one;
	return rc;
}

int
find_exact(struct session *s, struct found *out, const char *id, struct err *e)
{
	struct err inner = {0};
	int rc = exact_record(s, out, id, &inner);

	if (rc && renewed(s)) {
		err_clear(&inner);
		rc = exact_record(s, out, id, &inner);
	}
	err_append(e, &inner);
	return rc;
}

/* TYPE:TEXT: the one record of the type whose title holds the text. */
struct title_search {
	struct session *s;
	const char *type, *text;
	const struct schema *schema;
	struct found one;
	size_t n;
	struct err damage; /* of the first that could not be opened */
};

static int
title_hit(void *ctx, const char *record, const char *dossier)
{
	struct title_search *t = ctx;
	struct session *s = t->s;
	struct found f = {0};
	struct node *rec = NULL;
	struct err inner = {0};
	size_t n = strlen(t->type);

	if (strncmp(record, t->type, n) != 0 || record[n] != '-' ||
	    !vault_can_read(s->v, dossier))
		return 0;
	snprintf(f.id, sizeof f.id, "%s", record);
	snprintf(f.dossier, sizeof f.dossier, "%s", dossier);
	if (locate(s, &f, &inner) || open_found(s, &rec, &f, &inner)) {
		if (!t->damage.n && err_code(&inner) != ERR_ACCESS)
			t->damage = inner;
		return 0;
	}
	if (!strcasestr(record_title(s, t->schema, rec), t->text))
		return 0;
	if (t->n++ == 0)
		t->one = f;
	return 0;
}

static int
find_title(struct session *s, struct found *out, const char *type, const char *text,
    struct err *e)
{
	struct title_search t = {.s = s, .type = type, .text = text};
	int rc = vault_schema(s->v, &t.schema, type, e);

	if (!rc)
		rc = names_find(s->names, type, NULL, 0, title_hit, &t, e);
	if (rc)
		return rc;
	/* it may be the one that is meant, or show that two fit */
	if (t.n <= 1 && t.damage.n) {
		err_append(e, &t.damage);
		return err_set(e, ERR_DAMAGED,
		    _("so it cannot be told by its title which record of the type is meant; give its id"));
	}
	if (t.n == 0)
		return err_set(e, ERR_ACCESS, "%s", _(no_such));
	if (t.n > 1)
		return err_set(e, ERR_USAGE,
		    _("%zu records fit; give more of the title, or an id (akt list shows them)"), t.n);
	*out = t.one;
	return 0;
}

static int
named_record(struct session *s, struct found *out, const char *rec, struct err *e)
{
	struct buf last = {0};
	struct hits h = {.s = s};
	const char *slash, *colon;
	char dossier[ID_DOSSIER + 1] = "", *path;
	int rc = find_refresh(s, e);

	if (rc)
		return rc;
	if (strcmp(rec, "@") == 0) {
		path = vault_local(s->v, "last");
		rc = os_read_file(&last, path, 128, NULL);
		free(path);
		if (rc)
			return err_set(e, ERR_USAGE, _("@ means the record used last, and there is none yet"));
		rec = buf_str(&last);
	}
	colon = strchr(rec, ':');
	if (colon && (size_t)(colon - rec) < sizeof h.one.type) {
		char type[33] = "";

		memcpy(type, rec, (size_t)(colon - rec));
		rc = find_title(s, out, type, colon + 1, e);
		goto done;
	}
	slash = strchr(rec, '/');
	if (slash && slash - rec == ID_DOSSIER) {
		memcpy(dossier, rec, ID_DOSSIER);
		rec = slash + 1;
	}
	h.id = rec;
	rc = *rec ? names_find(s->names, rec, *dossier ? dossier : NULL, 0, hit, &h, e) : 0;
	if (rc && rc != STOP)
		goto done;
	if (h.n == 0 && vault_damage(s->v)) {
		rc = err_set(e, ERR_DAMAGED, "%s", vault_damage(s->v));
	} else if (h.n == 0) {
		rc = err_set(e, ERR_ACCESS, "%s", _(no_such));
	} else if (h.exact > 1) {
		rc = err_set(e, ERR_USAGE, "%s", _(several));
	} else if (h.n > 1 && !h.exact) {
		rc = err_set(e, ERR_USAGE, _("%zu records begin so; give more of the id"), h.n);
	} else {
		rc = locate(s, &h.one, e);
		if (!rc)
			*out = h.one;
	}
done:
	buf_free(&last);
	return rc;
}

int
find_record(struct session *s, struct found *out, const char *rec, struct err *e)
{
	struct err inner = {0};
	int rc = named_record(s, out, rec, &inner);

	if (rc && renewed(s)) {
		err_clear(&inner);
		rc = named_record(s, out, rec, &inner);
	}
	err_append(e, &inner);
	return rc;
}

void
find_remember(struct session *s, const char *id)
{
	char *path = vault_local(s->v, "last");
	struct err inner = {0};

	/* a convenience: a read-only store works without it */
	os_write_hint(path, id, strlen(id), 0600, &inner);
	free(path);
}

int
open_found(struct session *s, struct node **out, const struct found *f, struct err *e)
{
	struct parked p;
	struct node *rec = NULL;
	int rc = parked_find(s, &p, f->dossier, f->id, e);

	if (!rc)
		rc = vault_open_record(s->v, &rec, s->arena, f->path, &f->blob, e);
	if (!rc && p.n)
		rc = parked_merge(s, &rec, f, &p, e);
	if (!rc)
		*out = rec;
	parked_free(&p);
	return rc;
}

const char *
record_title(struct session *s, const struct schema *sc, const struct node *rec)
{
	const struct schema_akt *akt = sc ? schema_akt(sc) : NULL;
	struct node *data = node_get(rec, "data");
	struct buf b = {0};
	char *title;

	for (size_t i = 0; akt && i < akt->ntitle; i++) {
		const struct node *v = path_get(schema_shape(sc), data, akt->title[i]);

		if (v && v->kind < NODE_SEQ && v->kind != NODE_NULL && v->len) {
			if (b.n)
				buf_puts(&b, ", ");
			buf_add(&b, v->text, v->len);
		}
	}
	title = arena_strdup(s->arena, buf_str(&b));
	buf_free(&b);
	/* one line, whatever the field holds */
	for (char *c = title; *c; c++)
		if (*c == '\n')
			*c = ' ';
	return title;
}

int
find_each(struct session *s, const char *const *recs, size_t n, vault_record_fn each, void *ctx,
    struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		struct storepath p;
		struct found f;

		rc = find_record(s, &f, recs[i], e);
		if (!rc) {
			storepath_parse(&p, f.path);
			rc = each(ctx, f.path, &p, &f.blob);
		}
	}
	return rc || n ? rc : vault_each_record(s->v, vault_tree(s->v), each, ctx, e);
}

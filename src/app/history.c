/* log and diff: history in fields, not lines. */
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
#include "trail/commit.h"
#include "trail/side.h"
#include "trail/verify.h"
#include "tree/node.h"
#include "vault/vault.h"

/* A commit by its hex or a unique beginning of it, among those of the trail. */
static int
find_commit(struct session *s, struct oid *out, const char *hex, struct err *e)
{
	struct git *g = vault_git(s->v);
	struct oid *all = NULL, tree, parents[2];
	size_t n = 0, hits = 0, len = strlen(hex);
	bool in = false;
	int rc;

	/* of the trail: what else lies here (refused, waiting, forgotten) nobody has found good */
	if (oid_parse(out, hex) && git_has(g, out) && git_commit_links(g, out, &tree, parents, &n, NULL) == 0 &&
	    git_is_ancestor(g, &in, out, vault_head(s->v), NULL) == 0 && in)
		return 0;
	if (len < 6 || len > OID_HEX || strspn(hex, "0123456789abcdef") != len)
		return err_set(e, ERR_USAGE, _("a commit is named by at least 6 of its hex digits (akt log shows them)"));
	rc = git_walk(vault_git(s->v), &all, &n, vault_head(s->v), NULL, 0, e);
	for (size_t i = 0; !rc && i < n; i++) {
		char text[OID_HEX + 1];

		oid_format(text, &all[i]);
		if (strncmp(text, hex, len) == 0) {
			*out = all[i];
			hits++;
		}
	}
	free(all);
	if (!rc && hits != 1)
		rc = err_set(e, ERR_USAGE, hits ? _("several commits begin so; give more digits") :
		                                  _("no such commit in the trail"));
	return rc;
}

static int
blob_at(struct session *s, struct oid *blob, const struct oid *commit, const char *path,
    struct err *e)
{
	struct oid tree, parents[2];
	unsigned mode;
	size_t n;
	int rc = git_commit_links(vault_git(s->v), commit, &tree, parents, &n, e);

	return rc ? rc : git_tree_find(vault_git(s->v), blob, &mode, &tree, path, e);
}

int
history_version(struct session *s, struct oid *blob, const char *path, const char *commit,
    struct err *e)
{
	struct err inner = {0};
	struct oid id;
	int rc = find_commit(s, &id, commit, e);

	if (rc)
		return rc;
	rc = blob_at(s, blob, &id, path, &inner);
	if (rc == ERR_NOTFOUND)
		return err_set(e, ERR_NOTFOUND, _("the record was not there yet at that commit"));
	err_append(e, &inner);
	return rc;
}

/* --- changes between two versions ------------------------------------------------------ */

struct changes {
	struct arena *a;
	struct node *list;
	const char *only; /* a path, or NULL */
};

static void
add_change(void *ctx, const char *path, const struct node *from, const struct node *to)
{
	struct changes *c = ctx;
	struct node *x;
	size_t n;

	if (c->only) {
		n = strlen(c->only);
		if (strncmp(path, c->only, n) != 0 || (path[n] && path[n] != '.'))
			return;
	}
	x = node_map(c->a);
	node_set(c->a, x, "path", node_str(c->a, path));
	node_set(c->a, x, "from", from ? node_clone(c->a, from) : node_null(c->a));
	node_set(c->a, x, "to", to ? node_clone(c->a, to) : node_null(c->a));
	node_push(c->a, c->list, x);
}

static struct node *
compare(struct session *s, const char *type, const struct node *before, const struct node *after,
    const char *only)
{
	struct changes c = {s->arena, node_seq(s->arena), only};
	const struct schema *sc = NULL;
	struct err inner = {0};

	vault_schema(s->v, &sc, type, &inner);
	shape_diff(sc ? schema_shape(sc) : NULL, node_get(before, "data"), node_get(after, "data"),
	    add_change, &c);
	/* an open conflict is content too: who settled it, and how, belongs to the history */
	if (!only && !node_equal(node_get(before, "conflicts"), node_get(after, "conflicts")))
		add_change(&c, "conflicts", node_get(before, "conflicts"), node_get(after, "conflicts"));
	return c.list;
}

/* --- log ---------------------------------------------------------------------------------- */

struct logging {
	struct session *s;
	const char *record; /* id, or NULL = all that may be read */
	const char *only;
	struct node *list;
	struct oid commit;
	const struct commit *c;
	const char *device;
	struct oid other; /* second parent's tree, of a merge */
	bool merge;
	struct err *e;
};

static const char *
updated_why(const struct node *rec)
{
	return node_get_str(node_get(rec, "updated"), "why");
}

/* The changes of `a` whose path is in `b` too. */
static struct node *
common(struct session *s, const struct node *a, const struct node *b)
{
	struct node *list = node_seq(s->arena);

	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (strcmp(node_get_str(a->seq[i], "path"), node_get_str(b->seq[k], "path")) == 0) {
				node_push(s->arena, list, a->seq[i]);
				break;
			}
	return list;
}

/* *rec NULL: it does not open; *damaged: for another reason than that it is not ours. */
static void
open_version(struct session *s, struct node **rec, bool *damaged, const char *path, const struct oid *id)
{
	struct err inner = {0};

	if (vault_open_record(s->v, rec, s->arena, path, id, &inner) == 0)
		return;
	*rec = NULL;
	*damaged |= err_code(&inner) != ERR_ACCESS;
	session_unread(s, &inner);
}

static int
log_path(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct logging *l = ctx;
	struct session *s = l->s;
	struct node *before = NULL, *after = NULL, *other = NULL, *row, *changes;
	struct err inner = {0};
	struct storepath p;
	struct oid theirs;
	bool unread = false;
	char hex[OID_HEX + 1], at[DATE_TIME_LEN + 1];

	(void)old_mode;
	if (storepath_parse(&p, path) != PATH_RECORD || (l->record && strcmp(p.record, l->record) != 0) ||
	    !vault_can_read(s->v, p.dossier))
		return 0;
	if (l->merge && git_tree_find(vault_git(s->v), &theirs, &mode, &l->other, path, &inner) == 0) {
		if (id && oid_equal(&theirs, id))
			return 0;
		open_version(s, &other, &unread, path, &theirs);
	}
	if (old)
		open_version(s, &before, &unread, path, old);
	if (id)
		open_version(s, &after, &unread, path, id);
	if (!before && !after)
		return 0;
	/* beside one that is damaged, the fields of the other would look new, or emptied */
	changes = unread ? node_seq(s->arena) : compare(s, p.type, before, after, l->only);
	/* a merge tells only what neither side had: the rest is told by who wrote it */
	if (other && !unread)
		changes = common(s, changes, compare(s, p.type, other, after, l->only));
	if ((l->only || l->merge) && changes->n == 0)
		return 0;
	row = node_map(s->arena);
	oid_format(hex, &l->commit);
	date_time_format(at, l->c->time);
	node_set(s->arena, row, "commit", node_str(s->arena, hex));
	node_set(s->arena, row, "at", node_str(s->arena, at));
	node_set(s->arena, row, "by", node_str(s->arena, l->c->handle));
	node_set(s->arena, row, "device", node_str(s->arena, l->device));
	node_set(s->arena, row, "record", node_str(s->arena, p.record));
	node_set(s->arena, row, "why",
	    after && updated_why(after) && !l->merge ? node_str(s->arena, updated_why(after)) :
	                                               node_null(s->arena));
	node_set(s->arena, row, "changes", changes);
	node_push(s->arena, l->list, row);
	return 0;
}

static int
log_commit(struct logging *l, const struct oid *id, struct err *e)
{
	struct session *s = l->s;
	struct git *g = vault_git(s->v);
	struct objects o = objects_of_git(g);
	struct oid parent_tree, parents[2];
	const struct device *d = NULL;
	struct buf raw = {0};
	struct commit c;
	uint8_t sha[32], signer[32];
	size_t n;
	int rc = trail_load(&o, &raw, &c, sha, id, e);

	if (!rc && c.nparents > 0)
		rc = git_commit_links(g, &c.parent[0], &parent_tree, parents, &n, e);
	l->merge = c.nparents == 2;
	if (!rc && l->merge)
		rc = git_commit_links(g, &c.parent[1], &l->other, parents, &n, e);
	if (!rc && side_signer(signer, &raw, &c, NULL) == 0)
		d = state_signer(vault_state(s->v), signer, NULL);
	l->device = d ? d->id : "";
	l->commit = *id;
	l->c = &c;
	if (!rc)
		rc = git_diff(g, c.nparents ? &parent_tree : NULL, &c.tree, log_path, l, e);
	l->c = NULL;
	buf_free(&raw);
	return rc;
}

int
app_log(struct session *s, struct node **out, const char *rec, const char *path, struct err *e)
{
	struct logging l = {.s = s, .only = path, .e = e};
	struct oid *all = NULL;
	struct found f;
	size_t n = 0;
	int rc = session_store(s, true, e);

	if (!rc && rec)
		rc = find_record(s, &f, rec, e);
	if (!rc && rec)
		l.record = f.id;
	l.list = node_seq(s->arena);
	if (!rc)
		rc = git_walk(vault_git(s->v), &all, &n, vault_head(s->v), NULL, 0, e);
	for (size_t i = n; !rc && i-- > 0;) {
		if (s->progress && s->progress(s->ctx, _("reading"), n - i, n))
			rc = err_set(e, ERR_CANCELLED, _("stopped"));
		else
			rc = log_commit(&l, &all[i], e);
	}
	free(all);
	if (!rc && rec)
		note_read(s, "log", f.id);
	else if (!rc)
		note_query(s, "log", path, l.list->n);
	if (!rc)
		*out = l.list;
	return rc;
}

int
app_diff(struct session *s, struct node **out, const char *rec, const char *a, const char *b,
    struct err *e)
{
	struct node *from = NULL, *to = NULL, *r;
	struct oid old, new;
	struct found f;
	int rc = session_store(s, true, e);

	if (!rc)
		rc = find_record(s, &f, rec, e);
	if (rc)
		return rc;
	new = f.blob;
	if (b)
		rc = history_version(s, &new, f.path, b, e);
	if (!rc && a)
		rc = history_version(s, &old, f.path, a, e);
	if (!rc && !a) {
		/* without versions: what the last change of the record did */
		struct node *log = NULL;
		const struct node *last;

		rc = app_log(s, &log, f.id, NULL, e);
		last = !rc && log->n ? log->seq[0] : NULL;
		r = node_map(s->arena);
		node_set(s->arena, r, "record", node_str(s->arena, f.id));
		node_set(s->arena, r, "changes", last ? node_get(last, "changes") : node_seq(s->arena));
		if (!rc)
			*out = r;
		return rc;
	}
	if (!rc)
		rc = vault_open_record(s->v, &from, s->arena, f.path, &old, e);
	if (!rc)
		rc = vault_open_record(s->v, &to, s->arena, f.path, &new, e);
	if (rc)
		return rc;
	note_read(s, "diff", f.id);
	r = node_map(s->arena);
	node_set(s->arena, r, "record", node_str(s->arena, f.id));
	node_set(s->arena, r, "changes", compare(s, f.type, from, to, NULL));
	*out = r;
	return 0;
}

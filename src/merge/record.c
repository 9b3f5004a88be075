#include "merge/record.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "merge/place.h"
#include "merge/walk.h"
#include "schema/schema.h"
#include "tree/node.h"
#include "tree/yaml.h"

/* --- parts of the envelope ------------------------------------------------- */

static const char *
field(const struct node *map, const char *key)
{
	const char *s = node_get_str(map, key);

	return s ? s : "";
}

static int
by_canonical(const struct node *x, const struct node *y)
{
	struct buf p = {0}, q = {0};
	int c;

	node_canonical(&p, x);
	node_canonical(&q, y);
	c = strcmp(buf_str(&p), buf_str(&q));
	buf_free(&p);
	buf_free(&q);
	return c;
}

/* Order of stamps: (at, by, why), then all of it. NULL is before any. */
static int
by_stamp(const struct node *x, const struct node *y)
{
	int c;

	if (!x || !y)
		return (x != NULL) - (y != NULL);
	c = strcmp(field(x, "at"), field(y, "at"));
	if (!c)
		c = strcmp(field(x, "by"), field(y, "by"));
	if (!c)
		c = strcmp(field(x, "why"), field(y, "why"));
	return c ? c : by_canonical(x, y);
}

/* `created` cannot change; two machines that made the same record apart (an import) keep the
 * earlier. */
static const struct node *
created(const struct node *b, const struct node *o, const struct node *t)
{
	const struct node *was = node_get(b, "created"), *x = node_get(o, "created"),
	    *y = node_get(t, "created");

	if (was)
		return was;
	if (!x || !y)
		return x ? x : y;
	return by_stamp(x, y) <= 0 ? x : y;
}

static const struct node *
greater_number(const struct node *x, const struct node *y)
{
	if (!x || !y)
		return x ? x : y;
	if (x->kind == NODE_INT && y->kind == NODE_INT && x->i != y->i)
		return x->i > y->i ? x : y;
	return by_canonical(x, y) >= 0 ? x : y;
}

/* --- merging ---------------------------------------------------------------- */

/* id, type and dossier are checked at every opening: what differs here is no honest edit. */
static int
check_identity(const struct node *o, const struct node *t, struct err *e)
{
	static const char *const same[] = {"type", "id", "dossier"};

	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		if (!node_equal(node_get(o, same[i]), node_get(t, same[i])))
			return err_at(e, ERR_DAMAGED, NULL, 0, 0, same[i],
			    _("two versions of one record disagree on this; it can never change"));
	return 0;
}

static bool
is_locked(struct arena *a, const struct merge_env *env, const struct node *data)
{
	const struct node *n;

	if (!env->akt || !env->akt->lock_field || !env->akt->lock_value)
		return false;
	n = place_get(a, env->shape, data, env->akt->lock_field);
	return n && n->kind != NODE_SEQ && n->kind != NODE_MAP &&
	    n->len == strlen(env->akt->lock_value) &&
	    memcmp(n->text, env->akt->lock_value, n->len) == 0;
}

static void
read_version(struct walk_version *v, struct arena *a, const struct merge_env *env,
    const struct node *record)
{
	const struct node *data = node_get(record, "data"), *updated = node_get(record, "updated");

	*v = (struct walk_version){.at = field(updated, "at"), .by = field(updated, "by")};
	if (data) {
		v->data = node_clone(a, data);
		place_order_keys(a, env->shape, v->data);
	}
	conflicts_read(a, &v->open, env->shape, record);
	v->locked = is_locked(a, env, v->data);
}

static void
set_copy(struct arena *a, struct node *map, const char *key, const struct node *value)
{
	if (value)
		node_set(a, map, key, node_clone(a, value));
}

static int
depth(const struct node *n)
{
	int deepest = 0;

	if (n->kind != NODE_SEQ && n->kind != NODE_MAP)
		return 0;
	for (size_t i = 0; i < n->n; i++) {
		int d = depth(n->kind == NODE_SEQ ? n->seq[i] : n->map[i].value);

		deepest = d > deepest ? d : deepest;
	}
	return deepest + 1;
}

static int
merge_two(struct node **out, struct arena *a, const struct merge_env *env,
    const struct node *base, const struct node *ours, const struct node *theirs, bool fold,
    size_t *nconflicts, struct err *e)
{
	struct walk w = {.a = a, .env = env, .locking = -1, .fold = fold};
	struct node *data = NULL, *r = node_map(a);
	int rc;

	if ((rc = check_identity(ours, theirs, e)))
		goto done;
	read_version(&w.side[WALK_BASE], a, env, base);
	read_version(&w.side[WALK_OURS], a, env, ours);
	read_version(&w.side[WALK_THEIRS], a, env, theirs);
	if (!fold && !w.side[WALK_BASE].locked &&
	    w.side[WALK_OURS].locked != w.side[WALK_THEIRS].locked)
		w.locking = w.side[WALK_OURS].locked ? WALK_OURS : WALK_THEIRS;
	if ((rc = walk_merge(&data, &w, e)))
		goto done;
	/* the envelope's keys in their order (DESIGN 2); no others pass a record's opening */
	set_copy(a, r, "akt", greater_number(node_get(ours, "akt"), node_get(theirs, "akt")));
	set_copy(a, r, "type", node_get(ours, "type"));
	set_copy(a, r, "v", greater_number(node_get(ours, "v"), node_get(theirs, "v")));
	set_copy(a, r, "id", node_get(ours, "id"));
	set_copy(a, r, "dossier", node_get(ours, "dossier"));
	set_copy(a, r, "created", created(base, ours, theirs));
	set_copy(a, r, "updated",
	    by_stamp(node_get(ours, "updated"), node_get(theirs, "updated")) >= 0 ?
	    node_get(ours, "updated") : node_get(theirs, "updated"));
	if (data)
		node_set(a, r, "data", data);
	if (w.out.n)
		node_set(a, r, "conflicts", conflicts_node(a, env->shape, &w.out));
	if (depth(r) > YAML_MAX_DEPTH) {
		rc = err_set(e, ERR_INVALID,
		    _("the merged record would be nested more than %d deep"), YAML_MAX_DEPTH);
		goto done;
	}
	*out = r;
	if (nconflicts)
		*nconflicts = w.out.n;
done:
	buf_free(&w.path);
	return rc;
}

int
merge_record(struct node **out, struct arena *a, const struct merge_env *env,
    const struct node *base, const struct node *ours, const struct node *theirs,
    size_t *nconflicts, struct err *e)
{
	return merge_two(out, a, env, base, ours, theirs, false, nconflicts, e);
}

int
merge_fold(struct node **out, struct arena *a, const struct merge_env *env, const struct node *x,
    const struct node *y, struct err *e)
{
	return merge_two(out, a, env, NULL, x, y, true, NULL, e);
}

bool
merge_same_content(const struct node *x, const struct node *y)
{
	static const char *const besides[] = {"akt", "v", "updated", "conflicts"};
	const struct node *p = node_get(x, "conflicts"), *q = node_get(y, "conflicts");

	if (!x || !y || x->kind != NODE_MAP || y->kind != NODE_MAP)
		return node_equal(x, y);
	for (int side = 0; side < 2; side++) {
		const struct node *m = side ? y : x, *other = side ? x : y;

		for (size_t i = 0; i < m->n; i++) {
			bool skip = false;

			for (size_t k = 0; k < sizeof besides / sizeof *besides; k++)
				skip = skip || strcmp(m->map[i].key, besides[k]) == 0;
			if (!skip && !node_equal(m->map[i].value, node_get(other, m->map[i].key)))
				return false;
		}
	}
	/* an empty list of conflicts is none */
	if (!p || !q || p->n == 0 || q->n == 0)
		return (p ? p->n : 0) == (q ? q->n : 0);
	return node_equal(p, q);
}

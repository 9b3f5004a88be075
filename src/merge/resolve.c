/* Settling conflicts: what a person decided replaces all candidates (DESIGN 5). */
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "merge/candidates.h"
#include "merge/place.h"
#include "merge/record.h"
#include "tree/node.h"

/* True when `path` is `of` or lies beneath it. */
static bool
within(const char *path, const char *of)
{
	size_t n = strlen(of);

	return n == 0 || (strncmp(path, of, n) == 0 && (!path[n] || path[n] == '.'));
}

static void
write_back(struct arena *a, const struct merge_env *env, struct node *record,
    const struct conflicts *left)
{
	if (left->n)
		node_set(a, record, "conflicts", conflicts_node(a, env->shape, left));
	else
		node_del(record, "conflicts");
}

static bool
same(const struct node *x, const struct node *y)
{
	return !x || !y ? x == y : node_equal(x, y);
}

static bool
put(struct arena *a, const struct merge_env *env, struct node *record, const char *path,
    const struct node *value)
{
	struct node *data = node_get(record, "data"), *copy = value ? node_clone(a, value) : NULL;

	if (!*path) {
		if (copy)
			node_set(a, record, "data", copy);
		else
			node_del(record, "data");
		return true;
	}
	if (!data) {
		data = node_map(a);
		if (!place_put(a, env->shape, data, path, copy))
			return false;
		node_set(a, record, "data", data);
		return true;
	}
	return place_put(a, env->shape, data, path, copy);
}

int
merge_resolve(struct arena *a, const struct merge_env *env, struct node *record,
    const char *path, const struct node *value, struct err *e)
{
	const struct node *standing = place_get(a, env->shape, node_get(record, "data"), path);
	struct conflicts all = {0}, left = {0};
	bool keeps = same(standing, value);
	struct conflict *c;

	conflicts_read(a, &all, env->shape, record);
	c = conflicts_find(&all, path);
	if (!c)
		return err_at(e, ERR_NOTFOUND, NULL, 0, 0, path, _("has no open conflict"));
	if (c->locked && !same(c->first.value, value))
		return err_at(e, ERR_USAGE, NULL, 0, 0, path,
		    _("was final when the other value was written: keep the value that stands, "
		    "or carry the other into a new version"));
	if (!keeps && !put(a, env, record, path, value))
		return err_at(e, ERR_USAGE, NULL, 0, 0, path,
		    _("has no place in the record any more: drop this value"));
	for (size_t i = 0; i < all.n; i++) {
		struct conflict *q = &all.v[i];

		/* what lies above is re-asserted, what lies beneath went with the value it belonged
		 * to; the same value kept leaves its own open fields open */
		if (within(path, q->path) || (!keeps && within(q->path, path)))
			continue;
		conflicts_add(a, &left, q);
	}
	write_back(a, env, record, &left);
	if (node_get(record, "data"))
		place_order_keys(a, env->shape, node_get(record, "data"));
	return 0;
}

void
merge_settle_edited(struct arena *a, const struct merge_env *env, const struct node *before,
    struct node *record)
{
	const struct node *was = node_get(before, "data"), *is = node_get(record, "data");
	struct conflicts all = {0}, left = {0};

	conflicts_read(a, &all, env->shape, record);
	if (all.n == 0) {
		node_del(record, "conflicts");
		return;
	}
	for (size_t i = 0; i < all.n; i++)
		/* an edit beneath or above changes the value here too */
		if (same(place_get(a, env->shape, was, all.v[i].path),
		    place_get(a, env->shape, is, all.v[i].path)))
			conflicts_add(a, &left, &all.v[i]);
	write_back(a, env, record, &left);
}

#include "git/lib.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

/* Own walks over own nodes: libgit2's stop early by the dates that commits claim, and whoever
 * writes a commit chooses its date. Here dates only decide the order of work. */

enum {
	WANT = 1,  /* reachable from the tip, or from side one */
	HIDE = 2,  /* reachable from what is hidden, or from side two */
	STALE = 4, /* below a common ancestor */
	RESULT = 8,
	QUEUED = 16,
	SEEN = 32, /* was queued once */
	OUT = 64,  /* in the result's order already */
};

struct node {
	struct oid id;
	int64_t date;
	uint32_t *parents; /* indices, nparents of them; NULL until loaded */
	uint32_t nparents, next_parent;
	bool loaded;
	unsigned flags;
};

struct graph {
	struct git *g;
	size_t n, cap;
	struct node *v;
	uint32_t *slots; /* index + 1; 0 = free */
	size_t nslots;
	struct {
		size_t n, cap;
		uint32_t *v;
	} heap; /* newest first */
};

static uint32_t
node_of(struct graph *gr, const struct oid *id)
{
	uint64_t h;
	size_t i;

	if ((gr->n + 1) * 2 > gr->nslots) {
		free(gr->slots);
		gr->nslots = gr->nslots ? gr->nslots * 2 : 256;
		gr->slots = xcalloc(gr->nslots, sizeof *gr->slots);
		for (uint32_t k = 0; k < gr->n; k++) {
			memcpy(&h, gr->v[k].id.b, sizeof h);
			for (i = h & (gr->nslots - 1); gr->slots[i];)
				i = (i + 1) & (gr->nslots - 1);
			gr->slots[i] = k + 1;
		}
	}
	memcpy(&h, id->b, sizeof h);
	for (i = h & (gr->nslots - 1); gr->slots[i]; i = (i + 1) & (gr->nslots - 1))
		if (oid_equal(&gr->v[gr->slots[i] - 1].id, id))
			return gr->slots[i] - 1;
	vec_grow(gr);
	gr->v[gr->n] = (struct node){.id = *id};
	gr->slots[i] = (uint32_t)gr->n + 1;
	return (uint32_t)gr->n++;
}

static void
graph_free(struct graph *gr)
{
	for (size_t i = 0; i < gr->n; i++)
		free(gr->v[i].parents);
	free(gr->v);
	free(gr->slots);
	free(gr->heap.v);
}

/* A header line "<name> <40 hex>" LF at *p. */
static bool
id_line(struct oid *id, const char **p, const char *name)
{
	size_t n = strlen(name);
	char hex[41];

	if (strncmp(*p, name, n) != 0 || (*p)[n] != ' ' || strnlen(*p, n + 42) < n + 42 ||
	    (*p)[n + 41] != '\n')
		return false;
	memcpy(hex, *p + n + 1, 40);
	hex[40] = '\0';
	*p += n + 42;
	return oid_parse(id, hex);
}

static int
read_commit(struct git *g, struct buf *raw, const struct oid *id, struct oid *tree,
    const char **rest, struct err *e)
{
	enum git_type type;
	int rc = git_read(g, raw, &type, id, e);

	if (rc)
		return rc;
	*rest = buf_str(raw);
	if (type != GIT_COMMIT || !id_line(tree, rest, "tree"))
		return err_set(e, ERR_DAMAGED, _("a commit cannot be parsed"));
	return 0;
}

/* Seconds of the committer line; 0 where it cannot be read (policy refuses that elsewhere). */
static int64_t
commit_date(const char *header)
{
	const char *p = strstr(header, "\ncommitter "), *end;

	if (!p)
		return 0;
	end = p + 1 + strcspn(p + 1, "\n");
	while (end > p && *end != '>')
		end--;
	return end > p ? strtoll(end + 1, NULL, 10) : 0;
}

static int
load(struct graph *gr, uint32_t at, struct err *e)
{
	struct buf raw = {0};
	struct oid tree, parent;
	struct {
		size_t n, cap;
		uint32_t *v;
	} ps = {0};
	const char *p;
	int rc;

	if (gr->v[at].loaded)
		return 0;
	rc = read_commit(gr->g, &raw, &gr->v[at].id, &tree, &p, e);
	if (!rc) {
		/* a final LF stands before the header's next line: commit_date wants one */
		int64_t date = commit_date(p - 1);

		while (id_line(&parent, &p, "parent")) {
			uint32_t k = node_of(gr, &parent);

			vec_grow(&ps);
			ps.v[ps.n++] = k;
		}
		gr->v[at].date = date;
		gr->v[at].parents = ps.v;
		gr->v[at].nparents = (uint32_t)ps.n;
		gr->v[at].loaded = true;
	}
	buf_free(&raw);
	return rc;
}

/* Newer first; equal dates by id, so that the order of work is the same everywhere. */
static bool
before(const struct graph *gr, uint32_t a, uint32_t b)
{
	const struct node *x = &gr->v[a], *y = &gr->v[b];

	return x->date != y->date ? x->date > y->date : oid_cmp(&x->id, &y->id) < 0;
}

static int
push(struct graph *gr, uint32_t k, struct err *e)
{
	int rc = load(gr, k, e);
	size_t i;

	if (rc)
		return rc;
	gr->v[k].flags |= QUEUED | SEEN;
	vec_grow(&gr->heap);
	for (i = gr->heap.n++; i > 0 && before(gr, k, gr->heap.v[(i - 1) / 2]); i = (i - 1) / 2)
		gr->heap.v[i] = gr->heap.v[(i - 1) / 2];
	gr->heap.v[i] = k;
	return 0;
}

static uint32_t
pop(struct graph *gr)
{
	uint32_t top = gr->heap.v[0], last = gr->heap.v[--gr->heap.n];
	size_t i = 0, kid;

	while ((kid = 2 * i + 1) < gr->heap.n) {
		if (kid + 1 < gr->heap.n && before(gr, gr->heap.v[kid + 1], gr->heap.v[kid]))
			kid++;
		if (!before(gr, gr->heap.v[kid], last))
			break;
		gr->heap.v[i] = gr->heap.v[kid];
		i = kid;
	}
	if (gr->heap.n)
		gr->heap.v[i] = last;
	gr->v[top].flags &= ~(unsigned)QUEUED;
	return top;
}

int
git_commit_links(struct git *g, const struct oid *id, struct oid *tree, struct oid parents[2],
    size_t *nparents, struct err *e)
{
	struct oid t, p, ps[2] = {{{0}}, {{0}}};
	struct buf raw = {0};
	const char *rest;
	size_t n = 0;
	int rc;

	rc = read_commit(g, &raw, id, &t, &rest, e);
	while (!rc && id_line(&p, &rest, "parent")) {
		if (n < 2)
			ps[n] = p;
		n++;
	}
	if (!rc) {
		*tree = t;
		memcpy(parents, ps, (n < 2 ? n : 2) * sizeof *parents);
		*nparents = n;
	}
	buf_free(&raw);
	return rc;
}

/* Hides k and all that was reached through it. `wanted` counts queued nodes not hidden. */
static void
hide_below(struct graph *gr, uint32_t k, size_t *wanted)
{
	struct {
		size_t n, cap;
		uint32_t *v;
	} todo = {0};

	vec_grow(&todo);
	todo.v[todo.n++] = k;
	while (todo.n) {
		struct node *x = &gr->v[todo.v[--todo.n]];

		if (x->flags & HIDE)
			continue;
		if (x->flags & QUEUED)
			--*wanted;
		x->flags |= HIDE;
		/* one still queued hands it on when its turn comes */
		if (x->flags & QUEUED || !(x->flags & SEEN))
			continue;
		for (uint32_t i = 0; i < x->nparents; i++) {
			vec_grow(&todo);
			todo.v[todo.n++] = x->parents[i];
		}
	}
	free(todo.v);
}

/* Marks WANT and HIDE. A commit is hidden only where a path was really walked, so nothing is
 * hidden wrongly; the hidden side is followed as far as dates make it useful, or to its end. */
static int
paint(struct graph *gr, size_t wanted, bool to_the_end, struct err *e)
{
	int64_t oldest = INT64_MAX;
	int rc = 0;

	while (!rc && gr->heap.n) {
		uint32_t k;
		bool hide;

		if (!to_the_end && wanted == 0 && gr->v[gr->heap.v[0]].date < oldest)
			break; /* nothing left to hide, as far as dates tell */
		k = pop(gr);
		hide = gr->v[k].flags & HIDE;
		if (!hide) {
			wanted--;
			if (gr->v[k].date < oldest)
				oldest = gr->v[k].date;
		}
		for (uint32_t i = 0; !rc && i < gr->v[k].nparents; i++) {
			uint32_t p = gr->v[k].parents[i];

			if (hide)
				hide_below(gr, p, &wanted);
			else
				gr->v[p].flags |= WANT;
			if (gr->v[p].flags & SEEN)
				continue;
			rc = push(gr, p, e);
			if (!rc && !(gr->v[p].flags & HIDE))
				wanted++;
		}
	}
	return rc;
}

/* Depth first, parents in order, each commit after its parents. */
static void
order(struct graph *gr, uint32_t tip, struct oid **out, size_t *n)
{
	struct {
		size_t n, cap;
		uint32_t *v;
	} stack = {0};
	struct {
		size_t n, cap;
		struct oid *v;
	} ids = {0};

	if (!(gr->v[tip].flags & HIDE)) {
		vec_grow(&stack);
		stack.v[stack.n++] = tip;
	}
	while (stack.n) {
		struct node *x = &gr->v[stack.v[stack.n - 1]];

		if (x->flags & OUT) {
			stack.n--;
		} else if (x->next_parent < x->nparents) {
			uint32_t p = x->parents[x->next_parent++];

			if (gr->v[p].flags & (HIDE | OUT))
				continue;
			vec_grow(&stack);
			stack.v[stack.n++] = p;
		} else {
			x->flags |= OUT;
			vec_grow(&ids);
			ids.v[ids.n++] = x->id;
			stack.n--;
		}
	}
	free(stack.v);
	*out = ids.v;
	*n = ids.n;
}

/* Paints from the tip and from what is hidden, on loaded nodes or new ones. */
static int
paint_all(struct graph *gr, uint32_t top, const uint32_t *hide, size_t nhide, bool to_the_end,
    struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < gr->n; i++)
		gr->v[i].flags = 0;
	gr->heap.n = 0;
	for (size_t i = 0; !rc && i < nhide; i++) {
		gr->v[hide[i]].flags |= HIDE;
		if (gr->v[hide[i]].flags & SEEN)
			continue;
		rc = load(gr, hide[i], e);
		/* taken up first: a merge dated before its parents must hide them all the same */
		gr->v[hide[i]].date = INT64_MAX;
		if (!rc)
			rc = push(gr, hide[i], e);
	}
	if (rc || gr->v[top].flags & HIDE)
		return rc;
	gr->v[top].flags |= WANT;
	rc = push(gr, top, e);
	return rc ? rc : paint(gr, 1, to_the_end, e);
}

struct indices {
	size_t n, cap;
	uint32_t *v;
};

/* Paints from one (WANT) and the others (HIDE) down until all that is queued lies below a common
 * ancestor. Common ancestors found on the way are put into `found`; with dates that run backwards
 * some of them may lie below others. */
static int
common(struct graph *gr, struct indices *found, uint32_t one, const uint32_t *others, size_t n,
    struct err *e)
{
	size_t fresh = 0;
	int rc;

	for (size_t i = 0; i < gr->n; i++)
		gr->v[i].flags = 0;
	gr->heap.n = 0;
	/* NOLINTNEXTLINE(clang-analyzer-core.*): the graph holds `one` */
	gr->v[one].flags = WANT;
	rc = push(gr, one, e);
	fresh++;
	for (size_t i = 0; !rc && i < n; i++) {
		gr->v[others[i]].flags |= HIDE;
		if (!(gr->v[others[i]].flags & QUEUED)) {
			rc = push(gr, others[i], e);
			fresh++;
		}
	}
	while (!rc && fresh) {
		uint32_t k = pop(gr);
		unsigned give = gr->v[k].flags & (WANT | HIDE | STALE);

		if (!(give & STALE))
			fresh--;
		if (give == (WANT | HIDE)) {
			if (!(gr->v[k].flags & RESULT)) {
				gr->v[k].flags |= RESULT;
				vec_grow(found);
				found->v[found->n++] = k;
			}
			give |= STALE;
		}
		for (uint32_t i = 0; !rc && i < gr->v[k].nparents; i++) {
			uint32_t p = gr->v[k].parents[i];
			bool queued = gr->v[p].flags & QUEUED, stale = gr->v[p].flags & STALE;

			if ((gr->v[p].flags & give) == give)
				continue;
			gr->v[p].flags |= give;
			if (queued) {
				if (!stale && give & STALE)
					fresh--;
				continue;
			}
			rc = push(gr, p, e);
			if (!(gr->v[p].flags & STALE))
				fresh++;
		}
	}
	return rc;
}

/* Dates said where to stop. Were they wrong, some of what is left lies below what is hidden, and then so
 * does the lowest of it: that is looked up without dates. */
static int
lowest_hidden(struct graph *gr, bool *hidden, const uint32_t *hide, size_t nhide, struct err *e)
{
	struct indices low = {0}, unused = {0};
	int rc = 0;

	*hidden = false;
	for (uint32_t k = 0; k < gr->n; k++) {
		bool is_low = (gr->v[k].flags & (WANT | HIDE)) == WANT;

		for (uint32_t i = 0; is_low && i < gr->v[k].nparents; i++)
			is_low = gr->v[gr->v[k].parents[i]].flags & HIDE;
		if (is_low) {
			vec_grow(&low);
			low.v[low.n++] = k;
		}
	}
	for (size_t i = 0; !rc && !*hidden && nhide && i < low.n; i++) {
		unused.n = 0;
		rc = common(gr, &unused, low.v[i], hide, nhide, e);
		*hidden = gr->v[low.v[i]].flags & HIDE;
	}
	free(low.v);
	free(unused.v);
	return rc;
}

int
git_walk(struct git *g, struct oid **out, size_t *n, const struct oid *tip,
    const struct oid *const *hide, size_t nhide, struct err *e)
{
	struct graph gr = {.g = g};
	uint32_t *hidden, top;
	unsigned *flags = NULL;
	bool wrong = false;
	size_t painted;
	int rc;

	if (!tip) {
		*out = NULL;
		*n = 0;
		return 0;
	}
	hidden = xcalloc(nhide + 1, sizeof *hidden);
	for (size_t i = 0; i < nhide; i++)
		hidden[i] = node_of(&gr, hide[i]);
	top = node_of(&gr, tip);
	rc = paint_all(&gr, top, hidden, nhide, false, e);
	painted = gr.n;
	flags = xcalloc(painted + 1, sizeof *flags);
	for (size_t i = 0; i < painted; i++)
		flags[i] = gr.v[i].flags;
	if (!rc)
		rc = lowest_hidden(&gr, &wrong, hidden, nhide, e);
	if (!rc && wrong)
		rc = paint_all(&gr, top, hidden, nhide, true, e);
	for (size_t i = 0; !wrong && i < gr.n; i++)
		gr.v[i].flags = i < painted ? flags[i] : 0;
	if (!rc)
		order(&gr, top, out, n);
	free(flags);
	free(hidden);
	graph_free(&gr);
	return rc;
}

static int
by_id(const void *a, const void *b)
{
	return oid_cmp(a, b);
}

static int
bases(struct graph *gr, struct indices *out, uint32_t one, uint32_t two, struct err *e)
{
	struct indices found = {0}, best = {0}, others = {0}, unused = {0};
	int rc;

	rc = common(gr, &found, one, &two, 1, e);
	for (size_t i = 0; !rc && i < found.n; i++)
		if (!(gr->v[found.v[i]].flags & STALE)) {
			vec_grow(&best);
			best.v[best.n++] = found.v[i];
		}
	for (size_t i = 0; !rc && i < best.n; i++) {
		others.n = unused.n = 0;
		for (size_t k = 0; k < best.n; k++)
			if (k != i) {
				vec_grow(&others);
				others.v[others.n++] = best.v[k];
			}
		if (others.n)
			rc = common(gr, &unused, best.v[i], others.v, others.n, e);
		/* reachable from another base: not a best one */
		if (!rc && !(others.n && gr->v[best.v[i]].flags & HIDE)) {
			vec_grow(out);
			out->v[out->n++] = best.v[i];
		}
	}
	free(found.v);
	free(best.v);
	free(others.v);
	free(unused.v);
	return rc;
}

int
git_merge_bases(struct git *g, struct oid **out, size_t *n, const struct oid *a,
    const struct oid *b, struct err *e)
{
	struct graph gr = {.g = g};
	struct indices found = {0};
	uint32_t one = node_of(&gr, a), two = node_of(&gr, b);
	struct oid *ids;
	int rc;

	rc = bases(&gr, &found, one, two, e);
	if (!rc) {
		ids = xcalloc(found.n + 1, sizeof *ids);
		for (size_t i = 0; i < found.n; i++)
			ids[i] = gr.v[found.v[i]].id;
		qsort(ids, found.n, sizeof *ids, by_id);
		*out = ids;
		*n = found.n;
	}
	free(found.v);
	graph_free(&gr);
	return rc;
}

int
git_is_ancestor(struct git *g, bool *yes, const struct oid *a, const struct oid *b, struct err *e)
{
	struct graph gr = {.g = g};
	struct indices found = {0};
	uint32_t one = node_of(&gr, a), two = node_of(&gr, b);
	int rc;

	/* a is below b when painting from both finds that b reaches a */
	rc = common(&gr, &found, one, &two, 1, e);
	if (!rc)
		*yes = one == two || gr.v[one].flags & HIDE;
	free(found.v);
	graph_free(&gr);
	return rc;
}

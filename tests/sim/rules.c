/* What the commits alone must obey, whoever made them and whatever the program's own policy says: who may
 * write and rule, that no record vanishes, that work of devices shut out has an administrator's word, and
 * that what was erased stays so. */
#include "sim/oracle.h"

#include <stdio.h>
#include <string.h>

#include "sim/mem.h"
#include "sim/rest.h"
#include "tree/node.h"

static bool
in_dossier(const char *path)
{
	return strncmp(path, "records/", 8) == 0;
}

static void
blame(struct world *w, const struct hcommit *c, const char *path, const char *what)
{
	char hex[41];

	oid_format(hex, &c->id);
	world_fail(w, "%.12s by %s: %s %s", hex, c->author, path, what);
}

/* --- who writes ------------------------------------------------------------------------------ */

/* The file is of one commit and not of the other, or another one. */
struct changes {
	const struct hcommit *was, *is;
	size_t i, k;
};

static const char *
next_change(struct changes *d, bool *gone)
{
	while (d->i < d->was->nfiles || d->k < d->is->nfiles) {
		const struct hfile *a = d->i < d->was->nfiles ? &d->was->files[d->i] : NULL;
		const struct hfile *b = d->k < d->is->nfiles ? &d->is->files[d->k] : NULL;
		int cmp = !a ? 1 : !b ? -1 : strcmp(a->path, b->path);

		d->i += cmp <= 0;
		d->k += cmp >= 0;
		*gone = cmp < 0;
		if (cmp || a->object != b->object)
			return cmp <= 0 ? a->path : b->path;
	}
	return NULL;
}

static void
check_write(struct world *w, struct history *h, const struct hcommit *c, const char *path,
    bool gone, const struct machine *x)
{
	const struct hcommit *was = &h->v[c->parent[0]];
	bool record = strstr(path, ".yaml.age") != NULL;
	char dossier[11] = "";

	memcpy(dossier, path + 12, 10);
	if (oracle_erased(h, c, dossier))
		return;
	if (gone && !strstr(path, ".parked-"))
		blame(w, c, path, "vanishes without an erasure");
	else if (!oracle_writes(h, was, was, x, dossier, record, c->time) &&
	    (oracle_lists(h, was, dossier) || !oracle_writes(h, was, c, x, dossier, record, c->time)))
		blame(w, c, path, "is written by one who is not on the list");
}

static void
authors_check(struct world *w, struct history *h)
{
	for (size_t i = 0; i < h->n && !w->failed; i++) {
		const struct hcommit *c = &h->v[i];
		struct changes d = {.is = c};
		size_t m = oracle_signer(w, c);
		const char *path;
		bool gone;

		if (c->nparents != 1)
			continue;
		d.was = &h->v[c->parent[0]];
		/* recovery signs what concerns members and teams alone */
		if (m < MACHINES && !reads_active(h, d.was, &w->m[m]))
			blame(w, c, "", "is signed by a device that was shut out");
		while (!w->failed && (path = next_change(&d, &gone))) {
			if (in_dossier(path) && m == MACHINES)
				blame(w, c, path, "is written by nobody's device");
			else if (in_dossier(path))
				check_write(w, h, c, path, gone, &w->m[m]);
			else if (m < MACHINES && (strncmp(path, "members/", 8) == 0 || strncmp(path, "schema/", 7) == 0) &&
			    !oracle_rules(h, d.was, &w->m[m]))
				blame(w, c, path, "is changed by one who is no administrator");
		}
	}
}

/* --- who was shut out ------------------------------------------------------------------------ */

static bool
within(const struct history *h, size_t a, size_t b)
{
	return a == b || history_before(h, a, b);
}

/* An administrator's word, or the recovery identity's merge. */
static bool
lets_in(const struct world *w, struct history *h, const struct hcommit *c)
{
	size_t m = oracle_signer(w, c);

	if (c->nparents != 2)
		return false;
	return m == MACHINES || oracle_rules(h, &h->v[c->parent[0]], &w->m[m]) ||
	    oracle_rules(h, &h->v[c->parent[1]], &w->m[m]);
}

static bool
has_word(const struct world *w, struct history *h, size_t at, size_t work)
{
	for (size_t i = work + 1; i <= at; i++)
		if (within(h, i, at) && history_before(h, work, i) && lets_in(w, h, &h->v[i]))
			return true;
	return false;
}

static void
words_given(struct world *w, struct history *h, size_t at, const struct hcommit *side,
    size_t other)
{
	for (size_t i = 0; i < h->n && !w->failed; i++) {
		size_t m = oracle_signer(w, &h->v[i]);

		if (m == MACHINES || !within(h, i, other) || within(h, i, (size_t)(side - h->v)) ||
		    !reads_shut_out(h, side, &w->m[m]) || has_word(w, h, at, i))
			continue;
		blame(w, &h->v[at], w->m[m].id, "is let in, shut out as it is, without an administrator's word");
	}
}

static void
admits_check(struct world *w, struct history *h)
{
	for (size_t i = 0; i < h->n && !w->failed; i++) {
		const struct hcommit *c = &h->v[i];

		for (int p = 0; p < 2 && c->nparents == 2; p++)
			words_given(w, h, i, &h->v[c->parent[p]], c->parent[!p]);
	}
}

/* --- what was erased ------------------------------------------------------------------------- */

static bool
has_folder(const struct hcommit *c, const char *dossier)
{
	for (size_t i = 0; i < c->nfiles; i++)
		if (in_dossier(c->files[i].path) && memcmp(c->files[i].path + 12, dossier, 10) == 0)
			return true;
	return false;
}

static void
check_erased(struct world *w, struct history *h, const struct keys *k, const struct hcommit *head,
    const char *dossier)
{
	if (has_folder(head, dossier) || !oracle_erased(h, head, dossier))
		blame(w, head, dossier, "was erased and has come back");
	for (size_t d = 0; d < disk_count() && !w->failed; d++)
		if (oracle_honest(w, disk_path(disk_at(d))) && keys_of_dossier(k, disk_at(d), dossier))
			world_fail(w, "%s still has keys of %s, which was erased", disk_path(disk_at(d)), dossier);
}

static void
erasures_check(struct world *w, struct history *h, const struct keys *k, size_t head)
{
	for (size_t i = 0; i < h->n && !w->failed; i++)
		for (size_t f = 0; f < h->v[i].nfiles && !w->failed; f++) {
			const char *path = h->v[i].files[f].path;
			char dossier[11] = "";

			if (strncmp(path, "erased/", 7) != 0 || !within(h, i, head))
				continue;
			memcpy(dossier, path + 11, 10);
			if (oracle_erased(h, &h->v[i], dossier) && !has_folder(&h->v[i], dossier))
				check_erased(w, h, k, &h->v[head], dossier);
		}
}

void
rules_check(struct world *w, struct history *h, const struct keys *k, size_t head)
{
	authors_check(w, h);
	admits_check(w, h);
	if (head != SIZE_MAX)
		erasures_check(w, h, k, head);
}

/* A store's two repositories: looked at, and mended from the copies. */
#include "app/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/os.h"
#include "sync/mend_keys.h"
#include "vault/vault.h"

struct tips {
	size_t n, cap;
	struct oid *v;
};

static int
add_tip(void *ctx, const char *ref, const struct oid *id)
{
	struct tips *t = ctx;

	(void)ref;
	if (id) {
		vec_grow(t);
		t->v[t->n++] = *id;
	}
	return 0;
}

/* All that the refs reach; `mend`: what is missing comes from the copies. */
static int
reach(struct doctor *d, struct repo *r, bool mend, struct err *e)
{
	struct doctor_finder w = {d, r};
	struct git_fill f = {.look = mend ? NULL : r->look, .each = mend ? NULL : doctor_found, .each_ctx = &w,
		.progress = doctor_progress, .ctx = d};
	struct tips tips = {0};
	struct git **sources = NULL;
	int rc = git_ref_survey(r->g, add_tip, &tips, e);

	if (mend)
		f.sources = sources = doctor_sources(d, r, &f.nsources);
	if (!rc)
		rc = git_fill(r->g, tips.v, tips.n, &f, e);
	free(sources);
	free(tips.v);
	return rc;
}

static int
open_repo(struct repo *r, struct doctor *d)
{
	struct err inner = {0};
	int rc;

	if (r->g)
		return 0;
	rc = git_open(&r->g, r->path, false, &inner);
	if (rc) {
		doctor_ill(d, "repository", *r->name ? r->name : NULL, NULL,
		    inner.n ? inner.item[0].text : _("cannot be opened"));
		rc = 0;
	}
	return rc;
}

static int
look_repo(struct doctor *d, struct repo *r, struct err *e)
{
	struct doctor_finder w = {d, r};
	int rc;

	if (!os_is_dir(r->path)) {
		doctor_ill(d, "folder", r->name, NULL, _("the folder is missing"));
		return 0;
	}
	rc = git_mend_frame(r->path, NULL, r->own, doctor_found, &w, e);
	if (!rc)
		rc = open_repo(r, d);
	if (rc || !r->g)
		return rc;
	git_look_free(r->look);
	r->look = NULL;
	rc = git_look(&r->look, r->g, doctor_progress, d, e);
	if (!rc)
		rc = git_look_tell(r->look, doctor_found, &w);
	if (!rc)
		rc = doctor_refs_look(d, r, e);
	return rc ? rc : reach(d, r, false, e);
}

/* Keys that main names; and what only an open store can be asked. */
static int
look_store(struct doctor *d)
{
	struct mend_keys keys = {0};
	struct vault *v = NULL;
	struct err inner = {0};
	int rc = vault_open(&v, d->path, NULL, &inner);

	if (rc) {
		bool known = false;

		for (size_t i = 0; i < d->ills.n; i++)
			known |= d->ills.v[i].here;
		if (!known && rc != ERR_USAGE)
			doctor_ill(d, "store", NULL, NULL, inner.n ? inner.item[0].text : _("cannot be opened"));
		return 0;
	}
	if (vault_keys_git(v) && sync_mend_keys(&keys, v, NULL, 0, &inner) == 0 && keys.damaged)
		doctor_ill(d, "keys", "akt/keys.git/" VAULT_KEYS, NULL,
		    _("key files that the store names are missing"));
	rc = doctor_clock(d, v);
	vault_close(v);
	return rc;
}

int
doctor_repos_look(struct doctor *d, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < d->nrepos; i++)
		rc = look_repo(d, &d->repo[i], e);
	return rc ? rc : look_store(d);
}

/* --- mending ------------------------------------------------------------------------------------------ */

static int
ignore(void *ctx, const struct git_finding *f)
{
	(void)ctx, (void)f;
	return 0;
}

static int
mend_repo(struct doctor *d, struct repo *r, struct err *e)
{
	int rc;

	if (!os_is_dir(r->path)) {
		rc = git_init(&r->g, r->path, e);
	} else {
		rc = git_mend_frame(r->path, r->aside, r->own, ignore, NULL, e);
		if (!rc)
			rc = open_repo(r, d);
	}
	if (rc || !r->g)
		return rc;
	if (!r->look)
		rc = git_look(&r->look, r->g, doctor_progress, d, e);
	if (!rc && git_look_bad(r->look))
		rc = git_look_mend(r->look, r->aside, e);
	if (!rc)
		rc = doctor_copies(d, e);
	if (!rc)
		rc = doctor_refs_mend(d, r, e);
	return rc ? rc : reach(d, r, true, e);
}

static int
mend_keys(struct doctor *d, struct err *e)
{
	struct mend_keys keys = {.mend = true};
	struct git **sources;
	struct vault *v = NULL;
	struct err inner = {0};
	size_t n;
	int rc = vault_open(&v, d->path, NULL, NULL);

	if (rc || !vault_keys_git(v)) {
		vault_close(rc ? NULL : v);
		return 0;
	}
	sources = doctor_sources(d, &d->repo[1], &n);
	/* what of main could not be read is told by the next look */
	rc = sync_mend_keys(&keys, v, sources, n, &inner);
	if (rc == ERR_DAMAGED || rc == ERR_NOTFOUND)
		rc = 0;
	else
		err_append(e, &inner);
	free(sources);
	vault_close(v);
	return rc;
}

int
doctor_repos_mend(struct doctor *d, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < d->nrepos; i++)
		rc = mend_repo(d, &d->repo[i], e);
	return rc || !d->machine ? rc : mend_keys(d, e);
}

/* Handles read what lay there when they were opened. */
void
doctor_repos_close(struct doctor *d)
{
	for (size_t i = 0; i < d->nrepos; i++) {
		git_look_free(d->repo[i].look);
		git_close(d->repo[i].g);
		d->repo[i].look = NULL;
		d->repo[i].g = NULL;
	}
}

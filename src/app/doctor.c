/* doctor: everything read again, and what is damaged put right. Rounds of looking and mending: what is
 * behind a damaged thing is seen only once that is mended. What is not seen any more was mended. */
#include "app/doctor.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/care.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/os.h"
#include "tree/node.h"
#include "vault/keystore.h"
#include "vault/vault.h"

enum {
	ROUNDS = 5,
	WRITER_WAIT_MS = 30000,
	/* A ref's lock is held while 41 bytes are written. Who waits for one gives its holder five seconds
	 * (git/ref.c); a minute is beyond doubt, on a machine that swaps too. */
	LOCK_LIVE_S = 60,
	TEMPORARY_S = 3600,
};

static int
leftover(void *ctx, const char *file, long age_s, bool lock)
{
	struct doctor_finder *w = ctx;
	struct doctor *d = w->d;
	bool stale = age_s > LOCK_LIVE_S;
	char *path, *shown;
	struct node *n;

	if (!lock)
		return 0;
	path = xasprintf("%s/%s", w->r->path, file);
	shown = xasprintf("%s%s", w->r->name, file);
	n = node_map(d->s->arena);
	node_set(d->s->arena, n, "file", node_str(d->s->arena, shown));
	node_set(d->s->arena, n, "age_s", node_int(d->s->arena, age_s));
	node_set(d->s->arena, n, "stale", node_bool(d->s->arena, stale));
	node_set(d->s->arena, n, "removed",
	    node_bool(d->s->arena, stale && !d->dry && os_unlink(path, NULL) == 0));
	node_push(d->s->arena, d->locks, n);
	free(path);
	free(shown);
	return 0;
}

/* Our own locks die with their holders, and git's with nobody: whoever holds ours knows that a lock of
 * git's which is old belongs to a program that was killed. */
static int
locks(struct doctor *d, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < d->nrepos; i++) {
		struct doctor_finder w = {d, &d->repo[i]};

		if (!d->repo[i].g)
			continue;
		rc = git_leftovers(d->repo[i].g, leftover, &w, e);
		if (!rc && !d->dry)
			rc = git_clear_stale(d->repo[i].g, TEMPORARY_S, e);
	}
	return rc;
}

/* --- rounds --------------------------------------------------------------------------------------------- */

static int
look(struct doctor *d, struct err *e)
{
	int rc;

	for (size_t i = 0; i < d->ills.n; i++)
		d->ills.v[i].here = false;
	rc = doctor_repos_look(d, e);
	return rc ? rc : doctor_files(d, false, e);
}

static int
mend(struct doctor *d, struct err *e)
{
	struct os_lock *keys = NULL;
	char *path = doctor_local(d, "keys.lock");
	int rc = d->machine ? os_lock(&keys, path, WRITER_WAIT_MS, e) : 0;

	if (!rc && doctor_any(d, true))
		rc = doctor_repos_mend(d, e);
	if (!rc)
		rc = doctor_files(d, true, e);
	doctor_repos_close(d);
	os_unlock(keys);
	free(path);
	return rc;
}

/* What is found now, and was not before. */
static size_t
sum(const struct doctor *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->ills.n; i++)
		n += d->ills.v[i].here ? i + 1 : 0;
	return n;
}

/* The lock of those who write; on a disk that takes nothing there is none to keep out. */
static int
writer(struct doctor *d, struct os_lock **out, struct err *e)
{
	char *path = d->machine ? doctor_local(d, "lock") : xasprintf("%s/akt.lock", d->path);
	char *dir = doctor_local(d, "");
	struct err inner = {0};
	int rc = 0;

	if (d->machine && !d->dry)
		rc = os_mkdirs(dir, e);
	if (!rc)
		rc = os_lock(out, path, WRITER_WAIT_MS, &inner);
	if (rc && d->dry && rc != ERR_BUSY)
		rc = 0;
	else if (rc)
		err_append(e, &inner);
	free(dir);
	free(path);
	return rc;
}

/* The first look is taken beside people who work. What it finds is looked at again when nobody can write:
 * files move while a gc goes on. */
static int
rounds(struct doctor *d, struct os_lock **lock, struct err *e)
{
	size_t last = 0;
	int rc = look(d, e);

	if (!rc)
		rc = writer(d, lock, e);
	if (!rc && doctor_any(d, false)) {
		doctor_ills_free(d);
		doctor_repos_close(d);
		rc = look(d, e);
	}
	if (!rc)
		rc = locks(d, e);
	for (int i = 0; !rc && !d->dry && i < ROUNDS && doctor_any(d, false) && sum(d) != last; i++) {
		last = sum(d);
		rc = mend(d, e);
		if (!rc)
			rc = look(d, e);
	}
	return rc;
}

/* --- putting it together --------------------------------------------------------------------------------- */

static struct node *
ill_node(struct arena *a, const struct ill *x)
{
	struct node *n = node_map(a);

	node_set(a, n, "kind", node_str(a, x->kind));
	node_set(a, n, "file", x->file ? node_str(a, x->file) : node_null(a));
	node_set(a, n, "object", x->object ? node_str(a, x->object) : node_null(a));
	node_set(a, n, "message", node_str(a, x->text));
	node_set(a, n, "mended", node_bool(a, !x->here && !x->gone));
	return n;
}

static void
advise(struct doctor *d)
{
	size_t asked = 0, out = 0;

	if (!doctor_any(d, true))
		return;
	for (size_t i = 0; i < d->copies.n; i++) {
		asked += d->copies.v[i].main != NULL;
		out += d->copies.v[i].tried && !d->copies.v[i].main;
	}
	if (d->dry)
		doctor_notice(d, _("nothing was changed; akt doctor without --dry-run mends what can be mended"));
	else if (out)
		doctor_notice(d, _("what is left may lie in a copy that was out of reach: run akt doctor again when it is there"));
	else if (!asked)
		doctor_notice(d, _("there is no copy to fetch from: name a hub, a colleague's store or a backup with akt doctor --from"));
	else
		doctor_notice(d, _("no copy that was asked has what is left: name another, a colleague's store or a backup, with akt doctor --from"));
}

static struct node *
shape(struct doctor *d, bool *ok)
{
	struct arena *a = d->s->arena;
	struct node *n = node_map(a), *damaged = node_seq(a), *mended = node_seq(a);
	size_t objects = 0;

	*ok = true;
	for (size_t i = 0; i < d->nrepos; i++)
		objects += d->repo[i].look ? git_look_count(d->repo[i].look) : 0;
	for (size_t i = 0; i < d->ills.n; i++) {
		const struct ill *x = &d->ills.v[i];

		*ok &= !x->here && !x->gone;
		node_push(a, damaged, ill_node(a, x));
		if (!x->here && !x->gone)
			node_push(a, mended, ill_node(a, x));
	}
	advise(d);
	node_set(a, n, "ok", node_bool(a, *ok));
	node_set(a, n, "objects", node_int(a, (int64_t)objects));
	node_set(a, n, "damaged", damaged);
	node_set(a, n, "mended", mended);
	node_set(a, n, "locks", d->locks);
	node_set(a, n, "notices", d->notices);
	return n;
}

/* A store of a member's machine has more in its folder akt than a hub's. */
static bool
is_machine(const struct doctor *d)
{
	static const char *const signs[] = {"keys.git", "lock", "keys.lock", "remotes.yaml", "names.db"};
	bool yes = false;

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		char *path = doctor_local(d, signs[i]);

		yes |= os_exists(path);
		free(path);
	}
	return yes;
}

static int
start(struct doctor *d, const char *const *from, size_t nfrom, struct err *e)
{
	struct session *s = d->s;
	char at[DATE_TIME_LEN + 1], *objects, *clone;
	struct node *list = NULL;
	struct err inner = {0};

	if (!s->store)
		return err_set(e, ERR_USAGE,
		    _("no store: stand in its folder, give -C STORE, or set AKT_STORE; akt alone says how to begin"));
	objects = xasprintf("%s/objects", s->store);
	clone = xasprintf("%s/.git", s->store);
	d->path = xstrdup(!os_is_dir(objects) && os_is_dir(clone) ? clone : s->store);
	free(objects);
	free(clone);
	if (!git_mend_known(d->path))
		return err_set(e, ERR_USAGE, _("there is no repository at %s"), d->path);
	d->machine = is_machine(d);
	d->locks = node_seq(s->arena);
	d->notices = node_seq(s->arena);
	date_time_format(at, date_now());
	d->aside = xasprintf("%s/akt/aside/%s", d->path, at);
	d->repo[0] = (struct repo){.name = "", .path = xstrdup(d->path), .aside = xstrdup(d->aside),
		.own = d->machine};
	d->repo[1] = (struct repo){.name = "akt/keys.git/", .path = doctor_local(d, "keys.git"),
		.aside = xasprintf("%s/keys.git", d->aside), .own = true};
	d->nrepos = d->machine ? 2 : 1;
	for (size_t i = 0; i < nfrom; i++)
		doctor_copy(d, from[i], from[i]);
	if (d->machine && remotes_read(s, d->path, &list, &inner))
		doctor_ill(d, "local", "akt/remotes.yaml", NULL, inner.n ? inner.item[0].text : "");
	for (size_t i = 0; list && i < list->n; i++)
		doctor_copy(d, list->map[i].key, node_get_str(list, list->map[i].key));
	return 0;
}

/* All is well: what lies aside, of earlier runs too, is of no use any more. But for what only this machine
 * had (aside/TIME/akt): that was not mended. */
static void
clear_aside(struct doctor *d)
{
	char *above = doctor_local(d, "aside");
	struct dirent **runs = NULL, **ents = NULL;
	int n = scandir(above, &runs, NULL, NULL), m;

	for (int i = 0; i < n; i++) {
		char *run = xasprintf("%s/%s", above, runs[i]->d_name);

		m = *runs[i]->d_name == '.' ? 0 : scandir(run, &ents, NULL, NULL);
		for (int k = 0; k < m; k++) {
			char *path = xasprintf("%s/%s", run, ents[k]->d_name);

			if (*ents[k]->d_name != '.' && strcmp(ents[k]->d_name, "akt") != 0)
				os_remove_tree(path, NULL);
			free(path);
			free(ents[k]);
		}
		if (m > 0)
			xfree(ents);
		if (*runs[i]->d_name != '.')
			rmdir(run); /* while it is empty */
		free(run);
		free(runs[i]);
	}
	free(runs);
	rmdir(above);
	free(above);
}

static void
end(struct doctor *d, bool ok)
{
	if (ok && d->aside)
		clear_aside(d);
	for (size_t i = 0; i < d->copies.n; i++) {
		git_source_close(d->copies.v[i].main);
		git_source_close(d->copies.v[i].keys);
		free(d->copies.v[i].name);
		free(d->copies.v[i].url);
	}
	free(d->copies.v);
	doctor_ills_free(d);
	doctor_repos_close(d);
	for (size_t i = 0; i < 2; i++) {
		free(d->repo[i].path);
		free(d->repo[i].aside);
	}
	free(d->aside);
	free(d->path);
}

int
app_doctor(struct session *s, struct node **out, const char *const *from, size_t nfrom, bool dry,
    struct err *e)
{
	struct doctor d = {.s = s, .dry = dry};
	struct os_lock *fetch = NULL, *lock = NULL;
	char *path = NULL;
	bool ok = false;
	int rc = start(&d, from, nfrom, e);

	if (!rc && d.machine) {
		struct err inner = {0};

		path = doctor_local(&d, "sync.lock");
		rc = os_lock(&fetch, path, WRITER_WAIT_MS, &inner);
		if (rc == ERR_BUSY)
			err_set(e, rc, _("this store is being synced by another program; try again"));
		else if (rc && dry)
			rc = 0;
		else
			err_append(e, &inner);
	}
	if (!rc)
		rc = rounds(&d, &lock, e);
	if (!rc)
		*out = shape(&d, &ok);
	end(&d, !rc && ok);
	os_unlock(lock);
	os_unlock(fetch);
	free(path);
	return rc ? rc : ok ? 0 : ERR_DAMAGED;
}

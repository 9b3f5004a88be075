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
#include "sync/mend_keys.h"
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

/* --- findings -------------------------------------------------------------------------------- */

static void
set(char **at, const char *text)
{
	free(*at);
	*at = text ? xstrdup(text) : NULL;
}

static struct ill *
find(struct doctor *d, const char *key)
{
	for (size_t i = 0; i < d->ills.n; i++)
		if (strcmp(d->ills.v[i].key, key) == 0)
			return &d->ills.v[i];
	return NULL;
}

void
doctor_ill(struct doctor *d, const char *kind, const char *file, const struct oid *id,
    const char *text)
{
	char hex[OID_HEX + 1] = "", *key;
	struct ill *x;

	if (id)
		oid_format(hex, id);
	/* one object may be damaged in one place and then missing */
	key = id ? xasprintf("object %s", hex) : xasprintf("%s %s", kind, file ? file : "");
	x = find(d, key);
	if (!x) {
		vec_grow(&d->ills);
		x = &d->ills.v[d->ills.n++];
		*x = (struct ill){.key = xstrdup(key), .kind = kind};
		set(&x->file, file);
		set(&x->object, *hex ? hex : NULL);
	}
	/* the first that is said of it in a round is the cause of what follows */
	if (!x->here)
		set(&x->text, text);
	x->here = true;
	free(key);
}

static void
gone(struct doctor *d, const char *key, const char *text)
{
	struct ill *x = find(d, key);

	if (x) {
		x->gone = true;
		set(&x->text, text);
	}
}

void
doctor_gone(struct doctor *d, const struct oid *id, const char *text)
{
	char hex[OID_HEX + 1], *key;

	oid_format(hex, id);
	key = xasprintf("object %s", hex);
	gone(d, key, text);
	free(key);
}

void
doctor_gone_file(struct doctor *d, const char *file, const char *text)
{
	char *key = xasprintf("local %s", file);

	gone(d, key, text);
	free(key);
}

void
doctor_notice(struct doctor *d, const char *fmt, ...)
{
	struct node *list = d->notices;
	struct buf text = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	/* rounds say the same again */
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->seq[i]->text, buf_str(&text)) == 0)
			goto done;
	node_push(d->s->arena, list, node_strn(d->s->arena, buf_str(&text), text.n));
done:
	buf_free(&text);
}

char *
doctor_local(const struct doctor *d, const char *name)
{
	return xasprintf("%s/akt/%s", d->path, name);
}

int
doctor_progress(void *ctx, size_t done, size_t total)
{
	struct doctor *d = ctx;

	return d->s->progress ? d->s->progress(d->s->ctx, _("reading"), done, total) : 0;
}

struct finder {
	struct doctor *d;
	struct repo *r;
};

static const char *
kind_of(enum git_type type)
{
	switch (type) {
	case GIT_COMMIT:
		return _("a commit of the history is missing");
	case GIT_TREE:
		return _("a folder of the history is missing");
	default:
		return _("a file of the history is missing");
	}
}

/* Which record it is, is for those to know who may open it: paths of control files alone. */
static char *
missing_text(const struct git_finding *f)
{
	if (f->path && strncmp(f->path, "records/", 8) != 0 && f->type == GIT_BLOB &&
	    storepath_parse(&(struct storepath){0}, f->path) != PATH_BAD)
		return xasprintf(_("the file %s of the history is missing"), f->path);
	return xstrdup(kind_of(f->type));
}

static int
found(void *ctx, const struct git_finding *f)
{
	static const char *const kinds[] = {"folder", "head", "config", "packed-refs", "object", "pack",
		"index", "object", "missing"};
	struct finder *w = ctx;
	char *file = f->file ? xasprintf("%s%s", w->r->name, f->file) : NULL, *text = NULL;

	switch (f->fault) {
	case GIT_FAULT_FOLDER:
		text = xstrdup(_("the folder is missing"));
		break;
	case GIT_FAULT_HEAD:
		text = xstrdup(_("does not name branch main"));
		break;
	case GIT_FAULT_CONFIG:
		text = xstrdup(_("is not as the program writes it"));
		break;
	case GIT_FAULT_REFS:
		text = xstrdup(_("lines of it are damaged"));
		break;
	case GIT_FAULT_LOOSE:
		text = xstrdup(_("the object is damaged"));
		break;
	case GIT_FAULT_PACK:
		text = xstrdup(_("the pack is damaged"));
		break;
	case GIT_FAULT_INDEX:
		text = xstrdup(_("the pack's index is damaged or missing; the pack is whole"));
		break;
	case GIT_FAULT_OBJECT:
		text = xstrdup(_("an object of a damaged pack"));
		break;
	case GIT_FAULT_MISSING:
		text = missing_text(f);
		break;
	}
	doctor_ill(w->d, kinds[f->fault], file, f->id, text);
	free(text);
	free(file);
	return 0;
}

/* --- copies ------------------------------------------------------------------------------------ */

static void
add_copy(struct doctor *d, const char *name, const char *url)
{
	vec_grow(&d->copies);
	d->copies.v[d->copies.n++] = (struct copy){.name = xstrdup(name), .url = xstrdup(url)};
}

/* A colleague's store has its keys in a repository of their own. */
static void
open_keys(struct doctor *d, struct copy *c)
{
	const char *folder = git_source_folder(c->main);
	char *url = xasprintf("%s/akt/keys.git", folder ? folder : c->url);

	if (!folder || os_is_dir(url))
		git_source_open(&c->keys, url, d->path, doctor_progress, d, NULL);
	free(url);
}

static bool
has_keys(const struct copy *c)
{
	struct oid id;

	return git_ref_get(git_source_git(c->main), &id, VAULT_KEYS, NULL) == 0;
}

int
doctor_copies(struct doctor *d, struct err *e)
{
	for (size_t i = 0; i < d->copies.n; i++) {
		struct copy *c = &d->copies.v[i];
		struct err inner = {0};
		int rc;

		if (c->tried)
			continue;
		c->tried = true;
		rc = git_source_open(&c->main, c->url, d->path, doctor_progress, d, &inner);
		if (rc == ERR_CANCELLED) {
			err_append(e, &inner);
			return rc;
		}
		if (rc)
			doctor_notice(d, _("%s was not asked: %s"), c->name, inner.n ? inner.item[0].text : "");
		else if (!has_keys(c))
			open_keys(d, c);
	}
	return 0;
}

struct git **
doctor_sources(struct doctor *d, const struct repo *r, size_t *n)
{
	struct git **v = xcalloc(2 * d->copies.n + 1, sizeof *v);

	*n = 0;
	for (size_t i = 0; i < d->copies.n; i++) {
		const struct copy *c = &d->copies.v[i];

		if (r != &d->repo[0] && c->keys)
			v[(*n)++] = git_source_git(c->keys);
		if (c->main)
			v[(*n)++] = git_source_git(c->main);
	}
	return v;
}

/* --- looking ---------------------------------------------------------------------------------------- */

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
	struct finder w = {d, r};
	struct git_fill f = {.look = mend ? NULL : r->look, .each = mend ? NULL : found, .each_ctx = &w,
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
leftover(void *ctx, const char *file, long age_s, bool lock)
{
	struct finder *w = ctx;
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
		struct finder w = {d, &d->repo[i]};

		if (!d->repo[i].g)
			continue;
		rc = git_leftovers(d->repo[i].g, leftover, &w, e);
		if (!rc && !d->dry)
			rc = git_clear_stale(d->repo[i].g, TEMPORARY_S, e);
	}
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
	struct finder w = {d, r};
	int rc;

	if (!os_is_dir(r->path)) {
		doctor_ill(d, "folder", r->name, NULL, _("the folder is missing"));
		return 0;
	}
	rc = git_mend_frame(r->path, NULL, r->own, found, &w, e);
	if (!rc)
		rc = open_repo(r, d);
	if (rc || !r->g)
		return rc;
	git_look_free(r->look);
	r->look = NULL;
	rc = git_look(&r->look, r->g, doctor_progress, d, e);
	if (!rc)
		rc = git_look_tell(r->look, found, &w);
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

static int
look(struct doctor *d, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < d->ills.n; i++)
		d->ills.v[i].here = false;
	for (size_t i = 0; !rc && i < d->nrepos; i++)
		rc = look_repo(d, &d->repo[i], e);
	if (!rc)
		rc = look_store(d);
	return rc ? rc : doctor_files(d, false, e);
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

static bool
any(const struct doctor *d, bool repositories)
{
	for (size_t i = 0; i < d->ills.n; i++)
		if (d->ills.v[i].here && (!repositories || strcmp(d->ills.v[i].kind, "local") != 0))
			return true;
	return false;
}

/* Handles read what lay there when they were opened. */
static void
close_repos(struct doctor *d)
{
	for (size_t i = 0; i < d->nrepos; i++) {
		git_look_free(d->repo[i].look);
		git_close(d->repo[i].g);
		d->repo[i].look = NULL;
		d->repo[i].g = NULL;
	}
}

static void
ills_free(struct doctor *d)
{
	for (size_t i = 0; i < d->ills.n; i++) {
		free(d->ills.v[i].key);
		free(d->ills.v[i].file);
		free(d->ills.v[i].object);
		free(d->ills.v[i].text);
	}
	free(d->ills.v);
	d->ills.v = NULL;
	d->ills.n = d->ills.cap = 0;
}

static int
mend(struct doctor *d, struct err *e)
{
	struct os_lock *keys = NULL;
	char *path = doctor_local(d, "keys.lock");
	int rc = d->machine ? os_lock(&keys, path, WRITER_WAIT_MS, e) : 0;

	if (any(d, true)) {
		for (size_t i = 0; !rc && i < d->nrepos; i++)
			rc = mend_repo(d, &d->repo[i], e);
		if (!rc && d->machine)
			rc = mend_keys(d, e);
	}
	if (!rc)
		rc = doctor_files(d, true, e);
	close_repos(d);
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
	if (!rc && any(d, false)) {
		ills_free(d);
		close_repos(d);
		rc = look(d, e);
	}
	if (!rc)
		rc = locks(d, e);
	for (int i = 0; !rc && !d->dry && i < ROUNDS && any(d, false) && sum(d) != last; i++) {
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

	if (!any(d, true))
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
		add_copy(d, from[i], from[i]);
	if (d->machine && remotes_read(s, d->path, &list, &inner))
		doctor_ill(d, "local", "akt/remotes.yaml", NULL, inner.n ? inner.item[0].text : "");
	for (size_t i = 0; list && i < list->n; i++)
		add_copy(d, list->map[i].key, node_get_str(list, list->map[i].key));
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
	ills_free(d);
	close_repos(d);
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

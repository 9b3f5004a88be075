/* What is no repository: what was derived, drafts, and the clock. */
#include "app/doctor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/proof.h"
#include "base/alloc.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/os.h"
#include "crypt/age.h"
#include "crypt/identity.h"
#include "index/index.h"
#include "index/names.h"
#include "trail/commit.h"
#include "trail/tree256.h"
#include "vault/vault.h"
#include "vault/witness.h"

enum { SEALED_MAX = 64 * 1024 * 1024, TEMPORARY_S = 3600, CLOCK_S = 300, HUB_CLOCK_S = 120 };

/* --- derived ---------------------------------------------------------------------------------- */

/* What can be made again is thrown away where it is not as it was written. */
static int
derived(struct doctor *d, const char *name, bool sound, bool mend, struct err *e)
{
	char *path = doctor_local(d, name), *file = xasprintf("akt/%s", name);
	int rc = 0;

	if (!sound)
		doctor_ill(d, "local", file, NULL, _("is damaged; it is made again from the records"));
	if (!sound && mend)
		rc = os_unlink(path, e);
	free(file);
	free(path);
	return rc;
}

static bool
names_fine(const char *path)
{
	struct names *n = NULL;
	bool fine = true;
	uint8_t tree[20];

	/* opening mends by making anew: what was there is looked at before */
	if (os_exists(path) && names_open_existing(&n, path) == 0) {
		/* an update that was cut short is no damage */
		fine = !names_tree(n, tree) || names_sound(n);
		names_close(n);
	} else if (os_exists(path)) {
		fine = false;
	}
	return fine;
}

static bool
last_fine(const char *path)
{
	struct buf text = {0};
	bool fine = true;

	if (os_read_file(&text, path, 128, NULL) == 0) {
		const char *s = buf_str(&text);

		fine = strlen(s) == text.n && text.n && text.n <= 65 &&
		    strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == text.n && strchr(s, '-');
	} else {
		fine = !os_exists(path);
	}
	buf_free(&text);
	return fine;
}

static int
index_files(struct doctor *d, const struct identity *id, bool mend, struct err *e)
{
	char *folder = doctor_local(d, "");
	int rc = 0;

	folder[strlen(folder) - 1] = '\0';
	if (id && index_examine(folder, id->age_sk) == INDEX_BAD) {
		doctor_ill(d, "local", "akt/index.db", NULL,
		    _("is damaged; it is made again from the records"));
		if (mend)
			rc = index_remove(folder, e);
	}
	free(folder);
	return rc;
}

/* --- sealed to this device alone ------------------------------------------------------------------ */

static bool
opens(const char *path, const struct identity *id)
{
	struct buf sealed = {0}, plain = {0};
	bool good = os_read_file(&sealed, path, SEALED_MAX, NULL) == 0 &&
	    age_decrypt(&plain, (const uint8_t(*)[32])&id->age_sk, 1, 0, buf_str(&sealed), sealed.n, NULL,
	        NULL) == 0;

	buf_free(&sealed);
	buf_free(&plain);
	return good;
}

/* Nobody else has them: what is damaged is lost, and must not be in the way of the next. */
static int
sealed(struct doctor *d, const char *folder, const char *text, const struct identity *id, bool mend,
    struct err *e)
{
	char *dir = doctor_local(d, folder);
	struct os_names files = {0};
	int rc = os_names(&files, dir, ".age", e);

	for (size_t i = 0; !rc && i < files.n; i++) {
		char *path = xasprintf("%s/%s", dir, files.v[i]);
		char *file = xasprintf("akt/%s/%s", folder, files.v[i]);

		if (!opens(path, id)) {
			doctor_ill(d, "local", file, NULL, text);
			if (mend)
				rc = git_mend_aside(d->path, file, d->aside, e);
			if (mend && !rc)
				doctor_gone_file(d, file, text);
		}
		free(file);
		free(path);
	}
	os_names_free(&files);
	free(dir);
	return rc;
}

/* --- all of it --------------------------------------------------------------------------------------- */

/* Of a program that was killed while it wrote a file beside its place. */
static int
temporary(struct doctor *d, struct err *e)
{
	char *dir = doctor_local(d, "");
	struct os_names files = {0};
	int rc = os_names(&files, dir, "", e);

	for (size_t i = 0; !rc && i < files.n; i++) {
		char *path = xasprintf("%s%s", dir, files.v[i]);
		struct stat st;

		if (strstr(files.v[i], ".tmp-") && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		    time(NULL) - st.st_mtime > TEMPORARY_S)
			rc = os_unlink(path, e);
		free(path);
	}
	os_names_free(&files);
	free(dir);
	return rc;
}

static int
machine_files(struct doctor *d, bool mend, struct err *e)
{
	const struct identity *id = session_quietly(d->s);
	char *names = doctor_local(d, "names.db"), *last = doctor_local(d, "last"),
	     *mark = doctor_local(d, "verified"), *remotes = doctor_local(d, "remotes.yaml");
	struct proof_mark m;
	struct node *list = NULL;
	struct err inner = {0};
	int rc = derived(d, "names.db", names_fine(names), mend, e);

	if (!rc)
		rc = derived(d, "last", last_fine(last), mend, e);
	if (!rc)
		rc = index_files(d, id, mend, e);
	if (!rc && remotes_read(d->s, d->path, &list, &inner))
		doctor_ill(d, "local", "akt/remotes.yaml", NULL,
		    _("is no list of hubs; correct it, or delete it and name them again: akt remote add"));
	if (!rc && id && os_exists(mark) && !proof_mark_read(&m, mark, id)) {
		doctor_ill(d, "local", "akt/verified", NULL, _("is damaged; akt verify writes it anew"));
		if (mend)
			rc = os_unlink(mark, e);
	}
	if (!rc && id)
		rc = sealed(d, "drafts", _("a draft that was not saved cannot be opened: what was typed is lost"),
		    id, mend, e);
	if (!rc && id)
		rc = sealed(d, "reads", _("what was noted of records opened since the last sync is lost"), id,
		    mend, e);
	if (!rc && !id)
		doctor_notice(d, _("the identity is locked: drafts and the index were not looked at; akt unlock first"));
	free(names);
	free(last);
	free(mark);
	free(remotes);
	return rc;
}

int
doctor_files(struct doctor *d, bool mend, struct err *e)
{
	char *cache = doctor_local(d, "tree256");
	int rc = os_exists(cache) ? derived(d, "tree256", tree256_sound(cache), mend, e) : 0;

	if (!rc && d->machine)
		rc = machine_files(d, mend, e);
	if (!rc && mend)
		rc = temporary(d, e);
	free(cache);
	return rc;
}

/* --- the clock ------------------------------------------------------------------------------------------ */

struct moments {
	struct git *g;
	int64_t last;
	char who[66];
};

static int
moment(void *ctx, const char *ref, const struct oid *id)
{
	struct moments *m = ctx;
	struct witness *w = NULL;

	if (witness_read(&w, m->g, id, NULL) == 0 && w->time > m->last) {
		m->last = w->time;
		snprintf(m->who, sizeof m->who, "%s", ref + strlen(WITNESS_REFS));
	}
	witness_free(w);
	return 0;
}

/* A folder of another machine, reached over a net, is stamped by that machine's clock. */
static void
hub_clock(struct doctor *d, const struct copy *c)
{
	char rnd[ID_RECORD + 1], *path;
	struct stat here, there, made;
	long off = 0;
	int fd;

	if (stat(d->path, &here) < 0 || stat(c->url, &there) < 0 || !S_ISDIR(there.st_mode) ||
	    here.st_dev == there.st_dev)
		return;
	id_random(rnd, ID_RECORD);
	path = xasprintf("%s/akt.clock-%s", c->url, rnd);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && fstat(fd, &made) == 0)
		off = (long)(made.st_mtime - time(NULL));
	if (fd >= 0) {
		close(fd);
		unlink(path);
	}
	if (labs(off) > HUB_CLOCK_S)
		doctor_notice(d, _("the clock of this machine and that of %s differ by %ld minutes"), c->name,
		    labs(off) / 60);
	free(path);
}

int
doctor_clock(struct doctor *d, struct vault *v)
{
	struct moments m = {.g = vault_git(v)};
	char at[DATE_TIME_LEN + 1];
	struct buf raw = {0};
	struct commit c;

	if (git_read(m.g, &raw, NULL, vault_head(v), NULL) == 0 &&
	    commit_parse(&c, raw.p, raw.n, NULL) == 0) {
		m.last = c.time;
		snprintf(m.who, sizeof m.who, "%s", c.handle);
	}
	buf_free(&raw);
	git_ref_each(m.g, WITNESS_REFS, moment, &m, NULL);
	date_time_format(at, m.last);
	if (date_now() + CLOCK_S < m.last)
		doctor_notice(d, _("this machine's clock is behind, or %s's was ahead: the store was last written at %s"),
		    m.who, at);
	for (size_t i = 0; !d->dry && i < d->copies.n; i++)
		hub_clock(d, &d->copies.v[i]);
	return 0;
}

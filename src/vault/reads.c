#include "vault/reads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/os.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/vault_private.h"

enum {
	FILE_MAX = 1024 * 1024,     /* of rows in one file; a large export makes several */
	LOG_MAX = 4 * 1024 * 1024,  /* of rows in one log; the rest waits for the next sync */
	SEALED_MAX = 2 * FILE_MAX,
};

static const char team[] = "logg";

/* --- noting ------------------------------------------------------------------------------- */

static void
add_row(struct vault *v, struct arena *a, struct node *row, const char *what)
{
	struct node *list = node_seq(a), *full = node_map(a);
	char at[DATE_TIME_LEN + 1];

	/* nobody to seal it for */
	if (!v->id || !v->state || !state_epoch(v->state, team))
		return;
	date_time_format(at, date_now());
	node_set(a, full, "at", node_str(a, at));
	node_set(a, full, "what", node_str(a, what));
	for (size_t i = 0; i < row->n; i++)
		node_set(a, full, row->map[i].key, row->map[i].value);
	node_push(a, list, full);
	yaml_emit(&v->reads, list);
	if (v->reads.n > FILE_MAX / 2)
		reads_flush(v);
}

void
reads_record(struct vault *v, const char *what, const char *record)
{
	struct arena *a = arena_new();
	struct node *row = node_map(a);

	node_set(a, row, "record", node_str(a, record));
	add_row(v, a, row, what);
	arena_free(a);
}

void
reads_query(struct vault *v, const char *what, const char *query, size_t hits)
{
	struct arena *a = arena_new();
	struct node *row = node_map(a), *text = NULL;

	/* what a person typed may be no text at all: then that alone is noted */
	if (yaml_text(&text, a, query, strlen(query), what, NULL))
		text = node_str(a, "?");
	node_set(a, row, "query", text);
	node_set(a, row, "hits", node_int(a, (int64_t)hits));
	add_row(v, a, row, what);
	arena_free(a);
}

void
reads_flush(struct vault *v)
{
	const struct epoch *ep = v->reads.n && v->state ? state_epoch(v->state, team) : NULL;
	char rnd[ID_RECORD + 1], *dir = vault_local(v, "reads"), *path = NULL;
	struct timespec now = {0};
	struct buf sealed = {0};
	struct err e = {0};
	uint8_t to[2][32];

	if (!ep)
		goto done;
	/* named so that they sort in the order they were written */
	clock_gettime(CLOCK_REALTIME, &now);
	/* to this device too: at the next sync it puts many of these into one file for the team */
	memcpy(to[0], ep->recipient, 32);
	memcpy(to[1], v->id->age_pk, 32);
	id_random(rnd, ID_RECORD);
	path = xasprintf("%s/%011lld%09ld-%s.age", dir, (long long)now.tv_sec, now.tv_nsec, rnd);
	if (age_encrypt(&sealed, (const uint8_t (*)[32])to, 2, v->reads.p, v->reads.n, &e) == 0 &&
	    os_write_hint(path, sealed.p, sealed.n, 0600, &e) && os_mkdirs(dir, &e) == 0)
		os_write_hint(path, sealed.p, sealed.n, 0600, &e);
done:
	buf_reset(&v->reads);
	buf_free(&sealed);
	free(path);
	free(dir);
}

void
reads_free(struct vault *v)
{
	buf_free(&v->reads);
}

/* --- into the chain -------------------------------------------------------------------------- */

int
reads_waiting(struct vault *v, struct buf *text, struct buf *files, struct err *e)
{
	char *dir = vault_local(v, "reads");
	struct os_names names = {0};

	int rc = os_names(&names, dir, ".age", e);

	for (size_t i = 0; !rc && i < names.n && text->n < LOG_MAX; i++) {
		char *path = xasprintf("%s/%s", dir, names.v[i]);
		struct buf sealed = {0};
		struct err inner = {0};

		/* one that a power cut left half written is gone: nobody waited for the disk */
		rc = os_read_file(&sealed, path, SEALED_MAX, &inner);
		if (rc == 0)
			age_decrypt(text, (const uint8_t (*)[32])&v->id->age_sk, 1, 1, buf_str(&sealed),
			    sealed.n, NULL, &inner);
		/* what the disk keeps back may yet be read: it must not go with the others */
		if (rc == ERR_IO)
			err_append(e, &inner);
		else
			rc = 0;
		if (!rc)
			buf_add(files, names.v[i], strlen(names.v[i]) + 1);
		buf_free(&sealed);
		free(path);
	}
	os_names_free(&names);
	free(dir);
	return rc;
}

void
reads_taken(struct vault *v, const struct buf *files)
{
	char *dir = vault_local(v, "reads");

	for (size_t at = 0; at < files->n; at += strlen(files->p + at) + 1) {
		char *path = xasprintf("%s/%s", dir, files->p + at);

		os_unlink(path, NULL);
		free(path);
	}
	free(dir);
}

int
reads_seal(struct vault *v, struct buf *sealed, const struct buf *text, struct err *e)
{
	const struct epoch *ep = state_epoch(v->state, team);
	struct buf padded = {0};
	int rc;

	if (!ep)
		return err_set(e, ERR_NOTFOUND, _("no such team: %s"), team);
	buf_add(&padded, buf_str(text), text->n);
	/* its size tells little of how much was read */
	yaml_pad(&padded);
	rc = age_encrypt(sealed, (const uint8_t (*)[32])&ep->recipient, 1, padded.p, padded.n, e);
	buf_free(&padded);
	return rc;
}

int
reads_open(struct vault *v, struct buf *text, const void *sealed, size_t n, struct err *e)
{
	const struct epoch *ep = state_epoch(v->state, team);
	int rc = vault_load_team(v, v->state, team, e);

	for (; !rc && ep; ep = *ep->earlier ? state_epoch_named(v->state, team, ep->earlier) : NULL) {
		const struct keyring_key *key = keyring_get_epoch(v->ring, ep->name);
		struct err inner = {0};

		if (!key)
			continue;
		rc = age_decrypt_one(text, key->sk, key->pk, 0, sealed, n, NULL, &inner);
		if (rc != ERR_ACCESS) {
			err_append(e, &inner);
			return rc;
		}
		rc = 0;
	}
	return rc ? rc : err_set(e, ERR_ACCESS, _("what was opened is read by team %s alone"), team);
}

bool
reads_form_ok(const void *sealed, size_t n)
{
	int scrypt = 0;

	return age_stanzas(sealed, n, &scrypt) == 1 && !scrypt;
}

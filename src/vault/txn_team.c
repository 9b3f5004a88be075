/* Teams and their epochs. */
#include "vault/txn_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "git/repo.h"

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Devices that an epoch's key is wrapped for: the active ones of its members, and recovery.
 * malloc'd pointers sorted by id. */
static size_t
devices_of(const struct state *s, const struct epoch *ep, int64_t now,
    const struct device ***out)
{
	size_t n = 0, cap = 8;
	const struct device **v = xmalloc(cap * sizeof *v);

	for (size_t i = 0; i <= ep->nmembers; i++) {
		const char *handle = i < ep->nmembers ? ep->members[i] : "recovery";
		const struct member *m = state_member(s, handle);
		bool ended = false;

		for (size_t j = 0; j < ep->nuntil; j++)
			ended |= strcmp(ep->until[j].handle, handle) == 0 && ep->until[j].at <= now;
		if (!m || ended || !m->roles)
			continue;
		for (size_t j = 0; j < m->ndevices; j++) {
			if (m->devices[j].revoked)
				continue;
			if (n == cap) {
				cap *= 2;
				v = xrealloc(v, cap, sizeof *v);
			}
			v[n++] = &m->devices[j];
		}
	}
	for (size_t i = 1; i < n; i++) { /* few, and nearly sorted */
		const struct device *d = v[i];
		size_t j = i;

		for (; j > 0 && strcmp(v[j - 1]->id, d->id) > 0; j--)
			v[j] = v[j - 1];
		v[j] = d;
	}
	*out = v;
	return n;
}

static void
device_line(struct buf *out, const struct device *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%s", i ? " " : "", v[i]->id);
}

/* Seals `keys` (identity lines) for the epoch's devices under teams/T/EPOCH.age. */
static int
seal_epoch(struct txn *t, const struct state *s, const struct epoch *ep, const struct buf *keys,
    struct err *e)
{
	const struct device **v;
	size_t n = devices_of(s, ep, t->now, &v);
	uint8_t(*pk)[32] = xcalloc(n + 1, sizeof *pk);
	char *path = xasprintf("teams/%s/%s.age", ep->team, ep->name);
	struct buf plain = {0}, sealed = {0};
	struct oid blob;
	bool mine = false;
	int rc = 0;

	buf_puts(&plain, "# devices: ");
	device_line(&plain, v, n);
	buf_putc(&plain, '\n');
	buf_add(&plain, buf_str(keys), keys->n);
	for (size_t i = 0; i < n; i++) {
		memcpy(pk[i], v[i]->recipient, 32);
		mine |= memcmp(pk[i], t->v->id->age_pk, 32) == 0;
	}
	if (n == 0)
		rc = err_set(e, ERR_USAGE, _("team %s would have no device to read it"), ep->team);
	else
		rc = age_encrypt(&sealed, (const uint8_t (*)[32])pk, n, plain.p, plain.n, e);
	if (!rc) {
		git_batch_add(t->batch, &blob, GIT_BLOB, sealed.p, sealed.n);
		txn_put_blob(t, path, &blob);
	}
	/* what is for others alone nobody here can open */
	if (!rc && mine) {
		txn_check_later(t, path, &blob, &plain);
		path = NULL;
	}
	buf_free(&plain);
	buf_free(&sealed);
	free(path);
	free(pk);
	free(v);
	return rc;
}

/* The identity lines of an epoch and its earlier ones, and whom they are wrapped for now.
 * ERR_ACCESS when this device cannot open it. */
static int
open_epoch(struct txn *t, const struct epoch *ep, struct buf *keys, struct buf *devices,
    struct err *e)
{
	char *path = xasprintf("teams/%s/%s.age", ep->team, ep->name);
	struct buf sealed = {0}, plain = {0};
	int rc;

	rc = txn_read(t, &sealed, path, e);
	if (!rc)
		rc = age_decrypt(&plain, (const uint8_t (*)[32])&t->v->id->age_sk, 1, 0,
		    buf_str(&sealed), sealed.n, NULL, e);
	if (!rc)
		rc = epoch_plain_parse(t->v->ring, devices, &plain, e);
	if (!rc && keys) {
		const char *s = buf_str(&plain), *end;

		for (; *s; s = *end ? end + 1 : end) {
			end = strchrnul(s, '\n');
			if (*s != '#' && end > s) {
				buf_add(keys, s, (size_t)(end - s));
				buf_putc(keys, '\n');
			}
		}
	}
	buf_free(&sealed);
	buf_free(&plain);
	free(path);
	return rc;
}

static void
put_epoch(struct txn *t, const struct epoch *ep)
{
	char *path = xasprintf("teams/%s/%s.yaml", ep->team, ep->name);
	struct buf text = {0};

	state_format_epoch(&text, ep);
	txn_put(t, path, buf_str(&text), text.n);
	buf_free(&text);
	free(path);
}

static void
add_keys(struct txn *t, const struct epoch *ep, struct buf *keys)
{
	struct buf more = {0};
	struct err inner = {0};

	if (open_epoch(t, ep, &more, NULL, &inner) == 0)
		for (const char *line = buf_str(&more); *line;) {
			size_t len = strcspn(line, "\n");

			if (!memmem(buf_str(keys), keys->n, line, len)) {
				buf_add(keys, line, len);
				buf_putc(keys, '\n');
			}
			line += len + (line[len] == '\n');
		}
	buf_free(&more);
}

struct lone {
	struct txn *t;
	const struct state *s;
	const char *team;
	struct buf *keys;
};

/* A key file without an epoch: of work that was let in, but not what it said of the team. */
static int
add_lone(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct lone *l = ctx;
	struct epoch ep = {0};

	(void)mode, (void)id;
	if (strlen(name) != 12 || strcmp(name + 8, ".age") != 0)
		return 0;
	snprintf(ep.team, sizeof ep.team, "%s", l->team);
	memcpy(ep.name, name, 8);
	if (!state_epoch_named(l->s, l->team, ep.name))
		add_keys(l->t, &ep, l->keys);
	return 0;
}

/* Does the newest follow it, at whatever distance? Its file has the key then. */
static bool
followed(const struct state *s, const struct epoch *newest, const struct epoch *ep, size_t n)
{
	for (; newest && newest != ep && n; n--)
		newest = *newest->earlier ? state_epoch_named(s, ep->team, newest->earlier) : NULL;
	return newest == ep;
}

/* The keys of epochs beside the newest and those before it that its own file lacks: whoever joins reads what
 * was sealed to any of them. One that we cannot open, its own members still can: of a team made twice, apart,
 * each half adds the key that the other half has not. */
static void
add_beside(struct txn *t, const struct state *s, const char *team, struct buf *keys)
{
	struct lone l = {t, s, team, keys};
	const struct epoch *const *all, *newest = state_epoch(s, team);
	char *path = xasprintf("teams/%s", team);
	struct buf raw = {0};
	struct oid folder;
	unsigned mode;
	size_t n = state_epochs(s, team, &all);

	for (size_t i = 0; i < n; i++)
		if (!followed(s, newest, all[i], n))
			add_keys(t, all[i], keys);
	if (t->v->have_head && git_tree_find(t->v->git, &folder, &mode, &t->v->tree, path, NULL) == 0 &&
	    git_read(t->v->git, &raw, NULL, &folder, NULL) == 0)
		git_tree_each(raw.p, raw.n, add_lone, &l, NULL);
	buf_free(&raw);
	free(path);
}

int
txn_new_epoch(struct txn *t, const char *team, const char *const *members, size_t nmembers,
    struct err *e)
{
	struct epoch ep = {0};
	const struct epoch *before;
	const struct state *s;
	uint8_t *sk = secret_alloc(32), name[32];
	char *line = secret_alloc(AGE_TEXT);
	struct buf keys = {0}, earlier = {0};
	int rc;

	rc = txn_state(t, &s, e);
	if (rc)
		goto done;
	before = state_epoch(s, team);
	if (before) {
		rc = open_epoch(t, before, &earlier, NULL, e);
		if (rc)
			goto done;
		add_beside(t, s, team, &earlier);
		memcpy(ep.earlier, before->name, sizeof ep.earlier);
	}
	strncpy(ep.team, team, sizeof ep.team - 1);
	age_keygen(sk, ep.recipient);
	hash_sha256(name, ep.recipient, 32);
	hash_hex(ep.name, name, 4);
	/* ends that an admin stated for a day to come go with the members */
	ep.until = xcalloc(before ? before->nuntil + 1 : 1, sizeof *ep.until);
	for (size_t i = 0; before && i < before->nuntil; i++)
		for (size_t k = 0; k < nmembers && before->until[i].at > t->now; k++)
			if (strcmp(before->until[i].handle, members[k]) == 0)
				ep.until[ep.nuntil++] = before->until[i];
	ep.nmembers = nmembers;
	ep.members = xcalloc(nmembers + 1, sizeof *ep.members);
	for (size_t i = 0; i < nmembers; i++)
		strncpy(ep.members[i], members[i], sizeof *ep.members - 1);
	qsort(ep.members, nmembers, sizeof *ep.members, by_text);
	age_identity_format(line, sk);
	buf_puts(&keys, line);
	buf_putc(&keys, '\n');
	buf_add(&keys, buf_str(&earlier), earlier.n);
	rc = seal_epoch(t, s, &ep, &keys, e);
	if (rc)
		goto done;
	put_epoch(t, &ep);
	/* An admin who makes another's first epoch forgets its identity here. */
	for (size_t i = 0; i < nmembers; i++)
		if (strcmp(ep.members[i], t->me->handle) == 0)
			keyring_add(t->v->ring, name, sk);
done:
	secret_free(sk);
	secret_free(line);
	buf_free(&keys);
	buf_free(&earlier);
	free(ep.members);
	free(ep.until);
	return rc;
}

/* Both are sorted. */
static bool
same_handles(const char **members, size_t n, const struct epoch *ep)
{
	bool same = n == ep->nmembers;

	for (size_t i = 0; same && i < n; i++)
		same = strcmp(members[i], ep->members[i]) == 0;
	return same;
}

int
txn_wrap(struct txn *t, const char *team, bool *changed, struct err *e)
{
	const struct state *s;
	const struct epoch *ep;
	const struct device **v = NULL;
	char(*stay)[34] = NULL;
	const char **members = NULL;
	struct buf keys = {0}, devices = {0}, wanted = {0};
	struct err inner = {0};
	size_t n, nstay, had;
	bool gone = false;
	int rc;

	*changed = false;
	rc = txn_state(t, &s, e);
	if (rc)
		return rc;
	ep = state_epoch(s, team);
	if (!ep)
		return err_set(e, ERR_NOTFOUND, _("no such team: %s"), team);
	if (open_epoch(t, ep, &keys, &devices, &inner))
		goto done; /* not ours to wrap: a member's next sync does it */
	n = devices_of(s, ep, t->now, &v);
	device_line(&wanted, v, n);
	nstay = state_team_members(s, &stay, team, t->now);
	members = xcalloc(nstay + 1, sizeof *members);
	for (size_t i = 0; i < nstay; i++)
		members[i] = stay[i];
	/* Renewed on both sides of a merge: the newest serves where it is for those who belong, with the
	 * others' keys beside it. Were it renewed for that alone, two machines that merge for a hub each
	 * would do so without end. */
	gone = ep->spent || !same_handles(members, nstay, ep);
	had = keys.n;
	add_beside(t, s, team, &keys);
	if (!gone && keys.n == had && strcmp(buf_str(&wanted), buf_str(&devices)) == 0)
		goto done;
	/* A device that the key was wrapped for and is not to be any more knows the key: only a new
	 * epoch shuts it out. */
	for (const char *d = buf_str(&devices); *d; d += strspn(d, " ")) {
		size_t len = strcspn(d, " ");
		bool still = false;

		for (size_t i = 0; i < n; i++)
			still |= strlen(v[i]->id) == len && memcmp(v[i]->id, d, len) == 0;
		gone |= !still;
		d += len;
	}
	rc = gone ? txn_new_epoch(t, team, members, nstay, e) : seal_epoch(t, s, ep, &keys, e);
	*changed = rc == 0;
done:
	free(stay);
	free(members);
	free(v);
	buf_free(&keys);
	buf_free(&devices);
	buf_free(&wanted);
	return rc;
}

bool
txn_stale(struct txn *t, const struct state *s, const char *team)
{
	const struct epoch *ep = state_epoch(s, team);
	const struct device **v = NULL;
	char(*stay)[34] = NULL, *path;
	const char **members;
	struct buf sealed = {0}, devices = {0}, wanted = {0};
	struct err inner = {0};
	size_t n, nstay;
	int scrypt;
	bool stale;

	if (!ep)
		return false;
	nstay = state_team_members(s, &stay, team, t->now);
	members = xcalloc(nstay + 1, sizeof *members);
	for (size_t i = 0; i < nstay; i++)
		members[i] = stay[i];
	stale = ep->spent || !same_handles(members, nstay, ep);
	n = devices_of(s, ep, t->now, &v);
	path = xasprintf("teams/%s/%s.age", team, ep->name);
	/* their number is there to see for who cannot open the file */
	if (!stale && txn_read(t, &sealed, path, &inner) == 0)
		stale = age_stanzas(buf_str(&sealed), sealed.n, &scrypt) != (int)n;
	/* one came as another went: only who opens it sees that */
	if (!stale && open_epoch(t, ep, NULL, &devices, &inner) == 0) {
		device_line(&wanted, v, n);
		stale = strcmp(buf_str(&devices), buf_str(&wanted)) != 0;
	}
	buf_free(&devices);
	buf_free(&wanted);
	buf_free(&sealed);
	free(path);
	free(members);
	free(stay);
	free(v);
	return stale;
}

int
txn_renew(struct txn *t, const struct dossier *d, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < d->naccess; i++) {
		const char *team = d->access[i];
		const struct state *s;
		bool seen = false, changed;

		for (size_t k = 0; k < t->nrenewed && !seen; k++)
			seen = strcmp(t->renewed[k], team) == 0;
		if (seen)
			continue;
		if (t->nrenewed == t->renewed_cap) {
			t->renewed_cap = t->renewed_cap ? t->renewed_cap * 2 : 8;
			t->renewed = xrealloc(t->renewed, t->renewed_cap, sizeof *t->renewed);
		}
		memcpy(t->renewed[t->nrenewed++], team, sizeof *t->renewed);
		rc = txn_state(t, &s, e);
		if (!rc && state_in_team(s, team, t->me->handle, t->now) && txn_stale(t, s, team))
			rc = txn_wrap(t, team, &changed, e);
	}
	return rc;
}

int
txn_spend(struct txn *t, const char *team, struct err *e)
{
	const struct epoch *const *tips;
	const struct state *s;
	char (*names)[9] = NULL;
	size_t n = 0;
	int rc = txn_state(t, &s, e);

	if (!rc)
		n = state_tips(s, team, &tips);
	/* a state lasts until the next put alone */
	names = xcalloc(n + 1, sizeof *names);
	for (size_t i = 0; i < n; i++)
		memcpy(names[i], tips[i]->name, sizeof *names);
	for (size_t i = 0; !rc && i < n; i++) {
		rc = txn_state(t, &s, e);
		if (!rc) {
			struct epoch ep = *state_epoch_named(s, team, names[i]);

			ep.spent = true;
			put_epoch(t, &ep);
		}
	}
	free(names);
	return rc;
}

bool
txn_holds(struct txn *t, const char *team)
{
	const struct epoch *ep = NULL;
	const struct state *s;
	struct err inner = {0};

	if (txn_state(t, &s, &inner) == 0)
		ep = state_epoch(s, team);
	return ep && open_epoch(t, ep, NULL, NULL, &inner) == 0;
}

/* One epoch with `add` in it and without an end, and with an end to `remove`. */
static void
state_people(struct txn *t, const struct epoch *was, const char *add, const char *remove)
{
	struct epoch ep = *was;
	bool listed = false, leaves = false, ended = false;

	ep.members = xcalloc(was->nmembers + 2, sizeof *ep.members);
	ep.until = xcalloc(was->nuntil + 2, sizeof *ep.until);
	if (was->nmembers)
		memcpy(ep.members, was->members, was->nmembers * sizeof *ep.members);
	for (size_t i = 0; i < ep.nmembers; i++) {
		listed |= add && strcmp(ep.members[i], add) == 0;
		leaves |= remove && strcmp(ep.members[i], remove) == 0;
	}
	ep.nuntil = 0;
	for (size_t i = 0; i < was->nuntil; i++) {
		ended |= remove && strcmp(was->until[i].handle, remove) == 0;
		if (!add || strcmp(was->until[i].handle, add) != 0)
			ep.until[ep.nuntil++] = was->until[i];
	}
	if (add && !listed) {
		strncpy(ep.members[ep.nmembers++], add, sizeof *ep.members - 1);
		qsort(ep.members, ep.nmembers, sizeof *ep.members, by_text);
	}
	if (leaves && !ended) {
		strncpy(ep.until[ep.nuntil].handle, remove, sizeof ep.until->handle - 1);
		ep.until[ep.nuntil++].at = t->now;
		qsort(ep.until, ep.nuntil, sizeof *ep.until, by_text);
	}
	put_epoch(t, &ep);
	free(ep.members);
	free(ep.until);
}

int
txn_team_edit(struct txn *t, const char *team, const char *add, const char *remove, bool *done,
    struct err *e)
{
	const struct epoch *const *tips;
	const struct state *s;
	char (*names)[9] = NULL;
	size_t n;
	int rc;

	rc = txn_state(t, &s, e);
	if (rc)
		return rc;
	n = state_tips(s, team, &tips);
	if (!n)
		return err_set(e, ERR_NOTFOUND, _("no such team: %s"), team);
	if (add && !state_member(s, add))
		return err_set(e, ERR_NOTFOUND, _("no such member: %s"), add);
	if (remove && !state_in_team(s, team, remove, t->now))
		return err_set(e, ERR_NOTFOUND, _("%s is not in team %s"), remove, team);
	/* of epochs side by side each says the same; a state lasts until the next put alone */
	names = xcalloc(n, sizeof *names);
	for (size_t i = 0; i < n; i++)
		memcpy(names[i], tips[i]->name, sizeof *names);
	for (size_t i = 0; !rc && i < n; i++) {
		rc = txn_state(t, &s, e);
		if (!rc)
			state_people(t, state_epoch_named(s, team, names[i]), add, remove);
	}
	if (!rc)
		rc = txn_wrap(t, team, done, e);
	/* a leaver whose devices were shut out before leaves the key as it is */
	if (!rc)
		*done |= txn_holds(t, team);
	free(names);
	return rc;
}

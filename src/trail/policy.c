/* The verdict on one commit (DESIGN 4). Here: who signed, what changed, and which rule each
 * changed path falls under; the rules themselves are in policy_control.c, policy_record.c,
 * policy_erase.c and policy_merge_check.c. */
#include "trail/policy_judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "crypt/age.h"
#include "trail/state_cache.h"

int
judge_breach(struct judge *j, enum policy_rule rule, const char *path, const char *text)
{
	struct verdict *v = j->v;

	v->ok = false;
	v->rule = rule;
	snprintf(v->path, sizeof v->path, "%s", path ? path : "");
	/* a hostile path must not reach a terminal as it is */
	for (char *c = v->path; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	snprintf(v->text, sizeof v->text, "%s", text);
	return BREACH;
}

void
judge_notice(struct judge *j, const char *text)
{
	struct verdict *v = j->v;

	if (v->nnotices < sizeof v->notice / sizeof *v->notice)
		snprintf(v->notice[v->nnotices++], sizeof *v->notice, "%s", text);
}

int
judge_bad_file(struct judge *j, const char *path, const struct err *fault)
{
	const struct err_item *it = &fault->item[0];
	struct buf text = {0};
	int rc;

	if (it->line)
		buf_printf(&text, "%u:%u: ", it->line, it->column);
	if (*it->path)
		buf_printf(&text, "%s: ", it->path);
	buf_puts(&text, it->text);
	rc = judge_breach(j, RULE_CONTROL, path, buf_str(&text));
	buf_free(&text);
	return rc;
}

int
judge_load(struct judge *j, const void **out, const struct change *c)
{
	struct err inner = {0};
	bool content = false;
	int rc = state_load(j->after, out, &content, c->path, &c->new, &inner);

	if (rc && content)
		return judge_bad_file(j, c->path, &inner);
	if (rc)
		err_append(j->e, &inner);
	return rc;
}

int
judge_age_file(struct judge *j, enum policy_rule rule, const struct change *c, int stanzas)
{
	struct buf raw = {0};
	int scrypt = 0, n = 0, rc;

	rc = objects_read(j->o, &raw, GIT_BLOB, &c->new, c->path, j->e);
	if (rc)
		goto done;
	n = age_stanzas(buf_str(&raw), raw.n, &scrypt);
	if (n < 1 || scrypt || (stanzas && n != stanzas))
		rc = judge_breach(j, rule, c->path,
		    stanzas ? _("this is not a file encrypted to one key")
			    : _("this is not an encrypted file"));
done:
	buf_free(&raw);
	return rc;
}

/* --- what changed ----------------------------------------------------------------- */

struct storepath
change_at(const struct change *c)
{
	struct storepath at;

	storepath_parse(&at, c->path);
	return at;
}

static int
add_change(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *new_id, unsigned new_mode)
{
	struct changes *c = ctx;
	struct storepath at;
	struct change *one;

	(void)old_mode;
	vec_grow(c);
	one = &c->v[c->n++];
	*one = (struct change){.path = xstrdup(path), .mode = new_mode};
	at = change_at(one);
	one->kind = at.kind;
	memcpy(one->dossier, at.dossier, sizeof one->dossier);
	if (old) {
		one->had = true;
		one->old = *old;
	}
	if (new_id) {
		one->has = true;
		one->new = *new_id;
	}
	return 0;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct change *)a)->path, ((const struct change *)b)->path);
}

int
changes_read(struct changes *c, const struct objects *o, const struct oid *a, const struct oid *b,
    struct err *e)
{
	int rc = objects_diff(o, a, b, add_change, c, e);

	/* git puts a folder's files where its name with a slash sorts; we search by the path */
	if (c->n > 1)
		qsort(c->v, c->n, sizeof *c->v, by_path);
	return rc;
}

void
changes_free(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].path);
	free(c->v);
	*c = (struct changes){0};
}

const struct change *
changes_find(const struct changes *c, const char *path)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int cmp = strcmp(path, c->v[mid].path);

		if (cmp == 0)
			return &c->v[mid];
		if (cmp < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/* --- who signed ------------------------------------------------------------------- */

int
judge_signer(struct judge *j, const struct state *s)
{
	const struct policy_input *in = j->in;
	const struct member *m = NULL;
	const struct device *d = state_signer(s, in->signer, &m);

	if (!d)
		return judge_breach(j, RULE_SIGNER, NULL,
		    _("the key that signed belongs to no device of the store"));
	if (d->revoked)
		return judge_breach(j, RULE_SIGNER, NULL, _("the device that signed was revoked"));
	if (!m->roles)
		return judge_breach(j, RULE_SIGNER, NULL, _("the signer was no longer a member"));
	if (strcmp(in->commit.handle, m->handle) != 0)
		return judge_breach(
		    j, RULE_AUTHOR, NULL, _("the author is not the member whose device signed"));
	if (strcmp(in->commit.store_id, state_store(s)->id) != 0)
		return judge_breach(j, RULE_AUTHOR, NULL, _("the author belongs to another store"));
	j->me = m;
	j->admin = m->roles & ROLE_ADMIN;
	j->recovery = m->roles & ROLE_RECOVERY;
	return 0;
}

bool
judge_has_admin(const struct state *s)
{
	const struct member *const *v = NULL;
	size_t n = state_members(s, &v);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i]->ndevices && v[i]->roles & ROLE_ADMIN; k++)
			if (!v[i]->devices[k].revoked)
				return true;
	return false;
}

int
judge_allowed_signers(struct judge *j)
{
	static const char path[] = "allowed_signers";
	struct buf want = {0}, is = {0};
	struct err inner = {0};
	int rc;

	rc = state_format_signers(&want, j->after, j->e);
	if (!rc) {
		rc = objects_file(j->o, &is, NULL, &j->in->commit.tree, path, &inner);
		if (rc && rc != ERR_NOTFOUND) {
			err_append(j->e, &inner);
			goto done;
		}
		rc = 0;
		if (is.n != want.n || memcmp(buf_str(&is), buf_str(&want), want.n) != 0)
			rc = judge_breach(j, RULE_SIGNERS, path,
			    _("this is not the list that the members' devices give"));
	}
done:
	buf_free(&want);
	buf_free(&is);
	return rc;
}

/* --- one commit ------------------------------------------------------------------- */

/* Admins keep the store; the recovery identity may mend members and teams, nothing else. */
static int
judge_right(struct judge *j, const struct change *c)
{
	bool people = c->kind == PATH_MEMBER || c->kind == PATH_EPOCH ||
	    c->kind == PATH_EPOCH_KEY || c->kind == PATH_SIGNERS;

	if (j->recovery && !people)
		return judge_breach(j, RULE_ADMIN, c->path,
		    _("the recovery identity changes members and teams only"));
	switch (c->kind) {
	case PATH_STORE:
	case PATH_MEMBER:
	case PATH_SCHEMA:
	case PATH_SCHEMA_EXTRA:
		if (!j->admin && !j->recovery)
			return judge_breach(
			    j, RULE_ADMIN, c->path, _("only an administrator changes this"));
		break;
	default:
		break;
	}
	return 0;
}

static int
judge_path(struct judge *j, const struct change *c)
{
	int rc;

	if (c->kind == PATH_BAD)
		return judge_breach(j, RULE_PATH, c->path, _("no file of a store is named so"));
	if (c->has && c->mode != MODE_FILE)
		return judge_breach(j, RULE_PATH, c->path, _("this is not an ordinary file"));
	rc = judge_right(j, c);
	if (rc)
		return rc;
	switch (c->kind) {
	case PATH_STORE:
		return judge_store(j, c);
	case PATH_MEMBER:
		return judge_member(j, c);
	case PATH_EPOCH:
		return judge_epoch(j, c);
	case PATH_EPOCH_KEY:
		return judge_epoch_key(j, c);
	case PATH_SCHEMA:
		return judge_schema(j, c);
	case PATH_DOSSIER:
		return judge_dossier(j, c);
	case PATH_RECORD:
		return judge_record(j, c);
	case PATH_PARKED:
		return judge_parked(j, c);
	case PATH_TOMBSTONE:
		return judge_tombstone(j, c);
	case PATH_SIGNERS: /* derived: judged for the whole */
	case PATH_SCHEMA_EXTRA:
	case PATH_BAD:
		break;
	}
	return 0;
}

static int
judge_paths(struct judge *j)
{
	bool members = false, signers = false;
	int rc = 0;

	for (size_t i = 0; i < j->changes.n && !rc; i++) {
		members |= j->changes.v[i].kind == PATH_MEMBER;
		signers |= j->changes.v[i].kind == PATH_SIGNERS;
		rc = judge_path(j, &j->changes.v[i]);
	}
	if (!rc && members && !judge_has_admin(j->after) && judge_has_admin(j->prior))
		rc = judge_breach(j, RULE_ADMIN, "members",
		    _("nobody would be left who is an administrator with a working device"));
	if (!rc && (members || signers))
		rc = judge_allowed_signers(j);
	return rc;
}

static int
judge_one_parent(struct judge *j)
{
	const struct policy_input *in = j->in;
	int rc;

	j->before = j->prior = in->before[0];
	if (in->commit.merge_rules)
		return judge_breach(
		    j, RULE_FORMAT, NULL, _("a change with one parent says that it is a merge"));
	rc = judge_signer(j, j->before);
	if (!rc)
		rc = changes_read(&j->changes, j->o, &in->parent_tree[0], &in->commit.tree, j->e);
	if (!rc && j->changes.n == 0)
		rc = judge_breach(j, RULE_RECORD, NULL, _("this changes nothing"));
	if (!rc)
		rc = judge_paths(j);
	return rc;
}

/* An administrator's acts are those that policy refuses to the same signer without the role. */
int
policy_needs_admin(bool *yes, const struct objects *o, const struct policy_side *s,
    struct state_cache *c, struct err *e)
{
	struct policy_input in = {.commit = {.nparents = 1, .tree = s->tree, .time = s->time}};
	struct verdict v = {0};
	struct judge j = {.v = &v, .o = o, .in = &in, .e = e, .now = s->time};
	struct state *state[2] = {NULL, NULL};
	const struct member *m = NULL;
	struct member me;
	int rc;

	*yes = s->admit;
	if (s->nparents != 1)
		return 0;
	rc = state_open(&state[0], c, &s->parent_tree[0], e);
	if (!rc)
		rc = state_open(&state[1], c, &s->tree, e);
	if (!rc && state_signer(state[0], s->signer, &m)) {
		me = *m;
		me.roles &= ~(unsigned)ROLE_ADMIN;
		j.before = j.prior = in.before[0] = state[0];
		j.after = in.after = state[1];
		j.me = &me;
		rc = changes_read(&j.changes, o, &s->parent_tree[0], &s->tree, e);
		if (!rc)
			rc = judge_paths(&j);
		*yes = rc == BREACH;
		if (rc == BREACH)
			rc = 0;
	}
	changes_free(&j.changes);
	if (state[0])
		state_close(state[0]);
	if (state[1])
		state_close(state[1]);
	return rc;
}

/* The founder judged from an empty state: one member besides recovery, one device, which signs. */
static int
judge_root(struct judge *j)
{
	const struct policy_input *in = j->in;
	const struct member *const *v = NULL, *founder = NULL;
	const struct dossier *unit = NULL;
	struct err inner = {0};
	size_t n = state_members(j->after, &v), people = 0;
	int rc;

	j->prior = j->after;
	if (in->commit.merge_rules)
		return judge_breach(
		    j, RULE_FORMAT, NULL, _("a change without parents says that it is a merge"));
	for (size_t i = 0; i < n; i++)
		if (!(v[i]->roles & ROLE_RECOVERY)) {
			founder = v[i];
			people++;
		}
	if (people != 1)
		return judge_breach(j, RULE_ROOT, "members",
		    _("a store begins with exactly one member besides recovery"));
	if (founder->ndevices != 1 || founder->devices[0].revoked ||
	    memcmp(founder->devices[0].signer, in->signer, 32) != 0)
		return judge_breach(j, RULE_ROOT, "members",
		    _("the founder has exactly one device, which signs the store's beginning"));
	if (!(founder->roles & ROLE_ADMIN))
		return judge_breach(
		    j, RULE_ROOT, "members", _("the founder is not an administrator"));
	rc = judge_signer(j, j->after);
	if (rc)
		return rc;
	rc = state_dossier(j->after, &unit, state_store(j->after)->unit, &inner);
	if (rc == ERR_NOTFOUND)
		return judge_breach(
		    j, RULE_ROOT, "store.yaml", _("the unit's own dossier is missing"));
	/* a fault in the file is told when its path is judged below */
	rc = changes_read(&j->changes, j->o, NULL, &in->commit.tree, j->e);
	return rc ? rc : judge_paths(j);
}

enum policy_rule
policy_state_rule(const struct err *e)
{
	const char *file = e->item[0].file;

	/* of all members together, not of a file that should not be */
	if (!*file || strcmp(file, "members") == 0 || storepath_parse(NULL, file) != PATH_BAD)
		return RULE_CONTROL;
	return RULE_PATH;
}

int
policy_judge(
    struct verdict *v, const struct objects *o, const struct policy_input *in, struct err *e)
{
	struct verdict fresh = {.ok = true};
	struct judge j = {
	    .v = &fresh, .o = o, .in = in, .e = e, .after = in->after, .now = in->commit.time};
	int rc;

	if (in->commit.nparents == 0)
		rc = judge_root(&j);
	else if (in->commit.nparents == 1)
		rc = judge_one_parent(&j);
	else
		rc = judge_merge(&j);
	changes_free(&j.changes);
	if (rc == BREACH)
		rc = 0;
	if (!rc)
		*v = fresh;
	return rc;
}

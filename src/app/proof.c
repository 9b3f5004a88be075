/* verify and checkpoint: what happened can be proved, on any copy and without an identity. */
#include "app/proof.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/os.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "sync/recompute.h"
#include "tree/node.h"
#include "vault/vault.h"

enum { NOTE_MAX = 64 * 1024 };

/* --- findings ---------------------------------------------------------------------------- */

static struct node *
hex_node(struct arena *a, const uint8_t *p, size_t n)
{
	char hex[65];

	hash_hex(hex, p, n);
	return node_str(a, hex);
}

static void
add_failure(struct proof *p, const struct oid *commit, const char *rule, const char *message)
{
	struct arena *a = p->s->arena;
	struct node *f = node_map(a);

	node_set(a, f, "commit", oid_zero(commit) ? node_null(a) : hex_node(a, commit->b, 20));
	node_set(a, f, "rule", node_str(a, rule));
	node_set(a, f, "message", node_str(a, message));
	node_push(a, p->failures, f);
}

void
proof_fail(struct proof *p, const struct oid *commit, const char *rule, const char *what,
    const char *text, const char *meaning)
{
	char hex[OID_HEX + 1], *message;

	oid_format(hex, commit);
	hex[12] = '\0';
	message = what ? xasprintf(_("commit %s, rule %s: %s: %s. %s"), hex, rule, what, text, meaning) :
	                 xasprintf(_("commit %s, rule %s: %s. %s"), hex, rule, text, meaning);
	add_failure(p, commit, rule, message);
	free(message);
}

static void
add_text(struct proof *p, struct node *list, const char *fmt, va_list ap)
{
	struct buf text = {0};

	buf_vprintf(&text, fmt, ap);
	node_push(p->s->arena, list, node_strn(p->s->arena, buf_str(&text), text.n));
	buf_free(&text);
}

void
proof_say(struct proof *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_text(p, p->proved, fmt, ap);
	va_end(ap);
}

void
proof_notice(struct proof *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_text(p, p->notices, fmt, ap);
	va_end(ap);
}

/* --- the copy -------------------------------------------------------------------------------- */

static void
proof_start(struct proof *p, struct session *s)
{
	*p = (struct proof){.s = s};
	p->failures = node_seq(s->arena);
	p->notices = node_seq(s->arena);
	p->proved = node_seq(s->arena);
}

static void
proof_end(struct proof *p)
{
	recompute_free(p->again);
	trail_report_free(&p->r);
	git_close(p->g);
	free(p->dir);
}

/* Any bare repository, or an ordinary clone, whose .git is one. */
static int
open_copy(struct proof *p, struct err *e)
{
	const char *store = p->s->store;
	struct err inner = {0};
	char *objects, *local;
	int rc;

	if (!store)
		return err_set(e, ERR_USAGE,
		    _("no store: stand in its folder, give -C STORE, or set AKT_STORE; akt alone says how to begin"));
	objects = xasprintf("%s/objects", store);
	p->dir = xasprintf("%s/.git", store);
	if (os_is_dir(objects) || !os_is_dir(p->dir)) {
		free(p->dir);
		p->dir = xstrdup(store);
	}
	free(objects);
	local = xasprintf("%s/akt", p->dir);
	p->local = os_is_dir(local);
	free(local);
	rc = as_usage(git_open(&p->g, p->dir, false, e));
	if (!rc)
		rc = git_ref_get(p->g, &p->head, VAULT_MAIN, &inner);
	if (rc == ERR_NOTFOUND && inner.n)
		/* where a store was, a branch that is gone is no innocent thing */
		return err_set(e, p->local ? ERR_DAMAGED : ERR_USAGE, p->local ?
		    _("the store has no branch main any more; akt doctor puts it back") :
		    _("%s is a git repository but no Akt store"), store);
	err_append(e, &inner);
	return rc;
}

/* --- the walk --------------------------------------------------------------------------- */

static int
each(void *ctx, const struct oid *id, const struct commit *c, const uint8_t trail[32],
    const uint8_t raw_sha256[32])
{
	struct proof *p = ctx;

	if (c->nparents == 0)
		p->root = *id;
	memcpy(p->store_id, c->store_id, sizeof p->store_id);
	if (p->note && oid_equal(&p->note->head, id)) {
		p->note_found = true;
		memcpy(p->note_trail, trail, sizeof p->note_trail);
		memcpy(p->note_sha256, raw_sha256, sizeof p->note_sha256);
	}
	return p->content ? proof_content_commit(p, id, c, p->e) : 0;
}

static int
walking(void *ctx, size_t done, size_t total)
{
	struct session *s = ((struct proof *)ctx)->s;

	return s->progress ? s->progress(s->ctx, _("verifying"), done, total) : 0;
}

/* From the root nothing that was worked out before is believed, the cache of tree ids included: it
 * may have come along with a copy. */
static int
walk(struct proof *p, const struct trail_mark *from)
{
	struct trail_options opt = {.from = from, .each = each, .progress = walking, .ctx = p};
	char *cache = from ? xasprintf("%s/akt/tree256", p->dir) : NULL;
	int rc;

	opt.cache_path = cache;
	trail_report_free(&p->r);
	rc = trail_verify(&p->r, p->g, &p->head, &opt, p->e);
	free(cache);
	return rc;
}

/* --- putting it together ---------------------------------------------------------------- */

static void
say_commits(struct proof *p, const struct proof_mark *from)
{
	char hex[OID_HEX + 1];

	if (p->failures->n > p->bad)
		return; /* what fails is said; only what records hold leaves the trail itself proved */
	if (!from) {
		proof_say(p, _("Commits from the first to HEAD: %zu. Each is signed by a device that was "
			"active, each is allowed by the rules in force at that point; none has been altered, "
			"removed or reordered."), p->r.commits);
		return;
	}
	oid_format(hex, &from->trail.commit);
	proof_say(p, _("Commits since %.12s, up to which this device verified the trail before: %zu. Each "
		"is signed by a device that was active, each is allowed by the rules in force at that "
		"point; none has been altered, removed or reordered."), hex,
	    p->r.commits - (size_t)from->trail.commits);
	proof_say(p, _("The %zu commits before that were not looked at again: akt verify --full"),
	    (size_t)from->trail.commits);
}

static void
say_content(struct proof *p, bool asked)
{
	if (!asked)
		proof_say(p, _("Content was not looked at."));
	else if (p->content && p->versions && !p->opened && !p->bad)
		proof_say(p, _("Of %zu record versions none could be opened: what they hold was not verified."),
		    p->versions);
	else if (p->content && !p->bad)
		proof_say(p, _("Of %zu record versions, %zu could be opened; each of these fits its path, its "
			"author and its time; merges were recomputed."), p->versions, p->opened);
	else if (p->content)
		proof_say(p, _("Of %zu record versions, %zu could be opened; of these %zu do not hold."),
		    p->versions, p->opened, p->bad);
}

/* Keys for the records. Control files of HEAD that cannot be read are the trail's failure to tell. */
static int
open_records(struct proof *p, struct err *e)
{
	struct err inner = {0};
	int rc = session_identity(p->s, e);

	if (rc)
		return rc;
	p->s->store = arena_strdup(p->s->arena, p->dir);
	rc = session_store(p->s, true, &inner);
	p->content = rc == 0;
	if (rc == ERR_DAMAGED) {
		proof_fail(p, &p->head, "content", NULL, inner.n ? inner.item[0].text : "",
		    _("What the records hold could not be looked at."));
		return 0;
	}
	err_append(e, &inner);
	return rc;
}

static int
prove(struct proof *p, const struct proof_ask *ask, struct err *e)
{
	bool whole = ask->full || ask->content || ask->fingerprint || ask->note;
	const struct identity *id = NULL;
	struct proof_mark mark = {0}, now = {0};
	const struct proof_mark *from = NULL;
	bool marked = false, contained = false;
	struct node *more;
	char *path = NULL;
	struct err inner = {0};
	int rc = open_copy(p, e);

	if (!rc && ask->content)
		rc = open_records(p, e);
	if (rc)
		return rc;
	p->note = ask->note;
	path = xasprintf("%s/akt/verified", p->dir);
	id = p->local ? session_quietly(p->s) : NULL;
	marked = id && proof_mark_read(&mark, path, id);
	if (marked && !whole && mark.trail.commits >= proof_mark_worth(0) &&
	    git_has(p->g, &mark.trail.commit) &&
	    git_is_ancestor(p->g, &contained, &mark.trail.commit, &p->head, &inner) == 0 && contained)
		from = &mark;
	rc = walk(p, from ? &from->trail : NULL);
	if (!rc && from && p->r.nfailures) {
		/* not as it was: the whole picture then */
		from = NULL;
		rc = walk(p, NULL);
	}
	/* the branch is there, so that nothing can be said of it is damage */
	if (rc && rc != ERR_CANCELLED)
		rc = ERR_DAMAGED;
	if (rc)
		goto done;
	for (size_t i = 0; i < p->r.nfailures; i++)
		add_failure(p, &p->r.failures[i].commit, policy_rule_name(p->r.failures[i].rule),
		    p->r.failures[i].message);
	for (size_t i = 0; i < p->r.nnotices; i++)
		proof_notice(p, "%s", p->r.notices[i]);
	if (from)
		memcpy(p->r.fingerprint, from->fingerprint, sizeof p->r.fingerprint);
	proof_check_fingerprint(p, ask->fingerprint, p->r.fingerprint);
	proof_check_note(p, ask);
	if (marked)
		proof_check_dropped(p, &mark);
	else if (!ask->note)
		proof_say(p, _("Whether newer commits were cut off cannot be seen in one copy alone: give "
			"--checkpoint."));
	proof_check_hubs(p);
	proof_check_devices(p, id, ask->full);
	more = p->proved;
	p->proved = node_seq(p->s->arena);
	say_commits(p, from);
	say_content(p, ask->content);
	for (size_t i = 0; i < more->n; i++)
		node_push(p->s->arena, p->proved, more->seq[i]);
	if (p->failures->n || !id || (marked && oid_equal(&mark.trail.commit, &p->head)))
		goto done;
	now = (struct proof_mark){.trail = {.commit = p->head, .commits = p->r.commits}};
	memcpy(now.trail.trail, p->r.trail, 32);
	memcpy(now.trail.sha256, p->r.head_sha256, 32);
	memcpy(now.fingerprint, p->r.fingerprint, 32);
	proof_mark_write(path, &now, id);
done:
	free(path);
	return rc;
}

static struct node *
shape(struct proof *p, int rc)
{
	struct arena *a = p->s->arena;
	struct node *n = node_map(a);
	bool walked = rc == 0, ok = walked && p->failures->n == 0;

	node_set(a, n, "ok", node_bool(a, ok));
	node_set(a, n, "commits", node_int(a, (int64_t)p->r.commits));
	node_set(a, n, "head", oid_zero(&p->head) ? node_null(a) : hex_node(a, p->head.b, 20));
	node_set(a, n, "trail", walked ? hex_node(a, p->r.trail, 32) : node_null(a));
	node_set(a, n, "fingerprint", p->rooted ? hex_node(a, p->r.fingerprint, 32) : node_null(a));
	/* who could open nothing has verified nothing of what the records hold */
	node_set(a, n, "content", node_bool(a, p->content && (p->opened || !p->versions)));
	node_set(a, n, "failures", p->failures);
	node_set(a, n, "notices", p->notices);
	node_set(a, n, "proved", p->proved);
	node_set(a, n, "verdict", node_str(a, ok ? _("The trail holds.") :
		walked || rc == ERR_DAMAGED ? _("THE TRAIL DOES NOT HOLD") :
		                              _("Nothing has been proved.")));
	if (p->content) {
		node_set(a, n, "versions", node_int(a, (int64_t)p->versions));
		node_set(a, n, "opened", node_int(a, (int64_t)p->opened));
	}
	return n;
}

/* Runs it. What prevents it is a failure like others, so that a program which reads the result finds
 * one shape; wrong use alone is an error. */
static int
run(struct proof *p, struct node **out, const struct proof_ask *ask, struct err *e)
{
	static const struct oid none;
	struct err inner = {0};
	const char *name;
	int rc;

	p->e = &inner;
	rc = prove(p, ask, &inner);
	p->e = NULL;
	if (err_exit_status((enum err_code)rc) == 2 || err_exit_status((enum err_code)rc) == 6) {
		err_append(e, &inner);
		return rc;
	}
	name = rc == ERR_DAMAGED || rc == ERR_IO ? policy_rule_name(RULE_DAMAGE) :
	                                           err_name((enum err_code)rc);
	for (int i = 0; rc && i < inner.n; i++)
		add_failure(p, oid_zero(&p->head) ? &none : &p->head, name, inner.item[i].text);
	*out = shape(p, rc);
	return rc ? rc : p->failures->n ? ERR_DAMAGED : 0;
}

static int
read_note(struct checkpoint *out, const char **fault, struct arena *a, const char *file,
    struct err *e)
{
	struct err inner = {0};
	struct buf text = {0};
	int rc = os_read_file(&text, file, NOTE_MAX, &inner);

	if (rc) {
		err_set(e, ERR_USAGE, _("the checkpoint's file cannot be read: %s"), file);
		rc = ERR_USAGE;
	} else if (checkpoint_parse(out, buf_str(&text), text.n, file, &inner)) {
		struct buf line = {0};

		err_format(&line, &inner.item[0]);
		*fault = arena_strdup(a, buf_str(&line));
		buf_free(&line);
	}
	buf_free(&text);
	return rc;
}

int
app_verify(struct session *s, struct node **out, bool content, bool full,
    const char *checkpoint_file, const char *fingerprint, struct err *e)
{
	struct proof_ask ask = {.content = content, .full = full};
	struct checkpoint note = {0};
	struct proof p = {0};
	uint8_t want[32];
	char hex[65] = "";
	int rc = 0;

	/* an empty one is no wish to look at none: a script whose variable is not set says that */
	if (fingerprint) {
		/* read off paper, so in either case */
		for (size_t i = 0; i < 64 && fingerprint[i]; i++)
			hex[i] = (char)tolower((unsigned char)fingerprint[i]);
		if (strlen(fingerprint) != 64 || !hash_unhex(want, sizeof want, hex))
			return err_set(e, ERR_USAGE,
			    _("the fingerprint is 64 hex digits, as akt init showed it"));
		ask.fingerprint = want;
	}
	if (checkpoint_file) {
		rc = read_note(&note, &ask.note_fault, s->arena, checkpoint_file, e);
		if (rc)
			return rc;
		ask.note = ask.note_fault ? NULL : &note;
	}
	proof_start(&p, s);
	rc = run(&p, out, &ask, e);
	proof_end(&p);
	return rc;
}

int
app_checkpoint(struct session *s, struct node **out, struct err *e)
{
	struct proof_ask ask = {0};
	const struct member *me;
	const struct device *d;
	struct node *result = NULL, *n;
	struct buf text = {0};
	struct proof p = {0};
	char at[DATE_TIME_LEN + 1];
	int64_t now = date_now();
	int rc = session_identity(s, e);

	if (rc)
		return rc;
	proof_start(&p, s);
	rc = run(&p, &result, &ask, e);
	if (rc && result) {
		for (size_t i = 0; i < p.failures->n; i++)
			err_set(e, (enum err_code)rc, "%s", node_get_str(p.failures->seq[i], "message"));
		err_set(e, (enum err_code)rc,
		    _("no checkpoint was made: it would witness a trail that does not hold"));
	}
	if (!rc)
		rc = session_store(s, true, e);
	if (!rc)
		rc = vault_me(s->v, &me, &d, e);
	if (rc)
		goto done;
	checkpoint_format(&text, state_store(vault_state(s->v))->id, &p.r, now, d->id, s->id->sign_sk,
	    s->id->sign_pk);
	date_time_format(at, now);
	n = node_map(s->arena);
	node_set(s->arena, n, "head", node_get(result, "head"));
	node_set(s->arena, n, "trail", node_get(result, "trail"));
	node_set(s->arena, n, "commits", node_get(result, "commits"));
	node_set(s->arena, n, "time", node_str(s->arena, at));
	node_set(s->arena, n, "checkpoint", node_strn(s->arena, buf_str(&text), text.n));
	*out = n;
done:
	proof_end(&p);
	buf_free(&text);
	return rc;
}

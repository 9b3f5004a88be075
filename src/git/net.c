#include "git/certs.h"
#include "git/net.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/os.h"

enum {
	SILENCE_S = 30, /* while connecting and listing */
	FETCH_SILENCE_S = 120,
	PUSH_SILENCE_S = 900, /* the hub verifies what it was sent, and says nothing meanwhile */
	WORDS_KEPT = 4096,
	WORDS_SHOWN = 400,
	REFS_MAX = 100000,
};

static int
on_words(const char *s, int len, void *payload)
{
	struct net *n = payload;

	if (n->words.n > 2 * WORDS_KEPT) {
		struct buf tail = {0};

		buf_add(&tail, n->words.p + n->words.n - WORDS_KEPT, WORDS_KEPT);
		buf_free(&n->words);
		n->words = tail;
	}
	for (int i = 0; i < len; i++)
		buf_putc(&n->words, s[i]);
	return 0;
}

static int
told(struct net *n, size_t done, size_t total)
{
	if (n->progress && n->progress(n->ctx, done, total)) {
		n->cancelled = true;
		return GIT_EUSER;
	}
	return 0;
}

static int
on_fetched(const git_indexer_progress *stats, void *payload)
{
	return told(payload, stats->received_objects, stats->total_objects);
}

static int
on_pushed(unsigned current, unsigned total, size_t bytes, void *payload)
{
	(void)bytes;
	return told(payload, current, total);
}

static int
on_packed(int stage, uint32_t current, uint32_t total, void *payload)
{
	(void)stage, (void)current, (void)total;
	return told(payload, 0, 0);
}

static int
on_update(const char *ref, const char *status, void *payload)
{
	struct net *n = payload;

	(void)ref; /* one at a time */
	n->answered = true;
	free(n->status);
	n->status = status ? xstrdup(status) : NULL;
	return 0;
}

static void
set_callbacks(git_remote_callbacks *cb, struct net *n)
{
	cb->credentials = login_credentials;
	cb->certificate_check = login_certificate;
	cb->sideband_progress = on_words;
	cb->transfer_progress = on_fetched;
	cb->push_transfer_progress = on_pushed;
	cb->pack_progress = on_packed;
	cb->push_update_reference = on_update;
	cb->payload = n;
}

/* What a stranger sent, made fit for a terminal: its last lines, in one, no control characters;
 * what git itself adds ("remote: ", progress ending in CR) thinned. */
static void
tidy(struct buf *out, const char *s, size_t n)
{
	struct buf all = {0};
	size_t from = 0;
	bool gap = false;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\n' || c == '\r') {
			gap = all.n > 0;
			continue;
		}
		if (gap)
			buf_puts(&all, "; ");
		gap = false;
		buf_putc(&all, c < 0x20 || c == 0x7f ? ' ' : c);
	}
	if (all.n > WORDS_SHOWN) {
		from = all.n - WORDS_SHOWN;
		while (from < all.n && ((unsigned char)all.p[from] & 0xc0) == 0x80)
			from++;
	}
	buf_add(out, buf_str(&all) + from, all.n - from);
	buf_free(&all);
}

static int
explain_host(struct net *n, struct err *e)
{
	if (!n->fingerprint.n)
		return err_set(e, ERR_HUB, _("the hub's host key is of an unknown kind"));
	return err_set(e, ERR_HUB,
	    _("the hub's host key %s is not known, or not the one known before; "
	      "compare it with the hub's keeper, then connect once with ssh (or use ssh-keyscan) "
	      "so that "
	      "it stands in ~/.ssh/known_hosts"),
	    buf_str(&n->fingerprint));
}

/* Why a connection failed. libgit2's own texts mislead (a wrong password is "http.followRedirects
 * was not found"), so what the callbacks saw comes first. */
static int
explain(struct net *n, int rc, struct err *e)
{
	const git_error *last = git_error_last();
	const char *text = last && last->message ? last->message : "";
	struct buf shown = {0};

	if (n->cancelled)
		return err_set(e, ERR_CANCELLED, _("cancelled"));
	if (n->refused_host)
		return explain_host(n, e);
	if (n->refused_cert)
		return err_set(
		    e, ERR_HUB, _("the hub's certificate cannot be verified; it is not used"));
	if (!n->stream)
		n->stream = stream_failure();
	if (n->stream)
		return err_set(e, ERR_HUB, "%s", n->stream);
	if (n->asked && rc < 0 &&
	    (rc == GIT_EAUTH || strstr(text, "auth") || strstr(text, "401") ||
		strstr(text, "403") || strstr(text, "followRedirects") ||
		strstr(text, "xtract public key"))) {
		if (strcmp(n->a.scheme, "ssh") == 0)
			return err_set(e, ERR_HUB,
			    _("the hub accepted no ssh key; load one into the ssh agent, or "
			      "name its file in AKT_SSH_KEY, and have it admitted at the hub"));
		return err_set(e, ERR_HUB,
		    _("the hub refused the login; check AKT_HTTP_USER and "
		      "AKT_HTTP_PASSWORD_FILE, or the address"));
	}
	if (strstr(text, "404") || strstr(text, "not found") ||
	    strstr(text, "does not appear to be"))
		return err_set(e, ERR_HUB, _("there is no repository at the hub's address"));
	if (strstr(text, "redirect"))
		return err_set(
		    e, ERR_HUB, _("the hub's address points elsewhere; use the final address"));
	tidy(&shown, text, strlen(text));
	if (shown.n)
		err_set(e, ERR_HUB, _("the hub's answer makes no sense or broke off: %s"),
		    buf_str(&shown));
	else
		err_set(e, ERR_HUB, _("the hub's answer makes no sense or broke off"));
	buf_free(&shown);
	return ERR_HUB;
}

static int
silence_limit(int s)
{
	const char *env = getenv("AKT_HUB_TIMEOUT");
	long v = env ? strtol(env, NULL, 10) : 0;

	return v > 0 && v < 86400 ? (int)v : s;
}

/* Did libssh2 fail at the key itself, before the hub said anything of it? */
static bool
unusable_key(const struct net *n)
{
	const git_error *last = git_error_last();

	return n->asked && !n->stream && strcmp(n->a.scheme, "ssh") == 0 && last && last->message &&
	    strstr(last->message, "authenticate");
}

/* Connects; a key that libssh2 cannot use ends the whole attempt, so then another is made that
 * begins with the next key. */
static int
dial(struct net *n, lg_remote *lg, git_direction direction, struct err *e)
{
	git_remote_connect_options opts;
	int rc, before;

	if (strcmp(n->a.scheme, "ssh") != 0)
		certs_load();
	git_remote_connect_options_init(&opts, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
	set_callbacks(&opts.callbacks, n);
	opts.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	n->next_cred = 0;
	n->refused_host = n->refused_cert = n->cancelled = n->answered = false;
	buf_reset(&n->words);
	stream_limit(silence_limit(SILENCE_S));
	stream_failure();
	n->stream = NULL;
	do {
		before = n->next_cred;
		n->asked = false;
		git_error_clear();
		rc = git_remote_connect_ext(lg, direction, &opts);
		n->stream = stream_failure();
	} while (rc == GIT_ERROR && unusable_key(n) && n->next_cred > before &&
	    n->next_cred < LOGIN_END);
	return rc < 0 ? explain(n, rc, e) : 0;
}

static int
advertised(lg_remote *lg, struct git_remote *out, struct err *e)
{
	const git_remote_head **heads;
	size_t n;

	if (git_remote_ls(&heads, &n, lg) < 0)
		return lib_fail(e, ERR_HUB, _("the hub does not list its refs"));
	if (n > REFS_MAX)
		return err_set(e, ERR_HUB, _("the hub has too many refs"));
	for (size_t i = 0; i < n; i++) {
		struct oid id;
		int valid = 0;

		lib_oid_set(&id, &heads[i]->oid);
		if (strncmp(heads[i]->name, "refs/", 5) != 0 || oid_zero(&id) ||
		    git_reference_name_is_valid(&valid, heads[i]->name) < 0 || !valid)
			continue; /* HEAD, and tags' targets */
		hub_add_ref(out, heads[i]->name, &id);
	}
	return 0;
}

static void
hang_up(lg_remote *lg)
{
	if (lg)
		git_remote_disconnect(lg);
	git_remote_free(lg);
}

int
net_open(struct git_remote *r, const struct address *a, struct err *e)
{
	const char *home = getenv("HOME");
	struct passwd *pw = home && *home ? NULL : getpwuid(getuid());
	struct net *n = xcalloc(1, sizeof *n);
	lg_remote *lg = NULL;
	int rc;

	r->net = n;
	n->a = (struct address){xstrdup(a->scheme), a->user ? xstrdup(a->user) : NULL,
	    xstrdup(a->host), a->port ? xstrdup(a->port) : NULL};
	n->home = xstrdup(home && *home ? home : pw ? pw->pw_dir : "/");
	/* libgit2 finds known_hosts by it and fails without */
	if (!home || !*home)
		setenv("HOME", n->home, 1);
	stream_install();
	if (git_remote_create_detached(&lg, r->url) < 0)
		return err_set(e, ERR_USAGE, _("the hub's address is malformed"));
	rc = dial(n, lg, GIT_DIRECTION_FETCH, e);
	if (!rc)
		rc = advertised(lg, r, e);
	hang_up(lg);
	return rc;
}

void
net_close(struct net *n)
{
	if (!n)
		return;
	address_free(&n->a);
	free(n->home);
	free(n->status);
	buf_free(&n->fingerprint);
	buf_free(&n->words);
	free(n);
}

/* Is `ref` where it was when the remote was opened? */
static int
unmoved(struct git_remote *then, lg_remote *lg, const char *const *refs, size_t n, struct err *e)
{
	struct git_remote now = {0};
	int rc = advertised(lg, &now, e);

	for (size_t i = 0; !rc && i < n; i++) {
		const struct oid *a = git_remote_ref(then, refs[i]),
				 *b = git_remote_ref(&now, refs[i]);

		if (a ? !b || !oid_equal(a, b) : b != NULL)
			rc = err_set(e, ERR_RACE, _("the hub moved meanwhile; sync again"));
	}
	for (size_t i = 0; i < now.refs.n; i++)
		free(now.refs.v[i].name);
	free(now.refs.v);
	return rc;
}

static int
download(struct net *n, lg_remote *lg, const char *const *refs, size_t nrefs, struct err *e)
{
	git_strarray specs = {xcalloc(nrefs + 1, sizeof *specs.strings), nrefs};
	git_fetch_options opts;
	int rc;

	git_fetch_options_init(&opts, GIT_FETCH_OPTIONS_VERSION);
	set_callbacks(&opts.callbacks, n);
	opts.prune = GIT_FETCH_NO_PRUNE;
	opts.update_fetchhead = 0;
	opts.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
	opts.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	for (size_t i = 0; i < nrefs; i++)
		specs.strings[i] = xasprintf("+%s:%s", refs[i], refs[i]);
	stream_limit(silence_limit(FETCH_SILENCE_S));
	/* brings objects only and moves no ref */
	rc = git_remote_download(lg, &specs, &opts);
	if (rc < 0)
		rc = explain(n, rc, e);
	for (size_t i = 0; i < nrefs; i++)
		free(specs.strings[i]);
	free(specs.strings);
	return rc;
}

int
net_fetch(struct git_remote *r, struct git *into, const struct wanted *w, size_t n, bool alone,
    lib_progress_fn progress, void *ctx, struct err *e)
{
	const char **refs = xcalloc(n + 1, sizeof *refs);
	struct git *q = NULL;
	lg_remote *lg = NULL;
	size_t nrefs = 0;
	int rc;

	r->net->progress = progress;
	r->net->ctx = ctx;
	for (size_t i = 0; i < n; i++)
		if (!w[i].here)
			refs[nrefs++] = w[i].remote_ref;
	rc = quarantine_open(&q, into, alone, e);
	if (!rc && git_remote_create_anonymous(&lg, q->repo, r->url) < 0)
		rc = err_set(e, ERR_USAGE, _("the hub's address is malformed"));
	if (!rc)
		rc = dial(r->net, lg, GIT_DIRECTION_FETCH, e);
	if (!rc)
		rc = unmoved(r, lg, refs, nrefs, e);
	if (!rc)
		rc = download(r->net, lg, refs, nrefs, e);
	hang_up(lg);
	for (size_t i = 0; !rc && i < n; i++)
		if (!w[i].here && alone)
			rc = copy_closure(q, into, &w[i].id, NULL, progress, ctx, e);
		else if (!w[i].here)
			rc = copy_closure(
			    q, q, &w[i].id, w[i].has_base ? &w[i].base : NULL, progress, ctx, e);
	if (!rc && !alone)
		rc = quarantine_adopt(q, into, e);
	quarantine_close(q);
	free(refs);
	r->net->progress = NULL;
	return rc;
}

/* What the hub answered for the pushed ref. */
static int
verdict(struct net *n, struct err *e)
{
	static const char *const races[] = {"non-fast-forward", "stale info", "fetch first",
	    "failed to update ref", "failed to lock", "cannot lock ref", "already exists",
	    "incorrect old value"};
	struct buf shown = {0};

	if (!n->answered)
		return err_set(
		    e, ERR_HUB, _("the hub did not say whether it took the change; sync again"));
	if (!n->status)
		return 0;
	for (size_t i = 0; i < sizeof races / sizeof *races; i++)
		if (strstr(n->status, races[i]))
			return err_set(e, ERR_RACE, _("the hub moved meanwhile; sync again"));
	tidy(&shown, buf_str(&n->words), n->words.n);
	if (!shown.n)
		tidy(&shown, n->status, strlen(n->status));
	err_set(e, ERR_ACCESS, _("the hub refused the change: %s"), buf_str(&shown));
	buf_free(&shown);
	return ERR_ACCESS;
}

static int
upload(struct net *n, lg_remote *lg, const char *local, const char *ref, struct err *e)
{
	git_push_options opts;
	/* '+': whether it is a fast-forward was decided before, by ancestry and not by dates */
	char *spec = local ? xasprintf("+%s:%s", local, ref) : xasprintf(":%s", ref);
	git_strarray specs = {&spec, 1};
	struct buf shown = {0};
	int rc;

	git_push_options_init(&opts, GIT_PUSH_OPTIONS_VERSION);
	set_callbacks(&opts.callbacks, n);
	opts.pb_parallelism = 1;
	opts.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	stream_limit(silence_limit(PUSH_SILENCE_S));
	rc = git_remote_upload(lg, &specs, &opts);
	if (rc == 0) {
		rc = verdict(n, e);
	} else if (rc == GIT_ENONFASTFORWARD) {
		rc = err_set(e, ERR_RACE, _("the hub moved meanwhile; sync again"));
	} else if (n->answered && n->status) {
		rc = verdict(n, e);
	} else {
		rc = explain(n, rc, e);
		tidy(&shown, buf_str(&n->words), n->words.n);
		if (shown.n && rc == ERR_HUB)
			err_set(e, ERR_HUB, _("the hub said: %s"), buf_str(&shown));
	}
	buf_free(&shown);
	free(spec);
	return rc;
}

int
net_push(struct git_remote *r, struct git *from, const char *ref, const struct oid *old,
    const struct oid *id, lib_progress_fn progress, void *ctx, struct err *e)
{
	char rnd[ID_RECORD + 1], *local = NULL;
	lg_remote *lg = NULL;
	struct err unused = {0};
	int rc = 0;

	(void)old; /* unmoved() compares the list itself */
	r->net->progress = progress;
	r->net->ctx = ctx;
	if (id) {
		/* libgit2 pushes refs, not ids; those under refs/akt/out are private and
		 * short-lived */
		id_random(rnd, ID_RECORD);
		local = xasprintf("refs/akt/out/push-%s", rnd);
		rc = git_ref_set(from, local, id, NULL, e);
		if (rc)
			xfree(local);
	}
	if (!rc && git_remote_create_anonymous(&lg, from->repo, r->url) < 0)
		rc = err_set(e, ERR_USAGE, _("the hub's address is malformed"));
	if (!rc)
		rc = dial(r->net, lg, GIT_DIRECTION_PUSH, e);
	if (!rc)
		rc = unmoved(r, lg, &ref, 1, e);
	if (!rc)
		rc = upload(r->net, lg, local, ref, e);
	hang_up(lg);
	if (local)
		git_ref_set(from, local, NULL, id, &unused);
	free(local);
	r->net->progress = NULL;
	return rc;
}

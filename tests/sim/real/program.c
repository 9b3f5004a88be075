/* What people do, done by the program: the linker takes these in place of app's and sync's own functions
 * (--wrap). What they give back is read from what the program printed. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "crypt/identity.h"
#include "sim/mem.h"
#include "sim/real/real.h"
#include "sim/world.h"
#include "sync/sync.h"
#include "tree/node.h"
#include "vault/vault.h"

enum { ARGS = 32, KILL_MS = 40, KILL_FAR_MS = 400 };

struct command {
	size_t n;
	char *v[ARGS];
};

static void
add(struct command *c, const char *text)
{
	if (c->n + 1 == ARGS)
		abort();
	c->v[c->n++] = xstrdup(text);
}

static void
add_pair(struct command *c, const char *option, const char *value)
{
	if (value) {
		add(c, option);
		add(c, value);
	}
}

static enum err_code
code_of(int status)
{
	switch (status) {
	case 0:
		return ERR_OK;
	case 1:
		return ERR_FINDINGS;
	case 2:
		return ERR_USAGE;
	case 3:
		return ERR_INVALID;
	case 4:
		return ERR_ACCESS;
	case 6:
		return ERR_HUB;
	default:
		return ERR_DAMAGED;
	}
}

/* Where a fault is due the program is killed some time; where somebody else comes first, they come while it
 * runs. */
static int
run(struct buf *out, struct command *c, struct vault *v, struct err *e)
{
	const char *argv[ARGS + 3] = {real_akt, "--json"};
	void (*first)(void *) = mem_before_push;
	char identity[256], name[] = "/tmp/akt-sim-out-XXXXXX", block[4096];
	long ms = 0;
	int fd = mkstemp(name), status, rc;
	bool killed, together = first && strcmp(c->v[0], "sync") == 0;
	int64_t clock = date_now();
	struct err inner = {0};
	ssize_t n;
	pid_t pid;

	if (fd < 0)
		abort();
	unlink(name);
	for (size_t i = 0; i < c->n; i++)
		argv[2 + i] = c->v[i];
	if (mem_fault.kind && !mem_fault.seen)
		ms = 1 + mem_fault.at * 7 % (real_way == WAY_FOLDER ? KILL_MS : KILL_FAR_MS);
	real_identity(identity, vault_identity(v)->id);
	pid = real_start(argv, vault_path(v), identity, fd);
	if (together) {
		mem_before_push = NULL;
		first(mem_before_push_ctx);
		date_clock_set(clock);
	}
	status = real_wait(pid, ms, &killed);
	for (off_t at = 0; (n = pread(fd, block, sizeof block, at)) > 0; at += n)
		buf_add(out, block, (size_t)n);
	close(fd);
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i]);
	mem_fault.seen |= killed;
	rc = killed ? (mem_fault.kind == FAULT_NET ? ERR_HUB : ERR_IO) : (int)code_of(status);
	/* both had the same lock, or lost the same race too often */
	if (together && rc == ERR_HUB) {
		mem_fault.seen = true;
		mem_fault.kind = FAULT_NET;
	}
	if (rc && rc != ERR_FINDINGS)
		err_set(e, (enum err_code)rc, "%.400s", buf_str(out));
	vault_refresh(v, &inner);
	return rc;
}

static int
simple(struct session *s, struct command *c, struct err *e)
{
	struct buf out = {0};
	int rc = run(&out, c, s->v, e);

	buf_free(&out);
	return rc;
}

/* --- of its answers, what is looked at: numbers and lists of texts, by their keys ----------------- */

static const char *
member(const struct buf *json, const char *key)
{
	char *quoted = xasprintf("\"%s\":", key);
	const char *p = strstr(buf_str((struct buf *)json), quoted);
	size_t n = strlen(quoted);

	free(quoted);
	return p ? p + n : NULL;
}

static size_t
number(const struct buf *json, const char *key)
{
	const char *p = member(json, key);

	return p ? strtoull(p, NULL, 10) : 0;
}

/* Calls for each text of the list, without its quotes. */
static void
texts(const struct buf *json, const char *key, void (*each)(struct sync_result *r, const char *text),
    struct sync_result *r)
{
	const char *p = member(json, key);

	while (p && *p != ']' && (p = strpbrk(p, "\"]")) && *p == '"') {
		const char *end = ++p;
		char *one;

		while (*end && (*end != '"' || end[-1] == '\\'))
			end++;
		one = xasprintf("%.*s", (int)(end - p), p);
		each(r, one);
		free(one);
		p = *end ? end + 1 : end;
	}
}

static void
waits(struct sync_result *r, const char *device)
{
	r->quarantined = xrealloc(r->quarantined, r->nquarantined + 1, sizeof *r->quarantined);
	snprintf(r->quarantined[r->nquarantined++], sizeof *r->quarantined, "%s", device);
}

static void
admitted(struct sync_result *r, const char *device)
{
	r->admitted = xrealloc(r->admitted, r->nadmitted + 1, sizeof *r->admitted);
	snprintf(r->admitted[r->nadmitted++], sizeof *r->admitted, "%s", device);
}

static void
notice(struct sync_result *r, const char *text)
{
	r->notices = xrealloc(r->notices, r->nnotices + 1, sizeof *r->notices);
	r->notices[r->nnotices++] = xstrdup(text);
	r->recovery |= strstr(text, "only the recovery identity") != NULL;
}

static void
fill(struct sync_result *r, const struct buf *json)
{
	*r = (struct sync_result){0};
	r->fetched = number(json, "fetched");
	r->pushed = number(json, "pushed");
	r->merged = number(json, "merged");
	texts(json, "quarantined", waits, r);
	texts(json, "admitted", admitted, r);
	texts(json, "notices", notice, r);
	if (member(json, "erasing"))
		r->erasing = xcalloc(r->nerasing = 1, sizeof *r->erasing);
}

/* --- in place of the program's functions ---------------------------------------------------------- */

int __wrap_sync_run(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const struct sync_options *opt, struct err *e);
int __wrap_sync_admit(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const char *device, const struct sync_options *opt, struct err *e);
int __real_sync_join(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const uint8_t fingerprint[32], const struct sync_options *opt, struct err *e);
int __wrap_sync_join(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const uint8_t fingerprint[32], const struct sync_options *opt, struct err *e);
int __wrap_app_new(struct session *s, struct node **out, const char *type, const char *dossier,
    const struct assignment *set, size_t nset, const char *from_file, bool edit, struct err *e);
int __wrap_app_set(struct session *s, struct node **out, const char *rec, const struct assignment *set,
    size_t nset, const char *const *unset, size_t nunset, const char *why, struct err *e);
int __wrap_app_resolve(struct session *s, struct node **out, const char *rec, const char *path, int take,
    const char *value, bool drop, const char *why, struct err *e);
int __wrap_app_member_add(struct session *s, struct node **out, const char *card, const char *roles,
    const char *const *teams, size_t nteams, struct err *e);
int __wrap_app_member_remove(struct session *s, struct node **out, const char *handle, struct err *e);
int __wrap_app_member_role(
    struct session *s, struct node **out, const char *handle, const char *roles, struct err *e);
int __wrap_app_device_add(struct session *s, struct node **out, const char *card, struct err *e);
int __wrap_app_device_revoke(struct session *s, struct node **out, const char *device, struct err *e);
int __wrap_app_team(struct session *s, struct node **out, const char *team, const char *const *add_,
    size_t nadd, const char *const *remove_, size_t nremove, struct err *e);
int __wrap_app_access(struct session *s, struct node **out, const char *dossier, const char *const *grant,
    size_t ngrant, const char *const *revoke, size_t nrevoke, const char *until, struct err *e);
int __wrap_app_erase(struct session *s, struct node **out, const char *dossier, const char *basis,
    bool confirm, struct err *e);

int
__wrap_sync_run(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const struct sync_options *opt, struct err *e)
{
	struct command c = {0};
	struct buf json = {0};
	int rc;

	(void)url, (void)opt;
	add(&c, "sync");
	add(&c, name);
	rc = run(&json, &c, v, e);
	fill(out, &json);
	buf_free(&json);
	return rc;
}

int
__wrap_sync_admit(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const char *device, const struct sync_options *opt, struct err *e)
{
	struct command c = {0};
	struct buf json = {0};
	int rc;

	(void)url, (void)opt;
	add(&c, "admit");
	add(&c, device);
	add(&c, name);
	rc = run(&json, &c, v, e);
	fill(out, &json);
	buf_free(&json);
	return rc;
}

int
__wrap_sync_join(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const uint8_t fingerprint[32], const struct sync_options *opt, struct err *e)
{
	return __real_sync_join(out, v, name, real_url(url), fingerprint, opt, e);
}

static void
add_values(struct command *c, const char *option, const struct assignment *set, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *one = xasprintf("%s=%s", set[i].path, set[i].value);

		if (option)
			add(c, option);
		add(c, one);
		free(one);
	}
}

int
__wrap_app_new(struct session *s, struct node **out, const char *type, const char *dossier,
    const struct assignment *set, size_t nset, const char *from_file, bool edit, struct err *e)
{
	struct command c = {0};
	struct buf json = {0};
	const char *id;
	int rc;

	(void)dossier, (void)from_file, (void)edit;
	add(&c, "new");
	add(&c, type);
	add_values(&c, "--set", set, nset);
	rc = run(&json, &c, s->v, e);
	id = member(&json, "id");
	*out = node_map(s->arena);
	if (!rc && id)
		node_set(s->arena, *out, "id",
		    node_str(s->arena, arena_printf(s->arena, "%.*s", (int)strcspn(id + 1, "\""), id + 1)));
	buf_free(&json);
	return rc;
}

int
__wrap_app_set(struct session *s, struct node **out, const char *rec, const struct assignment *set,
    size_t nset, const char *const *unset, size_t nunset, const char *why, struct err *e)
{
	struct command c = {0};

	(void)out;
	add(&c, "set");
	add(&c, rec);
	add_values(&c, NULL, set, nset);
	for (size_t i = 0; i < nunset; i++)
		add_pair(&c, "--unset", unset[i]);
	add_pair(&c, "--why", why);
	return simple(s, &c, e);
}

int
__wrap_app_resolve(struct session *s, struct node **out, const char *rec, const char *path, int take,
    const char *value, bool drop, const char *why, struct err *e)
{
	struct command c = {0};
	char number_[16];

	(void)out;
	add(&c, "resolve");
	add(&c, rec);
	add(&c, path);
	snprintf(number_, sizeof number_, "%d", take);
	if (take)
		add_pair(&c, "--take", number_);
	add_pair(&c, "--value", value);
	if (drop)
		add(&c, "--drop");
	add_pair(&c, "--why", why);
	return simple(s, &c, e);
}

int
__wrap_app_member_add(struct session *s, struct node **out, const char *card, const char *roles,
    const char *const *teams, size_t nteams, struct err *e)
{
	struct command c = {0};

	(void)out;
	add(&c, "member");
	add(&c, "add");
	add(&c, card);
	add_pair(&c, "--role", roles);
	for (size_t i = 0; i < nteams; i++)
		add_pair(&c, "--team", teams[i]);
	return simple(s, &c, e);
}

/* Two words and one or two arguments. */
static int
words(struct session *s, const char *family, const char *what, const char *a, const char *b,
    struct err *e)
{
	struct command c = {0};

	add(&c, family);
	add(&c, what);
	add(&c, a);
	if (b)
		add(&c, b);
	return simple(s, &c, e);
}

int
__wrap_app_member_remove(struct session *s, struct node **out, const char *handle, struct err *e)
{
	(void)out;
	return words(s, "member", "remove", handle, NULL, e);
}

int
__wrap_app_member_role(
    struct session *s, struct node **out, const char *handle, const char *roles, struct err *e)
{
	(void)out;
	return words(s, "member", "role", handle, roles, e);
}

int
__wrap_app_device_add(struct session *s, struct node **out, const char *card, struct err *e)
{
	(void)out;
	return words(s, "device", "add", card, NULL, e);
}

int
__wrap_app_device_revoke(struct session *s, struct node **out, const char *device, struct err *e)
{
	(void)out;
	return words(s, "device", "revoke", device, NULL, e);
}

int
__wrap_app_team(struct session *s, struct node **out, const char *team, const char *const *add_,
    size_t nadd, const char *const *remove_, size_t nremove, struct err *e)
{
	struct command c = {0};

	(void)out;
	add(&c, "team");
	add(&c, team);
	for (size_t i = 0; i < nadd; i++)
		add_pair(&c, "--add", add_[i]);
	for (size_t i = 0; i < nremove; i++)
		add_pair(&c, "--remove", remove_[i]);
	return simple(s, &c, e);
}

int
__wrap_app_access(struct session *s, struct node **out, const char *dossier, const char *const *grant,
    size_t ngrant, const char *const *revoke, size_t nrevoke, const char *until, struct err *e)
{
	struct command c = {0};

	(void)out;
	add(&c, "access");
	add(&c, dossier);
	for (size_t i = 0; i < ngrant; i++)
		add_pair(&c, "--grant", grant[i]);
	for (size_t i = 0; i < nrevoke; i++)
		add_pair(&c, "--revoke", revoke[i]);
	add_pair(&c, "--until", until);
	return simple(s, &c, e);
}

int
__wrap_app_erase(struct session *s, struct node **out, const char *dossier, const char *basis,
    bool confirm, struct err *e)
{
	struct command c = {0};

	(void)out;
	add(&c, "erase");
	add(&c, dossier);
	add_pair(&c, "--basis", basis);
	if (confirm)
		add(&c, "--confirm");
	return simple(s, &c, e);
}

/* Hubs: making, joining, syncing, guarding them. */
#include "app/care.h"
#include "app/readers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/os.h"
#include "git/repo.h"
#include "sync/sync.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/vault.h"

enum { REMOTES_MAX = 64 * 1024, HOOK_MAX = 64 * 1024 };

/* --- the list of remotes: STORE/akt/remotes.yaml, NAME: URL ------------------------- */

static int
check_remotes(const struct node *list, const char *path, struct err *e)
{
	bool ok = list->kind == NODE_MAP;

	for (size_t i = 0; ok && i < list->n; i++)
		ok = storepath_team_ok(list->map[i].key) && list->map[i].value->kind == NODE_STR;
	return ok ? 0 : err_at(e, ERR_INVALID, path, list->line, list->column, NULL,
	    _("is no list of remotes, NAME: URL; mend it, or delete it and name them again"));
}

int
remotes_read(struct session *s, const char *store, struct node **out, struct err *e)
{
	char *path = xasprintf("%s/akt/remotes.yaml", store);
	struct buf text = {0};
	struct node *list = NULL;
	struct err inner = {0};
	int rc = os_read_file(&text, path, REMOTES_MAX, &inner);

	if (rc == ERR_NOTFOUND) {
		*out = node_map(s->arena);
		rc = 0;
	} else {
		err_append(e, &inner);
		if (!rc)
			rc = yaml_parse(&list, s->arena, buf_str(&text), text.n, path, YAML_INPUT, e);
		if (!rc)
			rc = check_remotes(list, path, e);
		if (!rc)
			*out = list;
	}
	buf_free(&text);
	free(path);
	return rc;
}

static int
read_remotes(struct session *s, struct node **out, struct err *e)
{
	return remotes_read(s, vault_path(s->v), out, e);
}

static bool
name_ok(const char *name)
{
	return storepath_team_ok(name) && name[0] != '~';
}

/* A relative folder is meant from where the person stands, not from the store. */
static char *
absolute(const char *url)
{
	char *full;

	if (url[0] == '/' || strstr(url, "://") || (strchr(url, ':') && !os_is_dir(url)))
		return xstrdup(url);
	full = realpath(url, NULL);
	return full ? full : xstrdup(url);
}

static int
add_remote(struct session *s, const char *name, const char *url, struct err *e)
{
	char *path = vault_local(s->v, "remotes.yaml"), *full = absolute(url);
	struct node *list = NULL;
	struct buf text = {0};
	int rc = read_remotes(s, &list, e);

	if (!rc && node_get(list, name))
		rc = err_set(e, ERR_EXISTS, _("there is a remote named %s already"), name);
	if (!rc) {
		node_set(s->arena, list, name, node_str(s->arena, full));
		yaml_emit(&text, list);
		rc = os_write_file(path, buf_str(&text), text.n, 0600, e);
	}
	buf_free(&text);
	free(full);
	free(path);
	return rc;
}

int
app_remote_list(struct session *s, struct node **out, struct err *e)
{
	int rc = session_store(s, false, e);

	return rc ? rc : read_remotes(s, out, e);
}

int
app_remote_add(struct session *s, struct node **out, const char *name, const char *url,
    struct err *e)
{
	int rc = session_store(s, false, e);

	if (!rc && !name_ok(name))
		rc = err_set(e, ERR_USAGE, _("a remote's name is a-z first, then a-z, 0-9, _ or -"));
	if (!rc)
		rc = add_remote(s, name, url, e);
	return rc ? rc : read_remotes(s, out, e);
}

/* --- hubs ------------------------------------------------------------------------------ */

/* A shipped hook, told where this program is. */
static int
install_hook(const char *hub, const char *name, struct err *e)
{
	static const char line[] = "\nakt=akt\n";
	char *from = xasprintf("hooks/%s", name), *to = xasprintf("%s/hooks/%s", hub, name),
	     *exe = os_program(), *shipped = app_shipped(from);
	struct buf text = {0}, hook = {0};
	const char *at;
	int rc = os_read_file(&text, shipped, HOOK_MAX, e);

	at = rc ? NULL : strstr(buf_str(&text), line);
	if (!at || !exe || strchr(exe, '\'')) {
		buf_add(&hook, buf_str(&text), text.n);
	} else {
		buf_add(&hook, buf_str(&text), (size_t)(at - buf_str(&text)));
		buf_printf(&hook, "\nakt='%s'\n", exe);
		buf_puts(&hook, at + sizeof line - 1);
	}
	if (!rc)
		rc = os_write_file(to, buf_str(&hook), hook.n, 0755, e);
	buf_free(&text);
	buf_free(&hook);
	free(shipped);
	free(from);
	free(to);
	free(exe);
	return rc;
}

int
app_hub(struct session *s, struct node **out, const char *dir, struct err *e)
{
	struct git *g = NULL;
	char *hooks = NULL;
	int rc = git_init(&g, dir, e);

	if (rc)
		return rc;
	hooks = xasprintf("%s/hooks", git_path(g));
	rc = os_mkdirs(hooks, e);
	if (!rc)
		rc = install_hook(git_path(g), "pre-receive", e);
	if (!rc)
		rc = install_hook(git_path(g), "post-receive", e);
	if (!rc) {
		*out = node_map(s->arena);
		node_set(s->arena, *out, "hub", node_str(s->arena, dir));
	}
	git_close(g);
	free(hooks);
	return rc;
}

int
app_hook(struct session *s, struct node **out, const char *name, const char *input,
    struct err *e)
{
	const char *dir = getenv("GIT_DIR");
	struct oid let_go;
	struct git *g = NULL;
	bool after = strcmp(name, "post-receive") == 0, keys_moved = false;
	int rc;

	(void)out;
	(void)s;
	if (strcmp(name, "pre-receive") != 0 && !after)
		return err_set(e, ERR_USAGE, _("the hooks are pre-receive and post-receive"));
	rc = as_usage(git_open(&g, dir && *dir ? dir : ".", true, e));
	/* Akt pushes keys first and main after, one ref a push: main is held against the keys that stand */
	for (const char *line = input, *end; !rc && *line; line = *end ? end + 1 : end) {
		char old_hex[41], new_hex[41], ref[256];
		struct oid old_id, new_id;

		end = strchrnul(line, '\n');
		if (end == line)
			continue;
		if (sscanf(line, "%40[0-9a-f] %40[0-9a-f] %255[^\n]", old_hex, new_hex, ref) != 3 ||
		    !oid_parse(&old_id, old_hex) || !oid_parse(&new_id, new_hex))
			rc = err_set(e, ERR_USAGE, _("a hook reads lines of OLD NEW REF"));
		else if (!after)
			rc = sync_receive(NULL, g, ref, &old_id, &new_id, e);
		else if (strcmp(ref, VAULT_KEYS) == 0 && !oid_zero(&old_id)) {
			keys_moved = true;
			let_go = old_id;
		}
	}
	if (!rc && after)
		rc = sync_post_receive(g, keys_moved ? &let_go : NULL, e);
	git_close(g);
	return rc;
}

/* --- joining and syncing --------------------------------------------------------------------- */

int
app_join(struct session *s, struct node **out, const char *url, const char *dir,
    const char *fingerprint, struct err *e)
{
	struct sync_options opt = {.progress = s->progress, .ctx = s->ctx};
	struct sync_result r = {0};
	const struct member *me;
	uint8_t want[32];
	int rc = 0;

	if (!hash_unhex(want, sizeof want, fingerprint))
		rc = err_set(e, ERR_USAGE, _("the fingerprint is 64 hex digits, as akt init showed it"));
	if (!rc)
		rc = session_identity(s, e);
	if (!rc && os_exists(dir) && !os_is_dir(dir))
		rc = err_set(e, ERR_EXISTS, _("%s is in the way"), dir);
	if (!rc)
		rc = vault_create(&s->v, dir, s->id, e);
	if (rc)
		return rc;
	rc = sync_join(&r, s->v, "hub", url, want, &opt, e);
	if (!rc)
		rc = vault_me(s->v, &me, NULL, e);
	if (!rc)
		rc = add_remote(s, "hub", url, e);
	sync_result_free(&r);
	if (rc) {
		/* nothing half-joined stays: what came was not trusted */
		vault_close(s->v);
		s->v = NULL;
		os_remove_tree(dir, e);
		return rc;
	}
	session_remember(s, dir);
	*out = node_map(s->arena);
	node_set(s->arena, *out, "store", node_str(s->arena, state_store(vault_state(s->v))->id));
	node_set(s->arena, *out, "fingerprint", node_str(s->arena, fingerprint));
	return 0;
}

static struct node *
sync_shape(struct session *s, const struct sync_result *r, struct node *conflicts, int rc)
{
	struct node *n = node_map(s->arena), *waiting = node_seq(s->arena),
	            *notices = node_seq(s->arena), *erasing = node_seq(s->arena);

	for (size_t i = 0; i < r->nquarantined; i++)
		node_push(s->arena, waiting, node_str(s->arena, r->quarantined[i]));
	for (size_t i = 0; i < r->nnotices; i++)
		node_push(s->arena, notices, node_str(s->arena, r->notices[i]));
	node_set(s->arena, n, "ok", node_bool(s->arena, rc == 0 || rc == ERR_FINDINGS));
	node_set(s->arena, n, "fetched", node_int(s->arena, (int64_t)r->fetched));
	node_set(s->arena, n, "pushed", node_int(s->arena, (int64_t)r->pushed));
	node_set(s->arena, n, "merged", node_int(s->arena, (int64_t)r->merged));
	node_set(s->arena, n, "conflicts", conflicts);
	node_set(s->arena, n, "quarantined", waiting);
	for (size_t i = 0; i < r->nerasing; i++) {
		struct node *x = node_map(s->arena);

		node_set(s->arena, x, "dossier", node_str(s->arena, r->erasing[i].dossier));
		node_set(s->arena, x, "record", node_str(s->arena, r->erasing[i].record));
		node_set(s->arena, x, "draft", node_bool(s->arena, r->erasing[i].draft));
		node_push(s->arena, erasing, x);
	}
	if (r->nadmitted) {
		struct node *admitted = node_seq(s->arena);

		for (size_t i = 0; i < r->nadmitted; i++)
			node_push(s->arena, admitted, node_str(s->arena, r->admitted[i]));
		node_set(s->arena, n, "admitted", admitted);
	}
	node_set(s->arena, n, "notices", notices);
	if (erasing->n)
		node_set(s->arena, n, "erasing", erasing);
	return n;
}

/* What stopped it, where no hub was looked at that did not verify. */
static struct node *
failures_of(struct session *s, const struct err *e)
{
	struct node *list = node_seq(s->arena);

	for (int i = 0; i < e->n; i++) {
		struct buf line = {0};

		err_format(&line, &e->item[i]);
		node_push(s->arena, list, node_str(s->arena, buf_str(&line)));
		buf_free(&line);
	}
	return list;
}

struct node *
app_sync_failed(struct session *s, const struct err *e)
{
	static const struct sync_result nothing;
	struct node *n = sync_shape(s, &nothing, node_seq(s->arena), ERR_DAMAGED);

	node_set(s->arena, n, "failures", failures_of(s, e));
	return n;
}

/* What came may shut people out of records that a list, merged from two machines', still lets them into.
 * Whoever is a reader closes it, and the hub is told at once. */
static int
close_lists(struct session *s, struct sync_result *r, const char *remote, const char *url,
    const struct oid *was, const struct sync_options *opt, struct err *e)
{
	struct sync_result again = {0};
	struct err inner = {0};
	size_t closed = 0;
	int rc = readers_narrow(s, was, &closed, &inner);

	/* who may only read leaves it to the others; check says it meanwhile */
	if (rc == ERR_ACCESS)
		return 0;
	err_append(e, &inner);
	if (rc || !closed)
		return rc;
	rc = sync_run(&again, s->v, remote, url, opt, e);
	r->fetched += again.fetched;
	r->pushed += again.pushed;
	r->merged += again.merged;
	sync_result_free(&again);
	return rc;
}

static int
sync_with(struct session *s, struct node **out, const char *remote, const char *device, bool erase,
    struct err *e)
{
	struct sync_options opt = {s->progress, s->ctx, erase};
	struct sync_result r = {0};
	struct node *list = NULL, *failures, *conflicts;
	struct os_lock *fetch = NULL;
	const char *url;
	struct oid was;
	int rc = session_store(s, true, e);

	if (!rc)
		rc = read_remotes(s, &list, e);
	if (rc)
		return rc;
	if (!remote && list->n == 1)
		remote = list->map[0].key;
	if (!remote)
		return err_set(e, ERR_USAGE,
		    list->n ? _("there are several remotes; name one: akt sync NAME") :
		              _("no remote yet; add one with: akt remote add NAME URL"));
	url = node_get_str(list, remote);
	if (!url)
		return err_set(e, ERR_USAGE, _("no remote named %s"), remote);
	rc = care_fetch_lock(&fetch, s->v, true, e);
	if (rc)
		return rc;
	was = *vault_tree(s->v);
	rc = device ? sync_admit(&r, s->v, remote, url, device, &opt, e) :
	              sync_run(&r, s->v, remote, url, &opt, e);
	if (!rc && r.fetched)
		rc = close_lists(s, &r, remote, url, &was, &opt, e);
	conflicts = node_seq(s->arena);
	if (rc == 0 || rc == ERR_FINDINGS) {
		int one = conflicts_since(s, conflicts, &was, e);

		rc = one ? one : conflicts->n ? ERR_FINDINGS : rc;
	}
	if (err_exit_status((enum err_code)rc) != 2 && err_exit_status((enum err_code)rc) != 6) {
		*out = sync_shape(s, &r, conflicts, rc);
		failures = node_seq(s->arena);
		for (size_t i = 0; i < r.report.nfailures; i++)
			node_push(s->arena, failures, node_str(s->arena, r.report.failures[i].message));
		if (rc && rc != ERR_FINDINGS && failures->n == 0)
			failures = failures_of(s, e);
		if (failures->n)
			node_set(s->arena, *out, "failures", failures);
	}
	sync_result_free(&r);
	if (rc == 0 || rc == ERR_FINDINGS)
		care_after_sync(s);
	os_unlock(fetch);
	return rc;
}

int
app_sync(struct session *s, struct node **out, const char *remote, struct err *e)
{
	return sync_with(s, out, remote, NULL, false, e);
}

int
app_sync_erase(struct session *s, struct node **out, const char *remote, struct err *e)
{
	return sync_with(s, out, remote, NULL, true, e);
}

int
app_admit(struct session *s, struct node **out, const char *device, const char *remote,
    struct err *e)
{
	struct node *r = NULL;
	int rc = sync_with(s, &r, remote, device, false, e);

	/* what a sync may leave undone is for the next sync to say */
	if (!rc || rc == ERR_FINDINGS)
		*out = r;
	return rc;
}

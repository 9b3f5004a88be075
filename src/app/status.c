/* Where one stands, and what to do next: from what lies here, without asking anybody. */
#include "app/todo.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "tree/node.h"
#include "vault/draft.h"
#include "vault/vault.h"

static void
put(struct session *s, struct node *m, const char *key, const char *text)
{
	node_set(s->arena, m, key, node_str(s->arena, text));
}

static struct node *
advise(struct session *s, struct node *r, const char *what, const char *command)
{
	struct node *list = node_get(r, "next"), *x = node_map(s->arena);

	put(s, x, "what", what);
	put(s, x, "command", command);
	node_push(s->arena, list, x);
	return x;
}

/* Opens the identity where that asks nobody. */
static int
identity_state(struct session *s, const char **state, struct err *e)
{
	struct err inner = {0};
	bool locked = false;
	int rc = identity_locked(&locked, s->identity_path, &inner);

	*state = "none";
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc) {
		err_append(e, &inner);
		return rc;
	}
	if (!locked)
		rc = identity_load(&s->id, s->identity_path, NULL, e);
	else if (keep_get(&s->id, s->identity_path, &inner))
		s->id = NULL;
	*state = s->id ? "open" : "locked";
	return rc;
}

static const char *
membership(struct session *s, bool *admin)
{
	const struct member *m = NULL;
	const struct device *d = state_device(vault_state(s->v), s->id->id, &m);

	if (!d || memcmp(d->signer, s->id->sign_pk, sizeof d->signer) != 0)
		return "unknown";
	*admin = (m->roles & ROLE_ADMIN) != 0;
	return d->revoked || !m->roles ? "revoked" : "active";
}

/* Commits of main that this hub is not known to have. */
static int
unsent(struct session *s, size_t *n, const char *remote, struct err *e)
{
	char *ref = xasprintf("refs/akt/hub/%s/main", remote);
	struct err inner = {0};
	struct oid hub, *list = NULL;
	const struct oid *hide = &hub;
	int rc = git_ref_get(vault_git(s->v), &hub, ref, &inner);

	*n = 0;
	if (rc && rc != ERR_NOTFOUND)
		err_append(e, &inner);
	else if (rc || !oid_equal(&hub, vault_head(s->v)))
		rc = git_walk(vault_git(s->v), &list, n, vault_head(s->v), &hide, rc ? 0 : 1, e);
	else
		rc = 0;
	free(list);
	free(ref);
	return rc;
}

static int
add_unsent(struct session *s, struct node *r, const struct node *remotes, struct err *e)
{
	struct node *list = node_seq(s->arena);
	int rc = 0;

	for (size_t i = 0; !rc && i < remotes->n; i++) {
		const char *name = remotes->map[i].key;
		struct node *row = node_map(s->arena);
		size_t n = 0;

		rc = unsent(s, &n, name, e);
		put(s, row, "remote", name);
		node_set(s->arena, row, "commits", node_int(s->arena, (int64_t)n));
		node_push(s->arena, list, row);
		if (!rc && n) {
			char *command = xasprintf("akt sync%s%s", remotes->n > 1 ? " " : "",
			    remotes->n > 1 ? name : "");
			struct node *x = advise(s, r, "sync", command);

			put(s, x, "remote", name);
			node_set(s->arena, x, "commits", node_int(s->arena, (int64_t)n));
			free(command);
		}
	}
	node_set(s->arena, r, "unsent", list);
	return rc;
}

/* Of a record that has been closed to this person meanwhile nothing is listed. Without keys nobody can tell. */
static bool
closed_to_us(struct session *s, const char *id)
{
	struct err ignored = {0};
	char dossier[11];
	bool known = false;

	return vault_identity(s->v) && find_known(s, &known, dossier, id, &ignored) == 0 && known &&
	    !vault_can_read(s->v, dossier);
}

static int
add_drafts(struct session *s, struct node *r, struct err *e)
{
	struct node *list = node_seq(s->arena);
	struct draft_name *v = NULL;
	size_t n = 0;
	int rc = draft_names(s->v, &v, &n, e);

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++) {
		bool fresh = strncmp(v[i].s, "new-", 4) == 0;
		char *command;

		if (!fresh && closed_to_us(s, v[i].s))
			continue;
		command = fresh ? xasprintf("akt new %s", v[i].s + 4) : xasprintf("akt edit %s", v[i].s);

		node_push(s->arena, list, node_str(s->arena, v[i].s));
		advise(s, r, "draft", command);
		free(command);
	}
	node_set(s->arena, r, "drafts", list);
	free(v);
	return 0;
}

/* What is this person's to do and to choose. Of an index that cannot be made nothing is said here: what asks
 * for it says why. */
static void
add_work(struct session *s, struct node *r)
{
	struct node *n = NULL;
	int64_t open, conflicts;

	if (todo_counts(s, &n, &conflicts, NULL))
		return;
	open = node_get(n, "overdue")->i + node_get(n, "now")->i + node_get(n, "soon")->i;
	node_set(s->arena, r, "conflicts", node_int(s->arena, conflicts));
	node_set(s->arena, r, "todo", n);
	if (conflicts)
		node_set(s->arena, advise(s, r, "conflicts", "akt conflicts"), "records", node_int(s->arena, conflicts));
	if (open) {
		struct node *x = advise(s, r, "todo", "akt todo --mine");

		node_set(s->arena, x, "open", node_int(s->arena, open));
		node_set(s->arena, x, "overdue", node_clone(s->arena, node_get(n, "overdue")));
	}
}

/* A machine's own store, by whom it is used. */
static int
working_store(struct session *s, struct node *r, const char *identity, struct err *e)
{
	const struct member *const *members;
	struct node *remotes = NULL;
	const char *member = NULL;
	bool admin = false;
	int rc = app_remote_list(s, &remotes, e);

	if (rc)
		return rc;
	if (s->id) {
		member = membership(s, &admin);
		put(s, r, "member", member);
		if (strcmp(member, "unknown") == 0)
			advise(s, r, "card", "akt id show > CARD");
		else if (strcmp(member, "revoked") == 0)
			advise(s, r, "revoked", "akt id show");
		else
			add_work(s, r);
	} else if (strcmp(identity, "locked") == 0) {
		advise(s, r, "unlock", "akt unlock");
	} else {
		advise(s, r, "identity", "akt id new --handle NAME --device MACHINE > CARD");
	}
	rc = add_drafts(s, r, e);
	if (rc)
		return rc;
	if (!remotes->n)
		advise(s, r, "remote", "akt remote add hub FOLDER");
	rc = add_unsent(s, r, remotes, e);
	/* besides recovery there is the founder alone */
	if (!rc && admin && state_members(vault_state(s->v), &members) <= 2)
		advise(s, r, "alone", "akt member add CARD --role staff --team unit");
	return rc;
}

int
app_status(struct session *s, struct node **out, struct err *e)
{
	struct node *r = node_map(s->arena), *id = node_map(s->arena), *store;
	const struct store_info *info;
	const char *state = NULL;
	int rc = identity_state(s, &state, e);

	if (rc)
		return rc;
	put(s, id, "state", state);
	put(s, id, "file", s->identity_path);
	if (s->id)
		put(s, id, "id", s->id->id);
	node_set(s->arena, r, "identity", id);
	node_set(s->arena, r, "next", node_seq(s->arena));
	if (s->store && !os_is_dir(s->store))
		put(s, r, "missing", s->store);
	if (!s->store || node_get(r, "missing")) {
		if (strcmp(state, "none") == 0)
			advise(s, r, "identity", "akt id new --handle NAME --device MACHINE > CARD");
		advise(s, r, "join", "akt join HUB FOLDER --fingerprint FINGERPRINT");
		advise(s, r, "init", "akt init FOLDER --name UNIT");
		advise(s, r, "copy", "akt -C COPY verify --fingerprint FINGERPRINT");
		*out = r;
		return 0;
	}
	rc = session_store(s, false, e);
	if (rc)
		return rc;
	info = state_store(vault_state(s->v));
	store = node_map(s->arena);
	put(s, store, "path", vault_path(s->v));
	put(s, store, "id", info->id);
	put(s, store, "name", info->name);
	put(s, store, "kind", vault_keys_git(s->v) ? "store" : "copy");
	node_set(s->arena, r, "store", store);
	if (vault_keys_git(s->v))
		rc = working_store(s, r, state, e);
	else
		advise(s, r, "copy", "akt verify --fingerprint FINGERPRINT");
	if (!rc)
		*out = r;
	return rc;
}

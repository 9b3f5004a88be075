/** Hubs: a folder, file://, ssh:// (and user@host:path), http(s)://. */
#ifndef AKT_GIT_REMOTE_H
#define AKT_GIT_REMOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "git/repo.h"

struct git_remote_ref {
	char *name;
	struct oid id;
};

/** A connection: what the hub advertised stays the base of every compare-and-swap made
 * through it. */
struct git_remote;

/** Connects and lists refs. ERR_HUB with a reason a person understands (no route, not a
 * repository, host key changed, login refused). Gives up after about 30 s of silence
 * (AKT_HUB_TIMEOUT: other seconds).
 * ssh: the key file AKT_SSH_KEY, then the agent, then ~/.ssh/id_ed25519 and id_ecdsa (no
 * passphrase); host keys by ~/.ssh/known_hosts (hashed names too) and /etc/ssh/ssh_known_hosts
 * (plain names); an unknown or changed one is refused. http(s): user and password from the address,
 * else AKT_HTTP_USER and the first line of AKT_HTTP_PASSWORD_FILE; certificates are always checked,
 * redirects and proxies not followed. For a folder nothing is spawned and no hook of it is run. */
int git_remote_open(struct git_remote **out, const char *url, struct err *e);
void git_remote_close(struct git_remote *r);
bool git_remote_is_folder(const struct git_remote *r);
size_t git_remote_refs(const struct git_remote *r, const struct git_remote_ref **refs);
/** NULL when the hub has no such ref. */
const struct oid *git_remote_ref(const struct git_remote *r, const char *name);

/** progress(ctx, done, total): objects, (0, 0) while counting; non-zero return cancels
 * (ERR_CANCELLED). */
typedef int (*git_progress_fn)(void *ctx, size_t done, size_t total);

/** Brings the advertised `remote_ref` and its objects into `into` under `local_ref` (any
 * ref, forced: a side ref). Bounded in number and size of objects. Every object that came is
 * hash-checked and the closure of the ref is complete afterwards, else ERR_DAMAGED and the ref does
 * not move. ERR_RACE: the ref moved since it was advertised; open the remote again. */
int git_remote_fetch(struct git_remote *r, struct git *into, const char *remote_ref,
    const char *local_ref, git_progress_fn progress, void *ctx, struct err *e)
    GIT_SYMBOL(git_remote_fetch);

/** As git_remote_fetch for several refs over one connection. ERR_RACE: a ref moved since it was
 * advertised; open the remote again. */
struct git_fetch_ref {
	const char *remote_ref, *local_ref;
};
int git_remote_fetch_many(struct git_remote *r, struct git *into, const struct git_fetch_ref *f,
    size_t n, git_progress_fn progress, void *ctx, struct err *e);

/** Called in place of hooks when the hub is a folder, before a ref moves: the objects
 * are in the hub already. Non-zero refuses. */
typedef int (*git_receive_fn)(void *ctx, struct git *hub, const char *ref, const struct oid *old_id,
    const struct oid *new_id, struct err *e);

/** Pushes local commit `id` to `remote_ref`, where the hub still has what it advertised (ERR_RACE
 * else); what was pushed is the base of the next push. `force`: not a fast-forward (a parentless
 * keys commit). id NULL deletes. A refusal by the hub is ERR_ACCESS with the hub's own words. */
int git_remote_push(struct git_remote *r, struct git *from, const char *remote_ref,
    const struct oid *id, bool force, git_receive_fn receive, void *ctx, git_progress_fn progress,
    void *pctx, struct err *e) GIT_SYMBOL(git_remote_push);

#endif

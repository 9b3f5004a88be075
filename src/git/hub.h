/** Inside git/ only: what remote.c, folder.c and net.c share. */
#ifndef AKT_GIT_HUB_H
#define AKT_GIT_HUB_H

#include "git/lib.h"
#include "git/remote.h"

struct net;

struct git_remote {
	char *url;
	struct {
		size_t n, cap;
		struct git_remote_ref *v; /* sorted by name */
	} refs;
	struct git *hub; /* a folder's */
	struct net *net; /* else */
};

/** Adds or moves an advertised ref; id NULL takes it away. */
void hub_add_ref(struct git_remote *r, const char *name, const struct oid *id);

/** A repository of its own inside `into` for what a hub sends: half a history must not stay in
 * `into`, where it would pass for a whole one that need not be fetched again. */
int quarantine_open(struct git **out, struct git *into, bool alone, struct err *e);
/** Moves its packs into `into`, durably. */
int quarantine_adopt(struct git *q, struct git *into, struct err *e);
/** Closes and deletes it. */
void quarantine_close(struct git *q);

int folder_open(struct git_remote *r, const char *path, struct err *e);
/** ERR_HUB where it is no folder, or the system does not tell. */
int folder_there(const char *path, struct err *e);
int folder_fetch(struct git_remote *r, struct git *into, const struct oid *id,
    const struct oid *base, lib_progress_fn progress, void *ctx, struct err *e);
int folder_push(struct git_remote *r, struct git *from, const char *ref, const struct oid *old,
    const struct oid *id, git_receive_fn receive, void *ctx, lib_progress_fn progress, void *pctx,
    struct err *e);

/** The parts of an address; all owned. port NULL = the scheme's. */
struct address {
	char *scheme, *user, *host, *port;
};
/** False for what is no ssh or http address. `user@host:path` is ssh. */
bool address_parse(struct address *out, const char *url);
void address_free(struct address *a);

int net_open(struct git_remote *r, const struct address *a, struct err *e);
void net_close(struct net *n);
/** One ref to fetch: where it was advertised, and what its side ref named until now. */
struct wanted {
	const char *remote_ref, *local_ref;
	struct oid id, base;
	bool has_base, here; /* here: nothing to download */
};
/** Downloads the objects of those not `here` into a quarantine, looks that nothing is missing, and
 * only then adds them to `into`. `alone`: as if `into` had nothing (it is damaged). ERR_RACE when a
 * ref moved meanwhile. */
int net_fetch(struct git_remote *r, struct git *into, const struct wanted *w, size_t n, bool alone,
    lib_progress_fn progress, void *ctx, struct err *e);
int net_push(struct git_remote *r, struct git *from, const char *ref, const struct oid *old,
    const struct oid *id, lib_progress_fn progress, void *ctx, struct err *e);

/** Sockets of our own under libgit2's transports: connecting gives up, and so does a hub that
 * says nothing for `silence_s`. */
void stream_install(void);
void stream_limit(int silence_s);
/** What the last connection failed of, in words; NULL when it did not. Forgets it. */
const char *stream_failure(void);

enum host_known { HOST_UNKNOWN, HOST_KNOWN, HOST_REVOKED };
/** Looks `host` (and port, NULL = 22) with this raw key up in an OpenSSH known_hosts file. Hashed
 * names are not matched here: libgit2 does that in the user's own file. */
enum host_known known_hosts_check(
    const char *file, const char *host, const char *port, const void *key, size_t n);
struct buf;
/** Appends base64, with or without padding. */
void known_hosts_base64(struct buf *out, const void *p, size_t n, bool pad);

#endif

/** Inside git/ only: what net.c and login.c share. */
#ifndef AKT_GIT_NET_H
#define AKT_GIT_NET_H

#include "base/buf.h"
#include "git/hub.h"

struct net {
	struct address a;
	char *home;
	int next_cred; /* of the ssh keys below; over http 0, then 1 */
	bool asked, refused_host, refused_cert, cancelled, answered;
	struct buf fingerprint; /* of the host key that was refused */
	struct buf words;       /* what the hub said, its end */
	const char *stream;     /* why the socket failed */
	char *status;           /* of a pushed ref; NULL = accepted */
	lib_progress_fn progress;
	void *ctx;
};

enum { LOGIN_ENV, LOGIN_AGENT, LOGIN_ED25519, LOGIN_ECDSA, LOGIN_END };

/** libgit2's callbacks; payload is the struct net. */
int login_credentials(
    git_credential **out, const char *url, const char *user, unsigned allowed, void *payload);
int login_certificate(git_cert *cert, int valid, const char *host, void *payload);

#endif

/** Real servers on loopback for the transport tests: sshd as the current user, git-http-backend
 * behind lighttpd. Each is a child of the test and dies with it. */
#ifndef AKT_TESTS_GIT_SERVERS_H
#define AKT_TESTS_GIT_SERVERS_H

#include <stdbool.h>
#include <sys/types.h>

struct server {
	pid_t pid;
	int port;
};

/** A port that was free a moment ago. */
int free_port(void);
/** Starts argv (absolute path first), waits until the port answers. */
void server_start(struct server *s, int port, char *const argv[]);
void server_stop(struct server *s);
/** sshd with its own host key in <scratch>/ssh, authorised keys in <scratch>/ssh/authorized; makes
 * <scratch>/.ssh with an authorised id_ed25519 and known_hosts. */
void sshd_start(struct server *s);
/** Again, on the port it had. */
void sshd_again(struct server *s);
/** lighttpd with user anna, password "s3cret"; repositories of <scratch> under /git/. */
void httpd_start(struct server *s, bool tls);

#endif

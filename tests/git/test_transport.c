/* Hubs over ssh and http, against real servers. */
#include "git/fixture.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "git/remote.h"
#include "git/servers.h"

#define MAIN "refs/heads/main"
#define SIDE "refs/remotes/hub/main"
#define MOVED "the hub moved meanwhile; sync again"
#define NO_KEY                                                                                     \
	"the hub accepted no ssh key; load one into the ssh agent, or name its file in "           \
	"AKT_SSH_KEY, and have it admitted at the hub"
#define NO_LOGIN                                                                                   \
	"the hub refused the login; check AKT_HTTP_USER and AKT_HTTP_PASSWORD_FILE, or the "       \
	"address"
#define NO_REPO "there is no repository at the hub's address"
#define NO_HUB "the hub cannot be reached; check the address and the network"

/* libgit2 1.5.1 leaks the path and table of known hosts at every ssh connection; nothing of ours
 * is allocated below that call but by its callbacks. Its frames need the slow unwinder. */
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *
__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

const char *
__lsan_default_suppressions(void)
{
	return "leak:git_remote_connect_ext\n";
}

static struct server sshd, httpd;

/* malloc'd address of a repository of the scratch folder. */
static char *
ssh_url(const char *repo)
{
	return xasprintf("ssh://127.0.0.1:%d%s/%s", sshd.port, scratch(), repo);
}

static char *
http_url(const char *login, const char *repo)
{
	return xasprintf("http://%s127.0.0.1:%d/git/%s", login, httpd.port, repo);
}

static struct git_remote *
dial_hub(const char *url)
{
	struct git_remote *r = NULL;
	struct err e = {0};

	ok(git_remote_open(&r, url, &e), &e);
	assert_false(git_remote_is_folder(r));
	return r;
}

static void
no_dial(const char *url, const char *text)
{
	struct git_remote *r = NULL;
	struct err e = {0};

	fails(git_remote_open(&r, url, &e), &e, ERR_HUB, text);
	assert_null(r);
}

static void
hook(const char *repo, const char *name, const char *script)
{
	must("cd %s/%s && mkdir -p hooks && printf '#!/bin/sh\\n%%s\\n' '%s' > hooks/%s && "
	     "chmod +x hooks/%s",
	    scratch(), repo, script, name, name);
}

static int
stop(void *ctx, size_t done, size_t total)
{
	(void)ctx, (void)done, (void)total;
	return 1;
}

static int
never(void *ctx, struct git *hub, const char *ref, const struct oid *a, const struct oid *b,
    struct err *e)
{
	(void)ctx, (void)hub, (void)ref, (void)a, (void)b, (void)e;
	fail(); /* the hub's own hooks judge */
	return 1;
}

/* The same round over either transport: empty hub, push, fetch, race, refusals. */
static void
round_trip(const char *prefix, char *(*url_of)(const char *))
{
	char *names[3] = {xasprintf("%s-hub.git", prefix), xasprintf("%s-a.git", prefix),
	    xasprintf("%s-b.git", prefix)};
	struct git *hub = fresh(names[0]), *a = fresh(names[1]), *b = fresh(names[2]);
	char *url = url_of(names[0]);
	struct oid c1 = save(a, NULL, "x/1", "one"), c2 = save(a, &c1, "x/2", "two"), c3, c4, got,
		   k1, k2;
	const struct git_remote_ref *refs;
	struct git_remote *ra, *rb;
	struct git_fetch_ref both[2] = {{MAIN, SIDE}, {"refs/akt/keys", "refs/akt/keys"}};
	struct err e = {0};

	ok(git_ref_set(a, "refs/heads/other", &c1, NULL, &e), &e);
	ra = dial_hub(url);
	assert_int_equal(git_remote_refs(ra, &refs), 0);
	fails(git_remote_push(ra, a, MAIN, &c2, false, never, NULL, stop, NULL, &e), &e,
	    ERR_CANCELLED, "cancelled");
	ok(git_remote_push(ra, a, MAIN, &c2, false, never, NULL, NULL, NULL, &e), &e);
	assert_true(oid_equal(git_remote_ref(ra, MAIN), &c2));
	ok(git_ref_get(hub, &got, MAIN, &e), &e);
	assert_true(oid_equal(&got, &c2));
	must("git --git-dir=%s fsck --strict --full", git_path(hub));
	/* only what was asked went there, and nothing private is left behind */
	fails(git_ref_get(hub, &got, "refs/heads/other", &e), &e, ERR_NOTFOUND, NULL);
	must("test -z \"$(git --git-dir=%s for-each-ref refs/akt)\"", git_path(a));

	/* a parentless ref, replaced by force, beside main */
	k1 = save(a, NULL, "7/k/x", "key one");
	k2 = save(a, NULL, "7/k/x", "key two");
	ok(git_remote_push(ra, a, "refs/akt/keys", &k1, true, never, NULL, NULL, NULL, &e), &e);
	fails(git_remote_push(ra, a, "refs/akt/keys", &k2, false, never, NULL, NULL, NULL, &e), &e,
	    ERR_RACE, "the hub has changes that are not here yet; sync again");
	ok(git_remote_push(ra, a, "refs/akt/keys", &k2, true, never, NULL, NULL, NULL, &e), &e);

	rb = dial_hub(url);
	assert_int_equal(git_remote_refs(rb, &refs), 2);
	fails(git_remote_fetch(rb, b, MAIN, SIDE, stop, NULL, &e), &e, ERR_CANCELLED, "cancelled");
	fails(git_ref_get(b, &got, SIDE, &e), &e, ERR_NOTFOUND, NULL);
	ok(git_remote_fetch_many(rb, b, both, 2, NULL, NULL, &e), &e);
	ok(git_ref_get(b, &got, SIDE, &e), &e);
	assert_true(oid_equal(&got, &c2));
	ok(git_ref_get(b, &got, "refs/akt/keys", &e), &e);
	assert_true(oid_equal(&got, &k2));
	assert_false(git_has(b, &k1));
	must("git --git-dir=%s fsck --strict --full", git_path(b));

	/* both go on; the slower one is told */
	c3 = save(a, &c2, "x/3", "three");
	c4 = save(b, &c2, "x/4", "four");
	ok(git_remote_push(rb, b, MAIN, &c4, false, never, NULL, NULL, NULL, &e), &e);
	fails(git_remote_push(ra, a, MAIN, &c3, false, never, NULL, NULL, NULL, &e), &e, ERR_RACE,
	    MOVED);
	fails(git_remote_fetch(ra, a, "refs/akt/none", SIDE, NULL, NULL, &e), &e, ERR_NOTFOUND,
	    "the hub has no ref refs/akt/none");
	/* nor does it get what is not the ref it saw */
	{
		struct git *fresh_one;
		char *name = xasprintf("%s-c.git", prefix);

		fresh_one = fresh(name);
		fails(git_remote_fetch(ra, fresh_one, MAIN, SIDE, NULL, NULL, &e), &e, ERR_RACE,
		    MOVED);
		git_close(fresh_one);
		free(name);
	}
	git_remote_close(ra);
	ra = dial_hub(url);
	ok(git_remote_fetch(ra, a, MAIN, SIDE, NULL, NULL, &e), &e);
	fails(git_remote_push(ra, a, MAIN, &c3, false, never, NULL, NULL, NULL, &e), &e, ERR_RACE,
	    "the hub has changes that are not here yet; sync again");

	/* the hub's rules, in the hub's words */
	c4 = save(b, &c4, "x/5", "five");
	hook(names[0], "update",
	    "echo \"akt: commit 12ab: not a member\" >&2; printf \"see\\033[31m doctor"
	    "\\n\" >&2; exit 1");
	fails(git_remote_push(rb, b, MAIN, &c4, false, never, NULL, NULL, NULL, &e), &e, ERR_ACCESS,
	    "the hub refused the change: akt: commit 12ab: not a member; see [31m doctor; error: "
	    "hook "
	    "declined to update refs/heads/main");
	hook(names[0], "update", "exit 0");
	hook(names[0], "pre-receive", "exit 1");
	fails(git_remote_push(rb, b, MAIN, &c4, false, never, NULL, NULL, NULL, &e), &e, ERR_ACCESS,
	    "the hub refused the change: pre-receive hook declined");
	ok(git_ref_get(hub, &got, MAIN, &e), &e);
	assert_false(oid_equal(&got, &c4));
	/* another push that wins between advertisement and update */
	must("git --git-dir=%s update-ref refs/heads/spare refs/heads/main~1", git_path(hub));
	hook(names[0], "pre-receive",
	    "unset GIT_QUARANTINE_PATH; git update-ref refs/heads/main "
	    "refs/heads/spare");
	fails(git_remote_push(rb, b, MAIN, &c4, false, never, NULL, NULL, NULL, &e), &e, ERR_RACE,
	    MOVED);
	git_remote_close(rb);
	must("rm -r %s/hooks", git_path(hub));
	rb = dial_hub(url);
	ok(git_remote_push(rb, b, MAIN, &c4, false, never, NULL, NULL, NULL, &e), &e);
	ok(git_remote_push(rb, b, "refs/heads/spare", NULL, false, never, NULL, NULL, NULL, &e),
	    &e);
	fails(git_ref_get(hub, &got, "refs/heads/spare", &e), &e, ERR_NOTFOUND, NULL);
	must("git --git-dir=%s fsck --strict --full", git_path(hub));
	git_remote_close(ra);
	git_remote_close(rb);
	git_close(hub);
	git_close(a);
	git_close(b);
	free(url);
	for (int i = 0; i < 3; i++)
		free(names[i]);
}

static void
over_ssh(void **state)
{
	(void)state;
	round_trip("ssh", ssh_url);
}

static char *
http_login_url(const char *repo)
{
	return http_url("anna:s3cret@", repo);
}

static void
over_http(void **state)
{
	(void)state;
	round_trip("http", http_login_url);
}

/* A host key is believed only where the person's files say so. */
static void
host_keys(void **state)
{
	char *url = ssh_url("ssh-hub.git"), *text;
	struct git_remote *r;
	struct buf print = {0};

	(void)state;
	assert_int_equal(
	    sh(&print, "ssh-keygen -l -f %s/ssh/host.pub | cut -d' ' -f2", scratch()), 0);
	print.p[strcspn(print.p, "\n")] = '\0';
	text = xasprintf(
	    "the hub's host key %s is not known, or not the one known before; compare it with "
	    "the hub's keeper, then connect once with ssh (or use ssh-keyscan) so that it stands "
	    "in "
	    "~/.ssh/known_hosts",
	    buf_str(&print));
	must("cd $HOME/.ssh && cp known_hosts kept && rm known_hosts");
	no_dial(url, text);
	/* another key of that kind under this name */
	must("cd $HOME/.ssh && printf '[127.0.0.1]:%d %%s\\n' \"$(cut -d' ' -f1,2 "
	     "id_ed25519.pub)\" > "
	     "known_hosts",
	    sshd.port);
	no_dial(url, text);
	/* hashed, as Debian's ssh writes them */
	must("cd $HOME/.ssh && cp kept known_hosts && ssh-keygen -q -H -f known_hosts && grep -q "
	     "'^|1|' "
	     "known_hosts && ! grep -q 127.0.0.1 known_hosts");
	r = dial_hub(url);
	git_remote_close(r);
	must(
	    "cd $HOME/.ssh && printf '@revoked * %%s\\n' \"$(cut -d' ' -f1,2 ../ssh/host.pub)\" >> "
	    "known_hosts");
	no_dial(url, text);
	must("cd $HOME/.ssh && mv kept known_hosts");
	r = dial_hub(url);
	git_remote_close(r);
	buf_free(&print);
	free(text);
	free(url);
}

static void
ssh_logins(void **state)
{
	char *url = ssh_url("ssh-hub.git"), *none = ssh_url("nothing-here.git"), *key, *sock;
	struct git_remote *r;

	(void)state;
	no_dial(none, NO_REPO);
	must("cd $HOME/.ssh && mkdir away && mv id_ed25519* away");
	no_dial(url, NO_KEY);
	/* one that the hub does not know */
	must("cd $HOME/.ssh && ssh-keygen -q -t ecdsa -N '' -f id_ecdsa");
	no_dial(url, NO_KEY);
	/* one that needs a passphrase does not stand in the way of the next */
	must("cd $HOME/.ssh && ssh-keygen -q -t ed25519 -N secret -f id_ed25519 && cat "
	     "id_ecdsa.pub >> "
	     "../ssh/authorized && cat id_ed25519.pub >> ../ssh/authorized");
	r = dial_hub(url);
	git_remote_close(r);
	must("rm $HOME/.ssh/id_e*");
	no_dial(url, NO_KEY);
	key = in_scratch(".ssh/away/id_ed25519");
	setenv("AKT_SSH_KEY", key, 1);
	r = dial_hub(url);
	git_remote_close(r);
	unsetenv("AKT_SSH_KEY");
	sock = in_scratch("agent");
	must("ssh-agent -D -a %s >/dev/null 2>&1 & echo $! > %s/agent.pid; for i in 1 2 3 4 5 6 7 "
	     "8 9; do "
	     "test -S %s && break; sleep 0.1; done; SSH_AUTH_SOCK=%s ssh-add %s",
	    sock, scratch(), sock, sock, key);
	setenv("SSH_AUTH_SOCK", sock, 1);
	r = dial_hub(url);
	git_remote_close(r);
	unsetenv("SSH_AUTH_SOCK");
	must("kill $(cat %s/agent.pid)", scratch());
	must("cd $HOME/.ssh && mv away/* . && rmdir away");
	free(url);
	free(none);
	free(key);
	free(sock);
}

static void
http_logins(void **state)
{
	char *plain = http_url("", "http-hub.git"), *good = in_scratch("pw-good"),
	     *bad = in_scratch("pw");
	char *in_url = http_url("anna:wrong@", "http-hub.git"),
	     *none = http_url("anna:s3cret@", "none.git");
	struct git_remote *r;

	(void)state;
	must("printf 's3cret\\n' > %s; echo wrong > %s", good, bad);
	no_dial(plain, NO_LOGIN);
	no_dial(in_url, NO_LOGIN);
	setenv("AKT_HTTP_USER", "anna", 1);
	no_dial(plain, NO_LOGIN);
	setenv("AKT_HTTP_PASSWORD_FILE", bad, 1);
	no_dial(plain, NO_LOGIN);
	setenv("AKT_HTTP_PASSWORD_FILE", good, 1);
	r = dial_hub(plain);
	git_remote_close(r);
	unsetenv("AKT_HTTP_USER");
	unsetenv("AKT_HTTP_PASSWORD_FILE");
	no_dial(none, NO_REPO);
	free(plain);
	free(in_url);
	free(none);
	free(good);
	free(bad);
}

static void
certificates(void **state)
{
	struct server tls = {0};
	char *url;

	(void)state;
	if (access("/usr/lib/lighttpd/mod_openssl.so", F_OK) < 0 || sh(NULL, "command -v openssl"))
		skip();
	httpd_start(&tls, true);
	url = xasprintf("https://anna:s3cret@127.0.0.1:%d/git/http-hub.git", tls.port);
	no_dial(url, "the hub's certificate cannot be verified; it is not used");
	server_stop(&tls);
	free(url);
}

/* The hub keeps back what a commit stands on, or what it holds: what came is not taken. */
static void
incomplete(void **state)
{
	static const char *const lies[] = {"git rev-parse refs/heads/main",
	    "git rev-list refs/heads/main",
	    "git rev-list --objects --filter=blob:none refs/heads/main | cut -c1-40"};
	struct git *g = fresh("cut.git");
	struct oid c = save(g, NULL, "a", "1"), got;
	struct err e = {0};
	char *url = ssh_url("cut.git");

	(void)state;
	c = save(g, &c, "b", "2");
	c = save(g, &c, "c", "3");
	ok(git_ref_set(g, MAIN, &c, NULL, &e), &e);
	must("cd %s && printf '[uploadpack]\n\tpackObjectsHook = %s/lie\n' > lie.conf && "
	     "printf '#!/bin/sh\nexport GIT_CONFIG_GLOBAL=%s/lie.conf\n"
	     "exec sh -c \"$SSH_ORIGINAL_COMMAND\"\n' > force && chmod +x force && "
	     "printf 'command=\"%s/force\" %%s\n' \"$(cat .ssh/id_ed25519.pub)\" > ssh/authorized",
	    scratch(), scratch(), scratch(), scratch());
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		struct git_remote *r = dial_hub(url);
		char name[32];
		struct git *b;

		snprintf(name, sizeof name, "cut-%zu.git", i);
		b = fresh(name);
		must("cd %s && printf '#!/bin/sh\ncat >/dev/null\n%%s | git pack-objects -q "
		     "--stdout\n' "
		     "'%s' > lie && chmod +x lie",
		    scratch(), lies[i]);
		assert_int_equal(git_remote_fetch(r, b, MAIN, SIDE, NULL, NULL, &e), ERR_DAMAGED);
		assert_non_null(strstr(e.item[0].text, "the history is incomplete: object "));
		err_clear(&e);
		assert_false(git_has(b, &c));
		must("test -z \"$(find %s -name 'akt-incoming*')\"", git_path(b));
		fails(git_ref_get(b, &got, SIDE, &e), &e, ERR_NOTFOUND, NULL);
		/* half a history that got in all the same is mended by an honest hub */
		must(
		    "git --git-dir=%s rev-parse refs/heads/main | git --git-dir=%s pack-objects -q "
		    "%s/objects/pack/pack",
		    git_path(g), git_path(g), git_path(b));
		must("cd %s && printf '#!/bin/sh\nexec \"$@\"\n' > lie", scratch());
		assert_true(git_has(b, &c));
		ok(git_remote_fetch(r, b, MAIN, SIDE, NULL, NULL, &e), &e);
		must("git --git-dir=%s fsck --strict --full", git_path(b));
		git_remote_close(r);
		git_close(b);
	}
	git_close(g);
	free(url);
}

/* Nobody there, and somebody who says nothing: both end, soon. */
static void
gone(void **state)
{
	char *ssh = ssh_url("ssh-hub.git"), *http = http_login_url("http-hub.git"), *silent;
	struct git *a = NULL;
	struct git_remote *r = dial_hub(ssh);
	struct sockaddr_in addr = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof addr;
	struct oid c;
	struct err e = {0};
	time_t start;
	char *path = in_scratch("ssh-a.git");
	int fd;

	(void)state;
	ok(git_open(&a, path, false, &e), &e);
	c = save(a, NULL, "z", "z");
	server_stop(&sshd);
	server_stop(&httpd);
	no_dial(ssh, NO_HUB);
	no_dial(http, NO_HUB);
	fails(
	    git_remote_push(r, a, MAIN, &c, true, NULL, NULL, NULL, NULL, &e), &e, ERR_HUB, NO_HUB);
	fails(git_remote_fetch(r, a, MAIN, SIDE, NULL, NULL, &e), &e, ERR_HUB, NO_HUB);
	git_remote_close(r);
	no_dial("ssh://no-such-host.invalid/x",
	    "the hub's name cannot be found; check the address and the network");

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &n), 0);
	setenv("AKT_HUB_TIMEOUT", "1", 1);
	start = time(NULL);
	silent = xasprintf("ssh://127.0.0.1:%d/x", ntohs(addr.sin_port));
	no_dial(silent, "the hub does not answer any more; try again later");
	free(silent);
	silent = xasprintf("http://127.0.0.1:%d/x", ntohs(addr.sin_port));
	no_dial(silent, "the hub does not answer any more; try again later");
	assert_true(time(NULL) - start < 10);
	unsetenv("AKT_HUB_TIMEOUT");
	close(fd);
	git_close(a);
	free(silent);
	free(ssh);
	free(http);
	free(path);
}

static int
start(void **state)
{
	(void)state;
	scratch();
	sshd_start(&sshd);
	httpd_start(&httpd, false);
	return 0;
}

static int
end(void **state)
{
	server_stop(&sshd);
	server_stop(&httpd);
	return scratch_remove(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(over_ssh),
	    cmocka_unit_test(over_http),
	    cmocka_unit_test(host_keys),
	    cmocka_unit_test(ssh_logins),
	    cmocka_unit_test(http_logins),
	    cmocka_unit_test(certificates),
	    cmocka_unit_test(incomplete),
	    cmocka_unit_test(gone),
	};

	return cmocka_run_group_tests(tests, start, end);
}

#include "git/net.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/os.h"

enum { PASSWORD_MAX = 1024 };

static const char system_known_hosts[] = "/etc/ssh/ssh_known_hosts";

static int
try_key(git_credential **out, const char *user, const char *path)
{
	char *pub = xasprintf("%s.pub", path);
	int rc = GIT_PASSTHROUGH;

	if (os_exists(path))
		rc = git_credential_ssh_key_new(out, user, os_exists(pub) ? pub : NULL, path, NULL);
	free(pub);
	return rc;
}

/* The next credential that exists; GIT_EAUTH when there is none left. */
static int
next_key(git_credential **out, struct net *n, const char *user)
{
	static const char *const files[] = {"id_ed25519", "id_ecdsa"};
	int rc = GIT_PASSTHROUGH;

	while (rc == GIT_PASSTHROUGH && n->next_cred < LOGIN_END) {
		int k = n->next_cred++;
		const char *env = getenv(k == LOGIN_ENV ? "AKT_SSH_KEY" : "SSH_AUTH_SOCK");

		if (k == LOGIN_ENV && env && *env) {
			rc = try_key(out, user, env);
		} else if (k == LOGIN_AGENT && env && *env) {
			rc = git_credential_ssh_key_from_agent(out, user);
		} else if (k >= LOGIN_ED25519) {
			char *path = xasprintf("%s/.ssh/%s", n->home, files[k - LOGIN_ED25519]);

			rc = try_key(out, user, path);
			free(path);
		}
	}
	return rc == GIT_PASSTHROUGH ? GIT_EAUTH : rc;
}

static int
http_login(git_credential **out, struct net *n)
{
	const char *user = getenv("AKT_HTTP_USER"), *file = getenv("AKT_HTTP_PASSWORD_FILE");
	struct buf password = {0};
	struct err unused = {0};
	int rc = GIT_EAUTH;

	/* asked again: the hub did not take it */
	if (n->next_cred++ > 0 || !user || !file)
		return GIT_EAUTH;
	if (os_read_file(&password, file, PASSWORD_MAX, &unused) == 0) {
		buf_putc(&password, '\0');
		password.p[strcspn(password.p, "\r\n")] = '\0';
		rc = git_credential_userpass_plaintext_new(out, user, password.p);
	}
	buf_free(&password);
	return rc;
}

int
login_credentials(
    git_credential **out, const char *url, const char *user, unsigned allowed, void *payload)
{
	struct net *n = payload;
	struct passwd *pw;

	(void)url; /* may hold a password: never shown */
	if (allowed & GIT_CREDENTIAL_USERNAME) {
		pw = getpwuid(getuid());
		return git_credential_username_new(out, pw ? pw->pw_name : "git");
	}
	n->asked = true;
	if (allowed & GIT_CREDENTIAL_SSH_KEY)
		return next_key(out, n, user);
	if (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT && strcmp(n->a.scheme, "ssh") != 0)
		return http_login(out, n);
	return GIT_EAUTH;
}

/* libgit2 1.5.1 has looked into ~/.ssh/known_hosts already (`valid`), hashed names included, and
 * chose the kind of host key by it. */
int
login_certificate(git_cert *cert, int valid, const char *host, void *payload)
{
	const git_cert_hostkey *key = (const git_cert_hostkey *)cert;
	enum host_known system, user;
	struct net *n = payload;
	char *file;

	if (cert->cert_type != GIT_CERT_HOSTKEY_LIBSSH2) {
		if (!valid)
			n->refused_cert = true;
		return valid ? 0 : GIT_ECERTIFICATE;
	}
	if (!(key->type & GIT_CERT_SSH_RAW) || !(key->type & GIT_CERT_SSH_SHA256)) {
		n->refused_host = true;
		return GIT_ECERTIFICATE;
	}
	file = xasprintf("%s/.ssh/known_hosts", n->home);
	user = known_hosts_check(file, host, n->a.port, key->hostkey, key->hostkey_len);
	system =
	    known_hosts_check(system_known_hosts, host, n->a.port, key->hostkey, key->hostkey_len);
	free(file);
	if (user != HOST_REVOKED && system != HOST_REVOKED && (valid || system == HOST_KNOWN))
		return 0;
	n->refused_host = true;
	buf_reset(&n->fingerprint);
	buf_puts(&n->fingerprint, "SHA256:");
	known_hosts_base64(&n->fingerprint, key->hash_sha256, sizeof key->hash_sha256, false);
	return GIT_ECERTIFICATE;
}

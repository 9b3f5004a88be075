/* libgit2 built on mbedTLS reads every authority of the system whenever it starts: half of what a small
 * command costs, for a connection that few commands make. The function that it calls for that is mbedTLS's;
 * ours stands before it and lets it pass only once a connection is wanted. Where libgit2 is built on
 * something else nobody calls it. */
#include "git/certs.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "git/lib.h"

enum { CANNOT_BE_READ = -0x2900 }; /* MBEDTLS_ERR_X509_FILE_IO_ERROR */

static const char authorities[] = "/etc/ssl/certs/ca-certificates.crt";
static bool wanted;

/* mbedTLS's own name and arguments; its header is not ours to need. */
int mbedtls_x509_crt_parse_file(void *chain, const char *path);

int
mbedtls_x509_crt_parse_file(void *chain, const char *path)
{
	int (*real)(void *, const char *) = NULL;
	void *found = wanted ? dlsym(RTLD_NEXT, "mbedtls_x509_crt_parse_file") : NULL;

	memcpy(&real, &found, sizeof real); /* C has no cast from one to the other */
	return real ? real(chain, path) : CANNOT_BE_READ;
}

static void
load(void)
{
	const char *own = getenv("SSL_CERT_FILE");

	lib_init();
	wanted = true;
	/* without them every certificate fails, which login.c tells of */
	git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, own && *own ? own : authorities, NULL);
}

void
certs_load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
}

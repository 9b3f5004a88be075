#include "base/secret.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <sodium.h>

void
secret_init(void)
{
	static int done;
	struct rlimit none = {0, 0};

	if (done)
		return;
	if (sodium_init() < 0 || setrlimit(RLIMIT_CORE, &none) != 0) {
		fputs("akt: cannot start libsodium or switch core dumps off\n", stderr);
		abort();
	}
#ifndef AKT_SANITIZE /* LeakSanitizer must be able to trace its own process */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	done = 1;
}

void *
secret_alloc(size_t n)
{
	void *p;

	secret_init();
	p = sodium_malloc(n);
	if (!p)
		xnomem();
	sodium_memzero(p, n);
	return p;
}

void
secret_free(void *p)
{
	sodium_free(p);
}

void
secret_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

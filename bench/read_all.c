/* The bound of a full verification: read_all REPOSITORY SIGNATURES: every object read once through libgit2, its
 * hash checked, and as many Ed25519 signatures verified, each over the SHA-512 of a kilobyte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <git2.h>
#include <sodium.h>

static git_odb *odb;

static int
one(const git_oid *id, void *n)
{
	git_odb_object *o = NULL;

	if (git_odb_read(&o, odb, id) < 0)
		return -1;
	++*(size_t *)n;
	git_odb_object_free(o);
	return 0;
}

int
main(int argc, char **argv)
{
	unsigned char pk[32], sk[64], sig[64], message[1024] = {0}, hash[64];
	char path[4096];
	size_t n = 0;
	long signatures = argc > 2 ? strtol(argv[2], NULL, 10) : 0;

	if (argc < 3 || sodium_init() < 0 || git_libgit2_init() < 0)
		return 2;
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1);
	snprintf(path, sizeof path, "%s/objects", argv[1]);
	if (git_odb_open(&odb, path) < 0 || git_odb_foreach(odb, one, &n) < 0)
		return 1;
	crypto_sign_keypair(pk, sk);
	crypto_hash_sha512(hash, message, sizeof message);
	crypto_sign_detached(sig, NULL, hash, sizeof hash, sk);
	for (long i = 0; i < signatures; i++) {
		crypto_hash_sha512(hash, message, sizeof message);
		if (crypto_sign_verify_detached(sig, hash, sizeof hash, pk))
			return 1;
	}
	printf("%zu objects\n", n);
	git_odb_free(odb);
	return 0;
}

/* The bound of an index made from nothing: bare_open STORE LIST [yaml]. Every blob that `openings` listed is read with libgit2 (found, inflated,
 * its SHA-1 checked) and opened as an age file with libsodium, a key's public half computed once; no schema, no SQLite,
 * no policy. `yaml`: and gone through once with libyaml. Prints how many and how much. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <git2.h>
#include <sodium.h>
#include <yaml.h>

enum { KEY = 32, CHUNK = 65536, TAG = crypto_aead_chacha20poly1305_ietf_ABYTES };

static void
hkdf(unsigned char out[32], const unsigned char *salt, size_t nsalt, const unsigned char *ikm, size_t n, const char *info)
{
	crypto_auth_hmacsha256_state h;
	unsigned char prk[32], one = 1;

	crypto_auth_hmacsha256_init(&h, salt, nsalt);
	crypto_auth_hmacsha256_update(&h, ikm, n);
	crypto_auth_hmacsha256_final(&h, prk);
	crypto_auth_hmacsha256_init(&h, prk, sizeof prk);
	crypto_auth_hmacsha256_update(&h, (const unsigned char *)info, strlen(info));
	crypto_auth_hmacsha256_update(&h, &one, 1);
	crypto_auth_hmacsha256_final(&h, out);
}

static int
base64(unsigned char *out, size_t n, const char *s, size_t len)
{
	size_t got;

	return sodium_base642bin(out, n, s, len, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 && got == n;
}

/* The plaintext's size, or -1. */
static long
open_age(unsigned char *out, const char *p, size_t n, size_t stanza, const unsigned char sk[KEY], const unsigned char pk[KEY])
{
	static const char first[] = "age-encryption.org/v1\n-> X25519 ";
	enum { STANZA = 10 + 43 + 1 + 43 + 1 };
	const unsigned char zero[12] = {0};
	const char *at = p + 22 + stanza * STANZA, *mac = memmem(p, n, "\n--- ", 5);
	unsigned char epk[32], body[32], salt[64], shared[32], key[32], file_key[16], want[32], got[32], nonce[12] = {0};
	crypto_auth_hmacsha256_state h;
	size_t total = 0;

	if (n < sizeof first || memcmp(p, first, sizeof first - 1) != 0 || !mac || !base64(epk, 32, at + 10, 43) ||
	    !base64(body, 32, at + 54, 43) || crypto_scalarmult_curve25519(shared, sk, epk))
		return -1;
	memcpy(salt, epk, 32);
	memcpy(salt + 32, pk, 32);
	hkdf(key, salt, sizeof salt, shared, 32, "age-encryption.org/v1/X25519");
	if (crypto_aead_chacha20poly1305_ietf_decrypt(file_key, NULL, NULL, body, 32, NULL, 0, zero, key))
		return -1;
	hkdf(key, NULL, 0, file_key, sizeof file_key, "header");
	crypto_auth_hmacsha256_init(&h, key, sizeof key);
	crypto_auth_hmacsha256_update(&h, (const unsigned char *)p, (size_t)(mac + 4 - p));
	crypto_auth_hmacsha256_final(&h, got);
	if (!base64(want, 32, mac + 5, 43) || sodium_memcmp(want, got, 32))
		return -1;
	at = mac + 5 + 43 + 1;
	hkdf(key, (const unsigned char *)at, 16, file_key, sizeof file_key, "payload");
	at += 16;
	for (size_t left = n - (size_t)(at - p); left;) {
		size_t take = left > CHUNK + TAG ? CHUNK + TAG : left;
		unsigned long long m;

		nonce[11] = take == left;
		if (crypto_aead_chacha20poly1305_ietf_decrypt(out, &m, NULL, (const unsigned char *)at, take, NULL, 0, nonce, key))
			return -1;
		for (int i = 10; i >= 0 && !++nonce[i]; i--)
			;
		out += m;
		total += m;
		at += take;
		left -= take;
	}
	return (long)total;
}

static int
parse(const unsigned char *p, size_t n)
{
	yaml_parser_t y;
	yaml_event_t ev;
	int done = 0, ok = yaml_parser_initialize(&y);

	yaml_parser_set_input_string(&y, p, n);
	while (ok && !done) {
		ok = yaml_parser_parse(&y, &ev);
		done = ok && ev.type == YAML_STREAM_END_EVENT;
		if (ok)
			yaml_event_delete(&ev);
	}
	yaml_parser_delete(&y);
	return ok;
}

static int
hex(unsigned char out[KEY], const char *s)
{
	return sodium_hex2bin(out, KEY, s, strlen(s), NULL, NULL, NULL);
}

int
main(int argc, char **argv)
{
	static unsigned char plain[1 << 24];
	char path[4096], kind[8], id[65], sk_hex[65];
	unsigned char sk[KEY], pk[2][KEY], last[2][KEY] = {{0}};
	git_odb *odb[2];
	size_t stanza, n[2] = {0}, bytes = 0;
	FILE *list;

	if (argc < 3 || sodium_init() < 0 || git_libgit2_init() < 0)
		return 2;
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s%s/objects", argv[1], i ? "/akt/keys.git" : "");
		if (git_odb_open(&odb[i], path) < 0)
			return 1;
	}
	list = fopen(argv[2], "r");
	while (list && fscanf(list, "%7s %64s %zu %64s", kind, id, &stanza, sk_hex) == 4) {
		int keys = strcmp(kind, "keys") == 0;
		git_odb_object *o;
		git_oid oid;
		long got;

		if (hex(sk, sk_hex))
			return 1;
		/* of a team's epochs and of the dossier at hand */
		if (memcmp(sk, last[keys], KEY) != 0) {
			memcpy(last[keys], sk, KEY);
			crypto_scalarmult_base(pk[keys], sk);
		}
		if (git_oid_fromstr(&oid, id) < 0 || git_odb_read(&o, odb[keys], &oid) < 0)
			return 1;
		got = open_age(plain, git_odb_object_data(o), git_odb_object_size(o), stanza, sk, pk[keys]);
		git_odb_object_free(o);
		if (got < 0) {
			fprintf(stderr, "%s does not open\n", id);
			return 1;
		}
		if (argc > 3 && !keys && !parse(plain, (size_t)got))
			return 1;
		n[keys]++;
		bytes += (size_t)got;
	}
	printf("%zu records, %zu key files, %zu bytes\n", n[0], n[1], bytes);
	return !list || !n[0];
}

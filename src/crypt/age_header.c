#include "crypt/age_header.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "crypt/base64.h"

enum { LINE = 64, ARGS = 3, B64_32 = 43, B64_16 = 22 };

static const char version[] = "age-encryption.org/v1\n";
static const char armor[] = "-----BEGIN AGE ENCRYPTED FILE-----";

/* What is left to read. */
struct in {
	const char *p, *end;
};

struct span {
	const char *p;
	size_t n;
};

/* Next line without its LF; false when none ends in one. */
static bool
next_line(struct span *line, struct in *in)
{
	const char *lf = memchr(in->p, '\n', (size_t)(in->end - in->p));

	if (!lf)
		return false;
	*line = (struct span){in->p, (size_t)(lf - in->p)};
	in->p = lf + 1;
	return true;
}

static bool
base64_exact(uint8_t *out, size_t bytes, struct span s)
{
	size_t n = 0;

	return base64_decode(out, bytes, &n, s.p, s.n, false) && n == bytes;
}

/* "-> TYPE ARG...": visible ASCII, single spaces, nothing empty. Of the arguments only the first
 * ARGS are kept; *count counts all. */
static bool
split_args(struct span arg[ARGS], size_t *count, struct span line)
{
	const char *p = line.p + 3, *end = line.p + line.n;

	if (line.n < 4 || memcmp(line.p, "-> ", 3) != 0)
		return false;
	*count = 0;
	while (p <= end) { /* <=: a trailing space is an empty argument */
		const char *from = p;

		while (p < end && *p != ' ') {
			if (*p < 0x21 || *p > 0x7e)
				return false;
			p++;
		}
		if (p == from)
			return false;
		if (*count < ARGS)
			arg[*count] = (struct span){from, (size_t)(p - from)};
		++*count;
		p++;
	}
	return true;
}

/* Lines of 64 up to the first shorter one. The first AGE_BODY bytes go to `body`, *body_n counts
 * all. */
static bool
read_body(uint8_t body[AGE_BODY], size_t *body_n, struct in *in)
{
	uint8_t part[LINE / 4 * 3];
	struct span line;

	*body_n = 0;
	do {
		size_t n = 0;

		if (!next_line(&line, in) || line.n > LINE ||
		    !base64_decode(part, sizeof part, &n, line.p, line.n, false))
			return false;
		if (*body_n < AGE_BODY)
			memcpy(
			    body + *body_n, part, n < AGE_BODY - *body_n ? n : AGE_BODY - *body_n);
		*body_n += n;
	} while (line.n == LINE);
	return true;
}

static bool
is(struct span s, const char *text)
{
	return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

/* Decimal as the spec has it: no sign, no leading zero. Two digits hold every factor that
 * a machine could work off; more are read as one too large, not as an error of form. */
static bool
read_work_factor(int *out, struct span s)
{
	int v = 0;

	if (s.n == 0 || s.p[0] == '0')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v > 99 ? v : v * 10 + (s.p[i] - '0');
	}
	*out = v;
	return true;
}

/* Points of small order, for which every scalar gives the shared secret zero: the seven values
 * (with the unused top bit cleared) that RFC 7748 section 6.1 tells to check for. Checked here, not
 * when a key is tried, so that a bad stanza is found no matter which one is tried first. */
static bool
low_order(const uint8_t share[32])
{
	static const uint8_t bad[7][32] = {
	    {0},
	    {1},
	    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f,
		0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16,
		0x5f, 0x49, 0xb8, 0x00},
	    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83,
		0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd,
		0xd0, 0x9f, 0x11, 0x57},
	    /* p - 1, p, p + 1 with p = 2^255 - 19 */
	    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0x7f},
	    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0x7f},
	    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0x7f},
	};
	uint8_t s[32];

	memcpy(s, share, 32);
	s[31] &= 0x7f;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (memcmp(s, bad[i], 32) == 0)
			return true;
	return false;
}

static int
read_stanza(struct age_stanza *st, struct in *in, struct span line, struct err *e)
{
	struct span arg[ARGS] = {{0}};
	size_t args = 0, body_n = 0;

	if (!split_args(arg, &args, line) || !read_body(st->body, &body_n, in))
		return err_set(e, ERR_DAMAGED, _("the age header is malformed"));
	if (is(arg[0], "X25519")) { /* case matters: "x25519" is another, unknown type */
		st->kind = AGE_X25519;
		if (args != 2 || arg[1].n != B64_32 || !base64_exact(st->share, 32, arg[1]) ||
		    body_n != AGE_BODY)
			return err_set(e, ERR_DAMAGED, _("an X25519 stanza is malformed"));
		if (low_order(st->share))
			return err_set(e, ERR_DAMAGED, _("an X25519 stanza has a low-order share"));
	} else if (is(arg[0], "scrypt")) {
		st->kind = AGE_SCRYPT;
		if (args != 3 || arg[1].n != B64_16 || !base64_exact(st->share, AGE_SALT, arg[1]) ||
		    !read_work_factor(&st->work_factor, arg[2]) || body_n != AGE_BODY)
			return err_set(e, ERR_DAMAGED, _("the scrypt stanza is malformed"));
	}
	return 0;
}

int
age_header_parse(struct age_header *out, const uint8_t *p, size_t n, struct err *e)
{
	struct age_header h = {0};
	size_t max = n < AGE_HEADER_MAX ? n : AGE_HEADER_MAX, vn = sizeof version - 1;
	const char *text = (const char *)p;
	struct in in = {text, text + max};
	struct span line = {0};
	bool scrypt = false;
	int rc = 0;

	if (n >= sizeof armor - 1 && memcmp(p, armor, sizeof armor - 1) == 0)
		return err_set(e, ERR_DAMAGED,
		    _("this age file is armored text; only the binary form is read"));
	if (n < vn || memcmp(p, version, vn) != 0)
		return err_set(e, ERR_DAMAGED, _("this is not an age v1 file"));
	in.p += vn;
	for (;;) {
		struct age_stanza st = {0};

		if (!next_line(&line, &in)) {
			rc = n > max
			    ? err_set(e, ERR_DAMAGED, _("the age header is larger than %d bytes"),
				  AGE_HEADER_MAX)
			    : err_set(e, ERR_DAMAGED, _("the age header is cut short"));
			goto done;
		}
		if (line.n >= 3 && memcmp(line.p, "---", 3) == 0)
			break;
		if (h.n == AGE_STANZAS_MAX) {
			rc = err_set(e, ERR_DAMAGED, _("the age header has more than %d stanzas"),
			    AGE_STANZAS_MAX);
			goto done;
		}
		rc = read_stanza(&st, &in, line, e);
		if (rc)
			goto done;
		scrypt |= st.kind == AGE_SCRYPT;
		vec_grow(&h);
		h.v[h.n++] = st;
	}
	if (line.n != 4 + B64_32 || line.p[3] != ' ' ||
	    !base64_exact(h.mac, 32, (struct span){line.p + 4, B64_32}))
		rc = err_set(e, ERR_DAMAGED, _("the age header's last line is malformed"));
	else if (h.n == 0)
		rc = err_set(e, ERR_DAMAGED, _("the age header names no recipient"));
	else if (scrypt && h.n > 1)
		rc = err_set(e, ERR_DAMAGED, _("a scrypt stanza must be the only one"));
	if (rc)
		goto done;
	h.mac_n = (size_t)(line.p + 3 - text);
	h.size = (size_t)(in.p - text);
	*out = h;
	h = (struct age_header){0};
done:
	age_header_free(&h);
	return rc;
}

void
age_header_free(struct age_header *h)
{
	free(h->v);
	*h = (struct age_header){0};
}

static void
put_base64(struct buf *out, const uint8_t *p, size_t n)
{
	char text[B64_32 + 1];

	sodium_bin2base64(text, sizeof text, p, n, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	buf_puts(out, text);
}

void
age_header_begin(struct buf *out)
{
	buf_puts(out, version);
}

void
age_header_x25519(struct buf *out, const uint8_t share[32], const uint8_t body[AGE_BODY])
{
	buf_puts(out, "-> X25519 ");
	put_base64(out, share, 32);
	buf_putc(out, '\n');
	put_base64(out, body, AGE_BODY);
	buf_putc(out, '\n');
}

void
age_header_scrypt(
    struct buf *out, const uint8_t salt[AGE_SALT], int work_factor, const uint8_t body[AGE_BODY])
{
	buf_puts(out, "-> scrypt ");
	put_base64(out, salt, AGE_SALT);
	buf_printf(out, " %d\n", work_factor);
	put_base64(out, body, AGE_BODY);
	buf_putc(out, '\n');
}

void
age_header_end(struct buf *out, size_t start, const uint8_t file_key[AGE_FILE_KEY])
{
	uint8_t mac[32];

	buf_puts(out, "---");
	age_header_mac(mac, file_key, out->p + start, out->n - start);
	buf_putc(out, ' ');
	put_base64(out, mac, sizeof mac);
	buf_putc(out, '\n');
}

void
age_hkdf(uint8_t okm[32], const void *salt, size_t salt_n, const void *ikm, size_t ikm_n,
    const char *info)
{
	crypto_auth_hmacsha256_state st;
	uint8_t prk[32];
	const uint8_t one = 1;

	crypto_auth_hmacsha256_init(&st, salt, salt_n);
	crypto_auth_hmacsha256_update(&st, ikm, ikm_n);
	crypto_auth_hmacsha256_final(&st, prk);
	crypto_auth_hmacsha256_init(&st, prk, sizeof prk);
	crypto_auth_hmacsha256_update(&st, (const uint8_t *)info, strlen(info));
	crypto_auth_hmacsha256_update(&st, &one, 1);
	crypto_auth_hmacsha256_final(&st, okm);
	secret_wipe(&st, sizeof st);
	secret_wipe(prk, sizeof prk);
}

void
age_header_mac(uint8_t mac[32], const uint8_t file_key[AGE_FILE_KEY], const void *p, size_t n)
{
	crypto_auth_hmacsha256_state st;
	uint8_t key[32];

	age_hkdf(key, "", 0, file_key, AGE_FILE_KEY, "header");
	crypto_auth_hmacsha256_init(&st, key, sizeof key);
	crypto_auth_hmacsha256_update(&st, p, n);
	crypto_auth_hmacsha256_final(&st, mac);
	secret_wipe(&st, sizeof st);
	secret_wipe(key, sizeof key);
}

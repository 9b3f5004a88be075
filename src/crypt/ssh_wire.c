#include "crypt/ssh_wire.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/buf.h"
#include "crypt/base64.h"

enum { COLUMNS = 70 };

static const uint8_t *
take(struct ssh_in *in, size_t n)
{
	const uint8_t *p = in->p;

	if (!p || in->n < n) {
		*in = (struct ssh_in){0};
		return NULL;
	}
	in->p += n;
	in->n -= n;
	return p;
}

uint32_t
ssh_get_u32(struct ssh_in *in)
{
	const uint8_t *p = take(in, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

struct ssh_in
ssh_get_string(struct ssh_in *in)
{
	size_t n = ssh_get_u32(in);
	const uint8_t *p = take(in, n);

	return (struct ssh_in){p, p ? n : 0};
}

bool
ssh_get_text(struct ssh_in *in, const char *text)
{
	struct ssh_in s = ssh_get_string(in);

	return s.p && s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

bool
ssh_get_pk(uint8_t pk[32], struct ssh_in *in)
{
	struct ssh_in blob = ssh_get_string(in), key;

	if (!ssh_get_text(&blob, SSH_ED25519))
		return false;
	key = ssh_get_string(&blob);
	if (!key.p || key.n != 32 || blob.n != 0)
		return false;
	memcpy(pk, key.p, 32);
	return true;
}

void
ssh_put_u32(struct buf *out, uint32_t v)
{
	const uint8_t b[4] = {
	    (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	buf_add(out, b, sizeof b);
}

void
ssh_put_string(struct buf *out, const void *p, size_t n)
{
	ssh_put_u32(out, (uint32_t)n);
	buf_add(out, p, n);
}

void
ssh_put_text(struct buf *out, const char *text)
{
	ssh_put_string(out, text, strlen(text));
}

void
ssh_put_pk(struct buf *out, const uint8_t pk[32])
{
	ssh_put_u32(out, SSH_BLOB);
	ssh_put_text(out, SSH_ED25519);
	ssh_put_string(out, pk, 32);
}

void
ssh_armor(struct buf *out, const char *label, const void *p, size_t n)
{
	struct buf text = {0};
	size_t len = sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL);

	sodium_bin2base64(buf_room(&text, len), len, p, n, sodium_base64_VARIANT_ORIGINAL);
	text.n = len - 1; /* without its NUL */
	buf_printf(out, "-----BEGIN %s-----\n", label);
	for (size_t i = 0; i < text.n; i += COLUMNS) {
		buf_add(out, text.p + i, text.n - i < COLUMNS ? text.n - i : COLUMNS);
		buf_putc(out, '\n');
	}
	buf_printf(out, "-----END %s-----\n", label);
	buf_free(&text);
}

bool
ssh_unarmor(struct buf *out, size_t *used, const char *label, const char *s, size_t n)
{
	struct buf text = {0}, bin = {0};
	char begin[64], end[64];
	size_t begin_n, end_n, at, bin_n = 0;
	bool ok = false;

	begin_n = (size_t)snprintf(begin, sizeof begin, "-----BEGIN %s-----\n", label);
	end_n = (size_t)snprintf(end, sizeof end, "-----END %s-----", label);
	if (n < begin_n || memcmp(s, begin, begin_n) != 0)
		return false;
	for (at = begin_n;;) {
		const char *lf = memchr(s + at, '\n', n - at);
		size_t line = lf ? (size_t)(lf - (s + at)) : n - at;

		if (line == end_n && memcmp(s + at, end, end_n) == 0) {
			at += line + (lf != NULL);
			break;
		}
		if (!lf || line == 0 || text.n + line > SSH_ARMOR_MAX / 3 * 4)
			goto done;
		buf_add(&text, s + at, line);
		at += line + 1;
	}
	if (!base64_decode(buf_room(&bin, text.n), text.n, &bin_n, buf_str(&text), text.n, true))
		goto done;
	buf_add(out, bin.p, bin_n);
	*used = at;
	ok = true;
done:
	buf_free(&text);
	buf_free(&bin);
	return ok;
}

#include "trail/commit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/id.h"
#include "git/repo.h"
#include "merge/storepath.h"

#define SIG_HEADER "gpgsig "
#define SIG_BEGIN "-----BEGIN SSH SIGNATURE-----"
#define SIG_END "-----END SSH SIGNATURE-----"

/* The last second of year 9999. A machine whose clock battery is dead starts in 1970: what
 * is saved on it must not be refused for that, so 0 is a time. */
static const int64_t time_max = INT64_C(253402300799);

/* The raw commit, taken line by line. */
struct cursor {
	const char *raw, *p, *end;
	const char *s; /* the current line, without its LF */
	size_t n;
	unsigned line; /* 1-based */
};

static int
refuse(const struct cursor *c, struct err *e, const char *text)
{
	return err_at(e, ERR_DAMAGED, NULL, c->line, 0, NULL, "%s", text);
}

/* The next line; false at the end or when no LF ends it. */
static bool
next_line(struct cursor *c)
{
	const char *lf = c->p < c->end ? memchr(c->p, '\n', (size_t)(c->end - c->p)) : NULL;

	c->line++;
	c->s = c->p;
	c->n = 0;
	if (!lf)
		return false;
	c->n = (size_t)(lf - c->p);
	c->p = lf + 1;
	return true;
}

static bool
starts(const struct cursor *c, const char *prefix)
{
	size_t n = strlen(prefix);

	return c->n >= n && memcmp(c->s, prefix, n) == 0;
}

static bool
is(const struct cursor *c, const char *text)
{
	return c->n == strlen(text) && starts(c, text);
}

/* Every byte of a commit is printable ASCII or LF, so that no tool can read it in two ways. */
static int
check_bytes(const char *raw, size_t n, struct err *e)
{
	struct cursor at = {.line = 1};

	if (n == 0)
		return refuse(&at, e, _("the commit is empty"));
	if (n > COMMIT_MAX)
		return refuse(&at, e, _("the commit is larger than 64 KiB"));
	for (size_t i = 0; i < n; i++) {
		unsigned char b = (unsigned char)raw[i];

		if (b >= 0x20 && b < 0x7f)
			continue;
		if (b == '\n') {
			if (i > 0 && raw[i - 1] == ' ')
				return refuse(&at, e, _("a line of the commit ends in a space"));
			at.line++;
		} else if (b == '\0') {
			return refuse(&at, e, _("the commit contains a NUL byte"));
		} else if (b == '\r') {
			return refuse(&at, e, _("the commit contains a carriage return"));
		} else if (b >= 0x80) {
			return refuse(&at, e, _("the commit contains a byte that is not ASCII"));
		} else {
			return refuse(&at, e, _("the commit contains a control character"));
		}
	}
	if (raw[n - 1] != '\n')
		return refuse(&at, e, _("the last line of the commit does not end in a line feed"));
	return 0;
}

/* A line that is not the header expected here: says which stranger it is, else `missing`. */
static int
refuse_header(const struct cursor *c, struct err *e, const char *missing)
{
	static const struct {
		const char *prefix, *text;
	} strangers[] = {
		{"encoding ", N_("the commit has an encoding header, which Akt never writes")},
		{"mergetag ", N_("the commit has a mergetag header, which Akt never writes")},
		{"gpgsig-", N_("the commit has a second kind of signature header (gpgsig-...), "
			"which git would leave out of what is signed")},
	};

	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
		if (starts(c, strangers[i].prefix))
			return refuse(c, e, _(strangers[i].text));
	return refuse(c, e, missing);
}

/* 40 lower-case hex digits and nothing else after the header's name. */
static bool
header_id(struct oid *out, const struct cursor *c, const char *name)
{
	size_t at = strlen(name);
	char hex[OID_HEX + 1];

	if (c->n != at + OID_HEX)
		return false;
	memcpy(hex, c->s + at, OID_HEX);
	hex[OID_HEX] = '\0';
	return hash_unhex(out->b, sizeof out->b, hex);
}

/* `SECONDS +0000`: decimal, no sign, no leading zero. */
static int
parse_time(int64_t *out, const struct cursor *c, const char *s, size_t n, struct err *e)
{
	static const char zone[] = " +0000";
	size_t zn = sizeof zone - 1, digits = 0;
	int64_t t = 0;

	while (digits < n && s[digits] >= '0' && s[digits] <= '9')
		digits++;
	if (n > 0 && s[0] == '-')
		return refuse(c, e, _("the commit is dated before 1970"));
	if (digits == 0 || (digits > 1 && s[0] == '0'))
		return refuse(c, e, _("the commit's time is not a plain number of seconds"));
	for (size_t i = 0; i < digits && t <= time_max; i++)
		t = t * 10 + (s[i] - '0');
	if (t > time_max)
		return refuse(c, e, _("the commit is dated after the year 9999"));
	if (n - digits != zn || memcmp(s + digits, zone, zn) != 0)
		return refuse(c, e, _("the commit's time zone is not +0000 (UTC)"));
	*out = t;
	return 0;
}

/* `handle <handle@store-id> SECONDS +0000` */
static int
parse_author(struct commit *out, const struct cursor *c, struct err *e)
{
	const char *s = c->s + strlen("author "), *end = c->s + c->n;
	const char *lt = memchr(s, '<', (size_t)(end - s));
	const char *gt = lt ? memchr(lt, '>', (size_t)(end - lt)) : NULL;
	size_t hn = 0;

	if (!gt || lt == s || lt[-1] != ' ' || end - gt < 2 || gt[1] != ' ')
		return refuse(c, e, _("the author line is not `handle <handle@store> time zone`"));
	hn = (size_t)(lt - 1 - s);
	if (hn >= sizeof out->handle)
		return refuse(c, e, _("the author's name is no handle"));
	memcpy(out->handle, s, hn);
	out->handle[hn] = '\0';
	if (!storepath_handle_ok(out->handle))
		return refuse(c, e, _("the author's name is no handle"));
	if ((size_t)(gt - lt - 1) != hn + 1 + ID_STORE || memcmp(lt + 1, s, hn) != 0 ||
	    lt[1 + hn] != '@')
		return refuse(c, e,
		    _("the author's address is not `handle@store` of the same handle"));
	memcpy(out->store_id, gt - ID_STORE, ID_STORE);
	out->store_id[ID_STORE] = '\0';
	if (!id_valid(out->store_id, ID_STORE))
		return refuse(c, e, _("the author's address names no store id"));
	return parse_time(&out->time, c, gt + 2, (size_t)(end - gt - 2), e);
}

/* The signature's armor, one space before each further line. What is inside the armor is for
 * sshsig_verify to judge. Ends with the cursor on the line after the header. */
static int
parse_signature(struct commit *out, struct cursor *c, struct err *e)
{
	bool ended = false;

	if (!starts(c, SIG_HEADER))
		return refuse_header(c, e, _("the commit has no signature after its committer"));
	if (!is(c, SIG_HEADER SIG_BEGIN))
		return refuse(c, e, _("the commit's signature is not an SSH signature"));
	out->sig_at = (size_t)(c->s - c->raw);
	while (next_line(c) && starts(c, " ")) {
		if (ended)
			return refuse(c, e, _("the commit's signature goes on after its end line"));
		ended = is(c, " " SIG_END);
	}
	if (!ended)
		return refuse(c, e, _("the commit's signature has no end line"));
	out->sig_n = (size_t)(c->s - c->raw) - out->sig_at;
	if (starts(c, "gpgsig "))
		return refuse(c, e, _("the commit has more than one signature"));
	return 0;
}

static int
parse_headers(struct commit *out, struct cursor *c, struct err *e)
{
	const char *author = NULL;
	size_t author_n = 0;
	int rc = 0;

	next_line(c);
	if (!starts(c, "tree "))
		return refuse_header(c, e, _("the commit does not begin with its tree"));
	if (!header_id(&out->tree, c, "tree "))
		return refuse(c, e, _("the tree's id is not 40 lower-case hex digits"));
	while (next_line(c) && starts(c, "parent ")) {
		if (out->nparents == 2)
			return refuse(c, e, _("the commit has more than two parents"));
		if (!header_id(&out->parent[out->nparents], c, "parent "))
			return refuse(c, e, _("a parent's id is not 40 lower-case hex digits"));
		if (out->nparents++ && oid_equal(&out->parent[0], &out->parent[1]))
			return refuse(c, e, _("the commit names the same parent twice"));
	}
	if (!starts(c, "author "))
		return refuse_header(c, e,
		    _("the commit has no author after its tree and parents"));
	rc = parse_author(out, c, e);
	if (rc)
		return rc;
	author = c->s + strlen("author ");
	author_n = c->n - strlen("author ");
	next_line(c);
	if (!starts(c, "committer "))
		return refuse_header(c, e, _("the commit has no committer after its author"));
	if (c->n - strlen("committer ") != author_n ||
	    memcmp(c->s + strlen("committer "), author, author_n) != 0)
		return refuse(c, e, _("the committer is not the author, or at another time"));
	next_line(c);
	rc = parse_signature(out, c, e);
	if (rc)
		return rc;
	if (c->n != 0)
		return refuse_header(c, e, _("the commit has a header that Akt never writes"));
	return 0;
}

static bool
verb_ok(const char *s, size_t n)
{
	if (n == 0 || s[0] < 'a' || s[0] > 'z')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(s[i] >= 'a' && s[i] <= 'z') && !(s[i] >= '0' && s[i] <= '9') && s[i] != '-')
			return false;
	return true;
}

/* `akt: VERB`, an empty line, `Akt-Merge: 1` on merges, `Akt-Trail: 1 <64 hex>`, the end. */
static int
parse_message(struct commit *out, struct cursor *c, struct err *e)
{
	char hex[2 * sizeof out->trail + 1];
	size_t n = 0;

	next_line(c);
	if (!starts(c, "akt: "))
		return refuse(c, e, _("the message does not begin with `akt: `"));
	n = c->n - strlen("akt: ");
	if (n >= sizeof out->verb || !verb_ok(c->s + strlen("akt: "), n))
		return refuse(c, e, _("the message's verb is not 1 to 32 of a-z, 0-9 and `-`"));
	memcpy(out->verb, c->s + strlen("akt: "), n);
	out->verb[n] = '\0';
	if (!next_line(c) || c->n != 0)
		return refuse(c, e, _("the message has no empty line after its first"));
	next_line(c);
	if (starts(c, "Akt-Merge:")) {
		if (out->nparents != 2)
			return refuse(c, e,
			    _("the commit claims to be a merge but has not two parents"));
		if (!is(c, "Akt-Merge: 1"))
			return refuse(c, e,
			    _("the merge was made by rules that this program does not know; "
				"a newer akt may"));
		out->merge_rules = 1;
		next_line(c);
	} else if (out->nparents == 2) {
		return refuse(c, e, _("the merge does not name its rules (Akt-Merge)"));
	}
	if (!starts(c, "Akt-Trail:"))
		return refuse(c, e,
		    _("the message has a line where only its trail value may stand"));
	if (!starts(c, "Akt-Trail: 1 "))
		return refuse(c, e,
		    _("the trail value is of a version that this program does not know; "
			"a newer akt may"));
	n = c->n - strlen("Akt-Trail: 1 ");
	if (n != sizeof hex - 1)
		return refuse(c, e, _("the trail value is not 64 lower-case hex digits"));
	memcpy(hex, c->s + strlen("Akt-Trail: 1 "), n);
	hex[n] = '\0';
	if (!hash_unhex(out->trail, sizeof out->trail, hex))
		return refuse(c, e, _("the trail value is not 64 lower-case hex digits"));
	if (next_line(c))
		return refuse(c, e, _("the message goes on after its trail value"));
	return 0;
}

int
commit_parse(struct commit *out, const void *raw, size_t n, struct err *e)
{
	struct cursor cur = {.raw = raw, .p = raw, .end = raw};
	struct commit c = {0};
	int rc = check_bytes(raw, n, e);

	if (rc)
		return rc;
	cur.end = cur.raw + n;
	rc = parse_headers(&c, &cur, e);
	if (!rc)
		rc = parse_message(&c, &cur, e);
	if (!rc)
		*out = c;
	return rc;
}

void
commit_format(struct buf *out, const struct commit *c)
{
	char hex[2 * sizeof c->trail + 1], id[OID_HEX + 1];

	oid_format(id, &c->tree);
	buf_printf(out, "tree %s\n", id);
	for (size_t i = 0; i < c->nparents; i++) {
		oid_format(id, &c->parent[i]);
		buf_printf(out, "parent %s\n", id);
	}
	buf_printf(out, "author %s <%s@%s> %lld +0000\n", c->handle, c->handle, c->store_id,
	    (long long)c->time);
	buf_printf(out, "committer %s <%s@%s> %lld +0000\n\n", c->handle, c->handle, c->store_id,
	    (long long)c->time);
	buf_printf(out, "akt: %s\n\n", c->verb);
	if (c->merge_rules)
		buf_printf(out, "Akt-Merge: %d\n", c->merge_rules);
	hash_hex(hex, c->trail, sizeof c->trail);
	buf_printf(out, "Akt-Trail: 1 %s\n", hex);
}

void
commit_payload(struct buf *out, const void *raw, size_t n, const struct commit *c)
{
	const char *p = raw;

	buf_add(out, p, c->sig_at);
	buf_add(out, p + c->sig_at + c->sig_n, n - c->sig_at - c->sig_n);
}

void
commit_signature(struct buf *out, const void *raw, const struct commit *c)
{
	const char *p = (const char *)raw + c->sig_at + strlen(SIG_HEADER);
	const char *end = (const char *)raw + c->sig_at + c->sig_n;

	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));

		buf_add(out, p, (size_t)(lf + 1 - p));
		p = lf + 2; /* the space that leads each further line */
	}
}

void
commit_add_signature(struct buf *out, const void *raw, size_t n, const char *armor)
{
	const char *p = raw, *body = memmem(raw, n, "\n\n", 2);
	size_t head = 0;

	if (!body)
		abort(); /* not from commit_format */
	head = (size_t)(body + 1 - p);
	buf_add(out, p, head);
	buf_puts(out, SIG_HEADER);
	while (*armor) {
		const char *lf = strchrnul(armor, '\n');

		buf_add(out, armor, (size_t)(lf - armor));
		buf_putc(out, '\n');
		armor = *lf ? lf + 1 : lf;
		if (*armor)
			buf_putc(out, ' ');
	}
	buf_add(out, p + head, n - head);
}

void
commit_trail(uint8_t out[32], size_t nparents, const uint8_t (*parent_trail)[32],
    const uint8_t (*parent_sha256)[32], const uint8_t tree256[32])
{
	static const char label[] = "akt trail v1"; /* hashed with its NUL (DESIGN 4) */
	uint8_t in[sizeof label + 1 + 2 * 64 + 32], *p = in;

	if (nparents > 2)
		abort();
	memcpy(p, label, sizeof label);
	p += sizeof label;
	*p++ = (uint8_t)nparents;
	for (size_t i = 0; i < nparents; i++) {
		memcpy(p, parent_trail[i], 32);
		memcpy(p + 32, parent_sha256[i], 32);
		p += 64;
	}
	memcpy(p, tree256, 32);
	p += 32;
	hash_sha256(out, in, (size_t)(p - in));
}

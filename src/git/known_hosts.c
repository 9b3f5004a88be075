#include "git/hub.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"

/* sshd(8), SSH_KNOWN_HOSTS FILE FORMAT: [@marker] names keytype base64 [comment]. */

enum { FILE_MAX = 4 << 20 };

void
known_hosts_base64(struct buf *out, const void *p, size_t n, bool pad)
{
	static const char abc[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *s = p;

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)s[i] << 16 | (i + 1 < n ? (unsigned)s[i + 1] << 8 : 0) |
		    (i + 2 < n ? s[i + 2] : 0);

		for (size_t k = 0; k < 4; k++)
			if (k <= n - i)
				buf_putc(out, abc[v >> (18 - 6 * k) & 63]);
			else if (pad)
				buf_putc(out, '=');
	}
}

/* `*` and `?`, case folded. */
static bool
glob(const char *pat, size_t n, const char *s)
{
	for (; n; pat++, n--, s++) {
		if (*pat == '*') {
			for (;; s++) {
				if (glob(pat + 1, n - 1, s))
					return true;
				if (!*s)
					return false;
			}
		}
		if (!*s ||
		    (*pat != '?' && tolower((unsigned char)*pat) != tolower((unsigned char)*s)))
			return false;
	}
	return !*s;
}

static bool
names_match(const char *names, size_t n, const char *name)
{
	bool yes = false;

	while (n) {
		const char *comma = memchr(names, ',', n);
		size_t len = comma ? (size_t)(comma - names) : n;
		bool no = len && *names == '!';

		if (glob(names + no, len - no, name)) {
			if (no)
				return false;
			yes = true;
		}
		names += len + (comma != NULL);
		n -= len + (comma != NULL);
	}
	return yes;
}

static const char *
word(const char *p, const char **start, size_t *n)
{
	p += strspn(p, " \t");
	*start = p;
	*n = strcspn(p, " \t\r");
	return p + *n;
}

static enum host_known
check_line(const char *p, const char *name, const char *key)
{
	const char *marker = "", *names, *type, *data;
	size_t marker_n = 0, names_n, type_n, data_n;
	bool same, revoked;

	p = word(p, &names, &names_n);
	if (names_n && *names == '@') {
		marker = names;
		marker_n = names_n;
		p = word(p, &names, &names_n);
	}
	p = word(p, &type, &type_n);
	word(p, &data, &data_n);
	if (!names_n || *names == '#' || !data_n)
		return HOST_UNKNOWN;
	same = strlen(key) == data_n && memcmp(key, data, data_n) == 0;
	revoked = marker_n == 8 && memcmp(marker, "@revoked", 8) == 0;
	/* a key that anyone revoked is trusted for no name: hashed ones cannot be read here */
	if (same && revoked)
		return HOST_REVOKED;
	return same && !marker_n && names_match(names, names_n, name) ? HOST_KNOWN : HOST_UNKNOWN;
}

enum host_known
known_hosts_check(const char *file, const char *host, const char *port, const void *key, size_t n)
{
	enum host_known best = HOST_UNKNOWN;
	struct buf text = {0}, b64 = {0};
	struct err unused = {0};
	char *name =
	    port && strcmp(port, "22") != 0 ? xasprintf("[%s]:%s", host, port) : xstrdup(host);
	char *save = NULL, *line;

	known_hosts_base64(&b64, key, n, true);
	if (os_read_file(&text, file, FILE_MAX, &unused) == 0 && text.n)
		for (line = strtok_r(text.p, "\n", &save); line;
		     line = strtok_r(NULL, "\n", &save)) {
			enum host_known k = check_line(line, name, buf_str(&b64));

			if (k > best)
				best = k;
		}
	free(name);
	buf_free(&text);
	buf_free(&b64);
	return best;
}

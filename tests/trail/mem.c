#include "mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "crypt/age.h"
#include "crypt/ssh.h"
#include "tree/node.h"
#include "tree/yaml.h"

struct object {
	struct oid id;
	enum git_type type;
	char *p;
	size_t n;
};

struct mem {
	size_t n, cap, reads, fail_at; /* fail_at: 0 = never */
	int fail_code;
	struct object *v;
};

struct mem *
mem_new(void)
{
	return xcalloc(1, sizeof(struct mem));
}

void
mem_free(struct mem *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->v[i].p);
	free(m->v);
	free(m);
}

static struct object *
find(struct mem *m, const struct oid *id)
{
	for (size_t i = 0; i < m->n; i++)
		if (oid_equal(&m->v[i].id, id))
			return &m->v[i];
	return NULL;
}

static int
mem_read(void *ctx, struct buf *out, enum git_type *type, const struct oid *id, struct err *e)
{
	struct mem *m = ctx;
	const struct object *o = find(m, id);

	m->reads++;
	if (m->fail_at && m->reads >= m->fail_at)
		return err_set(e, m->fail_code, "the disk gave nothing");
	if (!o)
		return err_set(e, ERR_NOTFOUND, "no such object");
	buf_add(out, o->p, o->n);
	*type = o->type;
	return 0;
}

struct objects
mem_objects(struct mem *m)
{
	return (struct objects){mem_read, m};
}

size_t
mem_reads(const struct mem *m)
{
	return m->reads;
}

void
mem_fail_at(struct mem *m, size_t nth, int code)
{
	m->fail_at = nth ? m->reads + nth : 0;
	m->fail_code = code;
}

static struct oid
add(struct mem *m, enum git_type type, const void *p, size_t n)
{
	struct oid id;

	oid_hash(&id, type, p, n);
	if (!find(m, &id)) {
		vec_grow(m);
		m->v[m->n] = (struct object){id, type, xmalloc(n + 1), n};
		memcpy(m->v[m->n++].p, p, n);
	}
	return id;
}

struct oid
mem_blob(struct mem *m, const void *p, size_t n)
{
	return add(m, GIT_BLOB, p, n);
}

void
mem_lose(struct mem *m, const struct oid *id)
{
	struct object *o = find(m, id);

	assert_non_null(o);
	free(o->p);
	*o = m->v[--m->n];
}

/* --- marks ------------------------------------------------------------------------ */

static void
seed_bytes(uint8_t out[32], const char *kind, const char *seed, size_t n)
{
	char text[160];

	snprintf(text, sizeof text, "%s:%.*s", kind, (int)n, seed);
	hash_sha256(out, text, strlen(text));
}

void
mem_key(uint8_t pk[32], const char *seed)
{
	seed_bytes(pk, "k", seed, strlen(seed));
}

char *
mem_fill(const char *text)
{
	struct buf out = {0};
	uint8_t b[32], d[32];
	char hex[65], line[128];

	for (const char *s = text; *s; s++) {
		const char *end = s[0] == '{' && s[1] && s[2] == ':' ? strchr(s, '}') : NULL;
		size_t n = end ? (size_t)(end - s - 3) : 0;

		if (!end) {
			buf_putc(&out, *s);
			continue;
		}
		switch (s[1]) {
		case 'e':
			seed_bytes(b, "r", s + 3, n);
			hash_sha256(d, b, 32);
			hash_hex(hex, d, 4);
			buf_puts(&out, hex);
			break;
		case 'r':
			seed_bytes(b, "r", s + 3, n);
			age_recipient_format(line, b);
			buf_puts(&out, line);
			break;
		case 'k':
			seed_bytes(b, "k", s + 3, n);
			ssh_public_format(line, b);
			buf_puts(&out, line);
			break;
		default:
			seed_bytes(b, "h", s + 3, n);
			hash_hex(hex, b, 32);
			buf_puts(&out, hex);
			break;
		}
		s = end;
	}
	return buf_take(&out);
}

/* --- files ------------------------------------------------------------------------ */

static struct file *
get(const struct files *f, const char *path)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].path, path) == 0)
			return &f->v[i];
	return NULL;
}

const struct file *
files_get(const struct files *f, const char *path)
{
	return get(f, path);
}

void
files_free(struct files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].path);
		free(f->v[i].text);
		free(f->v[i].source);
	}
	free(f->v);
	*f = (struct files){0};
}

void
files_copy(struct files *to, const struct files *from)
{
	*to = (struct files){0};
	for (size_t i = 0; i < from->n; i++) {
		files_put_raw(to, from->v[i].path, from->v[i].text, from->v[i].n, from->v[i].mode);
		to->v[to->n - 1].source = from->v[i].source ? xstrdup(from->v[i].source) : NULL;
	}
}

void
files_put_raw(struct files *f, const char *path, const void *p, size_t n, unsigned mode)
{
	struct file *one = get(f, path);

	if (!one) {
		vec_grow(f);
		one = &f->v[f->n++];
		*one = (struct file){.path = xstrdup(path)};
	}
	free(one->text);
	xfree(one->source);
	one->text = xmalloc(n + 1);
	memcpy(one->text, p, n);
	one->text[n] = '\0';
	one->n = n;
	one->mode = mode;
}

static bool
ends(const char *s, const char *with)
{
	size_t n = strlen(s), k = strlen(with);

	return n >= k && strcmp(s + n - k, with) == 0;
}

static void
put_source(struct files *f, const char *path, const char *full)
{
	struct buf out = {0};
	struct arena *a = arena_new();
	struct node *doc = NULL;

	if (ends(path, ".yaml") && strncmp(path, "schema/", 7) != 0 &&
	    yaml_parse(&doc, a, full, strlen(full), path, YAML_STORED, NULL) == 0)
		yaml_emit(&out, doc);
	else
		buf_puts(&out, full);
	files_put_raw(f, path, buf_str(&out), out.n, 0100644);
	get(f, path)->source = xstrdup(full);
	buf_free(&out);
	arena_free(a);
}

void
files_put(struct files *f, const char *path, const char *text)
{
	char *to = mem_fill(path), *full = mem_fill(text);

	put_source(f, to, full);
	free(to);
	free(full);
}

void
files_seal(struct files *f, const char *path, const char *seed)
{
	static const char *const part[] = {"share", "key", "mac"};
	static const char *const before[] = {"age-encryption.org/v1\n-> X25519 ", "\n", "\n--- "};
	struct buf out = {0};
	char *to = mem_fill(path), base64[64];
	uint8_t b[32];

	/* an age file's form, the same for a seed each time; nobody opens it */
	for (int i = 0; i < 3; i++) {
		seed_bytes(b, part[i], seed, strlen(seed));
		buf_puts(&out, before[i]);
		buf_puts(&out,
		    sodium_bin2base64(
			base64, sizeof base64, b, 32, sodium_base64_VARIANT_ORIGINAL_NO_PADDING));
	}
	buf_putc(&out, '\n');
	for (int i = 0; i < 2; i++) {
		seed_bytes(b, i ? "body" : "nonce", seed, strlen(seed));
		buf_add(&out, b, 32);
	}
	files_put_raw(f, to, buf_str(&out), out.n, 0100644);
	buf_free(&out);
	free(to);
}

void
files_del(struct files *f, const char *path)
{
	char *at = mem_fill(path);
	struct file *one = get(f, at);

	assert_non_null(one);
	free(one->path);
	free(one->text);
	free(one->source);
	*one = f->v[--f->n];
	free(at);
}

void
files_sub(struct files *f, const char *path, const char *old, const char *now)
{
	char *at = mem_fill(path), *from = mem_fill(old), *to = mem_fill(now), *hit;
	struct file *one = get(f, at);
	struct buf out = {0};

	assert_non_null(one);
	hit = one->source ? strstr(one->source, from) : NULL;
	if (!hit)
		fail_msg("%s has no such text: %s\n%s", at, from, one->text);
	buf_add(&out, one->source, (size_t)(hit - one->source));
	buf_puts(&out, to);
	buf_puts(&out, hit + strlen(from));
	put_source(f, at, buf_str(&out));
	buf_free(&out);
	free(at);
	free(from);
	free(to);
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

struct name {
	char name[128];
	unsigned mode;
	struct oid id;
};

/* git's order: a folder as if its name ended in a slash */
static int
by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	char p[130], q[130];

	snprintf(p, sizeof p, "%s%s", x->name, x->mode == 040000 ? "/" : "");
	snprintf(q, sizeof q, "%s%s", y->name, y->mode == 040000 ? "/" : "");
	return strcmp(p, q);
}

static struct oid
tree(struct mem *m, const struct file *v, size_t n, size_t skip)
{
	struct name *names = xcalloc(n + 1, sizeof *names);
	struct buf raw = {0};
	struct oid id;
	size_t k = 0;

	for (size_t i = 0; i < n;) {
		const char *s = v[i].path + skip, *slash = strchr(s, '/');
		size_t len = slash ? (size_t)(slash - s) : strlen(s), j = i + 1;

		snprintf(names[k].name, sizeof names[k].name, "%.*s", (int)len, s);
		if (slash) {
			while (j < n && strncmp(v[j].path + skip, s, len + 1) == 0)
				j++;
			names[k].mode = 040000;
			names[k].id = tree(m, v + i, j - i, skip + len + 1);
		} else {
			names[k].mode = v[i].mode;
			names[k].id = mem_blob(m, v[i].text, v[i].n);
		}
		k++;
		i = j;
	}
	qsort(names, k, sizeof *names, by_name);
	for (size_t i = 0; i < k; i++) {
		buf_printf(&raw, "%o %s", names[i].mode, names[i].name);
		buf_putc(&raw, '\0');
		buf_add(&raw, names[i].id.b, 20);
	}
	id = add(m, GIT_TREE, buf_str(&raw), raw.n);
	buf_free(&raw);
	free(names);
	return id;
}

struct oid
files_tree(struct mem *m, const struct files *f)
{
	struct file *v = xcalloc(f->n + 1, sizeof *v);
	struct oid id;

	memcpy(v, f->v, f->n * sizeof *v);
	qsort(v, f->n, sizeof *v, by_path);
	id = tree(m, v, f->n, 0);
	free(v);
	return id;
}

void
files_signers(struct mem *m, struct files *f)
{
	struct objects o = mem_objects(m);
	struct state_cache *c = state_cache_new(&o);
	struct state *s = NULL;
	struct buf out = {0};
	struct err e = {0};
	struct oid id = files_tree(m, f);

	if (state_open(&s, c, &id, &e) == 0 && state_format_signers(&out, s, &e) == 0)
		files_put_raw(f, "allowed_signers", buf_str(&out), out.n, 0100644);
	buf_free(&out);
	state_close(s);
	state_cache_free(c);
}

/* --- the unit ------------------------------------------------------------------------ */

static void
member(struct files *f, const char *handle, const char *roles)
{
	char *path = xasprintf("members/%s.yaml", handle), *text;
	char *team = xasprintf("teams/~%s/{e:~%s}", handle, handle),
	     *key = xasprintf("%s.age", team);
	bool recovery = strcmp(handle, "recovery") == 0;

	text = xasprintf(
	    "akt: 1\nhandle: %s\nroles:\n%sdevices:\n- id: %s%s\n  recipient: {r:%s.laptop}\n"
	    "  signer: {k:%s.laptop}\n  added: 2026-03-02T09:14:00Z\n",
	    handle, roles, handle, recovery ? "" : ".laptop", handle, handle);
	files_put(f, path, text);
	free(path);
	free(text);
	path = xasprintf("%s.yaml", team);
	text = xasprintf(
	    "akt: 1\nteam: ~%s\nrecipient: {r:~%s}\nmembers:\n- %s\n", handle, handle, handle);
	if (!recovery) {
		files_put(f, path, text);
		files_seal(f, key, handle);
	}
	free(path);
	free(text);
	free(team);
	free(key);
}

static void
dossier(struct files *f, const char *id, const char *access, const char *to)
{
	char *path = xasprintf("records/%c/%c/%s/dossier.yaml", id[0], id[1], id);
	char *text = xasprintf("akt: 1\ndossier: %s\naccess:\n%skeys:\n- id: {h:%s}\n  for:\n%s"
			       "  file: {h:%s.1}\n",
	    id, access, id, to, id);

	files_put(f, path, text);
	free(path);
	free(text);
}

void
mem_unit(struct mem *m, struct files *f)
{
	*f = (struct files){0};
	files_put(f, "store.yaml",
	    "akt: 1\nid: s000000000\nunit: d000000000\nname: Barn och ungdom\n"
	    "language: sv\nsettings:\n  basis:\n  - gdpr\n  - sol\n  erase_signers: 2\n");
	member(f, "anna", "- admin\n- staff\n");
	member(f, "bo", "- staff\n");
	member(f, "cia", "- staff\n- supervisor\n");
	member(f, "dan", "- auditor\n");
	member(f, "eva", "- staff\n");
	member(f, "fia", "- admin\n");
	member(f, "recovery", "- recovery\n");
	files_put(f, "teams/unit/{e:unit}.yaml",
	    "akt: 1\nteam: unit\nrecipient: {r:unit}\nmembers:\n"
	    "- anna\n- bo\n- cia\n- dan\n");
	files_seal(f, "teams/unit/{e:unit}.age", "unit");
	files_put(f, "teams/vit/{e:vit}.yaml",
	    "akt: 1\nteam: vit\nrecipient: {r:vit}\nmembers:\n"
	    "- bo\n- eva\n");
	files_seal(f, "teams/vit/{e:vit}.age", "vit");
	dossier(f, "d000000000", "- unit\n", "  - unit/{e:unit}\n");
	dossier(f, "d111111111", "- unit\n- ~anna\n", "  - unit/{e:unit}\n  - ~anna/{e:~anna}\n");
	dossier(f, "e222222222", "- ~eva\n", "  - ~eva/{e:~eva}\n");
	files_seal(f, "records/d/1/d111111111/placement-aaaaaaaa.yaml.age", "one");
	files_seal(f, "records/d/1/d111111111/plan-bbbbbbbb.yaml.age", "two");
	files_seal(f, "records/e/2/e222222222/placement-cccccccc.yaml.age", "three");
	files_put(f, "schema/plan.yaml", "type: object\nx-akt:\n  write: [\"team:vit\"]\n");
	files_put(f, "schema/note.yaml", "type: object\nx-akt: {write: [admin]}\n");
	files_put(f, "schema/rules/late.sql", "select 1;\n");
	files_signers(m, f);
}

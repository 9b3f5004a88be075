/* tests/sim/mem.h over folders: what the oracle looks at is read from the repositories once all is at rest. */
#include "sim/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypt/age.h"
#include "crypt/identity.h"
#include "git/purge.h"
#include "sim/real/real.h"
#include "sim/table.h"
#include "sim/world.h"
#include "trail/objects.h"

struct fault mem_fault;
void (*mem_before_push)(void *ctx);
void *mem_before_push_ctx;
bool mem_devices, mem_unjudged;

/* --- folders ------------------------------------------------------------------------------------- */

enum { DISKS = 2 * MACHINES + PLACES };
struct disk {
	char path[PATH_LEN + 16];
	bool there;
	size_t n; /* of `has` */
	uint8_t *has;
};
static struct disk disks[DISKS];

/* All places where a repository may be. */
static struct disk *
disk_slot(size_t i)
{
	struct disk *d = &disks[i];
	struct stat st;

	if (i < MACHINES)
		snprintf(d->path, sizeof d->path, "%s/m%zu", world_root, i);
	else if (i < 2 * MACHINES)
		snprintf(d->path, sizeof d->path, "%s/m%zu/akt/keys.git", world_root, i - MACHINES);
	else
		snprintf(d->path, sizeof d->path, "%s", place_path[i - 2 * MACHINES]);
	d->there = stat(d->path, &st) == 0;
	return d;
}

struct disk *
disk_find(const char *path)
{
	for (size_t i = 0; i < DISKS; i++)
		if (strcmp(disk_slot(i)->path, path) == 0)
			return disks[i].there ? &disks[i] : NULL;
	return NULL;
}

size_t
disk_count(void)
{
	size_t n = 0;

	for (size_t i = 0; i < DISKS; i++)
		n += disk_slot(i)->there;
	return n;
}

const struct disk *
disk_at(size_t at)
{
	for (size_t i = 0; i < DISKS; i++)
		if (disks[i].there && at-- == 0)
			return &disks[i];
	return NULL;
}

const char *
disk_path(const struct disk *d)
{
	return d->path;
}

void
disk_make(const char *path)
{
	struct buf out = {0};

	if (real_run(&out, (const char *[]){real_akt, "hub", path, NULL}, NULL, NULL) != 0) {
		fprintf(stderr, "no hub at %s: %s\n", path, buf_str(&out));
		abort();
	}
	buf_free(&out);
}

void
disk_drop(const char *path)
{
	real_remove(path);
}

/* Nothing here tells what a push left from what a ref let go of: all counts. */
bool
disk_stray(const struct disk *d, size_t object)
{
	(void)d, (void)object;
	return false;
}

bool
disk_has(const struct disk *d, size_t object)
{
	return object / 8 < d->n && d->has[object / 8] >> (object % 8) & 1;
}

bool
disk_ref_get(const struct disk *d, struct oid *id, const char *ref)
{
	struct git *g = NULL;
	struct oid any;
	bool there = git_open(&g, d->path, false, NULL) == 0 && git_ref_get(g, id ? id : &any, ref, NULL) == 0;

	git_close(g);
	return there;
}

static int
mix(void *ctx, const char *name, const struct oid *id)
{
	size_t *sum = ctx, x;

	(void)name;
	memcpy(&x, id->b, sizeof x);
	*sum = (*sum ^ x) * 0x9e3779b97f4a7c15u;
	return 0;
}

/* As good as counting: any move changes it. */
size_t
disk_moves(const char *path)
{
	struct git *g = NULL;
	size_t sum = 0;

	if (git_open(&g, path, false, NULL) == 0)
		git_ref_each(g, "refs/", mix, &sum, NULL);
	git_close(g);
	return sum;
}

struct disk *
disk_backup(const struct disk *d)
{
	struct disk *copy = xcalloc(1, sizeof *copy);

	snprintf(copy->path, sizeof copy->path, "%s/backup", getenv("SIM_ROOT"));
	real_copy(d->path, copy->path);
	return copy;
}

void
disk_restore(struct disk *d, const struct disk *from)
{
	real_copy(from->path, d->path);
}

void
disk_free(struct disk *d)
{
	if (d)
		real_remove(d->path);
	free(d);
}

void
mem_file(const char *path, const char *text, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		abort();
	}
	close(fd);
}

/* --- machines ------------------------------------------------------------------------------------ */

static void
remote(const char *store, const char *identity, const char *name, const char *url)
{
	struct buf out = {0};

	/* one that joined has its hub already */
	real_run(&out, (const char *[]){real_akt, "remote", "add", name, url, NULL}, store, identity);
	buf_free(&out);
}

void
mem_joined(const char *path)
{
	char identity[256];

	real_identity(identity, "anna.pc"); /* anybody's: only to be asked nothing */
	remote(path, identity, place_name[PLACE_MAIN], real_url(place_path[PLACE_MAIN]));
	remote(path, identity, place_name[PLACE_STICK], place_path[PLACE_STICK]);
}

static struct {
	size_t n, cap;
	uint8_t (*v)[32];
} keys;
static size_t nkept; /* the devices' own */

static bool
add_key(const uint8_t sk[32])
{
	for (size_t i = 0; i < keys.n; i++)
		if (memcmp(keys.v[i], sk, 32) == 0)
			return false;
	vec_grow(&keys);
	memcpy(keys.v[keys.n++], sk, 32);
	return true;
}

void
mem_device(const struct identity *id)
{
	char path[256];
	struct err e = {0};

	real_identity(path, id->id);
	real_remove(path);
	if (identity_save(path, id, NULL, 0, &e)) {
		fprintf(stderr, "%s: %s\n", path, e.n ? e.item[0].text : "");
		abort();
	}
	add_key(id->age_sk);
	nkept = keys.n;
}

/* --- objects ------------------------------------------------------------------------------------- */

struct box {
	bool is;
	size_t n, tried;
	uint8_t (*to)[32];
	struct buf plain;
};
static struct box *boxes; /* of each object, once all are there */

static void
forget_objects(void)
{
	for (size_t i = 0; boxes && i < mem_objects(); i++) {
		free(boxes[i].to);
		buf_free(&boxes[i].plain);
	}
	xfree(boxes);
	table_cut(0);
	for (size_t i = 0; i < DISKS; i++) {
		free(disks[i].has);
		disks[i].has = NULL;
		disks[i].n = 0;
	}
}

struct loading {
	struct disk *d;
	struct git *g;
	enum git_type type;
};

static int
load_one(void *ctx, const struct oid *id)
{
	struct loading *l = ctx;
	struct buf raw = {0};
	size_t i = mem_find(id), size;

	if (i == SIZE_MAX) {
		if (git_read(l->g, &raw, NULL, id, NULL))
			return 0;
		size = raw.n;
		i = table_add(id, l->type, buf_take(&raw), size);
	}
	if (i / 8 >= l->d->n) {
		size_t n = (i / 8 + 512) * 2;

		l->d->has = xrealloc(l->d->has, n, 1);
		memset(l->d->has + l->d->n, 0, n - l->d->n);
		l->d->n = n;
	}
	l->d->has[i / 8] |= (uint8_t)(1 << (i % 8));
	return 0;
}

/* Keys in a box's text, a line each. */
static bool
take_keys(const struct buf *plain)
{
	bool more = false;

	for (const char *p = buf_str(plain), *end; *p; p = *end ? end + 1 : end) {
		uint8_t sk[32];

		end = strchrnul(p, '\n');
		if (strncmp(p, "AGE-SECRET-KEY-1", 16) == 0 &&
		    age_identity_parse(sk, p, (size_t)(end - p), NULL) == 0)
			more |= add_key(sk);
	}
	return more;
}

/* Tries the keys that it was not tried with yet. */
static bool
open_box(size_t i)
{
	struct box *b = &boxes[i];
	const struct mem_object *o = mem_object(i);
	bool more = false;

	for (; b->tried < keys.n; b->tried++) {
		struct buf plain = {0};

		if (age_decrypt(&plain, (const uint8_t(*)[32])keys.v[b->tried], 1, 0, o->p, o->n,
		        NULL, NULL) == 0) {
			b->to = xrealloc(b->to, b->n + 1, sizeof *b->to);
			age_public(b->to[b->n++], keys.v[b->tried]);
			buf_free(&b->plain);
			b->plain = plain;
			plain = (struct buf){0};
			more |= take_keys(&b->plain);
		}
		buf_free(&plain);
	}
	return more;
}

void
mem_settle(void)
{
	static const char magic[] = "age-encryption.org/v1\n";
	bool more = true;

	forget_objects();
	keys.n = nkept;
	for (size_t i = 0; i < DISKS; i++) {
		struct loading l = {.d = disk_slot(i)};

		if (!l.d->there || git_open(&l.g, l.d->path, false, NULL))
			continue;
		for (l.type = GIT_COMMIT; l.type <= GIT_BLOB; l.type++)
			git_each_object(l.g, l.type, load_one, &l, NULL);
		git_close(l.g);
	}
	boxes = xcalloc(mem_objects() + 1, sizeof *boxes);
	for (size_t i = 0; i < mem_objects(); i++) {
		const struct mem_object *o = mem_object(i);

		boxes[i].is = o->type == GIT_BLOB && o->n > sizeof magic && memcmp(o->p, magic, sizeof magic - 1) == 0;
	}
	while (more) {
		more = false;
		for (size_t i = 0; i < mem_objects(); i++)
			more |= boxes[i].is && open_box(i);
	}
}

bool
mem_box_open(const char *p, size_t n, const uint8_t (**pk)[32], size_t *npk, const char **plain,
    size_t *plain_n)
{
	struct box *b = NULL;
	struct oid id;
	size_t i;

	oid_hash(&id, GIT_BLOB, p, n);
	i = mem_find(&id);
	if (i != SIZE_MAX && boxes[i].is)
		b = &boxes[i];
	if (!b)
		return false;
	*pk = (const uint8_t(*)[32])b->to;
	*npk = b->n;
	*plain = buf_str(&b->plain);
	*plain_n = b->plain.n;
	return true;
}

static int
read_any(void *ctx, struct buf *out, enum git_type *type, const struct oid *id, struct err *e)
{
	size_t i = mem_find(id);

	(void)ctx;
	if (i == SIZE_MAX)
		return err_set(e, ERR_NOTFOUND, "no such object");
	buf_add(out, mem_object(i)->p, mem_object(i)->n);
	*type = mem_object(i)->type;
	return 0;
}

struct objects
mem_any_objects(void)
{
	return (struct objects){read_any, NULL};
}

/* The public key in an SSHSIG: behind the magic, the version and the lengths. */
void
mem_signer(uint8_t pk[32], const char *commit)
{
	static const char begin[] = "gpgsig -----BEGIN SSH SIGNATURE-----\n";
	const char *p = strstr(commit, begin);
	uint8_t raw[512];
	size_t n = 0;

	memset(pk, 0, 32);
	if (p && sodium_base642bin(raw, sizeof raw, p + sizeof begin - 1, strcspn(p + sizeof begin - 1, "-"),
	             " \n", &n, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 && n > 65)
		memcpy(pk, raw + 33, 32);
}

void
mem_public(uint8_t pk[32], const uint8_t sk[32])
{
	age_public(pk, sk);
}

void
mem_seed(uint64_t seed)
{
	(void)seed;
}

/* --- what every schedule starts from --------------------------------------------------------------- */

size_t
mem_keep(void)
{
	char base[256];

	snprintf(base, sizeof base, "%s/base", getenv("SIM_ROOT"));
	real_copy(world_root, base);
	return 0;
}

void
mem_reset(size_t kept)
{
	char base[256];

	(void)kept;
	forget_objects();
	snprintf(base, sizeof base, "%s/base", getenv("SIM_ROOT"));
	real_copy(base, world_root);
}

void
mem_forget(void)
{
	forget_objects();
	free(keys.v);
	memset(&keys, 0, sizeof keys);
}

/* --- a patched program's policy --------------------------------------------------------------------- */

#include "trail/policy.h"

int __real_policy_judge(
    struct verdict *v, const struct objects *o, const struct policy_input *in, struct err *e);
int __wrap_policy_judge(
    struct verdict *v, const struct objects *o, const struct policy_input *in, struct err *e);

int
__wrap_policy_judge(
    struct verdict *v, const struct objects *o, const struct policy_input *in, struct err *e)
{
	if (!mem_unjudged)
		return __real_policy_judge(v, o, in, e);
	*v = (struct verdict){.ok = true};
	return 0;
}

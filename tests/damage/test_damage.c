/* Each byte of a small store changed, each file cut at each length: found, explained, the rest readable,
 * nothing made worse; doctor mends it from the hub. AKT_DAMAGE=all takes every byte and every length
 * (make damage), a number that many cases of each file; AKT_DAMAGE_FILES only files whose path holds
 * it. Of `all`, each is looked at; of those in one file that look alike to the program, doctor mends the
 * first and some by lot, for what mends them does not read what it takes the place of. Work is done in
 * children, which take one case after another: what kills one, or keeps it busy, is that case's failure. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "damage/world.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/os.h"
#include "base/secret.h"
#include "tree/node.h"

enum {
	CASE_S = 60,         /* longer is a hang */
	BATCH = 200,         /* cases of one child */
	BIG = 20000,         /* bytes of a file that is looked at in steps even by `all`: pages alike */
	BIG_STEP = 61,
	TEXT_MAX = 400,
	FAILURES_SHOWN = 40,
	JOBS = 2,
	QUICK = 2,
	ALIKE_MENDED = 8, /* one in so many */
	LOOKS = 1 << 16,  /* more than there are */
#if defined AKT_SANITIZE || !defined __OPTIMIZE__
	THIN = 9, /* of quick cases: each takes many times as long */
#else
	THIN = 1,
#endif
};

struct damage {
	int shape;
	const struct world_file *file;
	enum { FLIP, CUT } how;
	size_t at;
	unsigned mask;
};
struct cases {
	size_t n, cap;
	struct damage *v;
};

/* Seen by parent and children. */
struct shared {
	volatile size_t now[JOBS]; /* the case under way */
	atomic_size_t failed, mended, alike, lost, harmless;
	_Atomic uint64_t looks[LOOKS]; /* what cases looked like, by hash */
	char text[FAILURES_SHOWN][TEXT_MAX];
};

static struct world w;
static struct cases cases;
static struct shared *shared;
static size_t thin;
static bool every; /* place, and not some */
static const struct damage *now;
static bool failed; /* this case */

/* Records and lists as they are in a sound store. */
static struct buf want_record[WORLD_RECORDS], want_list;

static void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void
fail(const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;
	size_t n = failed ? FAILURES_SHOWN : atomic_fetch_add(&shared->failed, 1);

	failed = true;
	if (n >= FAILURES_SHOWN)
		return;
	buf_printf(&b, "%s %s, %s %zu (%02x): ", now->shape ? "packed" : "loose", now->file->path,
	    now->how == FLIP ? "byte" : "cut at", now->at, now->mask);
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	snprintf(shared->text[n], TEXT_MAX, "%s", buf_str(&b));
	buf_free(&b);
}

/* --- damaging ----------------------------------------------------------------------------------- */

static bool
damage(const struct damage *d)
{
	char *path = xasprintf("%s/%s", w.work, d->file->path);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	unsigned char c = 0;
	bool done = fd >= 0;

	if (done && d->how == CUT)
		done = ftruncate(fd, (off_t)d->at) == 0;
	else if (done)
		done = pread(fd, &c, 1, (off_t)d->at) == 1;
	c ^= (unsigned char)d->mask;
	if (done && d->how == FLIP)
		done = pwrite(fd, &c, 1, (off_t)d->at) == 1;
	if (fd >= 0)
		close(fd);
	free(path);
	return done;
}

/* --- looking ------------------------------------------------------------------------------------ */

static bool
says_doctor(const struct err *e)
{
	for (int i = 0; i < e->n; i++)
		if (strstr(e->item[i].text, "akt doctor"))
			return true;
	return false;
}

static const char *
first(const struct err *e)
{
	return e->n ? e->item[0].text : "nothing was said";
}

/* Which records can be read; what is read must be what was written. */
static unsigned
read_all(const char *when)
{
	unsigned seen = 0;

	for (int i = 0; i < WORLD_RECORDS; i++) {
		struct session s;
		struct node *out = NULL;
		struct buf text = {0};
		struct err e = {0};
		int rc;

		world_session(&w, &s);
		rc = app_show(&s, &out, w.id[i], NULL, &e);
		if (!rc) {
			node_json(&text, out);
			if (text.n != want_record[i].n || memcmp(text.p, want_record[i].p, text.n) != 0)
				fail("%s: record %d is shown otherwise than it was written", when, i);
			seen |= 1u << i;
		} else if (!says_doctor(&e)) {
			fail("%s: show says nothing of doctor (%d): %s", when, rc, first(&e));
		}
		session_close(&s);
		buf_free(&text);
	}
	return seen;
}

static bool
list_all(const char *when, bool must)
{
	struct session s;
	struct node *out = NULL;
	struct buf text = {0};
	struct err e = {0};
	bool same = false;
	int rc;

	world_session(&w, &s);
	rc = app_list(&s, &out, NULL, &e);
	if (out)
		node_json(&text, out);
	same = !rc && text.n == want_list.n && memcmp(text.p, want_list.p, text.n) == 0;
	if (rc && !says_doctor(&e))
		fail("%s: list says nothing of doctor (%d): %s", when, rc, first(&e));
	if (!rc && !same && (must || !session_damage(&s, &e)))
		fail("%s: list shows something else", when);
	session_close(&s);
	buf_free(&text);
	return same;
}

static bool
verify(const char *when)
{
	struct session s;
	struct node *out = NULL;
	struct buf text = {0};
	struct err e = {0};
	int rc;

	world_session(&w, &s);
	rc = app_verify(&s, &out, false, true, NULL, NULL, &e);
	if (out)
		node_json(&text, out);
	if (rc && !says_doctor(&e) && !strstr(buf_str(&text), "akt doctor"))
		fail("%s: verify says nothing of doctor (%d): %s", when, rc, out ? buf_str(&text) : first(&e));
	session_close(&s);
	buf_free(&text);
	return !rc;
}

/* True when all is well, or was mended. *none: nothing was found. said, where wanted, gets what it says. */
static bool
doctor(const char *when, bool dry, bool *none, struct buf *said)
{
	struct session s;
	struct node *out = NULL;
	struct err e = {0};
	int rc;

	world_session(&w, &s);
	rc = app_doctor(&s, &out, NULL, 0, dry, &e);
	if (!out)
		fail("%s: doctor cannot begin (%d): %s", when, rc, first(&e));
	*none = out && node_get(out, "damaged")->n == 0;
	if (rc && out && *none)
		fail("%s: doctor fails and names nothing", when);
	if (out && said)
		node_json(said, out);
	session_close(&s);
	return !rc;
}

/* --- one case ------------------------------------------------------------------------------------- */

static const unsigned all = (1u << WORLD_RECORDS) - 1;

/* A draft, the list of hubs: what is gone is gone, and must not be in the way. */
static void
after_loss(bool none)
{
	bool again;

	if (strcmp(now->file->path, "akt/remotes.yaml") == 0)
		return;
	if (!none)
		shared->lost++;
	if (read_all("after a loss") != all)
		fail("what is lost is in the way of what is not");
	if (!doctor("after a loss", true, &again, NULL))
		fail("what is lost is found again");
}

/* The hub is out of reach: what can be read stays so. */
static void
without_hub(unsigned seen)
{
	char *remotes = xasprintf("%s/akt/remotes.yaml", w.work), *away = xasprintf("%s.away", w.work);
	bool none;

	rename(remotes, away);
	doctor("without the hub", false, &none, NULL);
	rename(away, remotes);
	free(remotes);
	free(away);
	if ((read_all("without the hub") & seen) != seen)
		fail("doctor without the hub made it worse");
}

/* Whether a case of this file, damaged in this manner, has looked like this before. */
static bool
looked_alike(struct buf *look)
{
	uint8_t sum[32];
	uint64_t h;

	buf_printf(look, "%d %s %d", now->shape, now->file->path, now->how);
	hash_sha256(sum, look->p, look->n);
	memcpy(&h, sum, sizeof h);
	h |= 1;
	for (size_t i = h % LOOKS;; i = (i + 1) % LOOKS) {
		uint64_t empty = 0;

		if (atomic_compare_exchange_strong(&shared->looks[i], &empty, h))
			return false;
		if (empty == h)
			return true;
	}
}

/* The same in each run. */
static unsigned
lot(size_t at)
{
	return (uint32_t)at * 2654435761u >> 16; /* Knuth's multiplicative hash */
}

static void
one(const struct damage *d, bool hubless)
{
	bool dry_none, none, good, listed;
	unsigned seen;
	struct buf look = {0};
	char *aside = xasprintf("%s/akt/aside", w.work);

	if (!world_reset(&w, d->shape) || !damage(d)) {
		fail("the case cannot be made");
		goto done;
	}
	doctor("dry", true, &dry_none, &look);
	seen = read_all("damaged");
	if ((~seen & all) & ~d->file->hides && strncmp(d->file->path, "objects/pack", 12) != 0)
		fail("records that do not rest on it cannot be read (%x)", ~seen & all);
	listed = list_all("damaged", seen == all);
	good = verify("damaged");
	if (dry_none && (!good || seen != all) && !d->file->derived && !d->file->own)
		fail("doctor finds nothing, and yet not all is well");
	buf_printf(&look, "%x %d %d ", seen, listed, good);
	if (every && looked_alike(&look) && !failed && lot(d->at) % ALIKE_MENDED) {
		shared->alike += !dry_none;
		shared->harmless += dry_none;
		goto done;
	}
	if (hubless)
		without_hub(seen);
	good = doctor("mending", false, &none, NULL);
	if (d->file->own) {
		after_loss(none);
		goto done;
	}
	if (!good)
		fail("doctor leaves damage");
	if (read_all("mended") != all || !list_all("mended", true) || !verify("mended"))
		fail("not all is well after mending");
	if (!doctor("again", true, &none, NULL) || !none)
		fail("damage is found after mending");
	if (os_exists(aside))
		fail("something lies aside after mending");
	if (dry_none) {
		shared->harmless++;
	} else {
		shared->mended++;
	}
done:
	buf_free(&look);
	free(aside);
}

/* --- all of them ------------------------------------------------------------------------------------- */

static bool
know_sound(void)
{
	struct session s;
	struct node *out = NULL;
	struct err e = {0};
	bool good = world_reset(&w, 0);

	for (int i = 0; good && i < WORLD_RECORDS; i++) {
		world_session(&w, &s);
		good = app_show(&s, &out, w.id[i], NULL, &e) == 0;
		if (good)
			node_json(&want_record[i], out);
		session_close(&s);
	}
	world_session(&w, &s);
	good = good && app_list(&s, &out, NULL, &e) == 0;
	if (good)
		node_json(&want_list, out);
	session_close(&s);
	return good;
}

/* Every JOBS-th case of a batch. */
static int
work(int job, size_t from, size_t to)
{
	secret_init();
	free(w.work);
	w.work = xasprintf("%s/work%d", w.top, job);
	if (!know_sound())
		return 1;
	for (size_t i = from; i < to; i += JOBS) {
		shared->now[job] = i;
		now = &cases.v[i];
		failed = false;
		alarm(CASE_S);
		one(now, i / JOBS % 4 == 0);
	}
	alarm(0);
	for (int i = 0; i < WORLD_RECORDS; i++)
		buf_free(&want_record[i]);
	buf_free(&want_list);
	return 0;
}

/* Takes its share of the cases through children, a new one where one died. */
static int
job(int k)
{
	for (size_t from = (size_t)k; from < cases.n;) {
		size_t to = from + BATCH < cases.n ? from + BATCH : cases.n;
		int status = 0;
		pid_t pid;

		shared->now[k] = from;
		pid = fork();
		if (pid == 0)
			exit(work(k, from, to));
		waitpid(pid, &status, 0);
		if (status == 0) {
			from += BATCH;
			if (every && k == 0 && from / BATCH % 20 == 0) {
				printf("# %zu of %zu cases\n", from, cases.n);
				fflush(stdout);
			}
			continue;
		}
		now = &cases.v[shared->now[k]];
		failed = false;
		if (WIFSIGNALED(status))
			fail("%s", WTERMSIG(status) == SIGALRM ? "hangs" : strsignal(WTERMSIG(status)));
		else
			fail("the program ended with %d", WEXITSTATUS(status));
		from = shared->now[k] + JOBS;
	}
	return 0;
}

static void
run_all(void)
{
	pid_t pid[JOBS];

	fflush(stdout);
	for (int k = 0; k < JOBS; k++) {
		pid[k] = fork();
		if (pid[k] == 0)
			_exit(job(k));
	}
	for (int k = 0; k < JOBS; k++)
		waitpid(pid[k], NULL, 0);
}

static void
add(int shape, const struct world_file *f, int how, size_t at, unsigned mask)
{
	static size_t n;

	if (n++ % thin)
		return;
	vec_grow(&cases);
	cases.v[cases.n++] = (struct damage){.shape = shape, .file = f, .how = how, .at = at, .mask = mask};
}

/* How much is taken of a file: a small one that all hangs on deserves more than one of many alike. */
static size_t
share(const struct world_file *f, size_t quick)
{
	if (strstr(f->path, "objects/pack/") || strcmp(f->path, "packed-refs") == 0)
		return 16 * quick;
	if (strstr(f->path, "objects/") || strncmp(f->path, "akt/reads", 9) == 0)
		return quick;
	return 4 * quick;
}

/* The packed shape differs from the loose one in its packs and refs. */
static bool
taken(int shape, const struct world_file *f)
{
	return shape == 0 || strstr(f->path, "objects/pack/") || strcmp(f->path, "packed-refs") == 0;
}

static void
choose(size_t quick)
{
	static const unsigned masks[] = {0xff, 0x01, 0x80, 0x20, 0x10};
	const char *only = getenv("AKT_DAMAGE_FILES");

	for (int shape = 0; shape < WORLD_SHAPES; shape++)
		for (size_t k = 0; k < w.files[shape].n; k++) {
			const struct world_file *f = &w.files[shape].v[k];
			size_t step = quick ? f->size / share(f, quick) + 1 : f->size > BIG ? BIG_STEP : 1;

			if (!taken(shape, f) || (only && !strstr(f->path, only)))
				continue;
			/* not the same place in every file */
			for (size_t at = quick ? k * 7 % step : 0; at < f->size; at += step) {
				if (!quick || (k + at / step) % 2 == 0 || share(f, quick) > quick)
					add(shape, f, FLIP, at, masks[(at + k) % 5]);
				if (!quick || (k + at / step) % 2)
					add(shape, f, CUT, at, 0);
			}
			if (share(f, quick) > quick)
				add(shape, f, CUT, f->size - 1, 0);
		}
}

int
main(void)
{
	const char *env = getenv("AKT_DAMAGE");
	size_t quick = !env ? QUICK : strcmp(env, "all") == 0 ? 0 : strtoul(env, NULL, 10);
	size_t shown;
	bool made;

	thin = env ? 1 : THIN;
	every = env && !quick;
	setenv("AKT_LANG", "en", 1);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	made = world_make(&w);
	printf("%s 1 - a store to be damaged\n", made ? "ok" : "not ok");
	if (made) {
		choose(quick);
		run_all();
		shown = shared->failed < FAILURES_SHOWN ? shared->failed : FAILURES_SHOWN;
		for (size_t i = 0; i < shown; i++)
			printf("# %s\n", shared->text[i]);
		printf("# %zu cases: %zu found and mended, %zu found that look like one of these, %zu found of what nobody else has, "
		       "%zu that change nothing, %zu failures\n",
		    cases.n, shared->mended, shared->alike, shared->lost, shared->harmless, shared->failed);
		printf("%s 2 - each case found, explained, the rest readable, mended\n",
		    shared->failed ? "not ok" : "ok");
		/* a test that damages nothing would pass too */
		printf("%s 3 - damage was found\n", shared->mended + shared->alike + shared->lost > cases.n / 2 ? "ok" : "not ok");
	}
	printf("1..%d\n", made ? 3 : 1);
	made &= !shared->failed;
	free(cases.v);
	world_remove(&w);
	return !made;
}

/* gc: one pack, and nothing lost whenever it stops or whoever writes meanwhile. */
#include "git/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utime.h>

#include "base/alloc.h"
#include "base/os.h"
#include "git/gc.h"

enum { SAVES = 60, DAY = 86400 };

struct store {
	struct git *g;
	char *path;
	struct oid tip;
};

static struct store
make(const char *name)
{
	struct store s = {fresh(name), in_scratch(name), {{0}}};
	const struct oid *at = NULL;
	struct err e = {0};
	char path[64], text[64];

	for (int i = 0; i < SAVES; i++) {
		snprintf(path, sizeof path, "records/%d/%d/file-%d", i % 3, i % 5, i % 7);
		snprintf(text, sizeof text, "version %d\n", i);
		s.tip = save(s.g, at, path, text);
		at = &s.tip;
	}
	ok(git_ref_set(s.g, "refs/heads/main", &s.tip, NULL, &e), &e);
	return s;
}

static void
end(struct store *s)
{
	git_close(s->g);
	free(s->path);
}

static long
number(const char *fmt, const char *path)
{
	struct buf out = {0};
	long n;

	sh(&out, fmt, path);
	n = strtol(buf_str(&out), NULL, 10);
	buf_free(&out);
	return n;
}

static long
loose(const struct store *s)
{
	return number("find %s/objects/?? -type f | wc -l", s->path);
}

static long
packs(const struct store *s)
{
	return number("ls %s/objects/pack | grep -c 'pack$'", s->path);
}

static void
whole(const struct store *s)
{
	struct buf out = {0};

	must("git -C %s fsck --strict --full --no-dangling", s->path);
	assert_int_equal(number("git -C %s rev-list --count main", s->path), SAVES);
	sh(&out, "git -C %s fsck --strict 2>&1 | grep -v dangling", s->path);
	assert_string_equal(buf_str(&out), "");
	buf_free(&out);
}

static struct git_gc_report
collect(const struct store *s, enum git_gc_what what, int prune_s)
{
	struct git_gc_report r = {0};
	struct git_gc *gc = NULL;
	struct err e = {0};

	ok(git_gc_pack(&gc, s->g, what, NULL, NULL, &e), &e);
	ok(git_gc_sweep(gc, prune_s, &r, &e), &e);
	git_gc_free(gc);
	return r;
}

static void
one_pack(void **state)
{
	struct store s = make("one.git");
	struct git_gc_report r;
	long n = loose(&s), dirs = number("ls -d %s/objects/?? | wc -l", s.path);
	struct err e = {0};
	struct buf raw = {0};

	(void)state;
	must("git -C %s update-ref refs/akt/in/hub main~3", s.path);
	r = collect(&s, GIT_GC_ALL, 0);
	assert_int_equal(r.before.loose, n);
	assert_int_equal(r.packed, n);
	assert_int_equal(r.after.loose, 0);
	assert_int_equal(r.after.packs, 1);
	assert_true(r.after.bytes < r.before.bytes);
	assert_int_equal(loose(&s), 0);
	assert_int_equal(packs(&s), 1);
	/* a writer may be about to put a file there */
	assert_int_equal(number("ls -d %s/objects/?? | wc -l", s.path), dirs);
	whole(&s);
	ok(git_read(s.g, &raw, NULL, &s.tip, &e), &e);
	/* again: nothing to do, nothing touched */
	r = collect(&s, GIT_GC_ALL, 1);
	assert_int_equal(r.packed, 0);
	assert_int_equal(packs(&s), 1);
	/* two packs and new loose objects become one */
	s.tip = save(s.g, &s.tip, "late", "late");
	ok(git_ref_set(s.g, "refs/akt/other", &s.tip, NULL, &e), &e);
	r = collect(&s, GIT_GC_ALL, 0);
	assert_int_equal(r.before.packs, 1);
	assert_int_equal(r.before.loose, 3);
	assert_int_equal(r.after.packs, 1);
	whole(&s);
	/* the same set of objects has the same name: the new pack must not go with the old one */
	must("cd %s && git repack -a -d -q && git unpack-objects -q < $(ls objects/pack/*.pack)",
	    s.path);
	r = collect(&s, GIT_GC_ALL, 0);
	assert_int_equal(packs(&s), 1);
	whole(&s);
	buf_free(&raw);
	end(&s);
}

/* Unreachable objects: stay while young, go when old, also out of packs. */
static void
unreachable(void **state)
{
	struct store s = make("unreachable.git");
	struct git_gc_report r;
	struct oid lost = save(s.g, &s.tip, "lost", "lost");
	struct err e = {0};

	(void)state;
	r = collect(&s, GIT_GC_ALL, DAY);
	assert_int_equal(r.kept, 3);
	assert_int_equal(r.dropped, 0);
	assert_true(git_has(s.g, &lost));
	assert_int_equal(loose(&s), 3);
	end(&s);
	/* in a pack, with others: set free as loose objects of the pack's age */
	s = make("junk.git");
	lost = save(s.g, &s.tip, "lost", "lost");
	ok(git_ref_set(s.g, "refs/heads/x", &lost, NULL, &e), &e);
	collect(&s, GIT_GC_ALL, 0);
	ok(git_ref_set(s.g, "refs/heads/x", NULL, &lost, &e), &e);
	must("touch -d '2 hours ago' %s/objects/pack/*", s.path);
	s.tip = save(s.g, &s.tip, "more", "more");
	ok(git_ref_set(s.g, "refs/heads/more", &s.tip, NULL, &e), &e);
	r = collect(&s, GIT_GC_ALL, DAY);
	assert_int_equal(r.kept, 3);
	assert_int_equal(r.after.packs, 1);
	assert_int_equal(loose(&s), 3);
	assert_true(git_has(s.g, &lost));
	assert_int_equal(number("find %s/objects/?? -type f -mmin +60 | wc -l", s.path), 3);
	/* and old enough they go */
	s.tip = save(s.g, &s.tip, "more", "still more");
	ok(git_ref_set(s.g, "refs/heads/still", &s.tip, NULL, &e), &e);
	r = collect(&s, GIT_GC_ALL, 3600);
	assert_int_equal(r.dropped, 3);
	assert_int_equal(r.kept, 0);
	assert_int_equal(loose(&s), 0);
	/* opened anew: libgit2 remembers what it has read */
	git_close(s.g);
	ok(git_open(&s.g, s.path, false, &e), &e);
	assert_false(git_has(s.g, &lost));
	whole(&s);
	end(&s);
}

/* Between packing and sweeping another program saves, naming old objects that nothing named. */
static void
named_meanwhile(void **state)
{
	struct store s = make("meanwhile.git");
	struct oid lost = save(s.g, &s.tip, "lost", "lost"), later;
	struct git_gc_report r = {0};
	struct git_gc *gc = NULL;
	struct err e = {0};

	(void)state;
	must("find %s/objects -type f -exec touch -d '2 days ago' '{}' +", s.path);
	ok(git_gc_pack(&gc, s.g, GIT_GC_ALL, NULL, NULL, &e), &e);
	/* its objects are there already: nothing is written anew but the commit */
	later = save(s.g, &lost, "later", "later");
	ok(git_ref_set(s.g, "refs/heads/main", &later, &s.tip, &e), &e);
	ok(git_gc_sweep(gc, DAY, &r, &e), &e);
	git_gc_free(gc);
	assert_int_equal(r.dropped, 0);
	must("git -C %s fsck --strict --full", s.path);
	assert_int_equal(number("git -C %s rev-list --count main", s.path), SAVES + 2);
	end(&s);
}

/* What is damaged is not packed over, nor is anything deleted then. */
static void
damage(void **state)
{
	struct store s = make("damage.git");
	struct git_gc *gc = NULL;
	struct err e = {0};
	long n = loose(&s);
	struct buf out = {0};
	char *text;
	int rc;

	(void)state;
	must("cd %s && f=objects/$(git rev-parse main:records/0/0/file-0 | sed 's,^..,&/,') && "
	     "chmod u+w $f && printf x | dd of=$f bs=1 seek=20 conv=notrunc status=none",
	    s.path);
	rc = git_gc_pack(&gc, s.g, GIT_GC_ALL, NULL, NULL, &e);
	fails(rc, &e, ERR_DAMAGED, NULL);
	assert_int_equal(loose(&s), n);
	assert_int_equal(packs(&s), 0);
	end(&s);
	s = make("missing.git");
	must("cd %s && git rev-parse main~9 > gone && rm -f objects/$(sed 's,^..,&/,' gone)", s.path);
	sh(&out, "cat %s/gone", s.path);
	out.p[OID_HEX] = '\0';
	text = xasprintf("the store is damaged, so nothing was packed: object %s is missing; akt doctor "
			 "fetches it again", out.p);
	git_close(s.g);
	ok(git_open(&s.g, s.path, false, &e), &e);
	fails(git_gc_pack(&gc, s.g, GIT_GC_ALL, NULL, NULL, &e), &e, ERR_DAMAGED, text);
	free(text);
	buf_free(&out);
	assert_int_equal(packs(&s), 0);
	assert_int_equal(number("ls %s/objects/pack | wc -l", s.path), 0);
	end(&s);
}

/* A disk that does not give a pack up has damaged nothing: the file is named, and nobody is sent to mend it. */
static void
unreadable(void **state)
{
	struct store s = make("unreadable.git");
	struct git_gc *gc = NULL;
	struct err e = {0};
	struct buf out = {0};
	char *text;

	(void)state;
	must("git --git-dir=%s repack -adq", s.path);
	must("cd %s/objects/pack && mv *.idx ../idx && ln -s $(echo *.pack | sed s/pack$/idx/) $(echo *.pack | sed s/pack$/idx/)",
	    s.path);
	sh(&out, "echo %s/objects/pack/*.pack", s.path);
	text = xasprintf("cannot read %.*sidx: Too many levels of symbolic links", (int)out.n - 5, buf_str(&out));
	fails(git_gc_pack(&gc, s.g, GIT_GC_ALL, NULL, NULL, &e), &e, ERR_IO, text);
	assert_int_equal(packs(&s), 1);
	git_disk_forget();
	buf_free(&out);
	free(text);
	end(&s);
}

static int
stop(void *ctx, size_t done, size_t total)
{
	(void)done, (void)total;
	return --*(int *)ctx < 0;
}

/* Stopped by the person, or by an error at each deletion in turn: everything is still there. */
static void
stopped(void **state)
{
	struct store s = make("stopped.git");
	struct git_gc_report r;
	struct git_gc *gc = NULL;
	struct err e = {0};
	int calls = 0;

	(void)state;
	fails(git_gc_pack(&gc, s.g, GIT_GC_ALL, stop, &calls, &e), &e, ERR_CANCELLED, "cancelled");
	whole(&s);
	assert_int_equal(packs(&s), 0);
	must("cp -r %s %s.copy", s.path, s.path);
	for (long n = 1; n < 250; n += 9) {
		int rc;

		git_close(s.g);
		must("rm -rf %s && cp -r %s.copy %s", s.path, s.path, s.path);
		ok(git_open(&s.g, s.path, false, &e), &e);
		ok(git_gc_pack(&gc, s.g, GIT_GC_ALL, NULL, NULL, &e), &e);
		os_fault_at(n, 5);
		rc = git_gc_sweep(gc, DAY, &r, &e);
		os_fault_at(0, 0);
		git_gc_free(gc);
		err_clear(&e);
		whole(&s);
		if (rc == 0)
			break;
	}
	collect(&s, GIT_GC_ALL, 0);
	assert_int_equal(packs(&s), 1);
	assert_int_equal(loose(&s), 0);
	whole(&s);
	end(&s);
}

/* Many rounds of few new objects: few packs, and large ones are left alone. */
static void
recent(void **state)
{
	struct store s = make("recent.git");
	const struct oid *at = &s.tip;
	size_t written = 0, most = 0, total = 0;
	struct err e = {0};
	struct oid old;

	(void)state;
	collect(&s, GIT_GC_ALL, 0);
	for (int round = 0; round < 40; round++) {
		struct git_gc_report r;
		char text[64];

		old = s.tip;
		for (int i = 0; i < 5; i++) {
			snprintf(text, sizeof text, "round %d %d\n", round, i);
			s.tip = save(s.g, at, "records/0/0/file-0", text);
			at = &s.tip;
		}
		ok(git_ref_set(s.g, "refs/heads/main", &s.tip, &old, &e), &e);
		r = collect(&s, GIT_GC_RECENT, DAY);
		assert_int_equal(r.after.loose, 0);
		written += r.packed;
		if (r.after.packs > most)
			most = r.after.packs;
	}
	total = (size_t)number(
	    "git -C %s count-objects -v | sed -n 's/^in-pack: //p'", s.path);
	print_message("# 40 rounds: %zu objects written %zu times, at most %zu packs\n", total,
	    written, most);
	assert_true(most <= 8);
	assert_true(written < 8 * total);
	must("git -C %s fsck --strict --full", s.path);
	assert_int_equal(number("git -C %s rev-list --count main", s.path), SAVES + 200);
	end(&s);
}

static void
pays(void **state)
{
	struct store s = make("pays.git");

	(void)state;
	assert_false(git_gc_pays(s.g));
	git_gc_threshold(50);
	assert_true(git_gc_pays(s.g));
	collect(&s, GIT_GC_RECENT, 0);
	assert_false(git_gc_pays(s.g));
	git_gc_threshold(4000);
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_pack),
	    cmocka_unit_test(unreachable),
	    cmocka_unit_test(named_meanwhile),
	    cmocka_unit_test(damage),
	    cmocka_unit_test(unreadable),
	    cmocka_unit_test(stopped),
	    cmocka_unit_test(recent),
	    cmocka_unit_test(pays),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_remove);
}

/* gc beside people who work, and killed at any moment. All work is done in child processes: libgit2 must
 * not be started before a fork. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/app.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "base/secret.h"
#include "run.h"
#include "tree/node.h"

enum { RECORDS = 12 };

static const char schema[] =
    "$schema: https://json-schema.org/draft/2020-12/schema\n"
    "type: object\n"
    "x-akt: {version: 1, label: {sv: M, en: M}, dossier: own, title: [title]}\n"
    "unevaluatedProperties: false\n"
    "properties:\n"
    "  title: {type: string, x-akt: {label: {sv: t, en: t}}}\n";

static char *store, *identity;
static long saves = 1000;

static long
number(const char *command)
{
	struct buf out = {0};
	long n;

	run(&out, "%s", command);
	n = strtol(buf_str(&out), NULL, 10);
	buf_free(&out);
	return n;
}

/* --- what children do: 0 or 1 --------------------------------------------------------------- */

static int
done(struct session *s, int rc, const struct err *e)
{
	for (int i = 0; rc && i < e->n; i++)
		fprintf(stderr, "# %s\n", e->item[i].text);
	session_close(s);
	return rc != 0;
}

static void
begin(struct session *s)
{
	secret_init();
	session_start(s);
	s->store = store;
	s->identity_path = identity;
}

static int
make(void)
{
	char *dir = xasprintf("%s/schema", run_folder), *file = xasprintf("%s/memo.yaml", dir),
	     *ids = xasprintf("%s/ids", run_folder);
	struct session s = {0};
	struct buf list = {0};
	struct node *out = NULL;
	struct err e = {0};
	int rc;

	begin(&s);
	rc = os_mkdirs(dir, &e);
	if (!rc)
		rc = os_write_file(file, schema, sizeof schema - 1, 0600, &e);
	if (!rc)
		rc = app_id_new(&s, &out, "anna", "pc", true, 0, &e);
	if (!rc)
		rc = app_init(&s, &out, store, "Unit", dir, "en", &e);
	for (int i = 0; !rc && i < RECORDS; i++) {
		struct assignment a = {"title", "0", false};

		rc = app_new(&s, &out, "memo", NULL, &a, 1, NULL, false, &e);
		if (!rc)
			buf_printf(&list, "%s\n", node_get_str(out, "id"));
	}
	if (!rc)
		rc = os_write_file(ids, buf_str(&list), list.n, 0600, &e);
	buf_free(&list);
	free(dir);
	free(file);
	free(ids);
	return done(&s, rc, &e);
}

/* Saves in turn; what is acknowledged is noted. */
static int
work(void)
{
	char *ids = xasprintf("%s/ids", run_folder), *path = xasprintf("%s/saved", run_folder), *id[RECORDS],
	     *next = NULL;
	FILE *saved = fopen(path, "w");
	struct session s = {0};
	struct buf list = {0};
	struct node *out = NULL;
	struct err e = {0};
	int rc = os_read_file(&list, ids, 65536, &e);

	begin(&s);
	for (int i = 0; !rc && i < RECORDS; i++)
		id[i] = strtok_r(i ? NULL : list.p, "\n", &next);
	for (long i = 1; !rc && i <= saves; i++) {
		char text[32];
		struct assignment a = {"title", text, false};

		snprintf(text, sizeof text, "t%ld", i);
		rc = app_set(&s, &out, id[i % RECORDS], &a, 1, NULL, 0, NULL, &e);
		if (!rc)
			fprintf(saved, "%ld\n", i);
		fflush(saved);
		arena_free(s.arena);
		s.arena = arena_new();
	}
	fclose(saved);
	buf_free(&list);
	free(ids);
	free(path);
	return done(&s, rc, &e);
}

static int
collect(void)
{
	struct session s = {0};
	struct node *out = NULL;
	struct err e = {0};

	begin(&s);
	return done(&s, app_gc(&s, &out, &e), &e);
}

static int
prove(void)
{
	struct session s = {0};
	struct node *out = NULL;
	struct err e = {0};

	begin(&s);
	return done(&s, app_verify(&s, &out, true, true, NULL, NULL, &e), &e);
}

/* Every record holds what was saved last. */
static int
look(void)
{
	char *ids = xasprintf("%s/ids", run_folder), *next = NULL;
	struct session s = {0};
	struct buf list = {0};
	struct node *out = NULL;
	struct err e = {0};
	int rc = os_read_file(&list, ids, 65536, &e), bad = 0;
	char *id = strtok_r(list.p, "\n", &next);

	begin(&s);
	for (long i = 0; !rc && i < RECORDS; i++, id = strtok_r(NULL, "\n", &next)) {
		long last = saves - (saves - i) % RECORDS;
		char want[32];

		snprintf(want, sizeof want, "t%ld", last);
		rc = app_show(&s, &out, id, NULL, &e);
		if (!rc && strcmp(node_get_str(node_get(out, "data"), "title"), want) != 0) {
			fprintf(stderr, "# record %ld is not %s\n", i, want);
			bad = 1;
		}
	}
	buf_free(&list);
	free(ids);
	return done(&s, rc, &e) || bad;
}

static pid_t
start(int (*what)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(what());
	return pid;
}

static int
finish(pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool
over(pid_t pid, int *status)
{
	return waitpid(pid, status, WNOHANG) == pid;
}

/* --- the tests -------------------------------------------------------------------------------- */

static int
make_world(void **state)
{
	const char *n = getenv("AKT_GC_SAVES");
	/* in memory where that can be: a thousand saves wait for the disk ten thousand times */
	char name[] = "/dev/shm/akt-care-XXXXXX", other[] = "/tmp/akt-care-XXXXXX";
	char *dir = mkdtemp(name);

	(void)state;
	if (n)
		saves = strtol(n, NULL, 10);
	run_folder = xstrdup(dir ? dir : mkdtemp(other));
	store = xasprintf("%s/S", run_folder);
	identity = xasprintf("%s/id", run_folder);
	return finish(start(make));
}

static int
end_world(void **state)
{
	(void)state;
	run(NULL, "rm -rf ./*");
	rmdir(run_folder);
	free(run_folder);
	free(store);
	free(identity);
	return 0;
}

static void
nothing_lost(void)
{
	assert_int_equal(number("git -C S rev-list --count main"), 1 + RECORDS + saves);
	assert_int_equal(number("tail -n 1 saved"), saves);
	assert_int_equal(run(NULL, "git -C S fsck --strict --full --no-dangling"), 0);
	assert_int_equal(run(NULL, "git -C S/akt/keys.git fsck --strict --full --no-dangling"), 0);
	assert_int_equal(finish(start(prove)), 0);
	assert_int_equal(finish(start(look)), 0);
}

/* A thousand saves, while gc runs again and again, every other one killed at a random moment. */
static void
beside_a_writer(void **state)
{
	pid_t writer = start(work);
	int status = 0, runs = 0, killed = 0;
	unsigned r = (unsigned)getpid();

	(void)state;
	while (!over(writer, &status)) {
		pid_t gc = start(collect);
		struct timespec t = {0};
		int rc;

		r = r * 1103515245u + 12345u;
		t.tv_nsec = (long)(r >> 8) % 300 * 1000000L;
		if (runs % 2) {
			nanosleep(&t, NULL);
			kill(gc, SIGKILL);
		}
		rc = finish(gc);
		killed += rc == -SIGKILL;
		if (rc != -SIGKILL)
			assert_int_equal(rc, 0);
		runs++;
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	print_message("# %ld saves beside %d runs of gc, %d of them killed\n", saves, runs, killed);
	assert_true(killed > 0 && runs > killed);
	nothing_lost();
}

/* Then what killed ones left is cleared away, and one pack holds all that there is. */
static void
one_pack(void **state)
{
	(void)state;
	run(NULL, "find S/objects S/akt/keys.git/objects -name '*git2*' -exec touch -d '2 hours ago' {} +");
	run(NULL, "touch -d '2 hours ago' S/refs/heads/main.lock");
	assert_int_equal(finish(start(collect)), 0);
	assert_int_equal(finish(start(collect)), 0);
	assert_int_equal(number("ls S/objects/pack/*.pack | wc -l"), 1);
	assert_int_equal(number("ls S/akt/keys.git/objects/pack/*.pack | wc -l"), 1);
	assert_int_equal(number("find S -name '*git2*' -o -name '*.lock' -path '*refs*' | wc -l"), 0);
	assert_int_equal(number("git -C S count-objects -v | sed -n 's/^in-pack: //p'"),
	    number("git -C S rev-list --objects --all | wc -l"));
	nothing_lost();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(beside_a_writer),
	    cmocka_unit_test(one_pack),
	};

	return cmocka_run_group_tests(tests, make_world, end_world);
}

/* Pieces of work on a second thread: each once, in order, done when waited for; signals are not for it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/worker.h"

struct piece {
	unsigned done, order;
	pthread_t by;
};

static unsigned order;
static volatile sig_atomic_t caught;
static pthread_t caught_by;

static void
work(void *piece)
{
	struct piece *p = piece;

	p->done++;
	p->order = order++;
	p->by = pthread_self();
}

static void
each_once_in_order(void **state)
{
	struct worker *w = worker_new(work);
	struct piece p[500] = {0};

	(void)state;
	assert_non_null(w);
	worker_wait(w); /* nothing to wait for */
	for (unsigned i = 0; i < 500; i++) {
		worker_give(w, &p[i]);
		worker_wait(w);
		assert_int_equal(p[i].done, 1);
		assert_int_equal(p[i].order, i);
		assert_false(pthread_equal(p[i].by, pthread_self()));
	}
	worker_free(w);
}

static void
slow(void *piece)
{
	usleep(50000);
	work(piece);
}

static void
the_end_waits(void **state)
{
	struct worker *w = worker_new(slow);
	struct piece p = {0};

	(void)state;
	worker_give(w, &p);
	worker_free(w);
	assert_int_equal(p.done, 1);
	worker_free(NULL);
}

static void
catch(int sig)
{
	(void)sig;
	caught++;
	caught_by = pthread_self();
}

static void
signals_are_for_who_gave(void **state)
{
	struct sigaction sa = {.sa_handler = catch}, was;
	struct worker *w;
	struct piece p = {0};
	sigset_t mask;

	(void)state;
	sigaction(SIGINT, &sa, &was);
	w = worker_new(slow);
	worker_give(w, &p);
	for (int i = 0; i < 20; i++)
		kill(getpid(), SIGINT);
	worker_free(w);
	assert_true(caught > 0);
	assert_true(pthread_equal(caught_by, pthread_self()));
	/* and who gave it takes them as before */
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	assert_false(sigismember(&mask, SIGINT));
	sigaction(SIGINT, &was, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_once_in_order),
	    cmocka_unit_test(the_end_waits),
	    cmocka_unit_test(signals_are_for_who_gave),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}

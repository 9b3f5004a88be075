/* What takes over a second says so, on a terminal: what the work told last, or just that it goes on. A thread of its own
 * writes it, for much of what takes long (a passphrase's key, a slow hub) cannot tell. */
#include "cli/command.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"

enum { FIRST_MS = 1000, NEXT_MS = 200 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t stopped = PTHREAD_COND_INITIALIZER;
static pthread_t thread;
static bool running, stop;
static const char *_Atomic what;
static atomic_size_t done_n, total_n;

static void
show(int tick)
{
	const char *text = atomic_load(&what), spin[] = "-\\|/";
	size_t n = atomic_load(&done_n), total = atomic_load(&total_n);

	if (total)
		fprintf(stderr, "\r\033[K%s %zu/%zu", text, n, total);
	else if (n)
		fprintf(stderr, "\r\033[K%s %zu", text, n);
	else
		fprintf(stderr, "\r\033[K%s %c", text, spin[tick % 4]);
	fflush(stderr);
}

static void *
work(void *arg)
{
	struct timespec at;
	bool shown = false;

	(void)arg;
	clock_gettime(CLOCK_REALTIME, &at);
	pthread_mutex_lock(&lock);
	for (int tick = 0; !stop; tick++) {
		int ms = tick ? NEXT_MS : FIRST_MS;

		at.tv_nsec += ms % 1000 * 1000000L;
		at.tv_sec += ms / 1000 + at.tv_nsec / 1000000000L;
		at.tv_nsec %= 1000000000L;
		while (!stop && pthread_cond_timedwait(&stopped, &lock, &at) == 0)
			;
		if (!stop) {
			show(tick);
			shown = true;
		}
	}
	if (shown)
		fputs("\r\033[K", stderr);
	fflush(stderr);
	pthread_mutex_unlock(&lock);
	return NULL;
}

void
terminal_progress_begin(void)
{
	sigset_t all, old;

	if (running || !isatty(2))
		return;
	atomic_store(&what, _("working"));
	atomic_store(&done_n, 0);
	atomic_store(&total_n, 0);
	stop = false;
	/* Ctrl-C is the main thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	running = pthread_create(&thread, NULL, work, NULL) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void
terminal_progress_end(void)
{
	if (!running)
		return;
	pthread_mutex_lock(&lock);
	stop = true;
	pthread_cond_signal(&stopped);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	running = false;
}

int
terminal_progress(void *ctx, const char *text, size_t done, size_t total)
{
	(void)ctx;
	atomic_store(&what, text);
	atomic_store(&done_n, done);
	atomic_store(&total_n, total);
	return terminal_interrupted();
}

#include "base/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"

struct worker {
	void (*work)(void *piece);
	void *piece; /* NULL once it is done */
	bool end;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t change;
};

static void *
run(void *worker)
{
	struct worker *w = worker;

	pthread_mutex_lock(&w->lock);
	while (!w->end) {
		void *piece = w->piece;

		if (!piece) {
			pthread_cond_wait(&w->change, &w->lock);
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		w->work(piece);
		pthread_mutex_lock(&w->lock);
		w->piece = NULL;
		pthread_cond_broadcast(&w->change);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void
destroy(struct worker *w)
{
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->change);
	free(w);
}

struct worker *
worker_new(void (*work)(void *piece))
{
	struct worker *w = xcalloc(1, sizeof *w);
	sigset_t all, was;
	int rc;

	w->work = work;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->change, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	rc = pthread_create(&w->thread, NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	if (!rc)
		return w;
	destroy(w);
	return NULL;
}

void
worker_give(struct worker *w, void *piece)
{
	pthread_mutex_lock(&w->lock);
	w->piece = piece;
	pthread_cond_broadcast(&w->change);
	pthread_mutex_unlock(&w->lock);
}

void
worker_wait(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	while (w->piece)
		pthread_cond_wait(&w->change, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

void
worker_free(struct worker *w)
{
	if (!w)
		return;
	worker_wait(w);
	pthread_mutex_lock(&w->lock);
	w->end = true;
	pthread_cond_broadcast(&w->change);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	destroy(w);
}

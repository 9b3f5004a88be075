#include "trail/ahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "trail/side.h"
#include "trail/verify.h"

enum {
	BATCH = 64,     /* commits handed over at a time: waiting costs more than checking one */
	AT_LEAST = 512, /* below it a thread costs more than it saves */
};

struct job {
	struct buf raw;
	struct commit c;
	uint8_t sha256[32], signer[32];
	bool loaded, good;
};

struct batch {
	size_t n;
	struct job v[BATCH];
};

/* The walk is at `at` of one batch while the thread checks the other. Objects are read by the walk's thread alone. */
struct ahead {
	const struct objects *o;
	const struct oid *ids;
	size_t n, loaded;
	struct batch batch[2];
	int here;
	size_t at;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t change;
	struct batch *work; /* what the thread has to do; NULL once it is done */
	bool end;
};

static void *
check(void *ahead)
{
	struct ahead *a = ahead;

	pthread_mutex_lock(&a->lock);
	while (!a->end) {
		struct batch *b = a->work;

		if (!b) {
			pthread_cond_wait(&a->change, &a->lock);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		for (size_t i = 0; i < b->n; i++) {
			struct job *j = &b->v[i];

			j->good = j->loaded && side_signer(j->signer, &j->raw, &j->c, NULL) == 0;
		}
		pthread_mutex_lock(&a->lock);
		a->work = NULL;
		pthread_cond_broadcast(&a->change);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* Reads the next ones and hands them over. */
static void
hand_over(struct ahead *a, struct batch *b)
{
	for (b->n = 0; b->n < BATCH && a->loaded < a->n; b->n++, a->loaded++) {
		struct job *j = &b->v[b->n];

		j->loaded = trail_load(a->o, &j->raw, &j->c, j->sha256, &a->ids[a->loaded], NULL) == 0;
	}
	pthread_mutex_lock(&a->lock);
	a->work = b;
	pthread_cond_broadcast(&a->change);
	pthread_mutex_unlock(&a->lock);
}

static void
wait_done(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	while (a->work)
		pthread_cond_wait(&a->change, &a->lock);
	pthread_mutex_unlock(&a->lock);
}

struct ahead *
ahead_new(const struct objects *o, const struct oid *ids, size_t n)
{
	struct ahead *a;
	sigset_t all, was;
	int rc;

	if (n < AT_LEAST)
		return NULL;
	a = xcalloc(1, sizeof *a);
	a->o = o;
	a->ids = ids;
	a->n = n;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->change, NULL);
	/* Ctrl-C is for the thread that can end the walk */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	rc = pthread_create(&a->thread, NULL, check, a);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	if (rc) {
		pthread_mutex_destroy(&a->lock);
		pthread_cond_destroy(&a->change);
		free(a);
		return NULL;
	}
	hand_over(a, &a->batch[1]);
	return a;
}

bool
ahead_next(struct ahead *a, struct buf *raw, struct commit *c, uint8_t sha256[32], bool *good, uint8_t signer[32])
{
	struct job *j;
	struct buf mine = *raw;

	if (a->at == a->batch[a->here].n) {
		wait_done(a);
		a->here = !a->here;
		a->at = 0;
		hand_over(a, &a->batch[!a->here]);
	}
	j = &a->batch[a->here].v[a->at++];
	*good = j->good;
	if (!j->loaded)
		return false;
	*raw = j->raw;
	j->raw = mine; /* to be filled again */
	*c = j->c;
	memcpy(sha256, j->sha256, sizeof j->sha256);
	memcpy(signer, j->signer, sizeof j->signer);
	return true;
}

void
ahead_free(struct ahead *a)
{
	if (!a)
		return;
	wait_done(a);
	pthread_mutex_lock(&a->lock);
	a->end = true;
	pthread_cond_broadcast(&a->change);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->change);
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < BATCH; k++)
			buf_free(&a->batch[i].v[k].raw);
	free(a);
}

#include "trail/ahead.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/worker.h"
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
	struct worker *worker;
};

static void
check(void *batch)
{
	struct batch *b = batch;

	for (size_t i = 0; i < b->n; i++) {
		struct job *j = &b->v[i];

		j->good = j->loaded && side_signer(j->signer, &j->raw, &j->c, NULL) == 0;
	}
}

/* Reads the next ones and hands them over. */
static void
hand_over(struct ahead *a, struct batch *b)
{
	for (b->n = 0; b->n < BATCH && a->loaded < a->n; b->n++, a->loaded++) {
		struct job *j = &b->v[b->n];

		j->loaded = trail_load(a->o, &j->raw, &j->c, j->sha256, &a->ids[a->loaded], NULL) == 0;
	}
	worker_give(a->worker, b);
}

struct ahead *
ahead_new(const struct objects *o, const struct oid *ids, size_t n)
{
	struct worker *w = n < AT_LEAST ? NULL : worker_new(check);
	struct ahead *a;

	if (!w)
		return NULL;
	a = xcalloc(1, sizeof *a);
	a->o = o;
	a->ids = ids;
	a->n = n;
	a->worker = w;
	hand_over(a, &a->batch[1]);
	return a;
}

bool
ahead_next(struct ahead *a, struct buf *raw, struct commit *c, uint8_t sha256[32], bool *good, uint8_t signer[32])
{
	struct job *j;
	struct buf mine = *raw;

	if (a->at == a->batch[a->here].n) {
		worker_wait(a->worker);
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
	worker_free(a->worker);
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < BATCH; k++)
			buf_free(&a->batch[i].v[k].raw);
	free(a);
}

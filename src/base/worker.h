/** A second thread that does one piece of work after another, while who gave it goes on. */
#ifndef AKT_BASE_WORKER_H
#define AKT_BASE_WORKER_H

struct worker;
/** NULL when no thread is to be had. It takes no signals: Ctrl-C is for the thread that can end what goes on. */
struct worker *worker_new(void (*work)(void *piece));
/** Hands a piece over; the one before it must be done. `piece` is the worker's until worker_wait. */
void worker_give(struct worker *w, void *piece);
/** Blocks until there is nothing under way. */
void worker_wait(struct worker *w);
/** Waits, and ends the thread; NULL is allowed. */
void worker_free(struct worker *w);

#endif

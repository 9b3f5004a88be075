/* Who reads a dossier: x-akt.access carried out for one record (readers.c), and the lists brought to it
 * (follow.c). Shared by the files of app/ alone. */
#ifndef AKT_APP_READERS_H
#define AKT_APP_READERS_H

#include "app/private.h"

/* How a record's list is looked for. Zero but for `s`. */
struct readers_walk {
	struct session *s;
	struct txn *t;                   /* lists as this change has them so far; NULL: HEAD's */
	const struct place_peers *peers; /* records of this change; NULL */
	bool leavers; /* those who have left count too */
	bool strict;  /* what cannot be looked at is an error, not taken for unfulfilled or for nobody */
	int depth;
	struct err damage; /* of what was met on the way and could not be read */
};

struct readers {
	size_t n, cap;
	char (*v)[36]; /* teams */
	bool only;     /* these and nobody else, whoever was let in by hand */
	struct buf unseen; /* what the list looks at and could not be read, a line each: it is no whole list */
	const char *field; /* that of the first of them */
};
void readers_free(struct readers *r);
bool readers_have(const struct readers *r, const char *team);

/* The list of a record with this data. ERR_INVALID where nobody can read by a list that shuts out all others;
 * where `strict` and something could not be seen, what readers_unseen says. */
int readers_of(struct readers_walk *w, struct readers *out, const struct schema *sc,
    const struct node *data, struct err *e);
/* Why a list cannot be told: a record at `field` is damaged (its own code), or not ours to open (ERR_INVALID). */
int readers_unseen(const struct readers_walk *w, const char *field, struct err *e);
/* Adds the member's own team that a field's text names: a handle, or a record whose type names its member. */
void readers_person(struct readers_walk *w, struct readers *out, const struct node *v, const char *ref,
    const char *field);

/* The value at a dotted field, stepping through references: `case.handler` in a placement is the handler
 * field of the case that it refers to. *ref: the last field's own reference type. */
struct readers_hidden {
	bool yes;       /* a record on the way is not there, or cannot be opened */
	const char *id; /* the one that is there; NULL */
};
const struct node *readers_follow(struct readers_walk *w, const struct schema *sc,
    const struct node *data, const char *field, const char **ref, struct readers_hidden *hidden);
/* The envelope of a record that a field refers to: of this change, else of the store. NULL when there is none,
 * or, *unseen, one that we may not or cannot open: damage is in w->damage. */
const struct node *readers_refer(struct readers_walk *w, const char *id, bool *unseen);
/* True when the list looks at the record `id`, directly or through others. */
bool readers_look_at(struct readers_walk *w, const struct schema *sc, const struct node *data,
    const char *id);

/* Teams on a dossier's list whom a record in it shuts out. */
int readers_wide(struct session *s, struct txn *t, struct readers *out, const struct schema *sc,
    const char *dossier, const struct node *rec, struct err *e);
/* Whether a record in the dossier says exactly who reads it, so that no list is changed by hand. An error where
 * that cannot be told for damage. */
int readers_fixed(struct session *s, bool *fixed, const char *dossier, struct err *e);
/* Takes from lists, of what this person may read, the teams that records shut out: where two machines
 * worked apart, the merge of their lists may have let them in. `from`: only what has changed since that
 * tree; NULL: all. *n dossiers narrowed, in one commit. */
int readers_narrow(struct session *s, const struct oid *from, size_t *n, struct err *e);

#endif

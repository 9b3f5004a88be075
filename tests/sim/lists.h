/** Who is on which list, by what the plain files of a commit say. */
#ifndef TESTS_SIM_LISTS_H
#define TESTS_SIM_LISTS_H

#include "sim/history.h"
#include "sim/world.h"

struct node;

enum { TIPS = 32 };

struct epochs {
	size_t n;
	const struct node *v[TIPS];
	char name[TIPS][9];
	bool old[TIPS]; /* not at the end of the longest chain */
};

void lists_epochs(struct history *h, const struct hcommit *c, const char *team, struct epochs *e);
/** The member belongs, and has not lost this device: it may still be to come. */
bool lists_belongs(struct history *h, const struct hcommit *c, const struct machine *x);
/** In the team by what its newest epochs say at the commit's time. */
bool lists_in_team(struct history *h, const struct hcommit *c, const char *team, const char *handle);
/** NULL when the commit has no such dossier. */
const struct node *lists_dossier(struct history *h, const struct hcommit *c, const char *dossier);
/** The team through which the machine reads; NULL when it may not. yet: so would a device of the member's
 * that is let in later. at: as somebody saw it whose clock said so. */
const char *lists_through_at(struct history *h, const struct hcommit *c, const struct machine *x,
    const char *dossier, bool yet, int64_t at);
/** The same at the commit's time. */
const char *lists_through(struct history *h, const struct hcommit *c, const struct machine *x,
    const char *dossier, bool yet);
/** Nothing more is written there, keys for who lacks them neither. */
bool lists_to_be_erased(struct history *h, const struct hcommit *c, const char *dossier);
/** An auditor writes nothing, keys for others neither. */
bool lists_audits_only(struct history *h, const struct hcommit *c, const struct machine *x);

#endif

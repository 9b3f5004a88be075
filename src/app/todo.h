/* What is to be done, by the rules of the store and by the program's own. Shared by the todo*.c of app/ alone.
 * All texts are the session's arena's. */
#ifndef AKT_APP_TODO_H
#define AKT_APP_TODO_H

#include "app/private.h"
#include "rules/rule.h"

/* Where an obligation belongs in the list. */
enum todo_state {
	TODO_OVERDUE, /* the day has passed */
	TODO_NOW,     /* it is this day, or at once */
	TODO_SOON,    /* within the rule's lead */
	TODO_FAILED,  /* the rule itself does not work */
	TODO_HISTORY, /* its day was before the unit went live */
	TODO_KNOWN,   /* acknowledged */
	TODO_STATES
};
extern const char *const todo_states[TODO_STATES];

struct obligation {
	const char *rule, *severity, *message, *next; /* next NULL */
	const char *record, *dossier, *title;         /* NULL where it is about no record */
	const char *due;                              /* YYYY-MM-DD; NULL for what fails */
	const char *person, *handle;                  /* who answers for it; NULL */
	const char *role, *team;                      /* with commas between; NULL */
	const char *who;                              /* who answers for it, as people say; NULL */
	enum todo_state state;
	long days;                                    /* until the day; below 0: late */
	bool mine;
};

/* A person of the domain: a record whose type says x-akt.member. */
struct todo_person {
	const char *id, *handle; /* handle NULL */
};

/* What one type says of a role: x-akt.roles. */
struct todo_role {
	const char *role, *team, *label; /* team NULL */
};

/* That something is known: acknowledges. */
struct todo_known {
	const char *record, *rule, *on;
};

struct todo {
	struct session *s;
	const char *today, *lang, *me;
	const char *go_live; /* NULL */
	int64_t day;
	size_t n, cap;
	struct obligation *v;
	struct {
		size_t n, cap;
		struct todo_person *v;
	} people;
	struct {
		size_t n, cap;
		struct todo_role *v;
	} roles;
	struct {
		size_t n, cap;
		const char **v;
	} mine; /* roles of this person */
	struct {
		size_t n, cap;
		struct todo_known *v;
	} known;
};

/* Who there is, with which roles, and what is acknowledged; from the schemas' annotations. */
int todo_people(struct todo *t, struct err *e);
/* One more, settled: who answers, for which team, whether it is this person's, where in the list. `who`:
 * a person's record or a member's handle, NULL. `due` NULL: at once. `lead` in days. */
int todo_add(struct todo *t, const struct obligation *o, const char *who, int lead, struct err *e);
/* The next of a list of names with commas or blanks between, and *list behind it; NULL at its end. */
const char *todo_next(struct todo *t, const char **list);
/* True when a member of that handle is, or this person, in one of the teams, a blank between. */
bool todo_in_teams(struct todo *t, const char *teams);
/* Rows of every rule at HEAD; one that fails is a row itself. */
int todo_rules(struct todo *t, struct err *e);
/* Conflicts, invalid and damaged records, versions set aside, approvals that lapsed. */
int todo_matters(struct todo *t, struct err *e);
void todo_free(struct todo *t);
/* {overdue, now, soon}: what `todo --mine` lists this day; *conflicts: records with any, of all that may be read. */
int todo_counts(struct session *s, struct node **out, int64_t *conflicts, struct err *e);

#endif

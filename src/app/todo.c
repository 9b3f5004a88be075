/* Lists of what is to be done. Found by asking every rule; kept, sealed, in the index until a record, a rule, a
 * setting or the day changes. */
#include "app/todo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "index/index.h"
#include "tree/node.h"
#include "vault/vault.h"

const char *const todo_states[TODO_STATES] = {
	"overdue", "now", "soon", "failed", "history", "acknowledged"};

/* Fields of a row that is kept, in this order. */
enum field {
	RULE, SEVERITY, RECORD, DOSSIER, DUE, RESPONSIBLE, MESSAGE, NEXT, TITLE, WHO, PERSON, HANDLE, ROLE,
	TEAM, STATE, DAYS, FIELDS
};
static const char *const names[FIELDS] = {"rule", "severity", "record", "dossier", "due", "responsible",
	"message", "next", "title", "who", "person", "handle", "role", "team", "state", "days"};

/* --- made --------------------------------------------------------------------------------------------- */

static int
by_urgency(const void *a, const void *b)
{
	const struct obligation *x = a, *y = b;
	int c = (int)x->state - (int)y->state;

	if (!c && x->due && y->due)
		c = strcmp(x->due, y->due);
	if (!c)
		c = strcmp(x->rule, y->rule);
	return c ? c : strcmp(x->record ? x->record : "", y->record ? y->record : "");
}

/* What has come to be known, or was before the unit went live, is kept apart. */
static const char *
section(const struct obligation *o)
{
	return o->state == TODO_HISTORY || o->state == TODO_KNOWN ? "past" : "open";
}

static const char *
tag(struct arena *a, const char *section_name, char kind, const char *what)
{
	return arena_printf(a, "%s/%c%s", section_name, kind, what);
}

static int
keep_one(struct todo *t, const struct obligation *o, struct err *e)
{
	struct arena *a = t->s->arena;
	const char *tags[8 + 16], *fields[FIELDS] = {
		[RULE] = o->rule, [SEVERITY] = o->severity, [RECORD] = o->record, [DOSSIER] = o->dossier,
		[DUE] = o->due, [RESPONSIBLE] = o->person ? o->person : o->handle ? o->handle : o->role,
		[MESSAGE] = o->message, [NEXT] = o->next, [TITLE] = o->title, [WHO] = o->who, [PERSON] = o->person,
		[HANDLE] = o->handle, [ROLE] = o->role, [TEAM] = o->team, [STATE] = todo_states[o->state],
	};
	const char *teams = o->team, *one;
	char days[24];
	size_t n = 0;

	snprintf(days, sizeof days, "%ld", o->days);
	fields[DAYS] = o->due ? days : NULL;
	tags[n++] = tag(a, section(o), 'a', "");
	/* a rule that fails is everybody's to know */
	if (o->mine || o->state == TODO_FAILED)
		tags[n++] = tag(a, section(o), 'm', "");
	if (o->state == TODO_FAILED)
		tags[n++] = tag(a, section(o), 'f', "");
	if (o->handle)
		tags[n++] = tag(a, section(o), 'h', o->handle);
	while (n < sizeof tags / sizeof *tags && (one = todo_next(t, &teams)))
		tags[n++] = tag(a, section(o), 't', one);
	return index_keep(t->s->index, fields, FIELDS, tags, n, e);
}

static int
make(struct session *s, const uint8_t key[32], const char *today, const char *me, struct err *e)
{
	struct todo t = {
		.s = s,
		.today = today,
		.lang = i18n_lang(),
		.me = me,
		.go_live = state_store(vault_state(s->v))->go_live,
	};
	int rc;

	date_parse(&t.day, today, strlen(today));
	rc = todo_people(&t, e);
	if (!rc)
		rc = todo_rules(&t, e);
	if (!rc)
		rc = todo_matters(&t, e);
	if (t.n)
		qsort(t.v, t.n, sizeof *t.v, by_urgency);
	if (!rc)
		rc = index_keep_begin(s->index, key, e);
	for (size_t i = 0; !rc && i < t.n; i++)
		rc = keep_one(&t, &t.v[i], e);
	if (!rc)
		rc = index_keep_end(s->index, e);
	todo_free(&t);
	xtrim();
	return rc;
}

/* All that the list is made of: records and rights (the index's mark), rules, settings, day, language. */
static int
key_of(struct session *s, uint8_t key[32], const char *today, struct err *e)
{
	static const char *const paths[] = {"schema/rules", "store.yaml"};
	struct index_mark m;
	struct buf b = {0};

	if (!index_mark(s->index, &m))
		return err_set(e, ERR_DAMAGED, _("the index cannot be used; it is built anew when it is deleted: akt/index.db"));
	buf_printf(&b, "todo 1\n%s\n%s\n", today, i18n_lang());
	buf_add(&b, m.tree, sizeof m.tree);
	buf_add(&b, m.keys, sizeof m.keys);
	buf_add(&b, m.stamp, sizeof m.stamp);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct oid id = {{0}};
		unsigned mode;

		git_tree_find(vault_git(s->v), &id, &mode, vault_tree(s->v), paths[i], NULL);
		buf_add(&b, id.b, sizeof id.b);
	}
	hash_sha256(key, b.p, b.n);
	buf_free(&b);
	return 0;
}

/* --- asked ---------------------------------------------------------------------------------------------- */

/* By which rows are found: mine, a team's and its members', or all of a section. */
static size_t
asked(struct session *s, const char ***out, bool mine, const char *team, bool past)
{
	const char *in = past ? "past" : "open";
	char(*members)[34] = NULL;
	size_t n = 0, k = team ? state_team_members(vault_state(s->v), &members, team, date_now()) : 0;
	const char **tags = arena_alloc(s->arena, (k + 3) * sizeof *tags);

	if (team) {
		tags[n++] = tag(s->arena, in, 't', team);
		tags[n++] = tag(s->arena, in, 'f', "");
		for (size_t i = 0; i < k; i++)
			tags[n++] = tag(s->arena, in, 'h', members[i]);
	} else {
		tags[n++] = tag(s->arena, in, mine ? 'm' : 'a', "");
	}
	free(members);
	*out = tags;
	return n;
}

static struct node *
shown(struct session *s, const struct node *row)
{
	struct node *m = node_map(s->arena);
	const struct node *days = row->seq[DAYS];

	for (size_t i = 0; i < DAYS; i++)
		node_append(s->arena, m, names[i], row->seq[i]);
	node_append(s->arena, m, names[DAYS],
	    days->kind == NODE_STR ? node_int(s->arena, strtol(days->text, NULL, 10)) : node_null(s->arena));
	return m;
}

struct wanted {
	struct session *s;
	struct node **out;
	const char *today, *me, *team;
	bool mine, past;
};

static int
answer(void *ctx, struct err *e)
{
	struct wanted *w = ctx;
	struct session *s = w->s;
	struct node *rows = NULL, *list = node_seq(s->arena);
	const char **tags;
	uint8_t key[32];
	size_t n;
	int rc = key_of(s, key, w->today, e);

	if (!rc && !index_kept(s->index, key))
		rc = make(s, key, w->today, w->me, e);
	if (rc)
		return rc;
	n = asked(s, &tags, w->mine, w->team, w->past);
	rc = index_kept_rows(s->index, &rows, s->arena, tags, n, e);
	for (size_t i = 0; !rc && i < rows->n; i++) {
		if (rows->seq[i]->n != FIELDS)
			return err_set(e, ERR_DAMAGED, _("the index cannot be used; it is built anew when it is deleted: akt/index.db"));
		node_push(s->arena, list, shown(s, rows->seq[i]));
	}
	if (!rc)
		*w->out = list;
	return rc;
}

int
app_todo(struct session *s, struct node **out, bool mine, const char *team, bool past,
    const char *today, struct err *e)
{
	const struct member *me = NULL;
	struct node *list = NULL;
	struct wanted w;
	char day[11];
	int64_t parsed;
	int rc, one;

	if (today && !date_parse(&parsed, today, strlen(today)))
		return err_set(e, ERR_USAGE, _("--today is a date (YYYY-MM-DD)"));
	if (mine && team)
		return err_set(e, ERR_USAGE, _("say one of --mine and --team"));
	search_today(day);
	rc = search_index(s, false, e);
	if (!rc)
		rc = vault_me(s->v, &me, NULL, e);
	if (!rc && team && !state_epoch(vault_state(s->v), team))
		rc = err_set(e, ERR_USAGE, _("there is no team %s"), team);
	if (rc)
		return rc;
	w = (struct wanted){s, &list, today ? today : day, me->handle, team, mine, past};
	rc = search_ask(s, answer, &w, e);
	if (rc)
		return rc;
	note_query(s, "todo", NULL, list->n);
	*out = list;
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(node_get_str(list->seq[i], "state"), todo_states[TODO_FAILED]) == 0)
			rc = ERR_FINDINGS;
	/* a record that cannot be opened stands in the whole list, as nobody's matter: what it asks of somebody is not known */
	one = mine || team || past ? search_lacking(s, e) : 0;
	return one ? one : rc;
}

int
todo_counts(struct session *s, struct node **out, int64_t *conflicts, struct err *e)
{
	static const enum todo_state counted[] = {TODO_OVERDUE, TODO_NOW, TODO_SOON};
	const struct member *me = NULL;
	struct node *list = NULL, *matters = NULL, *n = node_map(s->arena);
	struct wanted w;
	int64_t found = 0;
	char day[11];
	int rc = search_index(s, false, e);

	if (!rc)
		rc = vault_me(s->v, &me, NULL, e);
	if (rc)
		return rc;
	search_today(day);
	w = (struct wanted){s, &list, day, me->handle, NULL, true, false};
	rc = search_ask(s, answer, &w, e);
	if (!rc)
		rc = index_matters(s->index, &matters, s->arena, e);
	if (rc)
		return rc;
	for (size_t k = 0; k < sizeof counted / sizeof *counted; k++) {
		int64_t many = 0;

		for (size_t i = 0; i < list->n; i++)
			many += strcmp(node_get_str(list->seq[i], "state"), todo_states[counted[k]]) == 0;
		node_set(s->arena, n, todo_states[counted[k]], node_int(s->arena, many));
	}
	for (size_t i = 0; i < matters->n; i++)
		found += strcmp(node_get_str(matters->seq[i], "what"), "conflict") == 0;
	*out = n;
	*conflicts = found;
	return 0;
}

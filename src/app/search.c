/* The index of what this person may read, asked. */
#include "app/private.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "index/index.h"
#include "tree/node.h"

int
search_ask(struct session *s, search_ask_fn ask, void *ctx, struct err *e)
{
	struct err inner = {0};
	int rc = ask(ctx, &inner);

	if (rc == ERR_DAMAGED) {
		err_clear(&inner);
		rc = search_index(s, true, e);
		if (!rc)
			rc = ask(ctx, &inner);
	}
	err_append(e, &inner);
	return rc;
}

struct by_words {
	struct session *s;
	struct node **out;
	const char *const *words;
	size_t n;
};

static int
ask_words(void *ctx, struct err *e)
{
	struct by_words *b = ctx;

	return index_search(b->s->index, b->out, b->s->arena, b->words, b->n, e);
}

int
app_search(struct session *s, struct node **out, const char *const *words, size_t n,
    struct err *e)
{
	struct by_words by = {s, out, words, n};
	struct buf query = {0};
	int rc = search_index(s, false, e);

	if (!rc)
		rc = search_ask(s, ask_words, &by, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		buf_printf(&query, "%s%s", i ? " " : "", words[i]);
	note_query(s, "search", buf_str(&query), (*out)->n);
	buf_free(&query);
	return search_lacking(s, e);
}

static int
still(void *ctx)
{
	struct session *s = ctx;

	return s->progress ? s->progress(s->ctx, _("asking"), 0, 0) : 0;
}

void
search_today(char day[11])
{
	time_t now = (time_t)date_now();
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(day, 11, "%Y-%m-%d", &tm);
}

struct by_sql {
	struct session *s;
	struct node **out;
	const char *sql, *file;
	const struct index_value *values;
	size_t n;
};

static int
ask_sql(void *ctx, struct err *e)
{
	struct by_sql *b = ctx;

	return index_query_file(b->s->index, b->out, b->s->arena, b->sql, b->file, b->values, b->n, still,
	    b->s, e);
}

int
search_query(struct session *s, struct node **out, const char *sql, const char *file,
    const char *today, const struct index_value *values, size_t n, struct err *e)
{
	struct index_value *all = xcalloc(n + 1, sizeof *all);
	struct by_sql by = {s, out, sql, file, all, n + 1};
	char day[11];
	int rc;

	s->names_fresh = false;
	search_today(day);
	all[0] = (struct index_value){.name = "today", .text = today ? today : day};
	if (n)
		memcpy(all + 1, values, n * sizeof *values);
	rc = search_ask(s, ask_sql, &by, e);
	free(all);
	return rc;
}

int
app_sql(struct session *s, struct node **out, const char *sql, struct err *e)
{
	int rc = search_index(s, false, e);

	if (!rc)
		rc = search_query(s, out, sql, NULL, NULL, NULL, 0, e);
	if (!rc)
		note_query(s, "sql", sql, (*out)->n);
	return rc ? rc : search_lacking(s, e);
}

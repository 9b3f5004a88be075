/** Fuzz target: a report that is read can be run on rows of hostile text, and no format lets any of it through
 * as markup; every fault has a text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "report/html.h"
#include "report/plain.h"
#include "report/result.h"
#include "tree/node.h"
#include "tree/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const char *
no_field(void *ctx, const char *of)
{
	(void)ctx;
	(void)of;
	return NULL;
}

static const char *
no_value(void *ctx, const char *of, const char *value)
{
	(void)ctx;
	(void)of;
	(void)value;
	return NULL;
}

/* Rows that go through every kind of value; with `counted` those of counts are numbers. */
static struct node *
rows_for(struct arena *a, const struct spec_section *s, bool counted)
{
	static const char *const texts[] = {"<script>x</script>", "2026-03-01", "=1+1", "a,b", "", "\"|`", "x", "y"};
	struct node *rows = node_seq(a);

	for (size_t i = 0; i < 9; i++) {
		struct node *row = node_map(a);

		for (size_t c = 0; c < s->ncolumns; c++) {
			bool text = (i + c) % 4 == 3 && !(counted && s->columns[c].kind == COL_COUNT);
			struct node *v = text ? node_str(a, texts[(i * 5 + c) % 8]) :
			    (i + c) % 7 == 6            ? node_null(a) :
			                                  node_int(a, (int64_t)((i * 7 + c * 3) % 12));

			if (!node_get(row, s->columns[c].name))
				node_append(a, row, s->columns[c].name, v);
		}
		node_push(a, rows, row);
	}
	return rows;
}

static void
run(struct arena *a, const struct spec *spec, bool outside)
{
	struct result_labels labels = {no_field, no_value, NULL};
	struct result *r = result_new(a, spec, "sv", &labels, outside);
	struct buf b = {0};
	struct err e = {0};

	r->today = "2026-11-20";
	for (size_t i = 0; i < r->nparams; i++)
		r->params[i] = (struct result_param){&spec->params[i], "", ""};
	for (size_t i = 0; i < r->nsections; i++) {
		const struct spec_section *s = &spec->sections[i];

		if (!result_section(r, i, rows_for(a, s, false), "f.yaml", &e))
			continue;
		/* outside the unit goes no text in a count's place */
		if (!outside || s->outside != OUTSIDE_COUNTS ||
		    result_section(r, i, rows_for(a, s, true), "f.yaml", &e))
			abort();
	}
	result_finish(r);
	html_write(&b, r);
	if (strstr(buf_str(&b), "<script"))
		abort();
	markdown_write(&b, r);
	for (size_t i = 0; i < r->nsections; i++)
		csv_write(&b, r, i);
	node_json(&b, json_result(r));
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	char *text = arena_strndup(a, (const char *)p, n);
	struct node *doc = NULL;
	struct spec *spec = NULL;
	struct err e = {0};

	if (yaml_parse(&doc, a, text, n, "f.yaml", YAML_STORED, &e) == 0) {
		if (spec_read(&spec, a, doc, "f", "f.yaml", text, &e)) {
			if (!e.n || spec)
				abort();
			for (int i = 0; i < e.n; i++)
				if (!*e.item[i].text)
					abort();
		} else {
			run(a, spec, false);
			run(a, spec, true);
		}
	}
	arena_free(a);
	return 0;
}

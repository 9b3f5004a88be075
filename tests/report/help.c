#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/help.h"
#include "tree/yaml.h"

static const char *
field(void *ctx, const char *of)
{
	(void)ctx;
	return strcmp(of, "hive.kind") == 0 ? "Sort" : NULL;
}

static const char *
value(void *ctx, const char *of, const char *v)
{
	(void)ctx;
	return strcmp(of, "hive.kind") == 0 && strcmp(v, "l") == 0 ? "Låg" : NULL;
}

const char *
help_faults(struct arena *a, const char *text)
{
	struct err e = {0};
	struct node *doc = NULL;
	struct spec *s = NULL;
	struct buf b = {0};
	const char *out;

	if (!yaml_parse(&doc, a, text, strlen(text), "r.yaml", YAML_STORED, &e))
		spec_read(&s, a, doc, "r", "r.yaml", text, &e);
	assert_true((s == NULL) == (e.n > 0));
	for (int i = 0; i < e.n; i++) {
		err_format(&b, &e.item[i]);
		buf_putc(&b, '\n');
	}
	out = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return out;
}

struct spec *
help_spec(struct arena *a, const char *text)
{
	struct err e = {0};
	struct node *doc = NULL;
	struct spec *s = NULL;

	assert_int_equal(yaml_parse(&doc, a, text, strlen(text), "r.yaml", YAML_STORED, &e), 0);
	if (spec_read(&s, a, doc, "r", "r.yaml", text, &e))
		fail_msg("%u: %s: %s", e.item[0].line, e.item[0].path, e.item[0].text);
	return s;
}

static struct result *
filled(struct arena *a, const char *spec, const char *rows, const char *lang, bool outside)
{
	struct result_labels labels = {field, value, NULL};
	struct result *r = result_new(a, help_spec(a, spec), lang, &labels, outside);
	struct node *list = NULL;
	struct err e = {0};

	r->today = "2026-11-20";
	r->readable = 3;
	r->dossiers = 4;
	for (size_t i = 0; i < r->nparams; i++)
		r->params[i] = (struct result_param){&r->spec->params[i], "", ""};
	assert_int_equal(yaml_parse(&list, a, rows, strlen(rows), "rows", YAML_INPUT, &e), 0);
	if (result_section(r, 0, list, "r.yaml", &e))
		fail_msg("%s", e.item[0].text);
	return r;
}

struct result *
help_result(struct arena *a, const char *spec, const char *rows, const char *lang, bool outside)
{
	struct result *r = filled(a, spec, rows, lang, outside);

	result_suppress(r);
	return r;
}

struct result *
help_outside(struct arena *a, const char *spec, const char *rows)
{
	struct result *r = filled(a, spec, rows, "en", true);

	result_finish(r);
	return r;
}

struct arena *help_arena;

int
help_setup(void **state)
{
	(void)state;
	help_arena = arena_new();
	return 0;
}

int
help_teardown(void **state)
{
	(void)state;
	arena_free(help_arena);
	return 0;
}

#include "schema/help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "tree/node.h"
#include "tree/yaml.h"

struct node *
help_doc(struct arena *a, const char *yaml)
{
	struct node *n = NULL;
	struct err e = {0};

	if (yaml_parse(&n, a, yaml, strlen(yaml), "test", YAML_INPUT, &e)) {
		struct buf b = {0};

		err_format(&b, &e.item[0]);
		print_error("%s\n%s\n", buf_str(&b), yaml);
		buf_free(&b);
		fail_msg("the test's own YAML is wrong");
	}
	return n;
}

char *
help_lines(const struct diags *d)
{
	struct buf b = {0};

	for (size_t i = 0; i < d->n; i++) {
		diag_format(&b, &d->v[i]);
		buf_putc(&b, '\n');
	}
	return buf_take(&b);
}

struct schema *
help_schema(struct arena *a, const char *yaml)
{
	struct schema *s = NULL;
	struct diags d = {0};
	struct err e = {0};

	if (schema_compile(&s, help_doc(a, yaml), "s.yaml", SCHEMA_STORE, NULL, &d, &e)) {
		char *lines = help_lines(&d);

		print_error("%s%s\n", lines, yaml);
		free(lines);
		diags_free(&d);
		fail_msg("the test's own schema is wrong");
	}
	diags_free(&d);
	return s;
}

char *
help_flow(const struct node *n)
{
	struct buf b = {0};

	if (!n)
		buf_puts(&b, "-");
	else
		yaml_emit_flow(&b, n);
	return buf_take(&b);
}

void
help_equal(const char *name, const char *got, const char *want)
{
	if (strcmp(got, want) == 0)
		return;
	print_error("%s\n--- got\n%s\n--- want\n%s\n", name, got, want);
	fail_msg("%s", name);
}

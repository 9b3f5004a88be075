#include "tree/tree_help.h"

char *
help_errors(const struct err *e)
{
	struct buf b = {0};

	for (int i = 0; i < e->n; i++) {
		if (i)
			buf_putc(&b, '\n');
		err_format(&b, &e->item[i]);
	}
	return buf_take(&b);
}

struct node *
help_parse(struct arena *a, const char *s, size_t n, enum yaml_source source)
{
	struct node *doc = NULL;
	struct err e = {0};

	if (yaml_parse(&doc, a, s, n, "doc.yaml", source, &e)) {
		char *text = help_errors(&e);

		print_error("%s\n---\n%.*s\n---\n", text, (int)n, s);
		free(text);
		fail();
	}
	return doc;
}

char *
help_canonical(const struct node *n)
{
	struct buf b = {0};

	node_canonical(&b, n);
	return buf_take(&b);
}

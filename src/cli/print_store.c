/* A store's settings as text. */
#include "cli/print.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "tree/node.h"
#include "tree/yaml.h"

static void
value(struct buf *out, const struct node *v)
{
	if (v->kind == NODE_STR)
		buf_puts(out, v->text);
	else
		yaml_emit_flow(out, v);
}

void
print_store(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *settings = node_get(r, "settings"), *values = node_get(r, "values");

	(void)c;
	buf_printf(out, "name: %s\nlanguage: %s\n", node_get_str(r, "name"),
	    node_get_str(r, "language"));
	for (size_t i = 0; i < settings->n; i++) {
		buf_printf(out, "%s: ", settings->map[i].key);
		value(out, settings->map[i].value);
		buf_putc(out, '\n');
	}
	for (size_t i = 0; i < values->n; i++) {
		const struct node *v = node_get(values->seq[i], "value"),
		                  *def = node_get(values->seq[i], "default");

		buf_printf(out, "%s: ", node_get_str(values->seq[i], "name"));
		value(out, v);
		if (!node_equal(v, def)) {
			buf_puts(out, "  (");
			buf_puts(out, _("unless set:"));
			buf_putc(out, ' ');
			value(out, def);
			buf_putc(out, ')');
		}
		buf_putc(out, '\n');
	}
}

/* A report frozen: what it says now becomes a record, from which it is shown from then on. */
#include "app/reporting.h"

#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/vault.h"

/* SQL's NULL is a field that is not there. */
static void
drop_null(struct node *n)
{
	for (size_t i = 0; n->kind == NODE_MAP && i < n->n;) {
		if (n->map[i].value->kind == NODE_NULL) {
			node_del(n, n->map[i].key);
		} else {
			drop_null(n->map[i].value);
			i++;
		}
	}
	for (size_t i = 0; n->kind == NODE_SEQ && i < n->n; i++)
		drop_null(n->seq[i]);
}

static int
data_of(struct reporting *r, struct node **out, struct err *e)
{
	const char *json = NULL;
	struct node *data = NULL;
	int rc = reporting_value(r, &json, r->spec->freeze.data, e);

	if (!rc && json)
		rc = yaml_parse(&data, r->s->arena, json, strlen(json), r->file, YAML_INPUT, e);
	if (!rc && (!data || data->kind != NODE_MAP))
		rc = err_at(e, ERR_INVALID, r->file, 0, 0, "freeze.data",
		    _("must give one row with a JSON object: the record's fields"));
	if (rc)
		return rc;
	drop_null(data);
	*out = data;
	return 0;
}

int
reporting_freeze(struct reporting *r, struct node **out, struct err *e)
{
	const struct spec_freeze *f = &r->spec->freeze;
	struct session *s = r->s;
	struct assignment *set;
	const char *there = NULL;
	struct node *data = NULL;
	int rc;

	if (!f->type)
		return err_set(e, ERR_USAGE, _("this report does not freeze: --freeze is for those that are handed in"));
	rc = reporting_value(r, &there, f->find, e);
	if (!rc && there)
		rc = err_set(e, ERR_USAGE,
		    _("it is frozen already, in %s; void that record to freeze it anew"), there);
	if (!rc)
		rc = data_of(r, &data, e);
	if (rc)
		return rc;
	set = arena_alloc(s->arena, (data->n + 1) * sizeof *set);
	for (size_t i = 0; i < data->n; i++) {
		const struct node *v = data->map[i].value;
		struct buf flow = {0};

		set[i].path = data->map[i].key;
		if (v->kind == NODE_STR) {
			set[i].value = v->text;
			set[i].from_file = true; /* taken as it stands */
			continue;
		}
		yaml_emit_flow(&flow, v);
		set[i].value = arena_strdup(s->arena, buf_str(&flow));
		buf_free(&flow);
	}
	return app_new(s, out, f->type, NULL, set, data->n, NULL, false, e);
}

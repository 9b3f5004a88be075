#include "merge/control.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "merge/control_fields.h"
#include "tree/node.h"
#include "tree/yaml.h"

enum { BASE = JOIN_BASE, OURS = JOIN_OURS, THEIRS = JOIN_THEIRS, SIDES = JOIN_SIDES };

static int
parse(struct node **out, struct arena *a, const char *path, struct merge_text t, struct err *e)
{
	struct err inner = {0};
	const struct err_item *it = &inner.item[0];
	struct node *doc = NULL;

	if (!t.p)
		return 0;
	if (yaml_parse(&doc, a, t.p, t.n, path, YAML_STORED, &inner))
		return err_at(e, ERR_DAMAGED, path, it->line, it->column,
		    *it->path ? it->path : NULL, "%s", it->text);
	*out = doc;
	return 0;
}

static int
merge_document(struct buf *out, enum storepath_kind kind, const char *path,
    const struct merge_text text[SIDES], merge_report_fn report, void *ctx, struct err *e)
{
	struct arena *a = arena_new();
	struct node *v[SIDES] = {NULL};
	int rc = 0;

	for (int i = 0; i < SIDES && !rc; i++)
		rc = parse(&v[i], a, path, text[i], e);
	if (!rc)
		yaml_emit(out, control_fields_merge(a, kind, path, v, report, ctx));
	arena_free(a);
	return rc;
}

static int
text_order(struct merge_text x, struct merge_text y)
{
	int c;

	if (!x.p || !y.p)
		return (x.p != NULL) - (y.p != NULL);
	c = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
	return c ? c : (x.n > y.n) - (x.n < y.n);
}

/* Lines of both, sorted, each once. */
static void
merge_lines(struct buf *out, struct merge_text x, struct merge_text y)
{
	struct arena *a = arena_new();
	struct node *v[SIDES] = {NULL, node_seq(a), node_seq(a)};
	struct merge_text text[SIDES] = {{NULL, 0}, x, y};
	struct join j;

	for (int i = OURS; i < SIDES; i++) {
		const char *p = text[i].p, *end = p + text[i].n;

		while (p < end) {
			const char *lf = memchr(p, '\n', (size_t)(end - p)), *stop = lf ? lf : end;

			if (stop > p)
				node_push(a, v[i], node_strn(a, p, (size_t)(stop - p)));
			p = lf ? lf + 1 : end;
		}
	}
	join_start(&j, a, v, 0);
	for (int i = OURS; i < SIDES; i++)
		for (size_t k = 0; k < v[i]->n; k++)
			join_add(&j, i, k, v[i]->seq[k]->text, v[i]->seq[k]->len, v[i]->seq[k]);
	join_group(&j);
	for (size_t i = 0; i < j.n; i++) {
		struct node *const *same = j.group[i].v;
		const struct node *line = same[OURS] ? same[OURS] : same[THEIRS];

		buf_add(out, line->text, line->len);
		buf_putc(out, '\n');
	}
	arena_free(a);
}

/* Sealed or free text: nothing to look into. */
static struct merge_text
smaller_hash(struct merge_text x, struct merge_text y)
{
	uint8_t p[HASH256], q[HASH256];

	hash_sha256(p, x.p, x.n);
	hash_sha256(q, y.p, y.n);
	return memcmp(p, q, sizeof p) <= 0 ? x : y;
}

int
merge_control(struct buf *out, bool *absent, const char *path, struct merge_text base,
    struct merge_text ours, struct merge_text theirs, merge_report_fn report, void *ctx,
    struct err *e)
{
	const struct merge_text text[SIDES] = {[BASE] = base, [OURS] = ours, [THEIRS] = theirs};
	struct merge_text stands = {NULL, 0};
	enum storepath_kind kind = storepath_parse(NULL, path);
	bool differ = false;
	struct buf merged = {0};
	int rc = 0;

	if (text_order(ours, theirs) == 0 || text_order(theirs, base) == 0)
		stands = ours;
	else if (text_order(ours, base) == 0)
		stands = theirs;
	else
		differ = true;
	if (differ && (kind == PATH_SCHEMA ||
	    (kind == PATH_SCHEMA_EXTRA && base.p && ours.p && theirs.p))) {
		stands = base.p ? base : text_order(ours, theirs) < 0 ? ours : theirs;
		if (report)
			report(ctx, path, "");
		differ = false;
	} else if (differ && (!ours.p || !theirs.p)) {
		/* nothing under control is ever removed by one who did not see it change */
		stands = ours.p ? ours : theirs;
		differ = false;
	}
	if (!differ) {
		buf_add(&merged, stands.p, stands.n);
		goto done;
	}
	if (control_fields_known(kind)) {
		rc = merge_document(&merged, kind, path, text, report, ctx, e);
	} else if (kind == PATH_SIGNERS) {
		merge_lines(&merged, ours, theirs);
	} else {
		if (report && kind == PATH_SCHEMA_EXTRA)
			report(ctx, path, "");
		stands = smaller_hash(ours, theirs);
		buf_add(&merged, stands.p, stands.n);
	}
	stands = ours; /* there is a file */
done:
	if (!rc) {
		buf_add(out, merged.p, merged.n);
		*absent = !stands.p;
	}
	buf_free(&merged);
	return rc;
}

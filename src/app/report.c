/* report: the store's reports, run and written out. */
#include "app/reporting.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "app/extras.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/os.h"
#include "report/html.h"
#include "report/plain.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/vault.h"

/* --- which there are ---------------------------------------------------------------------- */

static int
read_spec(struct session *s, const struct spec **out, const struct extra *f, struct err *e)
{
	struct node *doc = NULL;
	struct spec *spec = NULL;
	char *name = arena_strndup(s->arena, f->name, strlen(f->name) - strlen(".yaml"));
	const char *text = arena_strndup(s->arena, buf_str(&f->text), f->text.n),
	           *file = arena_strdup(s->arena, f->path);
	int rc = yaml_parse(&doc, s->arena, text, f->text.n, file, YAML_STORED, e);

	if (!rc)
		rc = spec_read(&spec, s->arena, doc, name, file, text, e);
	if (!rc)
		*out = spec;
	return rc;
}

static bool
is_spec(const struct extra *f)
{
	const char *dot = strrchr(f->name, '.');

	return dot && strcmp(dot, ".yaml") == 0;
}

int
reporting_load(struct session *s, const struct spec **out, const char **file, const char *name,
    struct err *e)
{
	struct extras x = {0};
	struct buf wanted = {0}, list = {0};
	int rc = extras_head(s, &x, "reports", e);

	for (const char *c = name; *c; c++)
		buf_putc(&wanted, tolower((unsigned char)*c));
	buf_puts(&wanted, ".yaml");
	for (size_t i = 0; !rc && i < x.n; i++) {
		if (!is_spec(&x.v[i]))
			continue;
		if (strcmp(x.v[i].name, buf_str(&wanted)) == 0) {
			*file = arena_strdup(s->arena, x.v[i].path);
			rc = read_spec(s, out, &x.v[i], e);
			goto done;
		}
		buf_printf(&list, "%s%.*s", list.n ? ", " : "", (int)strlen(x.v[i].name) - 5, x.v[i].name);
	}
	if (!rc && list.n)
		rc = err_set(e, ERR_USAGE, _("the store has no report of that name; it has: %s"), buf_str(&list));
	else if (!rc)
		rc = err_set(e, ERR_USAGE, _("the store has no reports; akt schema put DIR puts those of DIR/reports in force"));
done:
	buf_free(&wanted);
	buf_free(&list);
	extras_free(&x);
	return rc;
}

int
app_report_list(struct session *s, struct node **out, struct err *e)
{
	struct extras x = {0};
	struct node *list;
	int rc = session_store(s, true, e);

	if (!rc)
		rc = extras_head(s, &x, "reports", e);
	list = node_seq(s->arena);
	for (size_t i = 0; !rc && i < x.n; i++) {
		const struct spec *spec = NULL;
		struct node *one = node_map(s->arena);

		if (!is_spec(&x.v[i]))
			continue;
		rc = read_spec(s, &spec, &x.v[i], e);
		if (rc)
			break;
		node_set(s->arena, one, "name", node_str(s->arena, spec->name));
		node_set(s->arena, one, "title", node_str(s->arena, spec_text(&spec->title, i18n_lang())));
		node_push(s->arena, list, one);
	}
	extras_free(&x);
	if (!rc)
		*out = list;
	return rc;
}

/* --- what is wrong with one ------------------------------------------------------------------ */

static void
check_values(const struct spec *spec, const struct index_question *q, const char *file, const char *path,
    struct err *e)
{
	for (size_t i = 0; i < q->nvalues; i++) {
		static const char *const given[] = {"today", "lang", "record", "readable", "dossiers", "outside"};
		bool known = false;

		for (size_t k = 0; k < sizeof given / sizeof *given; k++)
			known |= strcmp(given[k], q->values[i]) == 0;
		for (size_t k = 0; k < spec->nparams; k++)
			known |= strcmp(spec->params[k].name, q->values[i]) == 0;
		for (size_t k = 0; k < spec->nsettings; k++)
			known |= strcmp(spec->settings[k].name, q->values[i]) == 0;
		for (size_t k = 0; k < spec->ninputs; k++)
			known |= strcmp(spec->inputs[k], q->values[i]) == 0;
		if (!known)
			err_at(e, ERR_INVALID, file, 0, 0, path,
			    _("asks for :%s, which is no parameter, no setting and no input"), q->values[i]);
	}
}

static void
check_query(struct index *ix, struct arena *a, const struct spec *spec, const char *file,
    const char *sql, const char *path, const struct spec_section *section, struct err *e)
{
	struct index_question q;

	if (!sql || index_query_check(ix, &q, a, sql, file, e))
		return;
	check_values(spec, &q, file, path, e);
	for (size_t c = 0; section && c < section->ncolumns; c++) {
		const struct spec_column *col = &section->columns[c];
		bool known = false;

		for (size_t i = 0; i < q.ncolumns; i++)
			known |= strcmp(q.columns[i], col->name) == 0;
		if (!known)
			err_at(e, ERR_INVALID, file, col->line, col->column, path,
			    _("the query gives no such column"));
	}
}

int
reporting_check(struct index *ix, struct arena *a, const char *file, const char *text, size_t n,
    struct err *e)
{
	struct node *doc = NULL;
	struct spec *spec = NULL;
	int rc = yaml_parse(&doc, a, text, n, file, YAML_STORED, e);

	if (!rc)
		rc = spec_read(&spec, a, doc, "", file, text, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < spec->ninputs; i++)
		if (!reporting_input(spec->inputs[i]))
			err_at(e, ERR_INVALID, file, 0, 0, "inputs", _("names what this program cannot give"));
	for (size_t i = 0; i < spec->nparams; i++)
		check_query(ix, a, spec, file, spec->params[i].sql,
		    arena_printf(a, "params.%s", spec->params[i].name), NULL, e);
	for (size_t i = 0; i < spec->nsections; i++) {
		const struct spec_section *s = &spec->sections[i];

		check_query(ix, a, spec, file, s->sql, arena_printf(a, "sections.%s.sql", s->id), s, e);
		check_query(ix, a, spec, file, s->frozen, arena_printf(a, "sections.%s.frozen", s->id), s, e);
	}
	check_query(ix, a, spec, file, spec->freeze.find, "freeze.find", NULL, e);
	check_query(ix, a, spec, file, spec->freeze.data, "freeze.data", NULL, e);
	check_query(ix, a, spec, file, spec->freeze.head, "freeze.head", NULL, e);
	check_query(ix, a, spec, file, spec->package.records, "package.records", NULL, e);
	return 0;
}

/* --- the command --------------------------------------------------------------------------------- */

static int
section_named(const struct reporting *r, size_t *out, struct err *e)
{
	struct buf list = {0};
	int rc = 0;

	*out = 0;
	if (!r->o->section)
		return 0;
	for (size_t i = 0; i < r->spec->nsections; i++) {
		if (strcmp(r->spec->sections[i].id, r->o->section) == 0) {
			*out = i;
			goto done;
		}
		buf_printf(&list, "%s%s", i ? ", " : "", r->spec->sections[i].id);
	}
	rc = err_set(e, ERR_USAGE, _("the report has no section of that name; it has: %s"), buf_str(&list));
done:
	buf_free(&list);
	return rc;
}

/* What the other formats say of a section beside its table, a line each. */
static struct node *
beside(const struct reporting *r, const struct result *res, size_t section)
{
	struct arena *a = r->s->arena;
	const struct result_section *s = &res->sections[section];
	const char *more[] = {result_n(res, s), facts_empty(res, s), facts_note(res, s)}, *what, *text;
	struct node *list = node_seq(a);
	struct buf others = {0};

	for (size_t i = 0; facts_each(res, i, &what, &text); i++)
		node_push(a, list, node_str(a, arena_printf(a, "%s: %s", what, text)));
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		if (more[i] && *more[i])
			node_push(a, list, node_str(a, more[i]));
	for (size_t i = 0; i < res->nsections; i++)
		if (i != section && !(res->outside && res->sections[i].spec->outside == OUTSIDE_OMIT))
			buf_printf(&others, "%s%s", others.n ? ", " : "", res->sections[i].spec->id);
	if (others.n)
		node_push(a, list, node_str(a, arena_printf(a, _("Not in this table, but with --section: %s"), buf_str(&others))));
	buf_free(&others);
	return list;
}

/* As text in the format, or into the file. */
static int
write_out(struct reporting *r, struct node **out, const struct result *res, size_t section,
    struct err *e)
{
	struct session *s = r->s;
	struct node *m = node_map(s->arena);
	struct buf text = {0};
	int rc = 0;

	switch (r->o->format) {
	case REPORT_HTML:
		html_write(&text, res);
		break;
	case REPORT_MD:
		markdown_write(&text, res);
		break;
	case REPORT_CSV:
		csv_write(&text, res, section);
		node_set(s->arena, m, "notes", beside(r, res, section));
		break;
	default:
		node_json(&text, json_result(res));
		buf_putc(&text, '\n');
	}
	node_set(s->arena, m, "report", node_str(s->arena, r->spec->name));
	if (r->o->file) {
		rc = as_usage(os_write_file(r->o->file, buf_str(&text), text.n, 0600, e));
		node_set(s->arena, m, "file", node_str(s->arena, r->o->file));
	} else {
		node_set(s->arena, m, "text", node_strn(s->arena, buf_str(&text), text.n));
	}
	buf_free(&text);
	if (!rc)
		*out = m;
	return rc;
}

int
app_report(struct session *s, struct node **out, const char *name, const struct report_options *o,
    struct err *e)
{
	struct reporting r = {.s = s, .o = o};
	struct result *res = NULL;
	int64_t day;
	size_t section = 0;
	int rc;

	search_today(r.today);
	if (o->today && !date_parse(&day, o->today, strlen(o->today)))
		return err_set(e, ERR_USAGE, _("--today is a date (YYYY-MM-DD)"));
	if (o->today)
		memcpy(r.today, o->today, sizeof r.today);
	rc = search_index(s, false, e);
	if (!rc)
		rc = reporting_load(s, &r.spec, &r.file, name, e);
	if (!rc && !o->freeze)
		rc = section_named(&r, &section, e);
	if (!rc && o->format == REPORT_CSV && o->outside && r.spec->nsections && r.spec->sections[section].outside == OUTSIDE_OMIT)
		rc = err_set(e, ERR_USAGE, _("the section %s holds single records: nothing of it is told outside the unit"),
		    r.spec->sections[section].id);
	if (!rc)
		rc = reporting_values(&r, e);
	/* what stands for good, or leaves the house, is not made from a part */
	if (!rc && (o->freeze || r.spec->package.is))
		rc = search_lacking(s, e);
	if (!rc && o->freeze)
		return reporting_freeze(&r, out, e);
	if (!rc && r.spec->package.is)
		return reporting_package(&r, out, e);
	if (!rc)
		rc = reporting_run(&r, &res, e);
	if (rc)
		return rc;
	/* before anything of it is shown */
	note_query(s, "report", r.spec->name, r.rows);
	if (o->format == REPORT_TREE && !o->file)
		*out = json_result(res);
	else
		rc = write_out(&r, out, res, section, e);
	return rc ? rc : search_lacking(s, e);
}

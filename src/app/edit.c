/* A record in the person's editor: labels and help as comments, every error at its line, and a
 * sealed draft of each state, so that nothing typed is ever lost. */
#include "app/private.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "git/repo.h"
#include "merge/record.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/draft.h"
#include "vault/envelope.h"
#include "vault/txn.h"
#include "vault/vault.h"

/* First line of a draft: which version the person started from, and which one set aside was merged into
 * what they saw: BLOB or BLOB PARKED. */
static const char base_mark[] = "#akt-base: ";
enum { BASE_MAX = 2 * OID_HEX + 2 };
/* In the draft of a new record, the dossier that it was asked to go to: whoever goes on with it means that one. */
static const char dossier_mark[] = "#akt-dossier: ";
/* Lines that this program writes into the text about errors, and takes out again. */
static const char error_mark[] = "#! ";

static void
comment(struct buf *out, const char *text)
{
	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		buf_puts(out, "# ");
		buf_add(out, text, (size_t)(end - text));
		buf_putc(out, '\n');
	}
}

static void
describe(struct buf *out, const struct shape *f)
{
	const char *lang = i18n_lang();
	const char *help = strcmp(lang, "sv") == 0 && f->help.sv ? f->help.sv : f->help.en;
	struct buf line = {0};

	buf_puts(&line, shape_label(f, lang));
	if (f->required)
		buf_puts(&line, _(" (required)"));
	comment(out, buf_str(&line));
	buf_reset(&line);
	if (help)
		comment(out, help);
	if (f->format && strcmp(f->format, "date") == 0)
		comment(out, _("a date: YYYY-MM-DD"));
	for (size_t i = 0; i < f->nenum; i++)
		buf_printf(&line, "%s%s = %s", i ? "; " : "", f->enums[i].value,
		    shape_enum_label(f, f->enums[i].value, lang));
	if (line.n)
		comment(out, buf_str(&line));
	buf_free(&line);
}

/* Every field in the schema's order: those that are set as YAML, the others as a comment to be filled in. */
static void
template(struct session *s, struct buf *out, const struct schema *sc, const struct node *data,
    const char *title)
{
	const struct shape *shape = schema_shape(sc);

	comment(out, title);
	comment(out, _("Lines that begin with # are not saved. Save and close when you are done;"));
	comment(out, _("leave without saving, or empty the file, to change nothing."));
	for (size_t i = 0; i < shape->nfields; i++) {
		const struct shape *f = shape->fields[i];
		struct node *v = node_get(data, f->name), *one;

		buf_putc(out, '\n');
		describe(out, f);
		if (!v) {
			buf_printf(out, "#%s:\n", f->name);
			continue;
		}
		one = node_map(s->arena);
		node_set(s->arena, one, f->name, v);
		yaml_emit(out, one);
	}
	for (size_t i = 0; i < data->n; i++) {
		struct node *one;

		if (shape_field(shape, data->map[i].key))
			continue;
		one = node_map(s->arena);
		node_set(s->arena, one, data->map[i].key, data->map[i].value);
		yaml_emit(out, one);
	}
}

static void
strip(struct buf *text)
{
	struct buf out = {0};
	const char *s = buf_str(text), *end;

	for (; *s; s = *end ? end + 1 : end) {
		end = strchrnul(s, '\n');
		if (strncmp(s, error_mark, sizeof error_mark - 1) == 0 ||
		    strncmp(s, DRAFT_ABOUT, sizeof DRAFT_ABOUT - 1) == 0 ||
		    strncmp(s, dossier_mark, sizeof dossier_mark - 1) == 0 ||
		    strncmp(s, base_mark, sizeof base_mark - 1) == 0)
			continue;
		buf_add(&out, s, (size_t)(end - s));
		buf_putc(&out, '\n');
	}
	buf_free(text);
	*text = out;
}

static void
mark_errors(struct buf *out, const struct diags *d, unsigned from, unsigned to)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct diag *x = &d->v[i];

		if (x->line < from || x->line > to)
			continue;
		buf_puts(out, error_mark);
		if (x->path && *x->path)
			buf_printf(out, "%s: ", x->path);
		buf_printf(out, "%s\n", x->text);
	}
}

/* Each error before its line; what has none comes first, what was missed at the end comes last. */
static void
annotate(struct buf *text, const struct diags *d)
{
	struct buf out = {0};
	const char *s = buf_str(text), *end;
	unsigned line = 1;

	mark_errors(&out, d, 0, 0);
	for (; *s; s = *end ? end + 1 : end, line++) {
		end = strchrnul(s, '\n');
		mark_errors(&out, d, line, line);
		buf_add(&out, s, (size_t)(end - s));
		buf_putc(&out, '\n');
	}
	mark_errors(&out, d, line, UINT_MAX);
	buf_free(text);
	*text = out;
}

static bool
empty(const struct buf *text)
{
	for (const char *s = buf_str(text), *end; *s; s = *end ? end + 1 : end) {
		end = strchrnul(s, '\n');
		if (*s != '#' && strspn(s, " \t\r") < (size_t)(end - s))
			return false;
	}
	return true;
}

struct keeper {
	struct session *s;
	const char *name, *base;
	const char *dossier; /* of a new record: where it was asked to go, or NULL */
	struct err lost;     /* why the last draft could not be kept */
};

static void
add_about(struct buf *line, const char *dossier)
{
	if (!strstr(buf_str(line), dossier))
		buf_printf(line, "%s%s", line->n ? " " : "", dossier);
}

/* Which dossiers the draft of a new record is about, said while they can be found: their erasure takes it along. */
static void
about(struct keeper *k, struct buf *with, const char *text)
{
	static const char id[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	struct buf line = {0};

	if (k->dossier && id_valid(k->dossier, ID_DOSSIER))
		add_about(&line, k->dossier);
	for (size_t n; *text; text += n) {
		char word[66] = {0}, dossier[11];
		struct err ignored = {0};
		bool found = false;

		n = strspn(text, id);
		if (n > ID_RECORD && n < sizeof word) {
			memcpy(word, text, n);
			if (find_known(k->s, &found, dossier, word, &ignored) == 0 && found)
				add_about(&line, dossier);
		}
		n += n == 0;
	}
	if (line.n)
		buf_printf(with, "%s%s\n", DRAFT_ABOUT, buf_str(&line));
	if (k->dossier)
		buf_printf(with, "%s%s\n", dossier_mark, k->dossier);
	buf_free(&line);
}

static void
keep(void *ctx, const struct buf *text)
{
	struct keeper *k = ctx;
	struct buf with = {0};

	err_clear(&k->lost);
	if (k->base)
		buf_printf(&with, "%s%s\n", base_mark, k->base);
	else
		about(k, &with, buf_str(text));
	buf_add(&with, buf_str(text), text->n);
	draft_put(k->s->v, k->name, with.p, with.n, &k->lost);
	buf_free(&with);
}

static bool
known(const struct diags *was, const struct diag *x)
{
	for (size_t i = 0; i < was->n; i++)
		if (strcmp(was->v[i].path ? was->v[i].path : "", x->path ? x->path : "") == 0 &&
		    strcmp(was->v[i].text, x->text) == 0)
			return true;
	return false;
}

/* What the text holds and what is wrong in it. */
static int
read_text(struct session *s, const struct schema *sc, const struct buf *text, const char *name,
    const struct diags *was, struct node **data, struct diags *d)
{
	struct node *doc = NULL;
	struct diags all = {0};
	struct err inner = {0};
	int rc = yaml_parse(&doc, s->arena, buf_str(text), text->n, name, YAML_INPUT, &inner);

	if (!rc && doc->kind != NODE_MAP)
		rc = err_at(&inner, ERR_INVALID, name, doc->line, doc->column, NULL,
		    _("must hold a mapping: the record's fields"));
	if (rc) {
		for (int i = 0; i < inner.n; i++)
			diags_add(d, name, inner.item[i].line, inner.item[i].column, inner.item[i].path,
			    "%s", inner.item[i].text);
		return rc;
	}
	shape_normalise(s->arena, schema_shape(sc), doc);
	schema_validate(sc, doc, name, "", &all);
	for (size_t i = 0; i < all.n; i++)
		if (!known(was, &all.v[i]))
			diags_add(d, name, all.v[i].line, all.v[i].column, all.v[i].path, "%s",
			    all.v[i].text);
	diags_free(&all);
	*data = doc;
	return d->n ? ERR_INVALID : 0;
}

/* `fresh`: nobody has written in the text yet. */
static int
loop(struct keeper *k, const struct schema *sc, struct buf *text, const struct node *before,
    bool fresh, struct node **data, struct err *e)
{
	struct session *s = k->s;
	const char *name = k->name;
	struct diags was = {0};
	bool told = false;
	int rc;

	if (!s->edit)
		return err_set(e, ERR_USAGE, before ?
		    _("no terminal to edit on: change the fields with akt set REC PATH=VALUE") :
		    _("no terminal to edit on: give the fields with --set PATH=VALUE or --from FILE"));
	if (before)
		schema_validate(sc, before, name, "", &was);
	for (;;) {
		struct diags d = {0};
		bool changed = false;

		rc = s->edit(s->ctx, text, name, &changed, keep, k, e);
		if (rc) {
			err_append(e, &k->lost);
			break;
		}
		strip(text);
		if (empty(text)) {
			rc = err_set(e, ERR_CANCELLED, _("nothing saved: the file was left empty"));
			draft_drop(s->v, name, NULL);
			break;
		}
		if (changed)
			keep(k, text);
		rc = read_text(s, sc, text, name, &was, data, &d);
		if (!rc && (!k->lost.n || told)) {
			diags_free(&d);
			break;
		}
		/* what keeps the draft back, a full disk say, may keep the save back too: the text would be nowhere */
		if (!rc) {
			told = true;
			diags_add(&d, name, 0, 0, NULL, "%s",
			    _("no draft of this can be kept, and saving it may fail too: copy it elsewhere, then save and close once more"));
			annotate(text, &d);
			diags_free(&d);
			continue;
		}
		fresh = fresh && !changed;
		if (fresh) {
			rc = err_set(e, ERR_CANCELLED, _("nothing saved: the file was left as it was"));
			diags_free(&d);
			break;
		}
		if (!changed) {
			for (size_t i = 0; i < d.n; i++)
				err_at(e, ERR_INVALID, d.v[i].file, d.v[i].line, d.v[i].column, d.v[i].path,
				    "%s", d.v[i].text);
			err_append(e, &k->lost);
			err_set(e, ERR_INVALID, k->lost.n ?
			    _("not saved, and no draft of what you wrote could be kept") :
			    _("not saved; what you wrote is kept as a draft and comes back when you edit again"));
			diags_free(&d);
			break;
		}
		/* while the text is before the person, who can keep it elsewhere */
		if (k->lost.n)
			diags_add(&d, name, 0, 0, NULL, "%s",
			    _("no draft of this can be kept; do not leave before it is saved"));
		annotate(text, &d);
		diags_free(&d);
	}
	diags_free(&was);
	return rc;
}

/* What stands behind a mark in one of the lines that head a draft; "" where it does not. */
static void
marked(char *out, size_t size, const struct buf *text, const char *mark)
{
	const char *s = buf_str(text);
	size_t n = strlen(mark);

	out[0] = '\0';
	for (size_t len; strncmp(s, "#akt-", 5) == 0; s += len + (s[len] == '\n')) {
		len = strcspn(s, "\n");
		if (strncmp(s, mark, n) == 0 && len - n < size)
			snprintf(out, size, "%.*s", (int)(len - n), s + n);
	}
}

/* The draft of an earlier try, if *there is one; *base its starting version, *dossier where it was asked to go ("" for none).
 * One that is there and does not open is no reason to write over it. */
static int
resume(struct session *s, struct buf *text, bool *there, const char *name, char base[BASE_MAX],
    char dossier[ID_DOSSIER + 1], struct err *e)
{
	struct err inner = {0};
	int rc = draft_get(s->v, text, name, &inner);

	*there = rc == 0;
	base[0] = dossier[0] = '\0';
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc) {
		err_append(e, &inner);
		return err_set(e, (enum err_code)rc,
		    _("so the draft of what you wrote last cannot be shown, nor another be begun; akt doctor puts it aside"));
	}
	marked(base, BASE_MAX, text, base_mark);
	marked(dossier, ID_DOSSIER + 1, text, dossier_mark);
	strip(text);
	return 0;
}

int
edit_new(struct session *s, const struct schema *sc, const char *type, const char **dossier,
    struct node **data, struct err *e)
{
	char name[48], base[BASE_MAX], asked[ID_DOSSIER + 1];
	struct keeper k = {.s = s, .name = name};
	struct buf text = {0};
	bool given = (*data)->n > 0, draft;
	int rc;

	snprintf(name, sizeof name, "new-%s", type);
	rc = resume(s, &text, &draft, name, base, asked, e);
	if (!rc && *asked && !*dossier)
		*dossier = arena_strdup(s->arena, asked);
	k.dossier = *dossier;
	/* what was begun for another matter is neither to take these values nor to hide them */
	if (rc)
		;
	else if (draft && (given || (*asked && strcmp(*dossier, asked) != 0)))
		rc = err_set(e, ERR_USAGE,
		    _("you have begun one of that type and not saved it: finish it with akt new %s (empty the file to drop it), then try again"),
		    type);
	else {
		if (!draft)
			template(s, &text, sc, *data, shape_label(schema_shape(sc), i18n_lang()));
		rc = loop(&k, sc, &text, NULL, !draft, data, e);
	}
	buf_free(&text);
	return rc;
}

void
edit_done(struct session *s, const char *type)
{
	char name[48];

	snprintf(name, sizeof name, "new-%s", type);
	draft_drop(s->v, name, NULL);
}

static int
merge_text(void *ctx, struct buf *out, bool *clean, const char *base, size_t base_n,
    const char *ours, size_t ours_n, const char *theirs, size_t theirs_n, struct err *e)
{
	(void)ctx;
	return git_merge_text(out, clean, base, base_n, ours, ours_n, theirs, theirs_n, e);
}

/* What the person sees now, or where a draft goes on, what they saw then: `base` names it, "" at first. A
 * version set aside then and not any more counts as written by the person: that loses nothing. */
static int
open_view(struct session *s, struct node **out, const struct found *f, char base[BASE_MAX],
    struct err *e)
{
	char hex[OID_HEX + 1], parked[OID_HEX + 1], now[BASE_MAX];
	struct parked p;
	struct oid blob;
	int rc = parked_find(s, &p, f->dossier, f->id, e);

	if (rc)
		return rc;
	oid_format(hex, &f->blob);
	if (p.n)
		oid_format(parked, &p.v[0].blob);
	snprintf(now, sizeof now, "%s%s%s", hex, p.n ? " " : "", p.n ? parked : "");
	parked_free(&p);
	snprintf(hex, sizeof hex, "%.*s", OID_HEX, base);
	if (strcmp(base, now) != 0 && oid_parse(&blob, hex))
		return vault_open_record(s->v, out, s->arena, f->path, &blob, e);
	memcpy(base, now, sizeof now);
	return open_found(s, out, f, e);
}

int
app_edit(struct session *s, struct node **out, const char *rec, const char *why, struct err *e)
{
	const struct schema *sc = NULL;
	struct node *before = NULL, *edited, *now = NULL, *data = NULL;
	char base[BASE_MAX];
	struct buf text = {0};
	struct oid commit;
	struct txn *t = NULL;
	struct found f;
	struct keeper k = {.s = s, .name = f.id, .base = base};
	char asked[ID_DOSSIER + 1];
	bool draft;
	unsigned mode;
	int rc;

	rc = said_why(s, &why, e);
	if (!rc)
		rc = session_store(s, true, e);
	if (!rc)
		rc = find_record(s, &f, rec, e);
	if (!rc)
		rc = vault_schema(s->v, &sc, f.type, e);
	if (!rc && !sc)
		rc = err_set(e, ERR_USAGE, _("the store has no schema for %s"), f.type);
	if (rc)
		return rc;
	rc = resume(s, &text, &draft, f.id, base, asked, e);
	if (!rc)
		rc = open_view(s, &before, &f, base, e);
	if (!rc)
		note_read(s, "edit", f.id);
	/* told before somebody has typed; what was typed in vain before stays a draft */
	if (!rc && s->edit)
		rc = save_wants_why(sc, before, why, e);
	if (!rc && !text.n)
		template(s, &text, sc, node_get(before, "data"), f.id);
	if (!rc)
		rc = loop(&k, sc, &text, node_get(before, "data"), false, &data, e);
	if (rc)
		goto done;
	edited = node_clone(s->arena, before);
	node_set(s->arena, edited, "data", data);
	rc = txn_begin(&t, s->v, e);
	/* another may have been put in force while the person typed */
	if (!rc)
		rc = vault_schema(s->v, &sc, f.type, e);
	if (!rc && !sc)
		rc = err_set(e, ERR_USAGE, _("the store has no schema for %s"), f.type);
	if (!rc)
		settle_edited(s, sc, before, edited);
	if (!rc)
		rc = git_tree_find(vault_git(s->v), &f.blob, &mode, vault_tree(s->v), f.path, e);
	if (!rc)
		rc = open_found(s, &now, &f, e);
	if (!rc && !merge_same_content(now, before)) {
		/* somebody saved meanwhile, or a sync set a version aside: both edits stand, as in a sync */
		const struct member *me;
		struct merge_env env = {schema_shape(sc), schema_akt(sc), merge_text, NULL};

		rc = vault_me(s->v, &me, NULL, e);
		if (!rc)
			envelope_stamp(s->arena, edited, me->handle, txn_now(t), why);
		if (!rc)
			rc = merge_record(&edited, s->arena, &env, before, edited, now, NULL, e);
	}
	if (!rc)
		rc = save_record(s, t, now, edited, why, "edit", &commit, e);
	if (rc)
		goto done;
	draft_drop(s->v, f.id, NULL);
	*out = saved_result(s, before, &commit);
done:
	txn_free(t);
	buf_free(&text);
	return rc;
}

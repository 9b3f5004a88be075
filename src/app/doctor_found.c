/* What doctor has found, and the copies it may fetch from. */
#include "app/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/os.h"
#include "tree/node.h"
#include "vault/vault.h"

static void
set(char **at, const char *text)
{
	free(*at);
	*at = text ? xstrdup(text) : NULL;
}

static struct ill *
find(struct doctor *d, const char *key)
{
	for (size_t i = 0; i < d->ills.n; i++)
		if (strcmp(d->ills.v[i].key, key) == 0)
			return &d->ills.v[i];
	return NULL;
}

void
doctor_ill(struct doctor *d, const char *kind, const char *file, const struct oid *id,
    const char *text)
{
	char hex[OID_HEX + 1] = "", *key;
	struct ill *x;

	if (id)
		oid_format(hex, id);
	/* one object may be damaged in one place and then missing */
	key = id ? xasprintf("object %s", hex) : xasprintf("%s %s", kind, file ? file : "");
	x = find(d, key);
	if (!x) {
		vec_grow(&d->ills);
		x = &d->ills.v[d->ills.n++];
		*x = (struct ill){.key = xstrdup(key), .kind = kind};
		set(&x->file, file);
		set(&x->object, *hex ? hex : NULL);
	}
	/* the first that is said of it in a round is the cause of what follows */
	if (!x->here)
		set(&x->text, text);
	x->here = true;
	free(key);
}

static void
gone(struct doctor *d, const char *key, const char *text)
{
	struct ill *x = find(d, key);

	if (x) {
		x->gone = true;
		set(&x->text, text);
	}
}

void
doctor_gone(struct doctor *d, const struct oid *id, const char *text)
{
	char hex[OID_HEX + 1], *key;

	oid_format(hex, id);
	key = xasprintf("object %s", hex);
	gone(d, key, text);
	free(key);
}

void
doctor_gone_file(struct doctor *d, const char *file, const char *text)
{
	char *key = xasprintf("local %s", file);

	gone(d, key, text);
	free(key);
}

void
doctor_notice(struct doctor *d, const char *fmt, ...)
{
	struct node *list = d->notices;
	struct buf text = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	/* rounds say the same again */
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->seq[i]->text, buf_str(&text)) == 0)
			goto done;
	node_push(d->s->arena, list, node_strn(d->s->arena, buf_str(&text), text.n));
done:
	buf_free(&text);
}

char *
doctor_local(const struct doctor *d, const char *name)
{
	return xasprintf("%s/akt/%s", d->path, name);
}

int
doctor_progress(void *ctx, size_t done, size_t total)
{
	struct doctor *d = ctx;

	return d->s->progress ? d->s->progress(d->s->ctx, _("reading"), done, total) : 0;
}

static const char *
kind_of(enum git_type type)
{
	switch (type) {
	case GIT_COMMIT:
		return _("a commit of the history is missing");
	case GIT_TREE:
		return _("a folder of the history is missing");
	default:
		return _("a file of the history is missing");
	}
}

/* Which record it is, is for those to know who may open it: paths of control files alone. */
static char *
missing_text(const struct git_finding *f)
{
	if (f->path && strncmp(f->path, "records/", 8) != 0 && f->type == GIT_BLOB &&
	    storepath_parse(&(struct storepath){0}, f->path) != PATH_BAD)
		return xasprintf(_("the file %s of the history is missing"), f->path);
	return xstrdup(kind_of(f->type));
}

int
doctor_found(void *ctx, const struct git_finding *f)
{
	static const char *const kinds[] = {"folder", "head", "config", "packed-refs", "object", "pack",
		"index", "object", "missing"};
	struct doctor_finder *w = ctx;
	char *file = f->file ? xasprintf("%s%s", w->r->name, f->file) : NULL, *text = NULL;

	switch (f->fault) {
	case GIT_FAULT_FOLDER:
		text = xstrdup(_("the folder is missing"));
		break;
	case GIT_FAULT_HEAD:
		text = xstrdup(_("does not name branch main"));
		break;
	case GIT_FAULT_CONFIG:
		text = xstrdup(_("is not as the program writes it"));
		break;
	case GIT_FAULT_REFS:
		text = xstrdup(_("lines of it are damaged"));
		break;
	case GIT_FAULT_LOOSE:
		text = xstrdup(_("the object is damaged"));
		break;
	case GIT_FAULT_PACK:
		text = xstrdup(_("the pack is damaged"));
		break;
	case GIT_FAULT_INDEX:
		text = xstrdup(_("the pack's index is damaged or missing; the pack is whole"));
		break;
	case GIT_FAULT_OBJECT:
		text = xstrdup(_("an object of a damaged pack"));
		break;
	case GIT_FAULT_MISSING:
		text = missing_text(f);
		break;
	}
	doctor_ill(w->d, kinds[f->fault], file, f->id, text);
	free(text);
	free(file);
	return 0;
}

bool
doctor_any(const struct doctor *d, bool repositories)
{
	for (size_t i = 0; i < d->ills.n; i++)
		if (d->ills.v[i].here && (!repositories || strcmp(d->ills.v[i].kind, "local") != 0))
			return true;
	return false;
}

void
doctor_ills_free(struct doctor *d)
{
	for (size_t i = 0; i < d->ills.n; i++) {
		free(d->ills.v[i].key);
		free(d->ills.v[i].file);
		free(d->ills.v[i].object);
		free(d->ills.v[i].text);
	}
	free(d->ills.v);
	d->ills.v = NULL;
	d->ills.n = d->ills.cap = 0;
}

/* --- copies ------------------------------------------------------------------------------------ */

void
doctor_copy(struct doctor *d, const char *name, const char *url)
{
	vec_grow(&d->copies);
	d->copies.v[d->copies.n++] = (struct copy){.name = xstrdup(name), .url = xstrdup(url)};
}

/* A colleague's store has its keys in a repository of their own. */
static void
open_keys(struct doctor *d, struct copy *c)
{
	const char *folder = git_source_folder(c->main);
	char *url = xasprintf("%s/akt/keys.git", folder ? folder : c->url);

	if (!folder || os_is_dir(url))
		git_source_open(&c->keys, url, d->path, doctor_progress, d, NULL);
	free(url);
}

static bool
has_keys(const struct copy *c)
{
	struct oid id;

	return git_ref_get(git_source_git(c->main), &id, VAULT_KEYS, NULL) == 0;
}

int
doctor_copies(struct doctor *d, struct err *e)
{
	for (size_t i = 0; i < d->copies.n; i++) {
		struct copy *c = &d->copies.v[i];
		struct err inner = {0};
		int rc;

		if (c->tried)
			continue;
		c->tried = true;
		rc = git_source_open(&c->main, c->url, d->path, doctor_progress, d, &inner);
		if (rc == ERR_CANCELLED) {
			err_append(e, &inner);
			return rc;
		}
		if (rc)
			doctor_notice(d, _("%s was not asked: %s"), c->name, inner.n ? inner.item[0].text : "");
		else if (!has_keys(c))
			open_keys(d, c);
	}
	return 0;
}

struct git **
doctor_sources(struct doctor *d, const struct repo *r, size_t *n)
{
	struct git **v = xcalloc(2 * d->copies.n + 1, sizeof *v);

	*n = 0;
	for (size_t i = 0; i < d->copies.n; i++) {
		const struct copy *c = &d->copies.v[i];

		if (r != &d->repo[0] && c->keys)
			v[(*n)++] = git_source_git(c->keys);
		if (c->main)
			v[(*n)++] = git_source_git(c->main);
	}
	return v;
}

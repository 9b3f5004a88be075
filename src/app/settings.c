/* What a unit decides for its store: the settings of store.yaml, and the numbers that rules leave open. */
#include "app/extras.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "index/index.h"
#include "rules/header.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/txn.h"
#include "vault/vault.h"

/* --- numbers that rules leave open -------------------------------------------------------------------- */

static const struct store_value *
stored(const struct store_info *info, const char *name)
{
	for (size_t i = 0; i < info->nvalues; i++)
		if (strcmp(info->values[i].name, name) == 0)
			return &info->values[i];
	return NULL;
}

struct index_value
settings_value(struct session *s, const struct header_setting *def)
{
	const struct store_value *own = stored(state_store(vault_state(s->v)), def->name);

	/* a rule that asks for another kind of value now has its own */
	if (own && own->is_int == def->is_int)
		return (struct index_value){
			.name = def->name, .text = own->text, .is_int = own->is_int, .i = own->i};
	return (struct index_value){
		.name = def->name, .text = def->text, .is_int = def->is_int, .i = def->i};
}

struct declarations {
	size_t n, cap;
	struct declared *v;
};

static void
declare_head(struct session *s, struct declarations *d, const struct extra *f)
{
	struct header_setting set;
	struct err ignored = {0};
	struct header h;

	/* a file that is wrong is told of where it is used */
	if (header_parse(&h, s->arena, buf_str(&f->text), f->text.n, f->path, NULL, &ignored))
		return;
	for (size_t i = 0; i < h.n; i++) {
		bool known = false;

		if (strcmp(h.v[i].key, "setting") != 0 ||
		    header_setting(&set, s->arena, &h, &h.v[i], &ignored))
			continue;
		for (size_t k = 0; k < d->n && !known; k++)
			known = strcmp(d->v[k].set.name, set.name) == 0;
		if (known)
			continue;
		vec_grow(d);
		d->v[d->n++] = (struct declared){set, arena_strdup(s->arena, f->path)};
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct declared *)a)->set.name, ((const struct declared *)b)->set.name);
}

static int
declarations(struct session *s, struct declarations *d, struct err *e)
{
	static const char *const folders[] = {"rules", "generators"};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof folders / sizeof *folders; i++) {
		struct extras x = {0};

		rc = extras_head(s, &x, folders[i], e);
		for (size_t k = 0; k < x.n; k++)
			declare_head(s, d, &x.v[k]);
		extras_free(&x);
	}
	if (d->n)
		qsort(d->v, d->n, sizeof *d->v, by_name);
	return rc;
}

/* --- showing --------------------------------------------------------------------------------------------- */

static struct node *
shown(struct session *s, const struct header_setting *v)
{
	return v->is_int ? node_int(s->arena, v->i) : node_str(s->arena, v->text);
}

static struct node *
shape(struct session *s, const struct store_info *info, const struct declarations *d)
{
	struct arena *a = s->arena;
	struct node *r = node_map(a), *settings = node_map(a), *basis = node_seq(a), *values = node_seq(a);

	node_set(a, r, "store", node_str(a, info->id));
	node_set(a, r, "name", node_str(a, info->name));
	node_set(a, r, "language", node_str(a, info->language));
	for (size_t i = 0; i < info->nbasis; i++)
		node_push(a, basis, node_str(a, info->basis[i]));
	node_set(a, settings, "basis", basis);
	node_set(a, settings, "erase_signers", node_int(a, info->erase_signers));
	node_set(a, settings, "fts", node_bool(a, !info->no_fts));
	node_set(a, settings, "go_live", info->go_live ? node_str(a, info->go_live) : node_null(a));
	node_set(a, r, "settings", settings);
	for (size_t i = 0; i < d->n; i++) {
		const struct store_value *own = stored(info, d->v[i].set.name);
		struct node *one = node_map(a);

		if (own && own->is_int != d->v[i].set.is_int)
			own = NULL;
		node_set(a, one, "name", node_str(a, d->v[i].set.name));
		node_set(a, one, "value", !own ? shown(s, &d->v[i].set) :
		    own->is_int ? node_int(a, own->i) : node_str(a, own->text));
		node_set(a, one, "default", shown(s, &d->v[i].set));
		node_set(a, one, "from", node_str(a, d->v[i].path));
		node_push(a, values, one);
	}
	node_set(a, r, "values", values);
	return r;
}

/* --- changing ---------------------------------------------------------------------------------------------- */

/* What is being made of a store's settings; the lists are the arena's. */
struct changing {
	struct session *s;
	struct store_info info;
	const struct declarations *d;
	struct err *e;
};

static int
refuse(struct changing *c, const char *name, const char *text)
{
	return err_at(c->e, ERR_USAGE, NULL, 0, 0, name, "%s", text);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
code_ok(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= 16 &&
	    strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == n;
}

static int
set_name(struct changing *c, const char *value)
{
	struct node *text = NULL;
	int rc = yaml_text(&text, c->s->arena, value, strlen(value), "name", c->e);

	if (rc)
		return rc;
	if (text->len == 0 || text->len > 200 || strchr(text->text, '\n'))
		return refuse(c, "name", _("is a line of 1 to 200 bytes"));
	c->info.name = text->text;
	return 0;
}

static int
set_language(struct changing *c, const char *value)
{
	if (strcmp(value, "sv") != 0 && strcmp(value, "en") != 0)
		return refuse(c, "language", _("the language is sv or en"));
	c->info.language = arena_strdup(c->s->arena, value);
	return 0;
}

static int
set_go_live(struct changing *c, const char *value)
{
	int64_t day;

	if (*value && !date_parse(&day, value, strlen(value)))
		return refuse(c, "go_live", _("is not a date (YYYY-MM-DD)"));
	c->info.go_live = *value ? arena_strdup(c->s->arena, value) : NULL;
	return 0;
}

static int
set_signers(struct changing *c, const char *value)
{
	if (strlen(value) != 1 || *value < '1' || *value > '9')
		return refuse(c, "erase_signers", _("is not a number from 1 to 9"));
	c->info.erase_signers = *value - '0';
	return 0;
}

static int
set_fts(struct changing *c, const char *value)
{
	if (*value && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return refuse(c, "fts", _("is true or false"));
	c->info.no_fts = strcmp(value, "false") == 0;
	return 0;
}

/* [gdpr, sol], or gdpr,sol */
static int
set_basis(struct changing *c, const char *value)
{
	struct arena *a = c->s->arena;
	char *list = arena_strdup(a, value), *save = NULL;
	const char **codes = arena_alloc(a, (strlen(value) + 1) * sizeof *codes);
	size_t n = 0, kept = 0;

	for (char *one = strtok_r(list, "[], ", &save); one; one = strtok_r(NULL, "[], ", &save)) {
		if (!code_ok(one))
			return refuse(c, "basis", _("is a list of codes: letters, digits, _ and -, at most 16 each"));
		codes[n++] = one;
	}
	if (n == 0)
		return refuse(c, "basis", _("is empty"));
	qsort(codes, n, sizeof *codes, by_text);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(codes[i], codes[i - 1]) != 0)
			codes[kept++] = codes[i];
	c->info.basis = codes;
	c->info.nbasis = kept;
	return 0;
}

static int
by_value_name(const void *a, const void *b)
{
	return strcmp(((const struct store_value *)a)->name, ((const struct store_value *)b)->name);
}

/* A number that some rule leaves open; an empty value gives the rule's own back. */
static int
set_value(struct changing *c, const char *name, const char *value)
{
	struct arena *a = c->s->arena;
	struct store_value *v = arena_alloc(a, (c->info.nvalues + 1) * sizeof *v);
	const struct header_setting *def = NULL;
	struct header_setting own;
	size_t n = 0;

	for (size_t i = 0; i < c->d->n; i++)
		if (strcmp(c->d->v[i].set.name, name) == 0)
			def = &c->d->v[i].set;
	/* one that no rule asks for any more can still be taken away */
	if (!def && (*value || !stored(&c->info, name)))
		return refuse(c, name, _("is no setting of this store; akt store shows them"));
	for (size_t i = 0; i < c->info.nvalues; i++)
		if (strcmp(c->info.values[i].name, name) != 0)
			v[n++] = c->info.values[i];
	if (*value) {
		if (!header_setting_value(&own, value) || !state_value_ok(name, value) ||
		    own.is_int != def->is_int)
			return refuse(c, name, def->is_int ? _("is a whole number") :
			    _("is a word of letters, digits, - . and _"));
		v[n++] = (struct store_value){
			.name = arena_strdup(a, name),
			.text = arena_strdup(a, value),
			.is_int = own.is_int,
			.i = own.i,
		};
		qsort(v, n, sizeof *v, by_value_name);
	}
	c->info.values = v;
	c->info.nvalues = n;
	return 0;
}

static const struct {
	const char *name;
	int (*set)(struct changing *c, const char *value);
} known[] = {
	{"basis", set_basis},
	{"erase_signers", set_signers},
	{"fts", set_fts},
	{"go_live", set_go_live},
	{"language", set_language},
	{"name", set_name},
};

static int
set_one(struct changing *c, const struct assignment *a)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].name, a->path) == 0)
			return known[i].set(c, a->value);
	return set_value(c, a->path, a->value);
}

int
app_store(struct session *s, struct node **out, const struct assignment *set, size_t nset,
    struct err *e)
{
	struct declarations d = {0};
	struct changing c = {.s = s, .d = &d, .e = e};
	struct txn *t = NULL;
	struct buf text = {0};
	struct node *r;
	struct oid commit;
	char hex[OID_HEX + 1];
	int rc = session_store(s, nset > 0, e);

	if (!rc && nset)
		rc = txn_begin(&t, s->v, e);
	if (!rc)
		rc = declarations(s, &d, e);
	if (rc)
		goto done;
	c.info = *state_store(vault_state(s->v));
	for (size_t i = 0; i < nset; i++) {
		int one = set_one(&c, &set[i]);

		rc = rc ? rc : one;
	}
	if (rc)
		goto done;
	r = shape(s, &c.info, &d);
	if (nset) {
		state_format_store(&text, &c.info);
		txn_put(t, "store.yaml", buf_str(&text), text.n);
		rc = txn_commit(t, &commit, "store", e);
		if (rc)
			goto done;
		oid_format(hex, &commit);
		node_set(s->arena, r, "commit", node_str(s->arena, hex));
	}
	*out = r;
done:
	txn_free(t);
	buf_free(&text);
	free(d.v);
	return rc;
}

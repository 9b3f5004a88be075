/* A checkpoint: a signed note of where the trail stood, for paper or mail (DESIGN 4).
 *
 * What is signed is the canonical YAML of all fields before `signature`. It is made again from the
 * fields when read, so that what mail does to line ends and margins does no harm. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/id.h"
#include "crypt/ssh.h"
#include "merge/storepath.h"
#include "trail/verify.h"
#include "tree/node.h"
#include "tree/yaml.h"

enum { CHECKPOINT_MAX = 16 * 1024 };

static const char *const keys[] = {
	"akt", "store", "head", "sha256", "trail", "count", "time", "device", "signer", "signature",
};
enum { NKEYS = sizeof keys / sizeof *keys };

/* The note without its signature. */
static struct node *
note(struct arena *a, const struct checkpoint *c)
{
	struct node *m = node_map(a);
	char hex[65], at[DATE_TIME_LEN + 1], key[SSH_PUBLIC_TEXT];

	node_set(a, m, "akt", node_int(a, 1));
	node_set(a, m, "store", node_str(a, c->store_id));
	oid_format(hex, &c->head);
	node_set(a, m, "head", node_str(a, hex));
	hash_hex(hex, c->sha256, sizeof c->sha256);
	node_set(a, m, "sha256", node_str(a, hex));
	hash_hex(hex, c->trail, sizeof c->trail);
	node_set(a, m, "trail", node_str(a, hex));
	node_set(a, m, "count", node_int(a, (int64_t)c->count));
	date_time_format(at, c->time);
	node_set(a, m, "time", node_str(a, at));
	node_set(a, m, "device", node_str(a, c->device));
	ssh_public_format(key, c->signer);
	node_set(a, m, "signer", node_str(a, key));
	return m;
}

void
checkpoint_format(struct buf *out, const char *store_id, const struct trail_report *r,
    int64_t now, const char *device, const uint8_t *sign_sk, const uint8_t sign_pk[32])
{
	struct checkpoint c = {.head = r->head, .count = r->commits, .time = now};
	struct arena *a = arena_new();
	struct buf bare = {0}, armor = {0};
	struct node *m = NULL;

	strncpy(c.store_id, store_id, sizeof c.store_id - 1);
	strncpy(c.device, device, sizeof c.device - 1);
	memcpy(c.sha256, r->head_sha256, sizeof c.sha256);
	memcpy(c.trail, r->trail, sizeof c.trail);
	memcpy(c.signer, sign_pk, sizeof c.signer);
	m = note(a, &c);
	yaml_emit(&bare, m);
	sshsig_sign(&armor, sign_sk, "akt", bare.p, bare.n);
	node_set(a, m, "signature", node_strn(a, armor.p, armor.n));
	yaml_emit(out, m);
	buf_free(&bare);
	buf_free(&armor);
	arena_free(a);
}

/* --- reading -------------------------------------------------------------------------- */

struct reader {
	const struct node *m;
	const char *file;
	struct err *e;
};

static int
refuse(const struct reader *r, const struct node *at, const char *key, const char *text)
{
	return err_at(r->e, ERR_INVALID, r->file, at ? at->line : 0, at ? at->column : 0, key, "%s",
	    text);
}

/* Exactly the keys of a checkpoint: another signed note must not pass for one. */
static int
check_keys(const struct reader *r)
{
	if (r->m->kind != NODE_MAP)
		return refuse(r, r->m, NULL, _("this is not a checkpoint"));
	for (size_t i = 0; i < NKEYS; i++) {
		const struct node *v = node_get(r->m, keys[i]);

		if (!v)
			return refuse(r, r->m, keys[i], _("the checkpoint lacks this field"));
		if (v->kind == NODE_SEQ || v->kind == NODE_MAP || v->kind == NODE_NULL)
			return refuse(r, v, keys[i], _("this field is a single value"));
	}
	if (r->m->n != NKEYS)
		return refuse(r, r->m, NULL, _("the checkpoint has a field that does not belong"));
	return 0;
}

/* As written: a row of digits typed off paper without its quotes is still the hex it was. */
static const char *
text_of(const struct reader *r, const char *key)
{
	return node_get(r->m, key)->text;
}

static int
read_hex(const struct reader *r, uint8_t *out, size_t n, const char *key)
{
	if (hash_unhex(out, n, text_of(r, key)))
		return 0;
	return refuse(r, node_get(r->m, key), key, n == sizeof(struct oid)
	    ? _("is not 40 lower-case hex digits") : _("is not 64 lower-case hex digits"));
}

static int
read_fields(const struct reader *r, struct checkpoint *c)
{
	const struct node *akt = node_get(r->m, "akt"), *count = node_get(r->m, "count");
	const char *store = text_of(r, "store"), *device = text_of(r, "device");
	const char *at = text_of(r, "time");
	int rc = 0;

	if (akt->kind != NODE_INT || akt->i != 1)
		return refuse(r, akt, "akt", _("is of a version that this program does not know"));
	if (!id_valid(store, ID_STORE))
		return refuse(r, node_get(r->m, "store"), "store", _("is not a store id"));
	strncpy(c->store_id, store, sizeof c->store_id - 1);
	if ((rc = read_hex(r, c->head.b, sizeof c->head.b, "head")) ||
	    (rc = read_hex(r, c->sha256, sizeof c->sha256, "sha256")) ||
	    (rc = read_hex(r, c->trail, sizeof c->trail, "trail")))
		return rc;
	if (count->kind != NODE_INT || count->i < 1)
		return refuse(r, count, "count", _("is not a number of commits"));
	c->count = (uint64_t)count->i;
	if (!date_time_parse(&c->time, at, strlen(at)))
		return refuse(r, node_get(r->m, "time"), "time",
		    _("is not a time (YYYY-MM-DDTHH:MM:SSZ)"));
	if (strcmp(device, "recovery") != 0 && !storepath_device_ok(device))
		return refuse(r, node_get(r->m, "device"), "device", _("is not a device"));
	strncpy(c->device, device, sizeof c->device - 1);
	if (ssh_public_parse(c->signer, text_of(r, "signer"), NULL))
		return refuse(r, node_get(r->m, "signer"), "signer",
		    _("is not an ssh-ed25519 public key"));
	return 0;
}

static int
check_signature(const struct reader *r, struct arena *a, const struct checkpoint *c)
{
	const struct node *sig = node_get(r->m, "signature");
	struct buf bare = {0};
	struct err inner = {0};
	uint8_t pk[32];
	int rc = 0;

	yaml_emit(&bare, note(a, c));
	if (sshsig_verify(pk, sig->text, sig->len, "akt", bare.p, bare.n, &inner))
		rc = err_at(r->e, ERR_DAMAGED, r->file, sig->line, sig->column, "signature", "%s",
		    _("the checkpoint's signature is not good: it was altered, or copied wrongly"));
	else if (memcmp(pk, c->signer, sizeof pk) != 0)
		rc = err_at(r->e, ERR_DAMAGED, r->file, sig->line, sig->column, "signature", "%s",
		    _("the checkpoint was signed by another key than the one it names"));
	buf_free(&bare);
	return rc;
}

int
checkpoint_parse(struct checkpoint *out, const char *s, size_t n, const char *file,
    struct err *e)
{
	struct reader r = {.file = file, .e = e};
	struct arena *a = arena_new();
	struct checkpoint c = {0};
	struct node *m = NULL;
	int rc = 0;

	if (n > CHECKPOINT_MAX) {
		rc = refuse(&r, NULL, NULL, _("this is not a checkpoint"));
		goto done;
	}
	rc = yaml_parse(&m, a, s, n, file, YAML_INPUT, e);
	if (rc)
		goto done;
	r.m = m;
	rc = check_keys(&r);
	if (!rc)
		rc = read_fields(&r, &c);
	if (!rc)
		rc = check_signature(&r, a, &c);
	if (!rc)
		*out = c;
done:
	arena_free(a);
	return rc;
}

/* A package for those who get no account: reports fit to leave the unit, records with what must not leave it taken
 * out, the trail, a checkpoint, and a script that verifies all of it with stock tools. */
#include "app/reporting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/package_script.h"
#include "app/reporting_mask.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/os.h"
#include "crypt/identity.h"
#include "crypt/ssh.h"
#include "git/remote.h"
#include "git/repo.h"
#include "report/html.h"
#include "report/plain.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/reads.h"
#include "vault/vault.h"

struct package {
	struct reporting *r;
	struct session *s;
	const char *dir;
	struct buf manifest; /* as sha256sum writes it */
	struct buf records;  /* RECORDS.tsv */
	size_t nrecords;
	const char *checkpoint;
	struct err *e;
};

static void
hex_of(char hex[65], const void *p, size_t n)
{
	uint8_t sum[32];

	hash_sha256(sum, p, n);
	hash_hex(hex, sum, sizeof sum);
}

/* A file of the package, and its line in the manifest. */
static int
put(struct package *p, const char *name, const void *data, size_t n, mode_t mode)
{
	char *path = xasprintf("%s/%s", p->dir, name), hex[65];
	int rc = os_create_file(path, data, n, mode, p->e);

	hex_of(hex, data, n);
	buf_printf(&p->manifest, "%s  %s\n", hex, name);
	free(path);
	return rc;
}

static int
folder(struct package *p, const char *name)
{
	char *path = xasprintf("%s/%s", p->dir, name);
	int rc = os_mkdirs(path, p->e);

	free(path);
	return rc;
}

/* --- the trail --------------------------------------------------------------------------------- */

static int
put_trail(struct package *p)
{
	char *path = xasprintf("%s/trail.git", p->dir);
	struct git_remote *from = NULL;
	struct buf signers = {0};
	struct oid id;
	struct git *g = NULL;
	unsigned mode;
	int rc = git_init(&g, path, p->e);

	if (!rc)
		rc = git_remote_open(&from, vault_path(p->s->v), p->e);
	if (!rc)
		rc = git_remote_fetch(from, g, VAULT_MAIN, VAULT_MAIN, NULL, NULL, p->e);
	git_remote_close(from);
	git_close(g);
	free(path);
	if (!rc)
		rc = git_tree_find(vault_git(p->s->v), &id, &mode, vault_tree(p->s->v), "allowed_signers", p->e);
	if (!rc)
		rc = git_read(vault_git(p->s->v), &signers, NULL, &id, p->e);
	if (!rc)
		rc = put(p, "allowed_signers", buf_str(&signers), signers.n, 0600);
	buf_free(&signers);
	if (!rc)
		rc = put(p, "checkpoint.txt", p->checkpoint, strlen(p->checkpoint), 0600);
	return rc;
}

/* --- reports ------------------------------------------------------------------------------------- */

static int
put_report(struct package *p, const char *name)
{
	/* never more than may leave the unit, whatever was asked */
	const struct report_options o = {.outside = true, .today = p->r->today};
	struct reporting r = {.s = p->s, .o = &o};
	struct result *res = NULL;
	struct buf html = {0}, json = {0};
	char *file;
	int rc;

	memcpy(r.today, p->r->today, sizeof r.today);
	rc = reporting_load(p->s, &r.spec, &r.file, name, p->e);
	if (!rc)
		rc = reporting_values(&r, p->e);
	if (!rc)
		rc = reporting_run(&r, &res, p->e);
	if (rc)
		return rc;
	p->r->rows += r.rows;
	html_write(&html, res);
	file = xasprintf("reports/%s.html", r.spec->name);
	rc = put(p, file, buf_str(&html), html.n, 0600);
	free(file);
	node_json(&json, json_result(res));
	buf_putc(&json, '\n');
	file = xasprintf("reports/%s.json", r.spec->name);
	if (!rc)
		rc = put(p, file, buf_str(&json), json.n, 0600);
	free(file);
	buf_free(&html);
	buf_free(&json);
	return rc;
}

/* --- records --------------------------------------------------------------------------------------- */

static int
put_record(struct package *p, const char *id)
{
	struct session *s = p->s;
	const struct schema *sc = NULL;
	struct node *rec = NULL;
	struct buf sealed = {0}, text = {0}, left = {0};
	struct found f;
	char hex[65], *file;
	int rc = find_exact(s, &f, id, p->e);

	if (!rc)
		rc = vault_schema(s->v, &sc, f.type, p->e);
	if (rc)
		return rc;
	if (!sc || !mask_of(&p->r->spec->package, f.type))
		return err_at(p->e, ERR_INVALID, p->r->file, 0, 0, "package.mask",
		    _("does not say what is taken out of the type %s"), f.type);
	rc = vault_open_record(s->v, &rec, session_scratch(s), f.path, &f.blob, p->e);
	if (!rc)
		rc = git_read(vault_git(s->v), &sealed, NULL, &f.blob, p->e);
	if (!rc)
		rc = mask_record(s, &p->r->spec->package, sc, f.type, rec, &left, p->e);
	if (!rc) {
		hex_of(hex, sealed.p, sealed.n);
		buf_printf(&p->records, "%s\t%s\t%s\t", f.id, f.path, hex);
		yaml_emit(&text, rec);
		hex_of(hex, text.p, text.n);
		buf_printf(&p->records, "%s\t%s\n", hex, buf_str(&left));
		file = xasprintf("records/%s.yaml", f.id);
		rc = put(p, file, buf_str(&text), text.n, 0600);
		free(file);
		reads_record(s->v, "report", f.id);
		p->nrecords++;
	}
	buf_free(&sealed);
	buf_free(&text);
	buf_free(&left);
	return rc;
}

/* What was asked for by name must be in it, or the reason must be known: nothing is left out without a word. */
static int
check_asked(struct package *p, const struct node *rows)
{
	const char *asked = "";
	int rc = 0;

	for (size_t i = 0; i < p->r->spec->nparams; i++)
		if (strcmp(p->r->spec->params[i].name, "records") == 0)
			asked = p->r->text[i];
	while (*asked) {
		char id[66];
		size_t n = strcspn(asked, ", ");
		bool there = false;

		snprintf(id, sizeof id, "%.*s", (int)n, asked);
		for (size_t i = 0; i < rows->n; i++)
			there |= strcmp(node_get_str(rows->seq[i], "id"), id) == 0;
		if (n && !there)
			rc = err_set(p->e, ERR_USAGE,
			    _("%s is not for the package: you have no access, it is protected, or its type is not given out"),
			    id);
		asked += n;
		asked += strspn(asked, ", ");
	}
	return rc;
}

static int
put_records(struct package *p)
{
	struct node *rows = NULL;
	int rc = reporting_rows(p->r, &rows, p->r->spec->package.records, p->e);

	for (size_t i = 0; !rc && i < rows->n; i++)
		if (!node_get_str(rows->seq[i], "id"))
			rc = err_at(p->e, ERR_INVALID, p->r->file, 0, 0, "package.records",
			    _("must give the column id"));
	if (!rc)
		rc = check_asked(p, rows);
	if (!rc)
		rc = find_refresh(p->s, p->e);
	buf_puts(&p->records, "# id\tpath in trail.git\tSHA-256 there\tSHA-256 here\tleft out\n");
	for (size_t i = 0; !rc && i < rows->n; i++)
		rc = put_record(p, node_get_str(rows->seq[i], "id"));
	if (!rc)
		rc = put(p, "RECORDS.tsv", buf_str(&p->records), p->records.n, 0600);
	reads_flush(p->s->v); /* what was written before a failure too */
	return rc;
}

/* --- words and the script -------------------------------------------------------------------------- */

static void
shell_text(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, "t_%s='", name);
	for (; *text; text++)
		if (*text == '\'')
			buf_puts(out, "'\\''");
		else
			buf_putc(out, *text);
	buf_puts(out, "'\n");
}

static int
put_script(struct package *p)
{
	const struct {
		const char *name, *text;
	} words[] = {
		{"failed", _("THIS PACKAGE DOES NOT HOLD")},
		{"files", _("a file is missing, added or altered")},
		{"manifest", _("the list of files is not signed by who it says")},
		{"files_ok", _("every file is as it was signed by")},
		{"fsck", _("the trail is damaged")},
		{"stray", _("trail.git holds what is no part of a trail:")},
		{"signers", _("a signer is not one that the trail admitted")},
		{"signatures", _("a commit is not signed by its author:")},
		{"signatures_ok", _("commits, each signed by its author")},
		{"trail", _("the trail does not give the value it says:")},
		{"trail_ok", _("the trail's value, computed anew, is")},
		{"fingerprint", _("Fingerprint of the store:")},
		{"other", _("it is another store than the fingerprint says")},
		{"checkpoint", _("the checkpoint is not of this trail")},
		{"checkpoint_ok", _("the checkpoint is of this trail, made")},
		{"record", _("a record is not the one in the trail:")},
		{"record_ok", _("records, each with its sealed file in the trail")},
		{"unseen", _("Not looked at: the signers' roles, and what each was allowed. VERIFY.txt says how.")},
		{"done", _("The package holds. Compare the fingerprint with the one you were told by another way.")},
	};
	struct buf b = {0};
	int rc;

	buf_puts(&b, "#!/bin/sh\n# ./verify.sh [--all] [FINGERPRINT]: git, ssh-keygen and sha256sum; exit 0: it holds\n");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		shell_text(&b, words[i].name, words[i].text);
	buf_puts(&b, package_script);
	rc = put(p, "verify.sh", buf_str(&b), b.n, 0700);
	buf_free(&b);
	return rc;
}

static int
put_words(struct package *p)
{
	struct buf b = {0};
	int rc;

	buf_printf(&b, "%s\n%s\n\n", spec_text(&p->r->spec->title, i18n_lang()), p->r->today);
	/* TRANSLATORS: a text file for auditors; keep lines short */
	buf_puts(&b, _("reports/      reports: no single people, no groups below five, numbers of cases in fives\n"
	               "records/      records that were chosen, with the fields named in RECORDS.tsv left out\n"
	               "RECORDS.tsv   which sealed file in the trail each record was opened from\n"
	               "trail.git     the whole history as a bare git repository; contents are encrypted\n"
	               "allowed_signers, checkpoint.txt, signer, MANIFEST, MANIFEST.sig\n"
	               "              who may sign, where the trail stood, who made this, and what is in it\n\n"
	               "To verify, with git (2.34 or later), ssh-keygen and sha256sum, and no other program:\n\n"
	               "    sh verify.sh FINGERPRINT\n\n"
	               "The unit tells you the fingerprint by another way than this package. It is proved that\n"
	               "every change was signed by its author with a key that the history had admitted before it,\n"
	               "that nothing was altered or taken out of the history, and that each record here was opened\n"
	               "from the sealed file named. With --all the value of every commit is computed, not only of\n"
	               "the first and the last.\n\n"
	               "That a record says what the sealed file says, but for what was left out, is the word of the\n"
	               "signer of MANIFEST: without a key nobody else can tell. The script does not look at roles,\n"
	               "at what each signer was allowed to change, or at keys that were revoked on the way. Akt\n"
	               "does, on any computer and without a key of the store:\n\n"
	               "    akt -C trail.git verify --fingerprint FINGERPRINT --checkpoint checkpoint.txt\n\n"
	               "The script comes with the package. Who does not trust the maker of either reads it first,\n"
	               "or compares it: it is the same in every package of one version of Akt in one language.\n\n"
	               "By hand, from another folder, so that no setting in trail.git is obeyed; P is this folder's\n"
	               "whole path:\n\n"
	               "    (cd $P && sha256sum -c MANIFEST)\n"
	               "    ssh-keygen -Y verify -f $P/signer -I \"$(cut -d ' ' -f 1 $P/signer)\" -n akt -s $P/MANIFEST.sig < $P/MANIFEST\n"
	               "    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_NO_REPLACE_OBJECTS=1\n"
	               "    git init -q --bare --template= look.git\n"
	               "    ls $P/trail.git/objects/info           # nothing\n"
	               "    echo $P/trail.git/objects > look.git/objects/info/alternates\n"
	               "    git -C look.git update-ref refs/heads/main $(cat $P/trail.git/refs/heads/main)\n"
	               "    git -C look.git fsck --full --strict\n"
	               "    git -C look.git -c gpg.ssh.allowedSignersFile=$P/allowed_signers log --show-signature main\n"
	               "    git -C look.git log -p main -- allowed_signers    # who let whom in\n"));
	rc = put(p, "VERIFY.txt", buf_str(&b), b.n, 0600);
	buf_free(&b);
	return rc;
}

/* Whose key signs the list of files; itself on the list. */
static int
put_signer(struct package *p)
{
	char key[SSH_PUBLIC_TEXT], *line;
	int rc;

	ssh_public_format(key, p->s->id->sign_pk);
	line = xasprintf("%s namespaces=\"akt\" %s\n", p->s->id->id, key);
	rc = put(p, "signer", line, strlen(line), 0600);
	free(line);
	return rc;
}

static int
put_manifest(struct package *p)
{
	struct buf sig = {0}, manifest = p->manifest, unused = {0};
	int rc;

	p->manifest = unused; /* it does not list itself */
	sshsig_sign(&sig, p->s->id->sign_sk, "akt", manifest.p, manifest.n);
	rc = put(p, "MANIFEST", buf_str(&manifest), manifest.n, 0600);
	if (!rc)
		rc = put(p, "MANIFEST.sig", buf_str(&sig), sig.n, 0600);
	buf_free(&manifest);
	buf_free(&sig);
	return rc;
}

static int
fill(struct package *p)
{
	const struct spec_package *k = &p->r->spec->package;
	int rc = put_trail(p);

	if (!rc)
		rc = folder(p, "reports");
	for (size_t i = 0; !rc && i < k->nreports; i++)
		rc = put_report(p, k->reports[i]);
	if (!rc)
		rc = folder(p, "records");
	if (!rc)
		rc = put_records(p);
	if (!rc)
		rc = put_script(p);
	if (!rc)
		rc = put_words(p);
	if (!rc)
		rc = put_signer(p);
	return rc ? rc : put_manifest(p);
}

int
reporting_package(struct reporting *r, struct node **out, struct err *e)
{
	struct session *s = r->s;
	struct package p = {.r = r, .s = s, .dir = r->o->file, .e = e};
	struct node *note = NULL;
	int rc;

	if (!p.dir)
		return err_set(e, ERR_USAGE, _("give -o DIR: the folder to make the package in"));
	if (os_exists(p.dir))
		return err_set(e, ERR_EXISTS, _("%s is in the way"), p.dir);
	/* a trail that does not hold is not handed out */
	rc = app_checkpoint(s, &note, e);
	if (rc)
		return rc;
	p.checkpoint = node_get_str(note, "checkpoint");
	rc = os_mkdirs(p.dir, e);
	if (!rc)
		rc = fill(&p);
	/* half a package would be taken for one */
	if (rc)
		os_remove_tree(p.dir, NULL);
	buf_free(&p.manifest);
	buf_free(&p.records);
	if (rc)
		return rc;
	note_query(s, "report", r->spec->name, r->rows);
	*out = node_map(s->arena);
	node_set(s->arena, *out, "report", node_str(s->arena, r->spec->name));
	node_set(s->arena, *out, "folder", node_str(s->arena, p.dir));
	node_set(s->arena, *out, "records", node_int(s->arena, (int64_t)p.nrecords));
	node_set(s->arena, *out, "reports", node_int(s->arena, (int64_t)r->spec->package.nreports));
	return 0;
}

/* The command table. Each function takes its options apart and makes one call into app/. */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "cli/print.h"
#include "tree/node.h"

enum { STDIN_MAX = 256 * 1024 * 1024, TEXT_FILE_MAX = 16 * 1024 * 1024 };

/* --- small parsers ------------------------------------------------------------------ */

static int
number(int *out, const char *s, int low, int high, const char *option, struct err *e)
{
	char *end;
	long v = strtol(s, &end, 10);

	if (!*s || *end || v < low || v > high)
		return err_set(e, ERR_USAGE, _("--%s is a number from %d to %d"), option, low, high);
	*out = (int)v;
	return 0;
}

/* 90s, 15m, 8h; a bare number is minutes. */
static int
duration(int *seconds, const char *s, struct err *e)
{
	char *end;
	long v = strtol(s, &end, 10), unit = 60;

	if (*end == 's')
		unit = 1;
	else if (*end == 'h')
		unit = 3600;
	else if (*end && *end != 'm')
		unit = 0;
	if (end == s || (*end && end[1]) || !unit || v < 1 || v > 86400 / unit)
		return err_set(e, ERR_USAGE, _("--for is a time such as 15m, 8h or 90s, at most 24h"));
	*seconds = (int)(v * unit);
	return 0;
}

/* PATH=VALUE, PATH=@FILE, PATH.+=VALUE */
static int
assignment(struct cli *c, struct assignment *out, const char *text, struct err *e)
{
	const char *eq = strchr(text, '=');
	struct buf file = {0};
	int rc;

	if (!eq || eq == text)
		return err_set(e, ERR_USAGE, _("an assignment is PATH=VALUE"));
	out->path = arena_strndup(c->s.arena, text, (size_t)(eq - text));
	out->value = eq + 1;
	out->from_file = eq[1] == '@';
	if (!out->from_file)
		return 0;
	rc = os_read_file(&file, eq + 2, TEXT_FILE_MAX, e);
	/* what stands behind it would be lost without a word */
	if (!rc && memchr(buf_str(&file), '\0', file.n))
		rc = err_set(e, ERR_INVALID, _("%s holds a NUL byte, so it is no text"), eq + 2);
	if (rc == ERR_NOTFOUND)
		rc = ERR_USAGE;
	if (!rc)
		out->value = arena_strndup(c->s.arena, buf_str(&file), file.n);
	buf_free(&file);
	return rc;
}

static int
assignments(struct cli *c, struct assignment **out, const char *const *texts, size_t n,
    struct err *e)
{
	struct assignment *v = xcalloc(n + 1, sizeof *v);
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = assignment(c, &v[i], texts[i], e);
	if (rc)
		free(v);
	else
		*out = v;
	return rc;
}

/* --- identity --------------------------------------------------------------------------- */

static int
work_factor(struct cli *c, int *out, struct err *e)
{
	const char *s = cli_option(c, "work-factor");

	*out = 18;
	return s ? number(out, s, 1, 22, "work-factor", e) : 0;
}

static int
run_id_new(struct cli *c, struct node **out, struct err *e)
{
	const char *handle = cli_option(c, "handle"), *device = cli_option(c, "device");
	int n, rc = work_factor(c, &n, e);

	if (!rc && (!handle || !device))
		rc = err_set(e, ERR_USAGE, _("give --handle and --device"));
	return rc ? rc : app_id_new(&c->s, out, handle, device, cli_flag(c, "no-passphrase"), n, e);
}

static int
run_id_show(struct cli *c, struct node **out, struct err *e)
{
	return app_id_show(&c->s, out, e);
}

static int
run_id_passphrase(struct cli *c, struct node **out, struct err *e)
{
	int n, rc = work_factor(c, &n, e);

	return rc ? rc : app_id_passphrase(&c->s, out, n, e);
}

static int
run_unlock(struct cli *c, struct node **out, struct err *e)
{
	const char *time = cli_option(c, "for");
	int seconds = 15 * 60, rc = time ? duration(&seconds, time, e) : 0;

	return rc ? rc : app_unlock(&c->s, out, seconds, e);
}

static int
run_lock(struct cli *c, struct node **out, struct err *e)
{
	return app_lock(&c->s, out, e);
}

/* --- stores and people ---------------------------------------------------------------------- */

static int
run_init(struct cli *c, struct node **out, struct err *e)
{
	const char *name = cli_option(c, "name"), *lang = cli_option(c, "language");

	if (!name)
		return err_set(e, ERR_USAGE, _("give the unit's --name"));
	return app_init(&c->s, out, c->args[0], name, cli_option(c, "schema"), lang ? lang : i18n_lang(),
	    e);
}

static int
run_hub(struct cli *c, struct node **out, struct err *e)
{
	return app_hub(&c->s, out, c->args[0], e);
}

static int
run_join(struct cli *c, struct node **out, struct err *e)
{
	const char *f = cli_option(c, "fingerprint");

	if (!f)
		return err_set(e, ERR_USAGE, _("give the --fingerprint that akt init showed: it proves that this is the right store"));
	return app_join(&c->s, out, c->args[0], c->args[1], f, e);
}

static int
run_member_add(struct cli *c, struct node **out, struct err *e)
{
	const char *roles = cli_option(c, "role"), **teams;
	size_t n = cli_options(c, "team", &teams);
	int rc;

	if (!roles)
		rc = err_set(e, ERR_USAGE, _("give --role: admin, supervisor, staff or auditor"));
	else
		rc = app_member_add(&c->s, out, c->args[0], roles, teams, n, e);
	free(teams);
	return rc;
}

static int
run_member_remove(struct cli *c, struct node **out, struct err *e)
{
	return app_member_remove(&c->s, out, c->args[0], e);
}

static int
run_member_role(struct cli *c, struct node **out, struct err *e)
{
	return app_member_role(&c->s, out, c->args[0], c->args[1], e);
}

static int
run_member_list(struct cli *c, struct node **out, struct err *e)
{
	return app_member_list(&c->s, out, e);
}

static int
run_device_add(struct cli *c, struct node **out, struct err *e)
{
	return app_device_add(&c->s, out, c->args[0], e);
}

static int
run_device_revoke(struct cli *c, struct node **out, struct err *e)
{
	return app_device_revoke(&c->s, out, c->args[0], e);
}

static int
run_team(struct cli *c, struct node **out, struct err *e)
{
	const char **add, **remove;
	size_t nadd = cli_options(c, "add", &add), nremove = cli_options(c, "remove", &remove);
	int rc = app_team(&c->s, out, c->args[0], add, nadd, remove, nremove, e);

	free(add);
	free(remove);
	return rc;
}

static int
run_access(struct cli *c, struct node **out, struct err *e)
{
	const char *from = cli_option(c, "from"), *to = cli_option(c, "to"), **grant, **revoke;
	size_t ngrant = cli_options(c, "grant", &grant), nrevoke = cli_options(c, "revoke", &revoke);
	int rc;

	if (!from != !to || (from && (c->nargs || ngrant || nrevoke)) || (!from && !c->nargs))
		rc = err_set(e, ERR_USAGE, _("use: akt access DOSSIER [--grant T] [--revoke T] [--until DATE], or akt access --from A --to B"));
	else if (from)
		rc = app_handover(&c->s, out, from, to, e);
	else
		rc = app_access(&c->s, out, c->args[0], grant, ngrant, revoke, nrevoke,
		    cli_option(c, "until"), e);
	free(grant);
	free(revoke);
	return rc;
}

static int
run_exposure(struct cli *c, struct node **out, struct err *e)
{
	return app_exposure(&c->s, out, c->args[0], e);
}

/* --- records ------------------------------------------------------------------------------------ */

static int
run_new(struct cli *c, struct node **out, struct err *e)
{
	const char **texts, *from = cli_option(c, "from");
	size_t n = cli_options(c, "set", &texts);
	struct assignment *set = NULL;
	int rc = assignments(c, &set, texts, n, e);

	if (!rc)
		rc = app_new(&c->s, out, c->args[0], cli_option(c, "dossier"), set, n, from, !n && !from, e);
	free(texts);
	free(set);
	return rc;
}

static int
run_set(struct cli *c, struct node **out, struct err *e)
{
	const char **unset;
	size_t nunset = cli_options(c, "unset", &unset), n = (size_t)c->nargs - 1;
	struct assignment *set = NULL;
	int rc = 0;

	if (!n && !nunset)
		rc = err_set(e, ERR_USAGE, _("nothing to change: give PATH=VALUE or --unset PATH"));
	if (!rc)
		rc = assignments(c, &set, (const char *const *)c->args + 1, n, e);
	if (!rc)
		rc = app_set(&c->s, out, c->args[0], set, n, unset, nunset, cli_option(c, "why"), e);
	free(unset);
	free(set);
	return rc;
}

static int
run_edit(struct cli *c, struct node **out, struct err *e)
{
	return app_edit(&c->s, out, c->args[0], cli_option(c, "why"), e);
}

static int
run_show(struct cli *c, struct node **out, struct err *e)
{
	return app_show(&c->s, out, c->args[0], cli_option(c, "at"), e);
}

static int
run_list(struct cli *c, struct node **out, struct err *e)
{
	return app_list(&c->s, out, c->nargs ? c->args[0] : NULL, e);
}

/* check and sync have their own shape, except where they were used wrongly or no hub was reached. */
static int
shaped(struct cli *c, struct node **out, struct node *(*shape)(struct session *, const struct err *),
    int rc, const struct err *e)
{
	int status = err_exit_status((enum err_code)rc);

	if (c->json && rc && !*out && status != 2 && status != 6)
		*out = shape(&c->s, e);
	return rc;
}

static int
run_approve(struct cli *c, struct node **out, struct err *e)
{
	const char *why = cli_option(c, "why");

	if (!why || !*why)
		return err_set(e, ERR_USAGE, _("give the reason: --why TEXT"));
	return app_approve(&c->s, out, c->args[0], cli_flag(c, "return"), why, e);
}

static int
run_search(struct cli *c, struct node **out, struct err *e)
{
	return app_search(&c->s, out, (const char *const *)c->args, (size_t)c->nargs, e);
}

static int
run_sql(struct cli *c, struct node **out, struct err *e)
{
	return app_sql(&c->s, out, c->args[0], e);
}

static int
run_check(struct cli *c, struct node **out, struct err *e)
{
	const char *schema = cli_option(c, "schema");

	if (schema && !c->nargs)
		return err_set(e, ERR_USAGE, _("name the files to check"));
	return shaped(c, out, app_check_failed, schema ?
	    app_check_files(&c->s, out, schema, (const char *const *)c->args, (size_t)c->nargs, e) :
	    app_check(&c->s, out, (const char *const *)c->args, (size_t)c->nargs, e), e);
}

static int
run_schema_put(struct cli *c, struct node **out, struct err *e)
{
	return app_schema_put(&c->s, out, c->args[0], cli_flag(c, "dry-run"), e);
}

/* --- history, in and out --------------------------------------------------------------------------- */

static int
run_log(struct cli *c, struct node **out, struct err *e)
{
	return app_log(&c->s, out, c->nargs ? c->args[0] : NULL, cli_option(c, "path"), e);
}

static int
run_diff(struct cli *c, struct node **out, struct err *e)
{
	return app_diff(&c->s, out, c->args[0], c->nargs > 1 ? c->args[1] : NULL,
	    c->nargs > 2 ? c->args[2] : NULL, e);
}

static int
run_import(struct cli *c, struct node **out, struct err *e)
{
	return app_import(&c->s, out, c->args[0], e);
}

static int
run_export(struct cli *c, struct node **out, struct err *e)
{
	const char *dir = cli_option(c, "o");

	if (!dir)
		return err_set(e, ERR_USAGE, _("give -o DIR: the folder to write plain files to"));
	return app_export(&c->s, out, (const char *const *)c->args, (size_t)c->nargs, dir, e);
}

/* --- hubs and proof ----------------------------------------------------------------------------------- */

static int
run_remote_add(struct cli *c, struct node **out, struct err *e)
{
	return app_remote_add(&c->s, out, c->args[0], c->args[1], e);
}

static int
run_remote_list(struct cli *c, struct node **out, struct err *e)
{
	return app_remote_list(&c->s, out, e);
}

static int
run_sync(struct cli *c, struct node **out, struct err *e)
{
	const char *name = c->nargs ? c->args[0] : NULL;

	return shaped(c, out, app_sync_failed, cli_flag(c, "erase") ?
	    app_sync_erase(&c->s, out, name, e) : app_sync(&c->s, out, name, e), e);
}

static int
run_admit(struct cli *c, struct node **out, struct err *e)
{
	return app_admit(&c->s, out, c->args[0], c->nargs > 1 ? c->args[1] : NULL, e);
}

static int
run_conflicts(struct cli *c, struct node **out, struct err *e)
{
	return app_conflicts(&c->s, out, e);
}

static int
run_resolve(struct cli *c, struct node **out, struct err *e)
{
	const char *take = cli_option(c, "take");
	int n = 0, rc = take ? number(&n, take, 1, 1000, "take", e) : 0;

	return rc ? rc : app_resolve(&c->s, out, c->args[0], c->args[1], n, cli_option(c, "value"),
	    cli_flag(c, "drop"), cli_option(c, "why"), e);
}

static int
run_verify(struct cli *c, struct node **out, struct err *e)
{
	return app_verify(&c->s, out, cli_flag(c, "content"), cli_flag(c, "full"),
	    cli_option(c, "checkpoint"), cli_option(c, "fingerprint"), e);
}

static int
run_checkpoint(struct cli *c, struct node **out, struct err *e)
{
	return app_checkpoint(&c->s, out, e);
}

static int
run_erase(struct cli *c, struct node **out, struct err *e)
{
	return app_erase(&c->s, out, c->args[0], cli_option(c, "basis"), cli_flag(c, "confirm"), e);
}

static int
run_reads(struct cli *c, struct node **out, struct err *e)
{
	return app_reads(&c->s, out, cli_option(c, "by"), cli_option(c, "record"), e);
}

static int
run_gc(struct cli *c, struct node **out, struct err *e)
{
	return app_gc(&c->s, out, e);
}

static int
run_hook(struct cli *c, struct node **out, struct err *e)
{
	struct buf in = {0};
	int rc = os_read_fd(&in, 0, STDIN_MAX, e);

	if (!rc)
		rc = app_hook(&c->s, out, c->args[0], buf_str(&in), e);
	buf_free(&in);
	return rc;
}

/* --- age files ------------------------------------------------------------------------------------------ */

static int
run_encrypt(struct cli *c, struct node **out, struct err *e)
{
	const char **to;
	size_t n = cli_options(c, "r", &to);
	struct buf in = {0}, sealed = {0};
	int rc;

	(void)out;
	to = xrealloc(to, n + (size_t)c->nargs + 1, sizeof *to);
	for (int i = 0; i < c->nargs; i++)
		to[n++] = c->args[i];
	if (!n)
		rc = err_set(e, ERR_USAGE, _("give a recipient: -r age1..."));
	else
		rc = os_read_fd(&in, 0, STDIN_MAX, e);
	if (!rc)
		rc = app_encrypt(&sealed, &in, to, n, e);
	if (!rc)
		rc = os_write_fd(1, sealed.p, sealed.n, e);
	free(to);
	buf_free(&in);
	buf_free(&sealed);
	return rc;
}

static int
run_decrypt(struct cli *c, struct node **out, struct err *e)
{
	const char *file = cli_option(c, "i");
	struct buf in = {0}, plain = {0};
	int rc;

	(void)out;
	if (file)
		c->s.identity_path = file;
	rc = os_read_fd(&in, 0, STDIN_MAX, e);
	if (!rc)
		rc = app_decrypt(&c->s, &plain, &in, file, e);
	if (!rc)
		rc = os_write_fd(1, plain.p, plain.n, e);
	buf_free(&in);
	buf_free(&plain);
	return rc;
}

/* --- options --------------------------------------------------------------------------------------------- */

static const struct option_spec opt_id_new[] = {
	{"handle", "H", false, N_("who you are in the unit: a-z, 0-9, _ or -")},
	{"device", "D", false, N_("what this machine is called")},
	{"no-passphrase", NULL, false, N_("keep the identity in the clear, mode 0600 (automation)")},
	{"work-factor", "N", false, N_("scrypt work factor, 2^N (18)")},
	{0},
};
static const struct option_spec opt_work[] = {
	{"work-factor", "N", false, N_("scrypt work factor, 2^N (18)")},
	{0},
};
static const struct option_spec opt_unlock[] = {
	{"for", "TIME", false, N_("how long: 15m (the default), 8h, 90s")},
	{0},
};
static const struct option_spec opt_init[] = {
	{"name", "N", false, N_("the unit's name")},
	{"schema", "DIR", false, N_("record types, one TYPE.yaml each (those that came with the program)")},
	{"language", "sv|en", false, N_("the unit's language")},
	{0},
};
static const struct option_spec opt_join[] = {
	{"fingerprint", "F", false, N_("the store's fingerprint, told by someone you trust")},
	{0},
};
static const struct option_spec opt_member_add[] = {
	{"role", "R", false, N_("admin, supervisor, staff, auditor; several with commas")},
	{"team", "T", true, N_("a team to join; may be repeated")},
	{0},
};
static const struct option_spec opt_team[] = {
	{"add", "H", true, N_("a member who joins; may be repeated")},
	{"remove", "H", true, N_("a member who leaves; may be repeated")},
	{0},
};
static const struct option_spec opt_access[] = {
	{"grant", "T", true, N_("a team or a member who may read from now on, all that is there too")},
	{"revoke", "T", true, N_("a team or a member who reads nothing written from now on")},
	{"until", "DATE", false, N_("the grant ends after that day")},
	{"from", "A", false, N_("hand over all that this member (or team) reads ...")},
	{"to", "B", false, N_("... to this one")},
	{0},
};
static const struct option_spec opt_new[] = {
	{"dossier", "D", false, N_("the dossier it belongs to, where the type does not say")},
	{"set", "PATH=VALUE", true, N_("a field; may be repeated; PATH=@FILE takes a file's text")},
	{"from", "FILE", false, N_("the fields from a YAML file (- for standard input)")},
	{0},
};
static const struct option_spec opt_set[] = {
	{"unset", "PATH", true, N_("a field to remove; may be repeated")},
	{"why", "TEXT", false, N_("the reason; needed once a record is final")},
	{0},
};
static const struct option_spec opt_why[] = {
	{"why", "TEXT", false, N_("the reason; needed once a record is final")},
	{0},
};
static const struct option_spec opt_approve[] = {
	{"return", NULL, false, N_("not approved: returned for completion")},
	{"why", "TEXT", false, N_("the reason")},
	{0},
};
static const struct option_spec opt_show[] = {
	{"at", "COMMIT", false, N_("as it was after that commit (akt log shows them)")},
	{0},
};
static const struct option_spec opt_check[] = {
	{"schema", "S", false, N_("check plain files against a schema file or folder, without a store")},
	{0},
};
static const struct option_spec opt_dry[] = {
	{"dry-run", NULL, false, N_("only list the records that would become invalid")},
	{0},
};
static const struct option_spec opt_log[] = {
	{"path", "P", false, N_("only changes of that field")},
	{0},
};
static const struct option_spec opt_export[] = {
	{"o", "DIR", false, N_("the folder to write to; what lies there is in the clear")},
	{0},
};
static const struct option_spec opt_sync[] = {
	{"erase", NULL, false, N_("do not stop to show what an erasure takes along")},
	{0},
};
static const struct option_spec opt_erase[] = {
	{"basis", "CODE", false, N_("order it, on this legal basis (a code that the store allows)")},
	{"confirm", NULL, false, N_("confirm what another member ordered: then it is final")},
	{0},
};
static const struct option_spec opt_reads[] = {
	{"by", "H", false, N_("only what this member, or this device, opened")},
	{"record", "REC", false, N_("only this record; the beginning of an id will do")},
	{0},
};
static const struct option_spec opt_resolve[] = {
	{"take", "N", false, N_("the Nth value that akt conflicts shows")},
	{"value", "V", false, N_("another value")},
	{"drop", NULL, false, N_("no value")},
	{"why", "TEXT", false, N_("the reason")},
	{0},
};
static const struct option_spec opt_verify[] = {
	{"content", NULL, false, N_("also what the records hold, as far as you may read")},
	{"full", NULL, false, N_("from the first commit, whatever was verified before")},
	{"checkpoint", "FILE", false, N_("also prove that the trail contains this checkpoint")},
	{"fingerprint", "F", false, N_("also prove that it is this store")},
	{0},
};
static const struct option_spec opt_encrypt[] = {
	{"r", "RECIPIENT", true, N_("whom to encrypt to; may be repeated")},
	{0},
};
static const struct option_spec opt_decrypt[] = {
	{"i", "IDENTITY", false, N_("an identity file (this device's)")},
	{0},
};

/* --- the table --------------------------------------------------------------------------------------------- */

#define DAILY N_("Daily work")
#define LOOK N_("Looking back")
#define SHARE N_("Together")
#define PROVE N_("Proof")
#define ADMIN N_("Who belongs")
#define BEGIN N_("To begin")
#define FILES N_("Files")

const struct command commands[] = {
	{"new", "TYPE [--set PATH=VALUE]...", 1, 1, DAILY, N_("Write a new record"), opt_new, run_new, print_saved},
	{"edit", "REC [--why TEXT]", 1, 1, DAILY, N_("Change a record in your editor"), opt_why, run_edit, print_saved},
	{"set", "REC PATH=VALUE... [--unset PATH] [--why TEXT]", 1, -1, DAILY, N_("Change fields of a record"), opt_set, run_set, print_saved},
	{"show", "REC [--at COMMIT]", 1, 1, DAILY, N_("Read a record"), opt_show, run_show, print_record},
	{"list", "[TYPE]", 0, 1, DAILY, N_("List the records you may read"), NULL, run_list, print_list},
	{"approve", "REC [--return] --why TEXT", 1, 1, DAILY, N_("A supervisor's decision on a record as it stands"), opt_approve, run_approve, print_saved},
	{"search", "WORD...", 1, -1, DAILY, N_("Find records by their words"), NULL, run_search, print_search},
	{"sql", "QUERY", 1, 1, LOOK, N_("Ask the records you may read, as tables"), NULL, run_sql, print_sql},
	{"check", "[REC...] | --schema S FILE...", 0, -1, DAILY, N_("Say what is wrong in records"), opt_check, run_check, print_check},
	{"log", "[REC] [--path P]", 0, 1, LOOK, N_("Who changed what, when and why"), opt_log, run_log, print_log},
	{"diff", "REC [A [B]]", 1, 3, LOOK, N_("What differs between two versions of a record"), NULL, run_diff, print_diff},
	{"sync", "[NAME] [--erase]", 0, 1, SHARE, N_("Fetch, verify, merge and push"), opt_sync, run_sync, print_sync},
	{"conflicts", "", 0, 0, SHARE, N_("What two people wrote in the same field"), NULL, run_conflicts, print_conflicts},
	{"resolve", "REC PATH --take N | --value V | --drop", 2, 2, SHARE, N_("Settle a conflict"), opt_resolve, run_resolve, print_saved},
	{"remote add", "NAME URL", 2, 2, SHARE, N_("Name a hub: a folder, ssh:// or https://"), NULL, run_remote_add, print_remotes},
	{"remote list", "", 0, 0, SHARE, N_("The hubs this store knows"), NULL, run_remote_list, print_remotes},
	{"verify", "[--content] [--full] [--checkpoint FILE] [--fingerprint F]", 0, 0, PROVE, N_("Prove that nothing was altered or removed"), opt_verify, run_verify, print_verify},
	{"checkpoint", "", 0, 0, PROVE, N_("A signed note of the trail as it stands, for paper or mail"), NULL, run_checkpoint, print_checkpoint},
	{"member add", "CARD --role R [--team T]...", 1, 1, ADMIN, N_("Let somebody in, by their device's card"), opt_member_add, run_member_add, print_people},
	{"member list", "", 0, 0, ADMIN, N_("Who belongs, with which devices"), NULL, run_member_list, print_members},
	{"member role", "H R[,R]", 2, 2, ADMIN, N_("Change what a member may do"), NULL, run_member_role, print_people},
	{"member remove", "H", 1, 1, ADMIN, N_("End a membership"), NULL, run_member_remove, print_people},
	{"device add", "CARD", 1, 1, ADMIN, N_("Let in another device of a member"), NULL, run_device_add, print_people},
	{"device revoke", "ID", 1, 1, ADMIN, N_("Shut a device out"), NULL, run_device_revoke, print_people},
	{"admit", "DEVICE [NAME]", 1, 2, ADMIN, N_("Let in what a device did while it was being revoked"), NULL, run_admit, print_sync},
	{"team", "T [--add H]... [--remove H]...", 1, 1, ADMIN, N_("Make, change or show a team"), opt_team, run_team, print_team},
	{"access", "DOSSIER [--grant T] [--revoke T] [--until DATE] | --from A --to B", 0, 1, ADMIN, N_("Who may read a dossier; handing over"), opt_access, run_access, print_access},
	{"exposure", "H", 1, 1, ADMIN, N_("What a member's devices can read, wherever they are"), NULL, run_exposure, print_exposure},
	{"erase", "DOSSIER --basis CODE | --confirm", 1, 1, ADMIN, N_("Erase a dossier for good, lawfully: two members must say so"), opt_erase, run_erase, print_erase},
	{"reads", "[--by H] [--record REC]", 0, 0, PROVE, N_("What was opened, for members of team logg"), opt_reads, run_reads, print_reads},
	{"schema put", "DIR [--dry-run]", 1, 1, ADMIN, N_("New versions of the record types"), opt_dry, run_schema_put, print_schema_put},
	{"id new", "--handle H --device D", 0, 0, BEGIN, N_("Make this device's identity"), opt_id_new, run_id_new, print_id},
	{"id show", "", 0, 0, BEGIN, N_("This device's public card, to give to an admin"), NULL, run_id_show, print_id},
	{"id passphrase", "", 0, 0, BEGIN, N_("Change the identity's passphrase"), opt_work, run_id_passphrase, NULL},
	{"unlock", "[--for TIME]", 0, 0, BEGIN, N_("Keep the identity open for a while"), opt_unlock, run_unlock, NULL},
	{"lock", "", 0, 0, BEGIN, N_("Forget the open identity now"), NULL, run_lock, NULL},
	{"init", "DIR --name N [--schema DIR]", 1, 1, BEGIN, N_("Make a new store"), opt_init, run_init, print_init},
	{"join", "URL DIR --fingerprint F", 2, 2, BEGIN, N_("Get the unit's store from a hub"), opt_join, run_join, print_join},
	{"hub", "DIR", 1, 1, BEGIN, N_("Make a hub to sync through"), NULL, run_hub, print_hub},
	{"import", "DIR", 1, 1, FILES, N_("Take in plain YAML records"), NULL, run_import, print_import},
	{"export", "[REC...] -o DIR", 0, -1, FILES, N_("Write records as plain YAML"), opt_export, run_export, print_export},
	{"encrypt", "-r RECIPIENT...", 0, -1, FILES, N_("Standard input to an age file"), opt_encrypt, run_encrypt, NULL},
	{"decrypt", "[-i IDENTITY]", 0, 0, FILES, N_("An age file to standard output"), opt_decrypt, run_decrypt, NULL},
	{"gc", "", 0, 0, FILES, N_("Put the store into few files, small and quick to read"), NULL, run_gc, print_gc},
	{"hook", "NAME", 1, 1, FILES, N_("For a hub's git hooks"), NULL, run_hook, NULL},
	{0},
};

/* The command table: rows and their options, nothing else. */
#include "cli/command.h"

#include "base/i18n.h"
#include "cli/print.h"
#include "cli/cmd.h"

/* --- options --- */

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
static const struct option_spec opt_report[] = {
	{"format", "F", false, N_("html, md (the default), csv or json")},
	{"o", "FILE", false, N_("write to this file; what lies there is in the clear")},
	{"param", "NAME=VALUE", true, N_("a parameter of the report; may be repeated")},
	{"section", "S", false, N_("which table, as CSV (the first)")},
	{"outside", NULL, false, N_("it leaves the unit: no single records, no groups below five")},
	{"today", "DATE", false, N_("as of that day")},
	{"freeze", NULL, false, N_("keep what it says now in a record, and show that from now on")},
	{"live", NULL, false, N_("as the records are now, though it is frozen")},
	{0},
};
static const struct option_spec opt_dry[] = {
	{"dry-run", NULL, false, N_("only list the records that would become invalid")},
	{0},
};
static const struct option_spec opt_todo[] = {
	{"mine", NULL, false, N_("only what you answer for, yourself or by a role")},
	{"team", "T", false, N_("only what the team or one of its members answers for")},
	{"history", NULL, false, N_("instead what was due before the unit went live, or is acknowledged")},
	{"today", "D", false, N_("as if it were that day (YYYY-MM-DD)")},
	{0},
};
static const struct option_spec opt_store[] = {
	{"set", "NAME=VALUE", true, N_("change a setting; may be repeated; no VALUE: back to what it is unset")},
	{0},
};
static const struct option_spec opt_generate[] = {
	{"param", "NAME=VALUE", true, N_("a parameter of the generator; may be repeated")},
	{"dry-run", NULL, false, N_("only show what would be made")},
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
static const struct option_spec opt_doctor[] = {
	{"from", "PATH|URL", true, N_("a copy to fetch from: a hub, a colleague's store, a backup")},
	{"dry-run", NULL, false, N_("only look; nothing is changed")},
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

/* --- the table --- */

#define DAILY N_("Daily work")
#define LOOK N_("Looking back")
#define SHARE N_("Together")
#define PROVE N_("Proof")
#define ADMIN N_("Who belongs")
#define BEGIN N_("To begin")
#define FILES N_("Files")

const struct command commands[] = {
	{"new", "TYPE [--set PATH=VALUE]...", 1, 1, DAILY, N_("Write a new record"), opt_new, cmd_new, print_saved},
	{"edit", "REC [--why TEXT]", 1, 1, DAILY, N_("Change a record in your editor"), opt_why, cmd_edit, print_saved},
	{"set", "REC PATH=VALUE... [--unset PATH] [--why TEXT]", 1, -1, DAILY, N_("Change fields of a record"), opt_set, cmd_set, print_saved},
	{"show", "REC [--at COMMIT]", 1, 1, DAILY, N_("Read a record"), opt_show, cmd_show, print_record},
	{"list", "[TYPE]", 0, 1, DAILY, N_("List the records you may read"), NULL, cmd_list, print_list},
	{"todo", "[--mine | --team T] [--history] [--today D]", 0, 0, DAILY, N_("What is to be done, by the unit's rules, and how"), opt_todo, cmd_todo, print_todo},
	{"approve", "REC [--return] --why TEXT", 1, 1, DAILY, N_("A supervisor's decision on a record as it stands"), opt_approve, cmd_approve, print_saved},
	{"search", "WORD...", 1, -1, DAILY, N_("Find records by their words"), NULL, cmd_search, print_search},
	{"sql", "QUERY", 1, 1, LOOK, N_("Ask the records you may read, as tables"), NULL, cmd_sql, print_sql},
	{"report", "[NAME] [--format F] [-o FILE] [--param NAME=VALUE]... [--outside]", 0, 1, LOOK, N_("The unit's reports: list them, or show one"), opt_report, cmd_report, print_report},
	{"generate", "NAME [--param NAME=VALUE]... [--dry-run]", 1, 1, DAILY, N_("Make the records that a generator of the store asks for"), opt_generate, cmd_generate, print_generate},
	{"check", "[REC...] | --schema S FILE...", 0, -1, DAILY, N_("Say what is wrong in records"), opt_check, cmd_check, print_check},
	{"log", "[REC] [--path P]", 0, 1, LOOK, N_("Who changed what, when and why"), opt_log, cmd_log, print_log},
	{"diff", "REC [A [B]]", 1, 3, LOOK, N_("What differs between two versions of a record"), NULL, cmd_diff, print_diff},
	{"sync", "[NAME] [--erase]", 0, 1, SHARE, N_("Fetch, verify, merge and push"), opt_sync, cmd_sync, print_sync},
	{"conflicts", "", 0, 0, SHARE, N_("What two people wrote in the same field"), NULL, cmd_conflicts, print_conflicts},
	{"resolve", "REC PATH --take N | --value V | --drop", 2, 2, SHARE, N_("Settle a conflict"), opt_resolve, cmd_resolve, print_saved},
	{"remote add", "NAME URL", 2, 2, SHARE, N_("Name a hub: a folder, ssh:// or https://"), NULL, cmd_remote_add, print_remotes},
	{"remote list", "", 0, 0, SHARE, N_("The hubs this store knows"), NULL, cmd_remote_list, print_remotes},
	{"verify", "[--content] [--full] [--checkpoint FILE] [--fingerprint F]", 0, 0, PROVE, N_("Prove that nothing was altered or removed"), opt_verify, cmd_verify, print_verify},
	{"checkpoint", "", 0, 0, PROVE, N_("A signed note of the trail as it stands, for paper or mail"), NULL, cmd_checkpoint, print_checkpoint},
	{"member add", "CARD --role R [--team T]...", 1, 1, ADMIN, N_("Let somebody in, by their device's card"), opt_member_add, cmd_member_add, print_people},
	{"member list", "", 0, 0, ADMIN, N_("Who belongs, with which devices"), NULL, cmd_member_list, print_members},
	{"member role", "H R[,R]", 2, 2, ADMIN, N_("Change what a member may do"), NULL, cmd_member_role, print_people},
	{"member remove", "H", 1, 1, ADMIN, N_("End a membership"), NULL, cmd_member_remove, print_people},
	{"device add", "CARD", 1, 1, ADMIN, N_("Let in another device of a member"), NULL, cmd_device_add, print_people},
	{"device revoke", "ID", 1, 1, ADMIN, N_("Shut a device out"), NULL, cmd_device_revoke, print_people},
	{"admit", "DEVICE [NAME]", 1, 2, ADMIN, N_("Let in what a device did while it was losing its rights"), NULL, cmd_admit, print_sync},
	{"team", "T [--add H]... [--remove H]...", 1, 1, ADMIN, N_("Make, change or show a team"), opt_team, cmd_team, print_team},
	{"access", "DOSSIER [--grant T] [--revoke T] [--until DATE] | --from A --to B", 0, 1, ADMIN, N_("Who may read a dossier; handing over"), opt_access, cmd_access, print_access},
	{"exposure", "H", 1, 1, ADMIN, N_("What a member's devices can read, wherever they are"), NULL, cmd_exposure, print_exposure},
	{"erase", "DOSSIER --basis CODE | --confirm", 1, 1, ADMIN, N_("Erase a dossier for good, lawfully: two members must say so"), opt_erase, cmd_erase, print_erase},
	{"reads", "[--by H] [--record REC]", 0, 0, PROVE, N_("What was opened, for members of team logg"), opt_reads, cmd_reads, print_reads},
	{"schema put", "DIR [--dry-run]", 1, 1, ADMIN, N_("New versions of the record types"), opt_dry, cmd_schema_put, print_schema_put},
	{"store", "[--set NAME=VALUE]...", 0, 0, ADMIN, N_("The store's settings, and the unit's own numbers in its rules"), opt_store, cmd_store, print_store},
	{"help", "[COMMAND...]", 0, 2, BEGIN, N_("What there is, or what one command does"), NULL, cmd_help, NULL},
	{"status", "", 0, 0, BEGIN, N_("Where you stand, and what to do next; akt alone says the same"), NULL, cmd_status, print_status},
	{"id new", "--handle H --device D", 0, 0, BEGIN, N_("Make this device's identity"), opt_id_new, cmd_id_new, print_id},
	{"id show", "", 0, 0, BEGIN, N_("This device's public card, to give to an admin"), NULL, cmd_id_show, print_id},
	{"id passphrase", "", 0, 0, BEGIN, N_("Change the identity's passphrase"), opt_work, cmd_id_passphrase, NULL},
	{"unlock", "[--for TIME]", 0, 0, BEGIN, N_("Keep the identity open for a while"), opt_unlock, cmd_unlock, print_unlock},
	{"lock", "", 0, 0, BEGIN, N_("Forget the open identity now"), NULL, cmd_lock, NULL},
	{"init", "DIR --name N [--schema DIR]", 1, 1, BEGIN, N_("Make a new store"), opt_init, cmd_init, print_init},
	{"join", "URL DIR --fingerprint F", 2, 2, BEGIN, N_("Get the unit's store from a hub"), opt_join, cmd_join, print_join},
	{"hub", "DIR", 1, 1, BEGIN, N_("Make a hub to sync through"), NULL, cmd_hub, print_hub},
	{"import", "DIR", 1, 1, FILES, N_("Take in plain YAML records"), NULL, cmd_import, print_import},
	{"export", "[REC...] -o DIR", 0, -1, FILES, N_("Write records as plain YAML"), opt_export, cmd_export, print_export},
	{"encrypt", "-r RECIPIENT...", 0, -1, FILES, N_("Standard input to an age file"), opt_encrypt, cmd_encrypt, NULL},
	{"decrypt", "[-i IDENTITY]", 0, 0, FILES, N_("An age file to standard output"), opt_decrypt, cmd_decrypt, NULL},
	{"gc", "", 0, 0, FILES, N_("Put the store into few files, small and quick to read"), NULL, cmd_gc, print_gc},
	{"doctor", "[--from PATH|URL]... [--dry-run]", 0, 0, FILES, N_("Find what is damaged and mend it"), opt_doctor, cmd_doctor, print_doctor},
	{"hook", "NAME", 1, 1, FILES, N_("For a hub's git hooks"), NULL, cmd_hook, NULL},
	{"complete", "[WORD...]", 0, -1, NULL, N_("What may be typed here, for shells"), NULL, cmd_complete, NULL},
	{"manual", "PAGE", 1, 1, NULL, N_("A manual page with what the command table says"), NULL, cmd_manual, NULL},
	{0},
};

/** One function for each thing a user wants. A function gets a session and its arguments, and gives
 * its result as a tree in the shape of DESIGN 7, which cli and web show. Nothing here prints, asks or
 * exits; what needs a person goes through the session's callbacks. */
#ifndef AKT_APP_APP_H
#define AKT_APP_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct diags;
struct err;
struct identity;
struct index;
struct names;
struct node;
struct vault;

struct session {
	const char *store;         /* folder; NULL: not known */
	const char *identity_path;
	const char *remember;      /* file that keeps the store made or joined first; NULL: none */
	/* Asks for a passphrase (twice where `confirm`); ERR_USAGE where nobody can be asked. */
	int (*passphrase)(void *ctx, struct buf *out, const char *prompt, bool confirm,
	    struct err *e);
	/* Long work: what, done of total (0 = unknown). Non-zero cancels. NULL allowed. */
	int (*progress)(void *ctx, const char *what, size_t done, size_t total);
	/* A person edits `text` in place; *changed tells. `keep` is called with what the file holds each
	 * time the editor has saved it, so that nothing typed dies with the editor. NULL: nobody
	 * can edit here. */
	int (*edit)(void *ctx, struct buf *text, const char *name, bool *changed,
	    void (*keep)(void *keep_ctx, const struct buf *text), void *keep_ctx, struct err *e);
	void *ctx;

	/* filled by the functions below */
	struct arena *arena;       /* results live here */
	struct arena *scratch;     /* one document at a time, of many */
	struct identity *id;
	struct vault *v;
	struct names *names;
	bool names_fresh;          /* they are HEAD's: for one question after another */
	bool names_checked;        /* each row as it was written */
	struct index *index;
	size_t covered, dossiers;  /* what the index covers, of the store's */
	struct node *warnings;     /* of what was saved, in the shape of check's; NULL: none */
	const char *unread;        /* why the first of the records that a result lacks could not be opened; NULL */
};

/** malloc'd path of a file or folder that came with the program: schema, hooks/NAME. */
char *app_shipped(const char *name);
/** Arena; nothing else. session_close wipes all. */
void session_start(struct session *s);
void session_close(struct session *s);
/** Asked before an answer is shown: ERR_IO when the disk kept back part of what it was made from. What was saved
 * stays acknowledged. */
int session_disk(struct session *s, struct err *e);
/** Identity: kept by `unlock`, else the file, asking for its passphrase. */
int session_identity(struct session *s, struct err *e);
/** Adds what of the store is damaged, where that made a result smaller; ERR_DAMAGED then. */
int session_damage(const struct session *s, struct err *e);
/** The store, without keys (verify) or with. ERR_USAGE when no store is named. */
int session_store(struct session *s, bool keys, struct err *e);

/* --- identity (identity.c) --- */
int app_id_new(struct session *s, struct node **out, const char *handle, const char *device,
    bool plain, int work_factor, struct err *e);
int app_id_show(struct session *s, struct node **out, struct err *e);
int app_id_passphrase(struct session *s, struct node **out, int work_factor, struct err *e);
int app_unlock(struct session *s, struct node **out, int seconds, struct err *e);
int app_lock(struct session *s, struct node **out, struct err *e);

/** age files by hand: recipients as text; *file* NULL = this device's identity, else any identity file (age's
 * own too). */
int app_encrypt(struct buf *out, const struct buf *in, const char *const *recipients, size_t n,
    struct err *e);
int app_decrypt(struct session *s, struct buf *out, const struct buf *in, const char *file,
    struct err *e);

/* --- stores and people (people.c, team.c, access.c, store.c) --- */
int app_init(struct session *s, struct node **out, const char *dir, const char *name,
    const char *schema_dir, const char *language, struct err *e);
int app_hub(struct session *s, struct node **out, const char *dir, struct err *e);
int app_member_add(struct session *s, struct node **out, const char *card_file, const char *roles,
    const char *const *teams, size_t nteams, struct err *e);
int app_member_remove(struct session *s, struct node **out, const char *handle, struct err *e);
int app_member_role(struct session *s, struct node **out, const char *handle, const char *roles,
    struct err *e);
int app_member_list(struct session *s, struct node **out, struct err *e);
int app_device_add(struct session *s, struct node **out, const char *card_file, struct err *e);
int app_device_revoke(struct session *s, struct node **out, const char *device, struct err *e);
int app_team(struct session *s, struct node **out, const char *team, const char *const *add,
    size_t nadd, const char *const *remove, size_t nremove, struct err *e);
int app_access(struct session *s, struct node **out, const char *dossier,
    const char *const *grant, size_t ngrant, const char *const *revoke, size_t nrevoke,
    const char *until, struct err *e);

/** Every dossier on whose list `from` (a member, or a team) stands is `to`'s from now on; records that still
 * name `from` are listed. */
int app_handover(struct session *s, struct node **out, const char *from, const char *to,
    struct err *e);
/** What a member's devices can read, whoever holds them now: [{dossier, records, until}] (exposure.c). */
int app_exposure(struct session *s, struct node **out, const char *handle, struct err *e);

/* --- records (record.c, place.c, find.c, edit.c) --- */
struct assignment { /* PATH=VALUE; from_file: VALUE came from @FILE, a text */
	const char *path, *value;
	bool from_file;
};
/** `edit`: where there is a terminal, and nothing was set or a required field is missing, the rest is asked for there. */
int app_new(struct session *s, struct node **out, const char *type, const char *dossier,
    const struct assignment *set, size_t nset, const char *from_file, bool edit, struct err *e);
int app_set(struct session *s, struct node **out, const char *rec, const struct assignment *set,
    size_t nset, const char *const *unset, size_t nunset, const char *why, struct err *e);
int app_edit(struct session *s, struct node **out, const char *rec, const char *why,
    struct err *e);
int app_show(struct session *s, struct node **out, const char *rec, const char *at,
    struct err *e);
int app_list(struct session *s, struct node **out, const char *type, struct err *e);

/** A supervisor's decision, a record of its own: {id, dossier, commit, record, state} (approve.c). */
int app_approve(struct session *s, struct node **out, const char *rec, bool returned,
    const char *why, struct err *e);

/* --- questions (search.c): over what this person may read; s->covered of s->dossiers --- */
/** Records in which every word begins a word. *out [{id, type, dossier, title}], best first. */
int app_search(struct session *s, struct node **out, const char *const *words, size_t n,
    struct err *e);
/** One SELECT over the index's tables (index/index.h); `:today` is bound. *out [{column: value}]. */
int app_sql(struct session *s, struct node **out, const char *sql, struct err *e);

/** What is to be done, most pressing first: [{rule, severity, record, dossier, due, responsible, message, next,
 * title, who, person, handle, role, team, state, days}]; null where there is none. state: overdue, now,
 * soon, failed (the rule itself; ERR_FINDINGS then, with *out), and with `past` instead: history (due
 * before the unit went live), acknowledged. `responsible` is a person's record, else a handle, else
 * the role. `today` YYYY-MM-DD or NULL (todo.c). */
int app_todo(struct session *s, struct node **out, bool mine, const char *team, bool past,
    const char *today, struct err *e);

/* --- reports (report.c) --- */
enum report_format { REPORT_TREE, REPORT_HTML, REPORT_MD, REPORT_CSV, REPORT_JSON };
struct report_options {
	enum report_format format;
	const char *file;    /* to write to; NULL: the result has the text */
	const char *today;   /* YYYY-MM-DD; NULL: this day */
	const char *section; /* of CSV; NULL: the first */
	bool outside;        /* it leaves the unit */
	bool live;           /* as the records are now, though it is frozen */
	bool freeze;         /* into a new record */
	const struct assignment *params;
	size_t nparams;
};
/** [{name, title}] */
int app_report_list(struct session *s, struct node **out, struct err *e);
/** REPORT_TREE without a file: {report, title, today, outside, params, covers, partial, record, sections} (report/plain.h);
 * else {report, text} or {report, file}; `freeze`: as app_new. */
int app_report(struct session *s, struct node **out, const char *name,
    const struct report_options *o, struct err *e);

/* --- generators (generate.c) --- */
/** What schema/generators/NAME.sql makes, with parameters PATH=VALUE; `dry_run`: makes it and leaves it there. *out
 * {generator, dry_run, params: {NAME: TEXT}, type, rows: [{COLUMN: VALUE}], records: [{id, dossier, title}],
 * updated, grants: [{team, dossier, record, until}], covered, dossiers, commit}. */
int app_generate(struct session *s, struct node **out, const char *name,
    const struct assignment *given, size_t n, bool dry_run, struct err *e);

/* --- checking (check.c) --- */
/** *out {ok, errors, warnings}; ERR_INVALID with no item when errors were found. */
int app_check(struct session *s, struct node **out, const char *const *recs, size_t n,
    struct err *e);
/** The shape of app_check's result where nothing could be checked. */
struct node *app_check_failed(struct session *s, const struct err *e);
int app_check_files(struct session *s, struct node **out, const char *schema,
    const char *const *files, size_t n, struct err *e);
int app_schema_put(struct session *s, struct node **out, const char *dir, bool dry_run,
    struct err *e);

/** The store's settings, changed first where `set` is given (empty VALUE: back to what it is unset). *out {store,
 * name, language, settings: {basis, erase_signers, fts, go_live}, values: [{name, value, default,
 * from}]}, and {commit} of a change (settings.c). */
int app_store(struct session *s, struct node **out, const struct assignment *set, size_t nset,
    struct err *e);

/* --- history (history.c) --- */
int app_log(struct session *s, struct node **out, const char *rec, const char *path,
    struct err *e);
int app_diff(struct session *s, struct node **out, const char *rec, const char *a,
    const char *b, struct err *e);

/* --- in and out (transfer.c) --- */
int app_import(struct session *s, struct node **out, const char *dir, struct err *e);
int app_export(struct session *s, struct node **out, const char *const *recs, size_t n,
    const char *dir, struct err *e);

/* --- hubs (remote.c) --- */
int app_join(struct session *s, struct node **out, const char *url, const char *dir,
    const char *fingerprint, struct err *e);
int app_remote_add(struct session *s, struct node **out, const char *name, const char *url,
    struct err *e);
int app_remote_list(struct session *s, struct node **out, struct err *e);
/** The shape of app_sync's result for a sync that could not begin. */
struct node *app_sync_failed(struct session *s, const struct err *e);
int app_sync(struct session *s, struct node **out, const char *remote, struct err *e);
/** As app_sync, not stopping to show what an erasure takes along. */
int app_sync_erase(struct session *s, struct node **out, const char *remote, struct err *e);
/** A git hook of the hub, standard input given as text: pre-receive, post-receive. */
int app_hook(struct session *s, struct node **out, const char *name, const char *input,
    struct err *e);

/* --- conflicts (conflict.c) --- */
/** Lets in what a revoked device did; an admin's word. *remote NULL: the only one. */
int app_admit(struct session *s, struct node **out, const char *device, const char *remote,
    struct err *e);
int app_conflicts(struct session *s, struct node **out, struct err *e);
int app_resolve(struct session *s, struct node **out, const char *rec, const char *path,
    int take, const char *value, bool drop, const char *why, struct err *e);

/* --- erasure and the log of reading (erase.c, reads.c) --- */
/** Orders (`basis`) or confirms; neither: how an erasure stands. `dossier` may name a record in it. *out {dossier,
 * basis, by, signers, final, commit, parts: [dossiers beside it, to be erased each by itself]}, and once
 * final {devices: [{id, seen}], hubs: [{name, folder}]}, which it has not reached. */
int app_erase(struct session *s, struct node **out, const char *dossier, const char *basis,
    bool confirm, struct err *e);
/** *out [{at, by, device, what, record | query, hits}], oldest first. */
int app_reads(struct session *s, struct node **out, const char *by, const char *record,
    struct err *e);

/* --- where one stands (status.c) --- */
/** Nothing is asked, opened or fetched for it. *out {identity: {state: none | locked | open, file, id}, store: {path, id,
 * name, kind: store | copy} (or missing: the folder that was named), member: active | revoked | unknown, unsent: [{remote, commits}], drafts: [names], next: [{what,
 * command}]}; what is not known is left out. `next`, most urgent first, is never empty without a store. */
int app_status(struct session *s, struct node **out, struct err *e);

/** What a person may be about to type, from plain files alone (words.c): [{word, about}]. Kinds: types, fields (of
 * `type`; `begun` = what is typed of one), reports, generators, teams, members, readers (both), devices, remotes,
 * bases; of another kind there is none. */
int app_words(struct session *s, struct node **out, const char *kind, const char *type,
    const char *begun, struct err *e);

/* --- care (care.c) --- */
int app_gc(struct session *s, struct node **out, struct err *e);
/** Reads everything again and puts right what is damaged, fetched from the remotes and from `from` (paths or
 * addresses); `dry`: only looks. *out {ok, objects, damaged, mended, locks, notices}; ERR_DAMAGED with
 * no item where damage is left (doctor.c). */
int app_doctor(struct session *s, struct node **out, const char *const *from, size_t nfrom, bool dry,
    struct err *e);

/* --- proof (proof.c) --- */
int app_verify(struct session *s, struct node **out, bool content, bool full,
    const char *checkpoint_file, const char *fingerprint, struct err *e);
int app_checkpoint(struct session *s, struct node **out, struct err *e);

#endif

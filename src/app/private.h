/* Shared by the files of app/ alone. */
#ifndef AKT_APP_PRIVATE_H
#define AKT_APP_PRIVATE_H

#include "app/app.h"
#include "base/buf.h"
#include "base/err.h"
#include "git/oid.h"
#include "merge/storepath.h"
#include "schema/schema.h"
#include "vault/vault.h"

struct txn;

/* ERR_ACCESS: there is no identity on this device, and what to do. */
int no_identity(struct err *e);
/* Keeps the folder of a store just made or joined for the next commands, unless there is another. */
void session_remember(struct session *s, const char *dir);

/* A record could not be opened, and what is made without it lacks it: session_damage says so. Not of what is no
 * damage: that there is no access. */
void session_unread(struct session *s, const struct err *why);

/* An empty arena for one of many documents; what it held before is wiped. */
struct arena *session_scratch(struct session *s);

/* A file or folder that the person named and that is not there is wrong use. */
static inline int
as_usage(int rc)
{
	return rc == ERR_NOTFOUND ? ERR_USAGE : rc;
}

/* A record that a person named. */
struct found {
	char id[66], type[33], dossier[11];
	char *path;      /* in HEAD's tree; in the session's arena */
	struct oid blob;
};

/* REC (DESIGN 7): an id or unique prefix, DOSSIER/ID, TYPE:TEXT, @. An unknown record and one the
 * user may not open give the same message and ERR_ACCESS; an ambiguous one ERR_USAGE. */
int find_record(struct session *s, struct found *out, const char *rec, struct err *e);
/* Calls `each` for the records that are named, or for all of HEAD when n is 0. */
int find_each(struct session *s, const char *const *recs, size_t n, vault_record_fn each, void *ctx,
    struct err *e);
/* The exact id, as references hold it. ERR_NOTFOUND when there is none. */
int find_exact(struct session *s, struct found *out, const char *id, struct err *e);
/* Whether the tree has a record of exactly this id, in which dossier; it may be one that the user
 * may not open: say no more of it than that. */
int find_known(struct session *s, bool *known, char dossier[11], const char *id, struct err *e);
/* The same by the names as they are now. */
int find_named(struct session *s, bool *known, char dossier[11], const char *id, struct err *e);
/* Brings the names up to HEAD. */
int find_refresh(struct session *s, struct err *e);
/* Remembers the record as `@`. */
void find_remember(struct session *s, const char *id);

/* Versions set aside beside a record, those that this person can open; parked_free. */
struct parked {
	size_t n, cap;
	struct {
		const char *path; /* in the session's arena */
		struct oid blob;
	} *v;
};
int parked_find(struct session *s, struct parked *out, const char *dossier, const char *id,
    struct err *e);
void parked_free(struct parked *p);
/* What readers see: the record merged with the version set aside. */
int parked_merge(struct session *s, struct node **rec, const struct found *f,
    const struct parked *p, struct err *e);
/* The change stores what parked_merge gave: the file set aside goes. *dropped: there was one. */
int parked_drop(struct session *s, struct txn *t, bool *dropped, const char *dossier, const char *id,
    struct err *e);

/* What this person is about to be shown, for the log of reading: one record, or what a list or a search
 * with this query (may be NULL) gave. Sealed before it is shown. */
void note_read(struct session *s, const char *what, const char *record);
void note_query(struct session *s, const char *what, const char *query, size_t hits);

/* Opens the index and brings it up to HEAD; `afresh`: from nothing. */
int search_index(struct session *s, bool afresh, struct err *e);
/* ERR_DAMAGED after a question to the index, where records that do not open are not in its answer. */
int search_lacking(struct session *s, struct err *e);
/* The tables of every type at HEAD with a sound schema that `ix` does not know yet. */
int search_types(struct session *s, struct index *ix, struct err *e);
/* Asks the index, which must be up to date; where it is damaged it is built anew and asked once more. */
typedef int (*search_ask_fn)(void *ctx, struct err *e);
int search_ask(struct session *s, search_ask_fn ask, void *ctx, struct err *e);
/* One query of a person (file NULL) or of a store's file, as search_ask;
 * `:today` is bound to `today` (YYYY-MM-DD, NULL: this day), then the values given. */
struct index_value; /* index/index.h */
int search_query(struct session *s, struct node **out, const char *sql, const char *file,
    const char *today, const struct index_value *values, size_t n, struct err *e);
/* This day where the person is, YYYY-MM-DD. */
void search_today(char day[11]);

/* Opens a found record's envelope, merged with what was set aside beside it. */
int open_found(struct session *s, struct node **out, const struct found *f, struct err *e);
/* Title of a record by its schema's x-akt.title: texts of the fields, joined by ", "; in the arena. */
const char *record_title(struct session *s, const struct schema *sc, const struct node *rec);

/* Where a new record of this type goes and who reads it (x-akt.dossier, x-akt.access). Opens the dossier in
 * the change when it is new. `out` = dossier id. */
int place_record(struct session *s, struct txn *t, char out[11], const char *type,
    const struct schema *sc, const struct node *data, struct err *e);
/* ERR_USAGE where somebody asked for another dossier than the type and the fields say: other people would read it. */
int place_fits(struct session *s, struct txn *t, const char *dossier, const char *type,
    const struct schema *sc, const struct node *data, struct err *e);
/* Records of one import, so that a reference may point at a record of the same change. */
struct place_peers {
	const struct node *(*find)(void *ctx, const char *id); /* envelope, without a dossier until it has one; NULL */
	void *ctx;
};
int place_record_among(struct session *s, struct txn *t, char out[11], const char *type,
    const struct schema *sc, const struct node *data, const struct place_peers *peers,
    struct err *e);
/* The dossier of a part `part` beside `parent`. */
void place_part(char out[11], const char *store, const char *parent, const char *part);
/* True when such a record goes to a dossier of its own. */
bool place_owns(const struct schema *sc, const struct node *data);
/* Opens a dossier of that id, where there is none, with the list that such a record gives its own. */
int place_open(struct session *s, struct txn *t, const char *dossier, const struct schema *sc,
    const struct node *data, const struct place_peers *peers, struct err *e);
/* The field of x-akt.access, in the record itself, that names the team's member; NULL when none does. */
const char *place_names(struct session *s, const struct schema *sc, const struct node *data,
    const char *team);
/* Access lists follow their fields: what an edit of `rec` from the data `before` (NULL: a new record) grants
 * and revokes on its dossier, and on those of records whose lists look through it, in the same change. */
int place_follow(struct session *s, struct txn *t, const struct node *rec, const struct schema *sc,
    const struct node *before, struct err *e);

/* {id, dossier, commit} of a record just saved. */
struct node *saved_result(struct session *s, const struct node *rec, const struct oid *commit);
/* {commit}, to which a command adds what it did. */
struct node *commit_result(struct session *s, const struct oid *commit);
/* Notes in `r` a team whose key this device has not: pending, or the recovery identity's. people_carry
 * takes such notes to the command's result. */
int people_pending(struct session *s, struct txn *t, struct node *r, const char *team,
    struct err *e);
void people_carry(struct session *s, struct node *to, const struct node *from);
/* What lies in a folder of HEAD's tree, not below it, by name; non-zero stops. A folder that is not there is
 * empty. */
int each_in_folder(struct session *s, const char *folder, vault_record_fn each, void *ctx, struct err *e);
int each_in_dossier(struct session *s, const char *dossier, vault_record_fn each, void *ctx,
    struct err *e);
/* Every record type at HEAD; non-zero stops. */
typedef int (*type_fn)(void *ctx, const char *type, const struct schema *sc);
int each_type(struct session *s, type_fn each, void *ctx, struct err *e);
/* The same past those that are no sound schemas: to judge what may replace them. */
int each_sound_type(struct session *s, type_fn each, void *ctx, struct err *e);
/* Every dossier at HEAD; non-zero stops. */
struct dossier;
typedef int (*dossier_fn)(void *ctx, const struct dossier *d);
int each_dossier(struct session *s, dossier_fn each, void *ctx, struct err *e);

/* The errors that `rec` has and `before` (NULL: none) had not: "a save may not ADD an error".
 * ERR_INVALID with the items in e. */
int check_added(struct session *s, const struct schema *sc, const struct node *before,
    const struct node *rec, const char *file, struct err *e);
/* The schemas of a folder (TYPE.yaml), or one file, compiled. Every fault of all of them is in `e`. */
struct schema_file {
	char type[64];
	struct arena *arena;
	struct schema *schema;
	struct buf text;
};
struct schema_set {
	size_t n, cap;
	struct schema_file *v;
};
int schema_set_load(struct schema_set *set, const char *path, struct err *e);
void schema_set_free(struct schema_set *set);

/* True when `d` has a finding of the same path and text. */
struct diag;
bool check_has(const struct diags *d, const struct diag *x);
/* {file, line, column, path, message} */
struct node *check_finding(struct arena *a, const char *file, unsigned line, unsigned column,
    const char *path, const char *text);
/* What x-akt.guard doubts in `data` and not in the record `before` (NULL: none) joins the session's warnings. */
void check_doubts(struct session *s, const struct schema *sc, const struct node *before,
    const struct node *data, const char *file, const char *prefix);
/* A text beside the record's fields, a reason or an id, against x-akt.guard; NULL is sound. ERR_INVALID. */
int check_text(const struct schema *sc, const char *text, const char *file, unsigned line,
    unsigned column, const char *path, struct err *e);

/* Open conflicts at the paths where `rec` differs from `before` are settled by what the person wrote. */
void settle_edited(struct session *s, const struct schema *sc, const struct node *before,
    struct node *rec);

/* A reason as a person gave it, brought to what a record can hold; NULL when it says nothing. ERR_INVALID. */
int said_why(struct session *s, const char **why, struct err *e);
/* ERR_USAGE where the record may only change with a reason and there is none. */
int save_wants_why(const struct schema *sc, const struct node *before, const char *why, struct err *e);
/* Saves one record: shape, ids, check, stamp, lists, commit. `before` NULL = new. *commit is HEAD's
 * old id when nothing changed. */
int save_record(struct session *s, struct txn *t, struct node *before, struct node *rec,
    const char *why, const char *verb, struct oid *commit, struct err *e);

/* The same without the commit, for a change of several records. *changed: something was put. */
int save_put(struct session *s, struct txn *t, struct node *before, struct node *rec,
    const char *why, bool *changed, struct err *e);
/* A new record with this data, in the change: id, place, check. `dossier` NULL: where its type goes. */
int save_new(struct session *s, struct txn *t, struct node **out, const char *type,
    const struct schema *sc, struct node *data, const char *dossier, struct err *e);
/* PATH=VALUE, put into a record's data as `--set` does it. */
int record_assign(struct session *s, const struct shape *shape, struct node *data,
    const struct assignment *x, struct err *e);

/* A new record's fields in the person's editor, until they are valid or given up; what was typed
 * stays as a draft until edit_done. *dossier: where it was asked to go, or NULL; a draft says it again. */
int edit_new(struct session *s, const struct schema *sc, const char *type, const char **dossier,
    struct node **data, struct err *e);
void edit_done(struct session *s, const char *type);

/* Appends {record, path} for every open conflict that the tree of an earlier HEAD had not. */
int conflicts_since(struct session *s, struct node *list, const struct oid *tree, struct err *e);

/* Decisions on records, those that are void left out; texts in the session's arena (approve.c). */
struct approval {
	const char *record, *id, *content, *at, *by;
	const char *earlier; /* the decision before it, "" when none */
	bool approved; /* else returned */
};
struct approvals {
	size_t n, cap;
	struct approval *v; /* by record, the newest first */
};
/* Of one dossier, or NULL = all that may be read. approvals_free. */
int approvals_load(struct session *s, struct approvals *out, const char *dossier, struct err *e);
void approvals_free(struct approvals *x);
/* All of them as the index has them, and the state of one record's by the content that it has. */
int approvals_indexed(struct session *s, struct approvals *out, struct err *e);
int approval_indexed(struct session *s, struct node **out, const struct approvals *all,
    const char *record, struct err *e);
/* The decision on a record that no other has followed; NULL. */
const struct approval *approvals_standing(const struct approvals *all, const char *record);
/* By which an approval knows what it was given to. */
void approval_content(uint8_t digest[32], const struct node *rec);
/* {state, decision, by, at, id} of the decision on a record that stands; state: approved, returned, or
 * lapsed when the record has changed since. NULL when there is none. */
struct node *approval_of(struct session *s, const struct approvals *all, const struct node *rec);

/* As approval_of, of a record as readers see it: with the version that lies aside, if there is one. */
int approval_merged(struct session *s, struct node **out, const struct approvals *all, struct node *rec,
    const char *path, const struct oid *blob, struct err *e);

/* The blob of a path at a commit (hex, or a unique prefix of at least 6). ERR_NOTFOUND, ERR_USAGE. */
int history_version(struct session *s, struct oid *blob, const char *path, const char *commit,
    struct err *e);

/* The hubs of the store in that folder, {NAME: URL}. */
int remotes_read(struct session *s, const char *store, struct node **out, struct err *e);
/* This device's identity if it can be had without asking anybody; NULL. */
const struct identity *session_quietly(struct session *s);

#endif

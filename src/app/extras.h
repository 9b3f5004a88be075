/* What a store's schema folder holds beside the types: rules, reports, generators. Shared by the files of
 * app/ alone. */
#ifndef AKT_APP_EXTRAS_H
#define AKT_APP_EXTRAS_H

#include "app/private.h"
#include "index/index.h"
#include "rules/header.h"

enum { EXTRAS_FOLDERS = 3 };
extern const char *const extras_folders[EXTRAS_FOLDERS];

struct extra {
	const char *folder;     /* rules, reports or generators */
	const char *name;       /* x01.sql; within path */
	char *path;             /* rules/x01.sql: its name in messages, below schema/ */
	struct buf text;
};

/* By path. extras_free. */
struct extras {
	size_t n, cap;
	struct extra *v;
};

/* Those of one folder at HEAD, added to `x`; none is no error. */
int extras_head(struct session *s, struct extras *x, const char *folder, struct err *e);
/* DIR/rules and so on; there[i]: DIR has the folder extras_folders[i]. */
int extras_load(struct extras *x, bool there[EXTRAS_FOLDERS], const char *dir, struct err *e);
void extras_free(struct extras *x);
/* Everything wrong with them is in e: heads, queries against the tables of `types` and, where a session is
 * given, of the other types at its HEAD. Messages never name a value. */
int extras_check(const struct extras *x, const struct schema_set *types, struct session *s,
    struct err *e);

/* Rules at HEAD that have one name, as when two administrators put one in force each, apart: of each file but
 * the first, that one. The texts are the session's arena's. */
int extras_twice(struct session *s,
    void (*each)(void *ctx, const char *file, const char *first, const char *id), void *ctx, struct err *e);

/* A number that the unit may set, and the file in which it was first met. */
struct declared {
	struct header_setting set;
	const char *path;
};
/* What a setting of a file's head is in this store: the unit's own value, else the head's. */
struct index_value settings_value(struct session *s, const struct header_setting *def);

#endif

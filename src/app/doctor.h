/* Shared by the doctor's files alone. */
#ifndef AKT_APP_DOCTOR_H
#define AKT_APP_DOCTOR_H

#include "app/private.h"
#include "git/mend.h"

struct vault;

/* Something damaged. One thing has one key, however often it is found. */
struct ill {
	char *key, *file, *object, *text;
	const char *kind;
	bool here;   /* found in this round */
	bool gone;   /* lost: set aside, so that it is in nobody's way */
};

/* One of a store's two repositories. */
struct repo {
	const char *name; /* before its files' names: "" or "akt/keys.git/" */
	char *path, *aside;
	struct git *g;    /* NULL: it cannot be opened yet */
	struct git_look *look;
	bool own;         /* made by this program: HEAD and config are as git_init writes them */
};

/* Another copy. */
struct copy {
	char *name, *url;
	bool tried;
	struct git_source *main, *keys; /* NULL: out of reach */
};

struct doctor {
	struct session *s;
	char *path;   /* the bare repository, or a clone's .git */
	bool machine; /* a member's store: it has a folder akt with keys; else a hub or a mere copy */
	bool dry;
	struct repo repo[2];
	size_t nrepos;
	struct {
		size_t n, cap;
		struct copy *v;
	} copies;
	struct {
		size_t n, cap;
		struct ill *v;
	} ills;
	struct node *locks, *notices;
	char *aside;
};

/* Notes it; `kind` is a word for programs. */
void doctor_ill(struct doctor *d, const char *kind, const char *file, const struct oid *id,
    const char *text);
/* It will not be found again, and yet was not mended. */
void doctor_gone(struct doctor *d, const struct oid *id, const char *text);
void doctor_gone_file(struct doctor *d, const char *file, const char *text);
void doctor_notice(struct doctor *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A finding of git/'s in one of the repositories; ctx: struct doctor_finder. */
struct doctor_finder {
	struct doctor *d;
	struct repo *r;
};
int doctor_found(void *ctx, const struct git_finding *f);
/* Something was found in this round; `repositories`: in what is not local alone. */
bool doctor_any(const struct doctor *d, bool repositories);
void doctor_ills_free(struct doctor *d);
/* malloc'd DIR/akt/NAME */
char *doctor_local(const struct doctor *d, const char *name);
/* One more to ask. */
void doctor_copy(struct doctor *d, const char *name, const char *url);
/* Opens the copies that have not been tried yet. */
int doctor_copies(struct doctor *d, struct err *e);
/* The copies' repositories that go with `r`; *n. malloc'd. */
struct git **doctor_sources(struct doctor *d, const struct repo *r, size_t *n);
int doctor_progress(void *ctx, size_t done, size_t total);

/* the repositories and what only an open store can be asked (doctor_repos.c) */
int doctor_repos_look(struct doctor *d, struct err *e);
int doctor_repos_mend(struct doctor *d, struct err *e);
/* Handles read what lay there when they were opened. */
void doctor_repos_close(struct doctor *d);

/* refs (doctor_refs.c) */
int doctor_refs_look(struct doctor *d, struct repo *r, struct err *e);
int doctor_refs_mend(struct doctor *d, struct repo *r, struct err *e);

/* what is no repository (doctor_local.c); mend: puts right what can be */
int doctor_files(struct doctor *d, bool mend, struct err *e);
int doctor_clock(struct doctor *d, struct vault *v);

#endif

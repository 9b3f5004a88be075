/** JSON Schema 2020-12 with the annotations of DESIGN 3. */
#ifndef AKT_SCHEMA_SCHEMA_H
#define AKT_SCHEMA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/shape.h"

struct buf;
struct diags;
struct err;
struct node;
struct regex;
struct schema;

enum schema_mode {
	SCHEMA_STORE, /* an unknown keyword not beginning with `x-` is an error */
	SCHEMA_OPEN,  /* plain JSON Schema: unknown keywords are annotations (the public suite) */
};

/** Other documents that $ref may reach by absolute URI; no network, ever. */
struct schema_docs {
	size_t n;
	struct { const char *uri; const struct node *doc; } *v;
};

/** Compiles. `doc` is borrowed for the schema's life. A wrong schema never loads half: every
 * fault is in `diags` (positions in `file`) and ERR_INVALID is returned. */
int schema_compile(struct schema **out, const struct node *doc, const char *file,
    enum schema_mode mode, const struct schema_docs *docs, struct diags *diags, struct err *e);
void schema_free(struct schema *s);

/** Validates `doc`; findings go to `out` with the positions of its nodes, field paths
 * prefixed by `prefix` ("data" for a record, "" else). Returns true when valid. The texts
 * name the rule in the reader's language and never quote the value. `out` may be NULL. */
bool schema_validate(const struct schema *s, const struct node *doc, const char *file,
    const char *prefix, struct diags *out);

/** Of a text that is no field of the record, a reason or an id say: what x-akt.guard finds in it. *text, where it
 * is not clear: the schema's words. (schema_validate refuses fields with a hit.) */
enum schema_guarded { GUARD_CLEAR, GUARD_DOUBT, GUARD_HIT };
enum schema_guarded schema_guard(const struct schema *s, const char *p, size_t n,
    const char **text);
/** Texts that x-akt.guard doubts: findings as of schema_validate, but no faults. */
void schema_doubts(const struct schema *s, const struct node *doc, const char *file,
    const char *prefix, struct diags *out);

/** Formats asserted: date, date-time, time, duration, email, uuid, uri. */
bool schema_format_valid(const char *format, const char *s, size_t n);

const struct shape *schema_shape(const struct schema *s);

/** x-akt at the top of a record type's schema, with the defaults of DESIGN 3. */
struct schema_dossier { /* one choice of x-akt.dossier, the first whose field is set wins */
	enum { DOSSIER_OWN, DOSSIER_UNIT, DOSSIER_OF } kind;
	const char *field; /* DOSSIER_OF: dotted field that refers to a record */
	/* DOSSIER_OF: name of a part beside it; NULL = that record's own dossier */
	const char *part;
};

struct schema_access { /* one entry of x-akt.access */
	const char *team;  /* {team: T}; NULL */
	/* {field: F}: a member's handle, or a reference to a record whose type says
	 * x-akt.member; dots step through references: `case.handler` */
	const char *field;
	/* {readers: F}: who reads the dossier of the record that F refers to */
	const char *readers;
	/* {…, if: F} / {…, unless: F}: only when one of these fields is, or none is, true */
	size_t nwhen, nunless;
	const char **when, **unless;
	/* {…, if: F, only: true}: then such entries alone, and nobody who was let in by hand */
	bool only;
};

enum { SCHEMA_GUARD_DIGITS = 32 };

struct schema_guard { /* one entry of x-akt.guard: what no text of a record may hold */
	const struct regex *pattern;
	/* {check: luhn, digits: N}: a match whose last N digits do not check is only doubted, 0: no check */
	size_t digits;
	struct text_label message, warning;
};

struct schema_akt {
	int version;                 /* 1 */
	struct text_label label;
	size_t nwrite;
	const char **write;          /* roles and `team:NAME`; default staff, supervisor */
	size_t ndossier;
	struct schema_dossier *dossier; /* default own */
	const char *retention;       /* "" */
	size_t naccess;
	struct schema_access *access;/* default {team: unit} */
	size_t ntitle;
	const char **title;          /* fields shown in lists */
	const char *lock_field, *lock_value; /* NULL without lock */
	size_t nopen;
	const char **lock_open;      /* fields that may change once locked */
	const char *member;          /* x-akt.member: field with the member's handle; NULL */
	size_t nguards;
	struct schema_guard *guards;
	const char *table;           /* in the index; NULL: the type and an s */
	/* x-akt.roles, of a type with a member: the list field with the roles that a person has, and the team
	 * that answers for a role's duties; NULL */
	const char *roles_field;
	size_t nroles;
	struct schema_role {
		const char *role, *team;
	} *roles;
	/* x-akt.acknowledges: such a record says that what the rule in field ack_rule has against the record
	 * in field ack_record is known and stays so, where ack_field (NULL: always) is ack_value; NULL */
	const char *ack_record, *ack_rule, *ack_field, *ack_value;
};

const struct schema_akt *schema_akt(const struct schema *s);

#endif

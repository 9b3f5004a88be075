/** State of one compilation, shared by the files that compile. Private to this module. */
#ifndef AKT_SCHEMA_COMPILER_H
#define AKT_SCHEMA_COMPILER_H

#include "schema/sub.h"

struct pair;

struct resource { /* a document, or what $id names inside one */
	const char *uri;
	const struct node *root;
	const char *file;
};

struct anchor {
	const char *uri, *name;
	struct sub *sub;
};

struct pending { /* a $ref still to be resolved */
	struct sub *from;
	const struct node *at;
};

struct known { /* subschema of a node */
	const struct node *node;
	struct sub *sub;
};

struct compiler {
	struct schema *s;
	struct arena *a; /* s->a */
	enum schema_mode mode;
	const struct schema_docs *docs;
	struct diags *diags;
	size_t faults;
	struct { size_t n, cap; struct resource *v; } resources;
	struct { size_t n, cap; struct anchor *v; } anchors;
	struct { size_t n, cap; struct pending *v; } pending;
	struct { size_t n, cap; struct sub **v; } subs; /* all, in order of compilation */
	struct { size_t n, cap; struct known *slot; } known;
};

/** Where in a schema document the compiler is; linked on the stack. */
struct place {
	const struct place *up;
	const char *name; /* NULL: index */
	size_t index;
	const char *file;
	unsigned depth;
};

/** One keyword being compiled. */
struct keyword {
	struct sub *sub;
	const struct pair *pair;
	const struct node *v; /* pair->value */
	struct place at;
};

/** Reports a fault of the schema at `at`, path `place`. */
void compile_fault(struct compiler *c, const struct node *at, const struct place *place,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/** The same at a compiled subschema, with `name` (may be NULL) behind its path. */
void compile_fault_sub(struct compiler *c, const struct sub *s, const struct node *at,
    const char *name, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/** Subschema at `n`; compiled once. Never NULL: a faulty one is the schema `true`. */
struct sub *compile_sub(struct compiler *c, const struct node *n, const char *base,
    const struct place *at);
/** The place `name` (or item `index`) below. */
struct place compile_place(const struct place *up, const char *name, size_t index);
/** Dotted path of a place, in the arena. */
const char *compile_path(struct compiler *c, const struct place *at);

/** keywords.c: compiles what stands under a keyword. False: not a keyword of 2020-12. */
bool keywords_compile(struct compiler *c, struct keyword *k);

/** A regular expression of the schema, freed with it; NULL when it is none, which is reported at `place`. */
struct regex *keywords_regex(struct compiler *c, const struct node *at, const struct place *place,
    const char *pattern, size_t n);

/** refs.c */
struct sub *refs_known(struct compiler *c, const struct node *n);
void refs_know(struct compiler *c, const struct node *n, struct sub *s);
/** Registers `$id` and `$anchor`; returns the base URI for the subschema `n`. */
const char *refs_id(struct compiler *c, const struct node *n, const char *base,
    const struct place *at);
void refs_anchor(struct compiler *c, struct keyword *k);
/** Resolves every pending $ref, compiling what they reach. */
void refs_link(struct compiler *c);
/** Faults every reference that leads back to itself without entering the value. */
void refs_check_progress(struct compiler *c);

/** akt.c: x-akt of a subschema; at the top also of the record type. */
void akt_compile(struct compiler *c, struct keyword *k);
/** After the shape is known: fields that x-akt names must be there. */
void akt_check(struct compiler *c);
/** Defaults of DESIGN 3 for what x-akt leaves out. */
void akt_defaults(struct compiler *c);

/** gather.c: builds the shape of s->root; faults contradictions and lists of mappings that
 * do not say how they merge. */
void gather_shape(struct compiler *c);

#endif

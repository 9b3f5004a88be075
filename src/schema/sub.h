/** The compiled graph: one `struct sub` per subschema, references already pointers. Private
 * to this module. Everything lives in the schema's arena. */
#ifndef AKT_SCHEMA_SUB_H
#define AKT_SCHEMA_SUB_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/numeric.h"
#include "schema/schema.h"

struct arena;
struct node;
struct regex;

enum {
	TYPE_NULL = 1,
	TYPE_BOOL = 2,
	TYPE_INT = 4,
	TYPE_NUM = 8,
	TYPE_STR = 16,
	TYPE_SEQ = 32,
	TYPE_MAP = 64,
};

/** Vectors of pointers into the arena, exact size. */
struct subs {
	size_t n;
	struct sub **v;
};

struct names {
	size_t n;
	const char **v;
};

struct named_sub { /* properties, dependentSchemas */
	const char *name;
	struct sub *sub;
};

struct named_subs {
	size_t n;
	struct named_sub *v;      /* in schema order */
	struct named_sub *sorted; /* by name, for lookup */
};

struct pattern_sub {
	struct regex *re;
	struct sub *sub;
};

struct dependent {
	const char *name;
	struct names required;
};

/** x-akt of any subschema. */
struct sub_akt {
	struct text_label label, help, message;
	const char *ref;
	bool has_list;
	enum list_kind list;
	const char *list_key;
	size_t nlabels;
	struct shape_enum *labels;
};

/** Keywords that contribute to a shape, in the order the schema mentions them. */
enum step {
	STEP_PROPERTIES,
	STEP_REF,
	STEP_ALL,
	STEP_ANY,
	STEP_ONE,
	STEP_IF,
	STEP_THEN,
	STEP_ELSE,
	STEP_DEPENDENT,
	STEP_COUNT,
};

struct sub {
	const struct node *src;
	const char *base;          /* base URI, section 8.2.1 */
	const char *path;          /* dotted, in its document; for messages about the schema */
	const char *file;
	bool always, never;        /* the schemas true and false */
	struct sub_akt akt;

	unsigned nsteps;
	unsigned char steps[STEP_COUNT];

	/* any value */
	unsigned types;            /* TYPE_*, 0 = all */
	const struct node *enumeration, *constant;

	/* in place */
	struct sub *ref, *neither, *when, *then, *otherwise;
	struct subs all, any, one;
	struct named_subs dependents;

	/* numbers */
	const struct node *min, *max, *above, *below, *multiple;
	struct divisor divisor;

	/* strings */
	size_t min_length, max_length;
	struct regex *pattern;
	const char *pattern_text;
	int format;                /* asserted format, -1 */
	const char *format_name;

	/* lists */
	size_t min_items, max_items, min_contains, max_contains;
	bool unique;
	struct subs prefix;
	struct sub *items, *contains, *unevaluated_items;

	/* mappings */
	size_t min_properties, max_properties;
	struct named_subs properties;
	size_t npatterns;
	struct pattern_sub *patterns;
	struct sub *additional, *property_names, *unevaluated_properties;
	struct names required;
	size_t ndependent;
	struct dependent *dependent;

	/* search for references without progress */
	unsigned char visit;
	unsigned height;           /* subschemas in place below, at most */
	bool list_faulted;         /* reported: a list of mappings that says nothing */
};

struct schema {
	struct arena *a;
	const char *file;
	enum schema_mode mode;
	struct sub *root;
	struct shape *shape;
	struct schema_akt akt;
	size_t nregexes, cap;      /* all of them, to be freed */
	struct regex **regexes;
};

/** Subschema under a name, NULL. */
struct sub *named_subs_find(const struct named_subs *s, const char *name);

#endif

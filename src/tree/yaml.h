/** The strict YAML subset (DESIGN 2): one document, no anchors, aliases, tags,
 * merge keys or duplicate keys; UTF-8; scalars by the YAML 1.2 core schema. */
#ifndef AKT_TREE_YAML_H
#define AKT_TREE_YAML_H

#include <stddef.h>

struct arena;
struct buf;
struct err;
struct node;

enum {
	YAML_MAX_BYTES = 16 * 1024 * 1024,
	YAML_MAX_DEPTH = 64,
	YAML_MAX_NODES = 1000000,
	YAML_PAD = 512, /* a sealed record's plaintext is padded with LF to a multiple */
};

enum yaml_source {
	YAML_STORED, /* refuses text that is not NFC */
	YAML_INPUT,  /* people's input: normalises to NFC, accepts CRLF and a BOM */
	YAML_RAW,    /* foreign JSON or YAML that never becomes a record: as YAML_INPUT, but
	              * strings as they are: no NFC, escaped control characters allowed */
};

/** Parses one document. `file` names it in messages. Errors: ERR_INVALID with file, line,
 * column and where possible the field path. An empty document is NODE_NULL.
 * JSON is accepted too, being YAML. In strings, control characters other than tab, line
 * feed, carriage return and NEL are refused, escaped or not. */
int yaml_parse(struct node **out, struct arena *a, const char *s, size_t n, const char *file,
    enum yaml_source source, struct err *e);

/** Parses a flow value as on a command line: `2026-03-16`, `[{text: a}]`, `"x"`, empty = "".
 * What YAML would read as less than the whole text (a comment, folded lines) is refused.
 * `name` stands in messages where a file's name would. */
int yaml_parse_value(struct node **out, struct arena *a, const char *s, const char *name,
    struct err *e);

/** A string that came by another way than YAML (a form, a file's text): checked and brought to
 * NFC as YAML_INPUT does it, CRLF made LF, a BOM at the start left out. */
int yaml_text(struct node **out, struct arena *a, const char *s, size_t n, const char *name,
    struct err *e);

/** Canonical block form: equal trees (keys in the same order) give equal bytes;
 * strings quoted only where needed; text with a newline as a literal block where YAML can
 * carry it exactly, double-quoted else (never `|+`). Ends in LF. yaml_parse gives the
 * same tree back. */
void yaml_emit(struct buf *out, const struct node *n);

/** One line in flow form, for messages and --set. */
void yaml_emit_flow(struct buf *out, const struct node *n);

/** Appends LF up to the next multiple of YAML_PAD. */
void yaml_pad(struct buf *out);

#endif

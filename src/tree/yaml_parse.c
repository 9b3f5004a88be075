#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "tree/yaml_syntax.h"
#include "tree/yaml_text.h"

/** An open mapping or list. */
struct frame {
	struct node *node;
	const char *key; /* mapping: read, its value not yet; else NULL */
	unsigned line, column;
};

struct parse {
	struct arena *a;
	const char *s;
	size_t n;
	const char *file;
	enum yaml_source source;
	bool value;              /* yaml_parse_value's stricter grammar */
	struct err *e;
	yaml_parser_t yaml;
	struct yaml_shifts shifts;
	struct yaml_fault fault; /* s ends before it; found by the scan, reported with its path */
	struct node *root;
	yaml_mark_t root_end;
	size_t nodes;
	int depth;
	bool done;
	struct frame frame[YAML_MAX_DEPTH];
};

static unsigned
line_of(const yaml_mark_t *m)
{
	return (unsigned)m->line + 1;
}

/** Columns count the characters of the text as it was given. */
static unsigned
column_of(const struct parse *p, const yaml_mark_t *m)
{
	size_t lo = 0, hi = p->shifts.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (p->shifts.v[mid].index < m->index)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo && p->shifts.v[lo - 1].line == m->line)
		return (unsigned)m->column + 1 + p->shifts.v[lo - 1].by;
	return (unsigned)m->column + 1;
}

enum place { AT_VALUE, AT_REST };

/** Field path: the keys and indexes that lead to what is being read. AT_VALUE: a value that
 * stands next in the innermost list; AT_REST: nothing certain in it. */
static void
add_path(struct buf *out, const struct parse *p, enum place place, const char *key)
{
	for (int i = 0; i < p->depth; i++) {
		const struct frame *f = &p->frame[i];
		bool inner = i + 1 == p->depth;

		if (f->node->kind == NODE_MAP && f->key)
			buf_printf(out, "%s%s", out->n ? "." : "", f->key);
		else if (f->node->kind == NODE_SEQ && (!inner || place == AT_VALUE))
			buf_printf(out, "%s%zu", out->n ? "." : "", f->node->n);
	}
	if (key)
		buf_printf(out, "%s%s", out->n ? "." : "", key);
}

static int
refuse_at(struct parse *p, unsigned line, unsigned column, enum place place, const char *key,
    const char *text)
{
	struct buf path = {0};

	add_path(&path, p, place, key);
	err_at(p->e, ERR_INVALID, p->file, line, column, buf_str(&path), "%s", text);
	buf_free(&path);
	return ERR_INVALID;
}

static int
refuse(struct parse *p, const yaml_mark_t *m, enum place place, const char *text)
{
	return refuse_at(p, line_of(m), column_of(p, m), place, NULL, text);
}

static int
refuse_fault(struct parse *p, enum place place)
{
	return refuse_at(p, p->fault.line, p->fault.column, place, NULL, p->fault.why);
}

/** True when the text up to this mark ends where the bad character stands. */
static bool
touches_fault(const struct parse *p, const yaml_mark_t *m)
{
	return p->fault.why && m->index + p->fault.blanks >= p->fault.index;
}

/** Hangs a finished or opened node into the tree. The parent's key stays set while a
 * collection is open, for the path. */
static int
attach(struct parse *p, struct node *n, const yaml_mark_t *m)
{
	struct frame *f = p->depth ? &p->frame[p->depth - 1] : NULL;

	n->line = line_of(m);
	n->column = column_of(p, m);
	if (++p->nodes > YAML_MAX_NODES)
		return refuse(p, m, AT_VALUE,
		    _("the document has more than 1000000 values; split it"));
	if (!f) {
		p->root = n;
	} else if (f->node->kind == NODE_MAP) {
		struct pair *pair = node_append(p->a, f->node, f->key, n);

		pair->line = f->line;
		pair->column = f->column;
	}
	return 0;
}

/** The value that attach() took is complete. Items enter their list only now: until then the
 * list's length is their index in the path. */
static void
complete(struct parse *p, struct node *n)
{
	struct frame *f = p->depth ? &p->frame[p->depth - 1] : NULL;

	if (f && f->node->kind == NODE_SEQ)
		node_push(p->a, f->node, n);
	else if (f)
		f->key = NULL;
}

static bool
wants_key(const struct parse *p)
{
	return p->depth && p->frame[p->depth - 1].node->kind == NODE_MAP &&
	    !p->frame[p->depth - 1].key;
}

/** The byte at a character index; the text is known to be UTF-8. */
static size_t
byte_at(const struct parse *p, size_t index)
{
	size_t i = 0;

	for (; i < p->n && index; index--)
		for (i++; i < p->n && ((unsigned char)p->s[i] & 0xc0) == 0x80; i++)
			;
	return i;
}

static int
refuse_properties(struct parse *p, const yaml_event_t *ev, const yaml_char_t *anchor,
    const yaml_char_t *tag)
{
	if (tag && (!anchor || p->s[byte_at(p, ev->start_mark.index)] == '!'))
		return refuse(p, &ev->start_mark, AT_VALUE, yaml_syntax_tag());
	if (anchor)
		return refuse(p, &ev->start_mark, AT_VALUE, yaml_syntax_anchor());
	return 0;
}

/** The scalar's string as we keep it, in the arena. */
static int
take_text(struct parse *p, const yaml_event_t *ev, const char **text, size_t *len)
{
	const char *s = (const char *)ev->data.scalar.value;
	size_t n = ev->data.scalar.length;

	if (p->source == YAML_RAW) {
		*text = arena_strndup(p->a, s, n);
		*len = n;
		return 0;
	}
	if (!yaml_text_clean(s, n))
		return refuse(p, &ev->start_mark, AT_VALUE,
		    _("the text holds a control character; remove it"));
	if (p->source != YAML_STORED) {
		*text = yaml_text_nfc(p->a, s, n, len);
		return 0;
	}
	if (!yaml_text_is_nfc(s, n))
		return refuse(p, &ev->start_mark, AT_VALUE,
		    _("the text is not in Unicode's normal form NFC; import it again"));
	*text = arena_strndup(p->a, s, n);
	*len = n;
	return 0;
}

static int
on_key(struct parse *p, const yaml_event_t *ev)
{
	struct frame *f = &p->frame[p->depth - 1];
	bool plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	const char *key = NULL;
	size_t len = 0;
	int rc;

	if (plain && ev->data.scalar.length == 0)
		return refuse(p, &ev->start_mark, AT_REST, _("a key is missing here"));
	rc = take_text(p, ev, &key, &len);
	if (rc)
		return rc;
	if (strlen(key) != len)
		return refuse(p, &ev->start_mark, AT_REST, _("a key cannot hold a NUL character"));
	if (plain && strcmp(key, "<<") == 0)
		return refuse(p, &ev->start_mark, AT_REST,
		    _("merge keys (<<) are not allowed; write the fields out"));
	f->key = key;
	f->line = line_of(&ev->start_mark);
	f->column = column_of(p, &ev->start_mark);
	return 0;
}

/** A command line's value must be what it looks like: one text, one list or one mapping. */
static int
check_value_scalar(struct parse *p, const yaml_event_t *ev)
{
	yaml_scalar_style_t style = ev->data.scalar.style;

	if (!p->value || p->depth)
		return 0;
	if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE ||
	    (style == YAML_PLAIN_SCALAR_STYLE && ev->start_mark.line != ev->end_mark.line))
		return refuse(p, &ev->start_mark, AT_VALUE,
		    _("write a text of several lines in double quotes, with \\n between them"));
	return 0;
}

static int
on_scalar(struct parse *p, const yaml_event_t *ev)
{
	struct node *n = NULL;
	const char *text = NULL;
	size_t len = 0;
	int rc;

	rc = refuse_properties(p, ev, ev->data.scalar.anchor, ev->data.scalar.tag);
	if (!rc)
		rc = check_value_scalar(p, ev);
	if (rc)
		return rc;
	if (wants_key(p))
		return on_key(p, ev);
	if (touches_fault(p, &ev->end_mark))
		return refuse_fault(p, AT_VALUE);
	rc = take_text(p, ev, &text, &len);
	if (rc)
		return rc;
	n = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ?
	    node_plain(p->a, text, len) : node_strn(p->a, text, len);
	if (!n)
		return refuse(p, &ev->start_mark, AT_VALUE,
		    _("this number is infinite, undefined or too long; if it is a text, quote it"));
	rc = attach(p, n, &ev->start_mark);
	if (rc)
		return rc;
	complete(p, n);
	p->root_end = ev->end_mark;
	return 0;
}

static int
on_open(struct parse *p, const yaml_event_t *ev)
{
	bool map = ev->type == YAML_MAPPING_START_EVENT;
	const yaml_char_t *anchor = map ? ev->data.mapping_start.anchor :
	    ev->data.sequence_start.anchor;
	const yaml_char_t *tag = map ? ev->data.mapping_start.tag : ev->data.sequence_start.tag;
	bool block = map ? ev->data.mapping_start.style == YAML_BLOCK_MAPPING_STYLE :
	    ev->data.sequence_start.style == YAML_BLOCK_SEQUENCE_STYLE;
	struct node *n = map ? node_map(p->a) : node_seq(p->a);
	int rc;

	rc = refuse_properties(p, ev, anchor, tag);
	if (rc)
		return rc;
	if (wants_key(p))
		return refuse(p, &ev->start_mark, AT_REST,
		    _("a key must be a text, not a list or a mapping"));
	if (p->value && block)
		return refuse(p, &ev->start_mark, AT_VALUE,
		    _("write a list as [a, b], a mapping as {a: b}, or quote the text"));
	if (p->depth == YAML_MAX_DEPTH)
		return refuse(p, &ev->start_mark, AT_VALUE,
		    _("more than 64 levels deep; make it flatter"));
	rc = attach(p, n, &ev->start_mark);
	if (rc)
		return rc;
	p->frame[p->depth++] = (struct frame){.node = n};
	return 0;
}

static int
by_key(const void *a, const void *b)
{
	const struct pair *const *x = a, *const *y = b;
	int c = strcmp((*x)->key, (*y)->key);

	/* equal keys in the order of the text: pairs are elements of one array */
	return c ? c : (*x > *y) - (*x < *y);
}

/** Sorting, not a hash table: no input makes it slow. The first repetition is reported. */
static int
check_duplicates(struct parse *p, const struct node *m)
{
	const struct pair **v = NULL, *again = NULL, *first = NULL;
	char text[160];
	int rc = 0;

	if (m->n < 2)
		return 0;
	v = xmalloc(m->n * sizeof *v);
	for (size_t i = 0; i < m->n; i++)
		v[i] = &m->map[i];
	qsort(v, m->n, sizeof *v, by_key);
	for (size_t i = 1; i < m->n; i++) {
		if (strcmp(v[i - 1]->key, v[i]->key) == 0 && (!again || v[i] < again)) {
			first = v[i - 1];
			again = v[i];
		}
	}
	if (again) {
		snprintf(text, sizeof text, _("this key is given twice, first on line %u; keep one"),
		    first->line);
		rc = refuse_at(p, again->line, again->column, AT_REST, again->key, text);
	}
	free(v);
	return rc;
}

static int
on_close(struct parse *p, const yaml_event_t *ev)
{
	struct node *n = p->frame[p->depth - 1].node;
	int rc;

	/* a block collection that only the cut before the bad character closed is still open */
	if (ev->start_mark.index == ev->end_mark.index && touches_fault(p, &ev->start_mark))
		return refuse_fault(p, AT_REST);
	if (n->kind == NODE_MAP) {
		rc = check_duplicates(p, n);
		if (rc)
			return rc;
	}
	p->depth--;
	complete(p, n);
	p->root_end = ev->end_mark;
	return 0;
}

/** Behind the document only white space, comments and end marks may stand. libyaml is not
 * asked: it would take in any number of directives first, at a cost that grows with their
 * square. */
static int
check_tail(struct parse *p, const yaml_mark_t *end)
{
	yaml_mark_t m = p->value ? p->root_end : *end;
	size_t i = byte_at(p, m.index);

	while (i < p->n) {
		char c = p->s[i];

		if (c == '#' && !p->value) {
			for (; i < p->n && p->s[i] != '\n'; i++)
				;
		} else if (m.column == 0 && p->n - i >= 3 && memcmp(p->s + i, "...", 3) == 0 &&
		    !p->value) {
			i += 3;
			m.column += 3;
			m.index += 3;
		} else if (c == '\n') {
			i++;
			m.index++;
			m.line++;
			m.column = 0;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			i++;
			m.index++;
			m.column++;
		} else if (p->value) {
			return refuse(p, &m, AT_REST,
			    _("what stands from here on would be dropped; quote the text"));
		} else {
			return refuse(p, &m, AT_REST,
			    _("the document ends before this; one file holds one document"));
		}
	}
	return 0;
}

static int
on_event(struct parse *p, const yaml_event_t *ev)
{
	int rc;

	switch (ev->type) {
	case YAML_STREAM_START_EVENT:
		return 0;
	case YAML_DOCUMENT_START_EVENT:
		if (p->value && !ev->data.document_start.implicit)
			return refuse(p, &ev->start_mark, AT_REST,
			    _("a value cannot begin with this character; quote the text"));
		return 0;
	case YAML_ALIAS_EVENT:
		return refuse(p, &ev->start_mark, AT_VALUE, yaml_syntax_alias());
	case YAML_SCALAR_EVENT:
		return on_scalar(p, ev);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return on_open(p, ev);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_close(p, ev);
	default: /* the end of the document or of an empty stream */
		if (p->fault.why)
			return refuse_fault(p, AT_REST);
		rc = check_tail(p, &ev->end_mark);
		p->done = true;
		return rc;
	}
}

/** libyaml's buffers held the plaintext. */
static void
wipe_parser(yaml_parser_t *y)
{
	if (y->raw_buffer.start)
		secret_wipe(y->raw_buffer.start, (size_t)(y->raw_buffer.end - y->raw_buffer.start));
	if (y->buffer.start)
		secret_wipe(y->buffer.start, (size_t)(y->buffer.end - y->buffer.start));
	for (yaml_token_t *t = y->tokens.head; t != y->tokens.tail; t++)
		if (t->type == YAML_SCALAR_TOKEN)
			secret_wipe(t->data.scalar.value, t->data.scalar.length);
	yaml_parser_delete(y);
}

/** Reports the error that libyaml stopped at, or the bad character that it was cut at. */
static int
refuse_syntax(struct parse *p)
{
	/* an unfinished quoted text is what the innermost list would hold next */
	enum place place = p->yaml.context && strstr(p->yaml.context, "a quoted scalar") ?
	    AT_VALUE : AT_REST;
	const yaml_mark_t *where = NULL;
	const char *text;
	yaml_mark_t m;

	if (p->fault.why)
		return refuse_fault(p, place);
	text = yaml_syntax_explain(&where, &p->yaml);
	m = *where;
	/* libyaml adds a line end where the text has none */
	if (m.column == 0 && m.line && p->s[p->n - 1] != '\n' && byte_at(p, m.index) == p->n) {
		m.line--;
		for (size_t i = p->n; i && p->s[i - 1] != '\n'; i--)
			m.column += ((unsigned char)p->s[i - 1] & 0xc0) != 0x80;
	}
	return refuse(p, &m, place, text);
}

static int
run(struct parse *p)
{
	int rc = 0;

	if (!yaml_parser_initialize(&p->yaml))
		xnomem();
	yaml_parser_set_encoding(&p->yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p->yaml, (const unsigned char *)p->s, p->n);
	while (!rc && !p->done) {
		yaml_event_t ev;

		if (!yaml_parser_parse(&p->yaml, &ev)) {
			if (p->yaml.error == YAML_MEMORY_ERROR)
				xnomem();
			rc = refuse_syntax(p);
			break;
		}
		rc = on_event(p, &ev);
		if (ev.type == YAML_SCALAR_EVENT)
			secret_wipe(ev.data.scalar.value, ev.data.scalar.length);
		yaml_event_delete(&ev);
	}
	wipe_parser(&p->yaml);
	return rc;
}

/** What must be settled before libyaml sees the text. */
static int
check_text(struct parse *p)
{
	unsigned line = 1;
	bool comment = false;
	size_t i = 0;

	if (p->n > YAML_MAX_BYTES)
		return refuse_at(p, 0, 0, AT_REST, NULL,
		    _("the document is larger than 16 MiB; split it"));
	yaml_text_scan(&p->fault, p->s, p->n, p->source);
	if (p->fault.why)
		p->n = p->fault.at;
	if (yaml_text_too_many_blanks(&line, p->s, p->n))
		return refuse_at(p, line, 1, AT_REST, NULL,
		    _("there is too much white space in a row here; remove it"));
	/* directives stand before anything else; see check_tail */
	for (line = 1; i < p->n && (comment || strchr(" \t\r\n#", p->s[i])); i++) {
		comment = p->s[i] == '#' || (comment && p->s[i] != '\n');
		line += p->s[i] == '\n';
	}
	if (i < p->n && p->s[i] == '%' && (i == 0 || p->s[i - 1] == '\n'))
		return refuse_at(p, line, 1, AT_REST, NULL, p->value ?
		    _("a value cannot begin with this character; quote the text") :
		    yaml_syntax_directive());
	return 0;
}

static int
parse(struct node **out, struct parse *p)
{
	struct buf joined = {0};
	int rc;

	if (p->source != YAML_STORED && p->n >= 3 && memcmp(p->s, "\xef\xbb\xbf", 3) == 0) {
		p->s += 3;
		p->n -= 3;
	}
	rc = check_text(p);
	if (rc)
		goto done;
	if (p->source != YAML_STORED && !p->fault.why && memmem(p->s, p->n, "\\u", 2)) {
		yaml_text_join_surrogates(&joined, &p->shifts, p->s, p->n);
		p->s = buf_str(&joined);
		p->n = joined.n;
	}
	rc = run(p);
	if (rc)
		goto done;
	if (!p->root) {
		p->root = node_null(p->a);
		p->root->line = p->root->column = 1;
	}
	*out = p->root;
done:
	free(p->shifts.v);
	buf_free(&joined);
	return rc;
}

int
yaml_parse(struct node **out, struct arena *a, const char *s, size_t n, const char *file,
    enum yaml_source source, struct err *e)
{
	struct parse p = {.a = a, .s = s, .n = n, .file = file, .source = source, .e = e};

	return parse(out, &p);
}

int
yaml_parse_value(struct node **out, struct arena *a, const char *s, const char *name,
    struct err *e)
{
	struct parse p = {.a = a, .s = s, .n = strlen(s), .file = name, .source = YAML_INPUT,
	    .value = true, .e = e};

	if (strspn(s, " \t\r\n") == p.n) {
		*out = node_str(a, "");
		return 0;
	}
	return parse(out, &p);
}

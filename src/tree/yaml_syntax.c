#include "tree/yaml_syntax.h"

#include <stdbool.h>
#include <string.h>

#include "base/i18n.h"

const char *
yaml_syntax_anchor(void)
{
	return _("anchors (&) are not allowed; write the value out, or quote the text");
}

const char *
yaml_syntax_alias(void)
{
	return _("aliases (*) are not allowed; write the value out, or quote the text");
}

const char *
yaml_syntax_tag(void)
{
	return _("tags (!) are not allowed; remove it, or quote the text");
}

const char *
yaml_syntax_directive(void)
{
	return _("directives (%) are not allowed; remove the line");
}

/* What libyaml 0.2.5 says (scanner.c, parser.c), and what we say. `context`: the mistake is
 * where the construct began, not where the parser gave up. */
static const struct {
	const char *problem, *text;
	bool context;
} table[] = {
	{"could not find expected ':'", N_("a colon is missing behind this key; "
	    "add it, or check the indentation"), true},
	{"found unexpected end of stream", N_("this quoted text is not closed"), true},
	{"found unexpected document indicator", N_("this quoted text is not closed"), true},
	{"found unknown escape character", N_("this backslash begins no known escape; "
	    "write two, or use single quotes"), false},
	{"did not find expected hexdecimal number",
	    N_("this escape lacks hexadecimal digits"), false},
	{"found invalid Unicode character escape code",
	    N_("this escape stands for no Unicode character"), false},
	{"found a tab character where an indentation space is expected",
	    N_("a tab cannot indent; use spaces"), false},
	{"found a tab character that violates indentation",
	    N_("a tab cannot indent; use spaces"), false},
	{"found character that cannot start any token",
	    N_("a value cannot begin with this character; quote the text"), false},
	{"mapping values are not allowed in this context",
	    N_("a colon is not allowed here; quote the text, or check the indentation"), false},
	{"mapping keys are not allowed in this context",
	    N_("a key cannot begin here; quote the text, or check the indentation"), false},
	{"block sequence entries are not allowed in this context",
	    N_("a list item cannot begin here; quote the text, or check the indentation"), false},
	{"did not find expected key", N_("a key was expected here; check the indentation"), false},
	{"did not find expected '-' indicator",
	    N_("a list item (-) was expected here; check the indentation"), false},
	{"did not find expected ',' or ']'", N_("a comma or ] was expected here"), false},
	{"did not find expected ',' or '}'", N_("a comma or } was expected here"), false},
	{"did not find expected node content", N_("a value was expected here"), false},
	{"found unexpected ':'",
	    N_("a colon is not allowed here; put a space behind it, or quote the text"), false},
	{"did not find expected comment or line break",
	    N_("text behind | or > must begin on the next line"), false},
	{"found an indentation indicator equal to 0",
	    N_("the indentation behind | or > must be 1 to 9"), false},
};

const char *
yaml_syntax_explain(const yaml_mark_t **where, const yaml_parser_t *p)
{
	/* what is never allowed, well-formed or not, is complained about where it begins */
	static const struct {
		const char *context;
		const char *(*text)(void);
	} refused[] = {
		{"while scanning an anchor", yaml_syntax_anchor},
		{"while scanning an alias", yaml_syntax_alias},
		{"while scanning a tag", yaml_syntax_tag},
		{"while parsing a tag", yaml_syntax_tag},
		{"while scanning a directive", yaml_syntax_directive},
		{"while scanning a %YAML directive", yaml_syntax_directive},
		{"while scanning a tag directive", yaml_syntax_directive},
		{"while scanning a %TAG directive", yaml_syntax_directive},
		{"while parsing a %TAG directive", yaml_syntax_directive},
	};

	*where = &p->context_mark;
	for (size_t i = 0; p->context && i < sizeof refused / sizeof *refused; i++)
		if (strcmp(refused[i].context, p->context) == 0)
			return refused[i].text();
	*where = &p->problem_mark;
	if (p->problem && strcmp(p->problem, "found undefined tag handle") == 0)
		return yaml_syntax_tag();
	for (size_t i = 0; p->problem && i < sizeof table / sizeof *table; i++) {
		if (strcmp(table[i].problem, p->problem) == 0) {
			if (table[i].context)
				*where = &p->context_mark;
			return _(table[i].text);
		}
	}
	return _("this is not well-formed YAML");
}

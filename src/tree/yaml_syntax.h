/** libyaml's complaints in words for people. */
#ifndef AKT_TREE_YAML_SYNTAX_H
#define AKT_TREE_YAML_SYNTAX_H

#include <yaml.h>

const char *yaml_syntax_anchor(void);
const char *yaml_syntax_alias(void);
const char *yaml_syntax_tag(void);
const char *yaml_syntax_directive(void);

/** Translated text for the error that the parser is in; *where is set to its mark. */
const char *yaml_syntax_explain(const yaml_mark_t **where, const yaml_parser_t *p);

#endif

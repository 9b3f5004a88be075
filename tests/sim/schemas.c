/* Record types that have every kind of field, in versions that differ in how lists merge. */
#include "sim/world.h"

#include <stdlib.h>

#include "base/alloc.h"

const char *const type_name[TYPES] = {"hive", "visit", "diary", "board", "plank"};

static const char *const head[TYPES] = {
	"  dossier: own\n  access:\n  - {field: keeper}\n  - {team: apiary}\n",
	"  dossier: {of: hive}\n",
	"  dossier: {of: hive, part: diary}\n  access:\n  - {field: keeper}\n",
	"  dossier: unit\n",
	"  dossier: own\n  access:\n  - {team: unit}\n  write: [supervisor, 'team:apiary']\n",
};

static const char *const list[SCHEMAS][3] = {
	/* tags, log, vals */
	{"{set: true}", "{append: true}", "{value: true}"},
	{"{set: true}", "{append: true}", "{set: true}"},
	{"{value: true}", "{set: true}", "{value: true}"},
};

char *
schema_text(size_t type, size_t variant)
{
	return xasprintf(
	    "$schema: https://json-schema.org/draft/2020-12/schema\n"
	    "type: object\n"
	    "x-akt:\n"
	    "  version: %zu\n%s"
	    "  title: [title]\n"
	    "  lock: {field: state, value: final, open: [due, log%s]}\n"
	    "properties:\n"
	    "  hive: {type: string, x-akt: {ref: hive}}\n"
	    "  keeper: {type: string}\n"
	    "  state: {enum: [draft, final, void]}\n"
	    "  title: {}\n"
	    "  plan: {type: string}\n"
	    "  due: {}\n"
	    "  m:\n"
	    "    type: object\n"
	    "    properties:\n"
	    "      x: {}\n"
	    "      'y': {}\n"
	    "      n: {type: object, properties: {z: {}, w: {}}}\n"
	    "  goals:\n"
	    "    type: array\n"
	    "    x-akt: {key: k}\n"
	    "    items:\n"
	    "      type: object\n"
	    "      properties:\n"
	    "        k: {type: string}\n"
	    "        text: {}\n"
	    "        note: {}\n"
	    "        steps:\n"
	    "          type: array\n"
	    "          x-akt: {key: k}\n"
	    "          items: {type: object, properties: {k: {type: string}, t: {}}}\n"
	    "  tags: {type: array, items: {type: string}, x-akt: %s}\n"
	    "  log: {type: array, items: {type: string}, x-akt: %s}\n"
	    "  vals: {type: array, items: {type: string}, x-akt: %s}\n"
	    "  any: {}\n",
	    variant + 1, head[type], variant == 2 ? ", any" : "", list[variant][0], list[variant][1],
	    list[variant][2]);
}

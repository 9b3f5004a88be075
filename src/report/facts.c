/* What every report says of itself, whatever its format. */
#include "report/plain.h"

#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "report/result.h"

static bool
has_counts(const struct result *r)
{
	for (size_t i = 0; i < r->nsections; i++)
		if (r->sections[i].spec->outside == OUTSIDE_COUNTS)
			return true;
	return false;
}

bool
facts_each(const struct result *r, size_t i, const char **what, const char **text)
{
	size_t k = 0;

	if (r->today && i == k++) {
		*what = _("As of");
		*text = r->today;
		return true;
	}
	/* a record of before this was told has none */
	if (r->dossiers && i == k++) {
		*what = _("Covers");
		*text = arena_printf(r->arena, _("%zu of %zu dossiers"), r->readable, r->dossiers);
		return true;
	}
	for (size_t p = 0; p < r->nparams; p++)
		if (r->params[p].text && *r->params[p].text && i == k++) {
			*what = spec_text(&r->params[p].spec->label, r->lang);
			*text = r->params[p].text;
			return true;
		}
	if (r->record && i == k++) {
		*what = _("Frozen");
		*text = r->frozen_on ? arena_printf(r->arena, "%s, %s", r->frozen_on, r->record) : r->record;
		return true;
	}
	if (r->partial && i == k++) {
		*what = _("Note");
		*text = _("you may not read all that this report looks at: figures may be too low, and what is said to be missing may be there");
		return true;
	}
	if (r->outside && i == k++) {
		*what = _("For use outside the unit");
		*text = !has_counts(r) ? _("nothing about individuals") : arena_printf(r->arena,
		    _("groups below %d are not told; other numbers and shares of cases are rounded to the nearest %d, so sums may differ"),
		    RESULT_FEW, RESULT_STEP);
		return true;
	}
	return false;
}

const char *
facts_empty(const struct result *r, const struct result_section *s)
{
	const char *own = spec_text(&s->spec->empty, r->lang);

	if (s->omitted && s->spec->outside == OUTSIDE_OMIT)
		return _("Single records are not told outside the unit.");
	if (s->omitted)
		return _("So few that nothing of them is told outside the unit.");
	if (s->nrows)
		return NULL;
	return *own ? own : _("Nothing to show.");
}

const char *
facts_note(const struct result *r, const struct result_section *s)
{
	for (size_t i = 0; i < s->nrows * s->spec->ncolumns; i++)
		if (s->cells[i].state != CELL_SHOWN && result_shows(r, s, i % s->spec->ncolumns))
			return arena_printf(r->arena,
			    _("Groups below %d are not told, nor what would tell them by comparison."),
			    RESULT_FEW);
	return NULL;
}

#include "base/i18n.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const char *lang = "en";

void
i18n_set(const char *wanted)
{
	lang = strncmp(wanted, "sv", 2) == 0 ? "sv" : "en";
	setenv("LANGUAGE", lang, 1);
	/* gettext caches by locale: a new setlocale makes it look at LANGUAGE again */
	setlocale(LC_MESSAGES, "C.UTF-8");
	textdomain("akt");
}

void
i18n_init(const char *localedir)
{
	static const char *const from[] = {"AKT_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
	const char *wanted = "en";

	for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
		const char *v = getenv(from[i]);

		if (v && *v) {
			wanted = v;
			break;
		}
	}
	/* Numbers stay in C form: they are data. C.UTF-8 exists on every Debian,
	 * and unlike "C" lets gettext follow LANGUAGE. */
	setlocale(LC_CTYPE, "C.UTF-8");
	bindtextdomain("akt", localedir);
	bind_textdomain_codeset("akt", "UTF-8");
	i18n_set(wanted);
}

const char *
i18n_lang(void)
{
	return lang;
}

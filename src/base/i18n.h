/** Text for people, through gettext. Messages are English; po/sv.po has Swedish. */
#ifndef AKT_BASE_I18N_H
#define AKT_BASE_I18N_H

#include <libintl.h>

#define _(s) gettext(s)
/** Marks a string for translation where it is defined, not where it is used. */
#define N_(s) s

/** Language from AKT_LANG, else the locale's variables; "sv" or "en". Call once before
 * any message. `localedir` holds sv/LC_MESSAGES/akt.mo. */
void i18n_init(const char *localedir);
/** "sv" or "en". */
const char *i18n_lang(void);
/** Switches at run time: tests and the store's own language. */
void i18n_set(const char *lang);

#endif

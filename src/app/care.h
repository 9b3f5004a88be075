/** What a store needs beside its use: shared by the files of care alone and by sync. */
#ifndef AKT_APP_CARE_H
#define AKT_APP_CARE_H

#include "app/private.h"

struct os_lock;

/** Held while objects come from elsewhere: they may rest on old ones that nothing names yet, which gc
 * would delete. ERR_BUSY. */
int care_fetch_lock(struct os_lock **out, const struct vault *v, bool wait, struct err *e);

/** At the end of a sync: packs what is loose where it is much (DESIGN: without being asked). Its
 * failure is no failure of the sync: akt gc tells. The caller holds the fetch lock. */
void care_after_sync(struct session *s);

#endif

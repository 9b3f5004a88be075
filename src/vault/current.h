/** Which of a dossier's identities is current (DESIGN 2, Epochs). Needs no keys. */
#ifndef AKT_VAULT_CURRENT_H
#define AKT_VAULT_CURRENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trail/state.h"

/** True when somebody of the team still belongs and has a device that works. What is written from
 * now on is not sealed to others: a key that only a leaver or a stolen machine has opens nothing new. */
bool current_team_active(const struct state *s, const char *team, int64_t now);
/** Teams on the list whose grant has not ended and that are active; `out` holds d->naccess. */
size_t current_readers(
    const struct state *s, const struct dossier *d, int64_t now, char (*out)[36]);
/** True when what is written for the team is sealed to this epoch of it: the newest, and any beside it. A team
 * that two made or renewed apart has its halves in several, and nobody may hold them all. One of those beside is
 * left out when its key was given away or it lists somebody who is in the team no more. */
bool current_epoch(const struct state *s, const struct epoch *ep, int64_t now);
/** True when the identity of d->keys[i] is wrapped for exactly the current epochs of `teams`. */
bool current_covers(
    const struct state *s, const struct dossier *d, size_t i, char (*teams)[36], size_t n, int64_t now);

#endif

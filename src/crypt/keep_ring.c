#include "crypt/keep.h"

#include <stdio.h>

#include <keyutils.h>

/* The user keyring: seen by all sessions of one user and by nobody else, forgotten at shutdown,
 * never swapped. */

enum { NAME = 48 };

static void
full_name(char out[NAME], const char *name)
{
	snprintf(out, NAME, "akt:%s", name);
}

static key_serial_t
search(const char *name)
{
	char full[NAME];

	/* A session that has no link to the user keyring finds the key but may not read it. */
	(void)keyctl_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING);
	full_name(full, name);
	return (key_serial_t)keyctl_search(KEY_SPEC_USER_KEYRING, "user", full, 0);
}

bool
keep_ring_put(const char *name, const uint8_t *p, size_t n, int seconds)
{
	key_serial_t key, found;
	char full[NAME];
	bool ok = false;

	full_name(full, name);
	/* Made in the process keyring, which dies with us, and linked to the user's only once it
	 * has its timeout: whatever happens in between, no key stays for ever. */
	key = add_key("user", full, p, n, KEY_SPEC_PROCESS_KEYRING);
	if (key < 0)
		return false;
	if (keyctl_set_timeout(key, (unsigned)seconds) == 0 &&
	    keyctl_link(key, KEY_SPEC_USER_KEYRING) == 0) {
		found = search(name);
		ok = found == key;
	}
	(void)keyctl_unlink(key, KEY_SPEC_PROCESS_KEYRING);
	/* read without the process keyring's help, as the next process will */
	ok = ok && keyctl_read(key, NULL, 0) == (long)n;
	if (!ok)
		(void)keep_ring_drop(name);
	return ok;
}

size_t
keep_ring_get(const char *name, uint8_t *p)
{
	key_serial_t key = search(name);
	long n = key < 0 ? -1 : keyctl_read(key, (char *)p, KEEP_MAX);

	return n < 0 || n > KEEP_MAX ? 0 : (size_t)n;
}

bool
keep_ring_drop(const char *name)
{
	key_serial_t key = search(name);
	bool gone;

	if (key < 0) /* of the reasons none leaves a key that could be read */
		return true;
	gone = keyctl_invalidate(key) == 0;
	return keyctl_unlink(key, KEY_SPEC_USER_KEYRING) == 0 || gone;
}

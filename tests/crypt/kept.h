/** An identity that is kept unlocked, or is not: for the tests of crypt/keep.h. */
#ifndef AKT_TESTS_CRYPT_KEPT_H
#define AKT_TESTS_CRYPT_KEPT_H

#include <string.h>

#include "base/os.h"
#include "crypt/help.h"
#include "crypt/identity.h"
#include "crypt/keep.h"

/* One identity in a plain file of its own for each test. */
static inline struct identity *
fresh(const char *path)
{
	struct identity *id = identity_new("anna", "laptop");

	os_unlink(path, NULL);
	assert_int_equal(identity_save(path, id, NULL, 0, NULL), 0);
	return id;
}

/* False where nothing is kept for the path; another identity than this one fails. */
static inline bool
kept_is(const char *path, const struct identity *id)
{
	struct identity *got = NULL;
	struct err e = {0};

	if (keep_get(&got, path, &e) != 0) {
		assert_err(&e, ERR_NOTFOUND, "the identity is not unlocked");
		assert_null(got);
		return false;
	}
	assert_memory_equal(got->sign_sk, id->sign_sk, 64);
	assert_memory_equal(got->age_sk, id->age_sk, 32);
	assert_string_equal(got->id, id->id);
	identity_free(got);
	return true;
}

#endif

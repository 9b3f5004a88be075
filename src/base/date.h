/** Dates and UTC times. Days are counted from 1970-01-01, times in seconds. */
#ifndef AKT_BASE_DATE_H
#define AKT_BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATE_TIME_LEN = 20 }; /* "2026-03-02T09:14:00Z" without the NUL */

/** RFC 3339 full-date, exactly ten characters, a day that exists. */
bool date_parse(int64_t *days, const char *s, size_t n);
/** Writes YYYY-MM-DD and NUL (11 bytes); years 0000 to 9999. */
void date_format(char out[11], int64_t days);
/** UTC time in the form of DATE_TIME_LEN, `Z` only. */
bool date_time_parse(int64_t *unix_s, const char *s, size_t n);
/** out holds DATE_TIME_LEN + 1. */
void date_time_format(char out[21], int64_t unix_s);
/** Wall clock, seconds since 1970; os_clock_set overrides it in tests. */
int64_t date_now(void);
/** Fixes the clock for simulations; a negative value gives the real one back. */
void date_clock_set(int64_t unix_s);

#endif

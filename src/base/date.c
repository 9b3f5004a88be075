#include "base/date.h"

#include <stdio.h>
#include <time.h>

static int64_t fixed_clock = -1;

static bool
digits(int *out, const char *s, size_t n)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*out = *out * 10 + (s[i] - '0');
	}
	return true;
}

/* Days since 1970-01-01 of a proleptic Gregorian date, after Howard Hinnant's days_from_civil. */
static int64_t
days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

static void
civil_from_days(int *y, int *m, int *d, int64_t z)
{
	int64_t era, doe, yoe, doy, mp;

	z += 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2));
}

bool
date_parse(int64_t *days, const char *s, size_t n)
{
	static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int y, m, d, last;

	if (n != 10 || s[4] != '-' || s[7] != '-' || !digits(&y, s, 4) || !digits(&m, s + 5, 2) ||
	    !digits(&d, s + 8, 2) || m < 1 || m > 12)
		return false;
	last = length[m - 1];
	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		last = 29;
	if (d < 1 || d > last)
		return false;
	*days = days_from_civil(y, m, d);
	return true;
}

void
date_format(char out[11], int64_t days)
{
	int y, m, d;
	char wide[40];

	civil_from_days(&y, &m, &d, days);
	snprintf(wide, sizeof wide, "%04d-%02d-%02d", y, m, d);
	snprintf(out, 11, "%.10s", wide);
}

bool
date_time_parse(int64_t *unix_s, const char *s, size_t n)
{
	int64_t days;
	int h, m, sec;

	if (n != DATE_TIME_LEN || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != 'Z' ||
	    !date_parse(&days, s, 10) || !digits(&h, s + 11, 2) || !digits(&m, s + 14, 2) ||
	    !digits(&sec, s + 17, 2) || h > 23 || m > 59 || sec > 59)
		return false;
	*unix_s = days * 86400 + h * 3600 + m * 60 + sec;
	return true;
}

void
date_time_format(char out[21], int64_t unix_s)
{
	int64_t days = unix_s >= 0 ? unix_s / 86400 : -((86399 - unix_s) / 86400);
	int rest = (int)(unix_s - days * 86400);
	char day[11], wide[48];

	date_format(day, days);
	snprintf(wide, sizeof wide, "%sT%02d:%02d:%02dZ", day, rest / 3600, rest / 60 % 60,
	    rest % 60);
	snprintf(out, 21, "%.20s", wide);
}

int64_t
date_now(void)
{
	return fixed_clock >= 0 ? fixed_clock : (int64_t)time(NULL);
}

void
date_clock_set(int64_t unix_s)
{
	fixed_clock = unix_s;
}

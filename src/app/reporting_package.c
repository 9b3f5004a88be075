#include "app/reporting.h"
#include "base/i18n.h"
int
reporting_package(struct reporting *r, struct node **out, struct err *e)
{
	(void)r; (void)out;
	return err_set(e, ERR_USAGE, "x");
}

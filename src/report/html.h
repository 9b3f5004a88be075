/** One self-contained HTML file: no scripts, nothing fetched. */
#ifndef AKT_REPORT_HTML_H
#define AKT_REPORT_HTML_H

struct buf;
struct result;

/** Text, as element content or in a quoted attribute; what is no UTF-8 or no character of XML becomes U+FFFD. */
void html_text(struct buf *out, const char *s);
/** Markup as it stands: only for what this program wrote itself. */
void html_raw(struct buf *out, const char *markup);
/** Markup with numbers and html_id's in it, never text. */
void html_rawf(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void html_write(struct buf *out, const struct result *r);

#endif

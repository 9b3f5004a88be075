/** Whose certificates a hub's https is believed by. For git/ alone. */
#ifndef AKT_GIT_CERTS_H
#define AKT_GIT_CERTS_H

/** Reads the system's authorities, or those of the file SSL_CERT_FILE instead, once; before a hub is reached over
 * http or https. Where there are none no certificate is believed. */
void certs_load(void);

#endif

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* What OpenSSL has as macros, which Swift does not see. */

static inline int shim_minimum(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}

/* No renegotiation, compression or resumption: each connection proves everything anew. Writes may
   be partial and come again from another place; buffers of idle connections are given back. */
static inline void shim_prepare(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
        | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE
        | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
}

/* Writes nothing: there is nobody to be asked for a password. */
static inline int shim_no_password(char *buffer, int size, int writing, void *data) {
    (void)buffer; (void)size; (void)writing; (void)data;
    return -1;
}

static inline void shim_ask_nobody(SSL_CTX *context) {
    SSL_CTX_set_default_passwd_cb(context, shim_no_password);
}

static inline int shim_tell_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}

// Debian's libssl-dev (OpenSSL 3) for Swift.
//
// The one-shot SHA-256 context is "deprecated" in OpenSSL 3 in favour of EVP, whose contexts live on the heap and
// cost a lookup per use; signature checks run on the connection path, so the plain context is what we want.
#ifndef SUNDIAL_COPENSSL_SHIM_H
#define SUNDIAL_COPENSSL_SHIM_H

#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// What OpenSSL offers only as variadic functions or macros, which Swift cannot call.

/// A new P-256 private key, or NULL.
static inline EVP_PKEY *sundial_generate_p256_key(void) { return EVP_EC_gen("P-256"); }

/// The bytes held by a memory BIO; owned by the BIO.
static inline long sundial_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

static inline int sundial_general_names_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

static inline GENERAL_NAME *sundial_general_name_at(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}

/// The octets of a dNSName or iPAddress; NULL for every other kind of name.
static inline ASN1_STRING *sundial_general_name_octets(const GENERAL_NAME *name) {
    if (name->type == GEN_DNS) { return name->d.dNSName; }
    if (name->type == GEN_IPADD) { return name->d.iPAddress; }
    return NULL;
}

static inline int sundial_general_name_is_address(const GENERAL_NAME *name) { return name->type == GEN_IPADD; }

static inline void sundial_general_names_free(GENERAL_NAMES *names) { GENERAL_NAMES_free(names); }

#endif

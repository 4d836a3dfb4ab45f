import COpenSSL
import Timeline

@testable import Certificates

/// libcrypto's own judgement of a leaf against a CA, as a TLS client would ask for it.
enum ChainVerification {
    /// `ok`, or libcrypto's word for what is wrong.
    static func verdict(
        leaf: Certificate, authority: Certificate, host: String? = nil, address: String? = nil, at time: WallTime
    ) -> String {
        guard let store = X509_STORE_new(), let context = X509_STORE_CTX_new() else { return "no memory" }
        defer {
            X509_STORE_CTX_free(context)
            X509_STORE_free(store)
        }
        X509_STORE_add_cert(store, authority.handle)
        guard X509_STORE_CTX_init(context, store, leaf.handle, nil) == 1, let parameters = X509_STORE_CTX_get0_param(context) else {
            return "no context"
        }
        X509_VERIFY_PARAM_set_time(parameters, time_t(time.secondsSinceEpoch))
        X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER)
        X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_X509_STRICT))
        if let host { X509_VERIFY_PARAM_set1_host(parameters, host, 0) }
        if let address { X509_VERIFY_PARAM_set1_ip_asc(parameters, address) }
        let result = X509_verify_cert(context)
        let code = X509_STORE_CTX_get_error(context)
        ERR_clear_error()
        return result == 1 ? "ok" : String(cString: X509_verify_cert_error_string(Int(code)))
    }

    /// What `openssl x509 -text` prints.
    static func text(of certificate: Certificate) -> String {
        let bytes = try? MemoryBIO.bytes("print a certificate") { X509_print($0, certificate.handle) }
        return String(decoding: bytes ?? [], as: UTF8.self)
    }
}

import COpenSSL
import Timeline

/// A certificate being filled in; `signed` hands it out once.
final class CertificateDraft {
    private let certificate: Certificate
    private var issuer: Certificate?

    /// - Parameter commonName: at most 64 characters (RFC 5280, upper bound of commonName).
    init(commonName: String, key: PrivateKey, from: WallTime, to: WallTime) throws(CertificateError) {
        guard let handle = X509_new() else { throw .libcrypto("make a certificate") }
        self.certificate = Certificate(owning: handle)
        guard X509_set_version(handle, 2) == 1, X509_set_pubkey(handle, key.handle) == 1,
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(handle), try CertificateDraft.randomSerialNumber()) == 1
        else { throw .libcrypto("fill a certificate") }
        guard ASN1_TIME_set(X509_getm_notBefore(handle), time_t(from.secondsSinceEpoch)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(handle), time_t(to.secondsSinceEpoch)) != nil
        else { throw .libcrypto("date a certificate") }
        guard let subject = X509_get_subject_name(handle) else { throw .libcrypto("name a certificate") }
        for (kind, text) in [("O", "Sundial"), ("CN", commonName)] {
            let bytes = Array(text.utf8)
            // 0x1000 is MBSTRING_UTF8, a macro in parentheses that Swift does not import.
            guard X509_NAME_add_entry_by_txt(subject, kind, 0x1000, bytes, Int32(clamping: bytes.count), -1, 0) == 1 else {
                throw .libcrypto("name a certificate")
            }
        }
    }

    /// Names the issuer; nil for a certificate that signs itself.
    func setIssuer(of issuer: Certificate?) throws(CertificateError) {
        self.issuer = issuer
        guard X509_set_issuer_name(self.certificate.handle, X509_get_subject_name((issuer ?? self.certificate).handle)) == 1 else {
            throw .libcrypto("name the issuer of a certificate")
        }
    }

    /// Adds an extension in the notation of `x509v3_config(5)`.
    func add(_ identifier: Int32, _ value: String) throws(CertificateError) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, (self.issuer ?? self.certificate).handle, self.certificate.handle, nil, nil, 0)
        guard let addition = X509V3_EXT_conf_nid(nil, &context, identifier, value) else {
            throw .libcrypto("add \(value) to a certificate")
        }
        defer { X509_EXTENSION_free(addition) }
        guard X509_add_ext(self.certificate.handle, addition, -1) == 1 else { throw .libcrypto("add \(value) to a certificate") }
    }

    /// The finished certificate.
    func signed(by key: PrivateKey) throws(CertificateError) -> Certificate {
        guard X509_sign(self.certificate.handle, key.handle, EVP_sha256()) > 0 else { throw .libcrypto("sign a certificate") }
        return self.certificate
    }

    /// One entry of a subjectAltName, in the same notation.
    static func notation(of name: AlternativeName) -> String {
        switch name {
        case .dns(let text): "DNS:\(text)"
        case .address: "IP:\(name)"
        }
    }

    /// 63 random bits: positive, and unique enough for one CA.
    private static func randomSerialNumber() throws(CertificateError) -> UInt64 {
        var bytes = [UInt8](repeating: 0, count: 8)
        guard RAND_bytes(&bytes, 8) == 1 else { throw .libcrypto("draw a serial number") }
        return bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1 | 1
    }
}

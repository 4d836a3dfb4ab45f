import COpenSSL
package import Timeline

/// An X.509 certificate, freed with its last owner.
package final class Certificate {
    let handle: OpaquePointer

    init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        X509_free(self.handle)
    }

    /// Reads the first certificate of a PEM text.
    /// - Parameter path: named in errors only.
    package init(pem: [UInt8], path: String) throws(CertificateError) {
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { throw .libcrypto("read \(path)") }
        defer { BIO_free(bio) }
        let handle = PEM_read_bio_X509(bio, nil, nil, nil)
        ERR_clear_error()
        guard let handle else { throw .notPEM(path: path, wanted: "certificate") }
        self.handle = handle
    }

    /// The certificate in PEM.
    package func pem() throws(CertificateError) -> [UInt8] {
        try MemoryBIO.bytes("write a certificate") { PEM_write_bio_X509($0, self.handle) }
    }

    /// The first and the last second of its validity.
    package var notBefore: WallTime { Certificate.time(X509_get0_notBefore(self.handle)) }
    package var notAfter: WallTime { Certificate.time(X509_get0_notAfter(self.handle)) }

    /// The common name of its subject; empty when there is none.
    package var commonName: String {
        guard let name = X509_get_subject_name(self.handle) else { return "" }
        var buffer = [CChar](repeating: 0, count: 256)
        let count = X509_NAME_get_text_by_NID(name, NID_commonName, &buffer, Int32(buffer.count))
        guard count > 0 else { return "" }
        return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// DNS names and addresses it is good for, in order.
    package var alternativeNames: [AlternativeName] {
        guard let extensionValue = X509_get_ext_d2i(self.handle, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(extensionValue)
        defer { sundial_general_names_free(names) }
        return (0..<sundial_general_names_count(names)).compactMap { index in
            guard let name = sundial_general_name_at(names, index), let octets = sundial_general_name_octets(name),
                let start = ASN1_STRING_get0_data(octets)
            else { return nil }
            let bytes = Array(UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(octets))))
            return sundial_general_name_is_address(name) == 1
                ? .address(bytes) : .dns(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Whether it may issue certificates (basicConstraints CA:TRUE).
    package var isAuthority: Bool { X509_check_ca(self.handle) == 1 }

    /// Whether `key` is the private key of this certificate.
    package func belongs(to key: PrivateKey) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_private_key(self.handle, key.handle) == 1
    }

    /// Whether `issuer` signed this certificate; says nothing about validity in time.
    package func isSigned(by issuer: Certificate) -> Bool {
        defer { ERR_clear_error() }
        guard let key = X509_get0_pubkey(issuer.handle) else { return false }
        return X509_verify(self.handle, key) == 1
    }

    /// The SHA-256 of its DER form in lower-case hex: the AWS certificate id, and the principal of a client certificate.
    package var fingerprint: String {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 32
        X509_digest(self.handle, EVP_sha256(), &digest, &count)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func time(_ time: UnsafePointer<ASN1_TIME>?) -> WallTime {
        var (days, seconds): (Int32, Int32) = (0, 0)
        guard let epoch = ASN1_TIME_set(nil, 0) else { return WallTime(secondsSinceEpoch: 0) }
        defer { ASN1_STRING_free(epoch) }
        guard ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return WallTime(secondsSinceEpoch: 0) }
        return WallTime(secondsSinceEpoch: Int64(days) * 86400 + Int64(seconds))
    }
}

import COpenSSL

/// A private key of libcrypto, freed with its last owner.
package final class PrivateKey {
    let handle: OpaquePointer

    private init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        EVP_PKEY_free(self.handle)
    }

    /// A new ECDSA key on P-256.
    package static func generate() throws(CertificateError) -> PrivateKey {
        guard let handle = sundial_generate_p256_key() else { throw .libcrypto("make a P-256 key") }
        return PrivateKey(owning: handle)
    }

    /// Reads a PEM private key of any kind that libcrypto knows.
    /// - Parameter path: named in errors only.
    package init(pem: [UInt8], path: String) throws(CertificateError) {
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { throw .libcrypto("read \(path)") }
        defer { BIO_free(bio) }
        // Without this callback libcrypto would ask for a pass phrase on the terminal.
        let asked = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
        asked.initialize(to: false)
        defer { asked.deallocate() }
        let refuse: @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = { _, _, _, flag in
            flag?.assumingMemoryBound(to: Bool.self).pointee = true
            return -1
        }
        let handle = PEM_read_bio_PrivateKey(bio, nil, refuse, asked)
        ERR_clear_error()
        guard let handle else {
            throw asked.pointee ? .encryptedKey(path: path) : .notPEM(path: path, wanted: "private key")
        }
        self.handle = handle
    }

    /// Unencrypted PKCS #8 in PEM.
    package func pem() throws(CertificateError) -> [UInt8] {
        try MemoryBIO.bytes("write a private key") { PEM_write_bio_PrivateKey($0, self.handle, nil, nil, 0, nil, nil) }
    }
}

/// Collects what libcrypto writes.
enum MemoryBIO {
    static func bytes(_ what: String, _ write: (OpaquePointer) -> Int32) throws(CertificateError) -> [UInt8] {
        guard let bio = BIO_new(BIO_s_mem()) else { throw .libcrypto(what) }
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { throw .libcrypto(what) }
        var start: UnsafeMutablePointer<CChar>?
        let count = sundial_bio_bytes(bio, &start)
        guard let start, count > 0 else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(count)))
    }
}

extension CertificateError {
    /// The last error of libcrypto's queue, which is emptied.
    static func libcrypto(_ what: String) -> CertificateError {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else { return .cryptography(what: what, cause: "no reason given") }
        return .cryptography(what: what, cause: String(cString: reason))
    }
}

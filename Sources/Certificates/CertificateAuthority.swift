import COpenSSL
package import Timeline

/// A CA of this machine and the certificates it issues: ECDSA P-256 with SHA-256. DESIGN §2, TLS.
package struct CertificateAuthority {
    /// Its own certificate, which clients are told to trust.
    package let certificate: Certificate
    private let key: PrivateKey

    /// Ten years.
    package static let validity = Duration.seconds(3652 * 86400)
    /// Some clients insist on 398 days at most for a leaf; one day is the room for clocks.
    package static let leafValidity = Duration.seconds(396 * 86400)
    /// Certificates begin this long before they are made, for clients with slow clocks.
    package static let backdating = Duration.seconds(3600)

    /// Takes a CA that exists.
    package init(certificate: Certificate, key: PrivateKey) {
        self.certificate = certificate
        self.key = key
    }

    /// Makes a new CA.
    /// - Parameter name: the common name, shown in trust stores; at most 64 characters.
    package static func make(name: String, now: WallTime) throws(CertificateError) -> (CertificateAuthority, PrivateKey) {
        let key = try PrivateKey.generate()
        let draft = try CertificateDraft(commonName: name, key: key, from: now - self.backdating, to: now + self.validity)
        try draft.setIssuer(of: nil)
        try draft.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        try draft.add(NID_key_usage, "critical,keyCertSign,cRLSign")
        try draft.add(NID_subject_key_identifier, "hash")
        return (CertificateAuthority(certificate: try draft.signed(by: key), key: key), key)
    }

    /// Issues a server certificate and its key.
    /// - Parameter names: its subjectAltName, not empty; the first is also the common name.
    package func issueServerLeaf(names: [AlternativeName], now: WallTime) throws(CertificateError) -> (Certificate, PrivateKey) {
        guard let first = names.first else { throw .invalidName("") }
        let key = try PrivateKey.generate()
        let end = min(now + CertificateAuthority.leafValidity, self.certificate.notAfter)
        let draft = try CertificateDraft(
            commonName: String("\(first)".prefix(64)), key: key, from: now - CertificateAuthority.backdating, to: end)
        try draft.setIssuer(of: self.certificate)
        try draft.add(NID_basic_constraints, "critical,CA:FALSE")
        try draft.add(NID_key_usage, "critical,digitalSignature")
        try draft.add(NID_ext_key_usage, "serverAuth")
        try draft.add(NID_subject_key_identifier, "hash")
        try draft.add(NID_authority_key_identifier, "keyid:always")
        try draft.add(NID_subject_alt_name, names.map(CertificateDraft.notation).joined(separator: ","))
        return (try draft.signed(by: self.key), key)
    }
}

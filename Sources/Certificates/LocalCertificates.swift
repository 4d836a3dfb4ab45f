package import Timeline

/// The certificates of this machine: a CA that is made once and trusted once, and a server leaf renewed as needed. DESIGN §2, TLS.
package struct LocalCertificates: Sendable, Equatable {
    /// What `prepare` did.
    package enum Happened: Sendable, Equatable {
        /// A first start: the CA is new and nobody trusts it yet.
        case madeAuthority
        /// The CA stayed; the leaf was made anew.
        case renewedLeaf(because: String)
        case kept
    }

    /// What clients are told to trust.
    package let authorityPath: String
    /// The server certificate and its key, for the TLS doors.
    package let certificatePath: String
    package let keyPath: String
    package let happened: Happened

    /// A leaf with less than this left is renewed at start.
    package static let renewalMargin = Duration.seconds(30 * 86400)

    private enum File {
        static let authority = "ca.pem"
        static let authorityKey = "ca-key.pem"
        static let leaf = "localhost.pem"
        static let leafKey = "localhost-key.pem"
        static let all: Set = [authority, authorityKey, leaf, leafKey]
    }

    /// The folder for a user: `$XDG_DATA_HOME/sundial/certificates`, else `~/.local/share/sundial/certificates`; nil without a home.
    package static func defaultFolder(environment: [String: String]) -> String? {
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return "\(data)/sundial/certificates" }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return "\(home)/.local/share/sundial/certificates"
    }

    /// Makes, renews or keeps what is in `folder`. The folder gets mode 0700, keys 0600.
    ///
    /// Safe against a second process doing the same, and against a crash half way.
    /// - Parameters:
    ///   - aliases: names and addresses beside `localhost`, `127.0.0.1` and `::1`.
    ///   - now: for the validity of what is made and kept.
    package static func prepare(
        in folder: String, aliases: [String] = [], now: WallTime
    ) throws(CertificateError) -> LocalCertificates {
        var names = AlternativeName.local
        for alias in aliases {
            let name = try AlternativeName(parsing: alias)
            if !names.contains(name) { names.append(name) }
        }
        let files = try CertificateFolder(making: folder, for: File.all)
        return try files.locked { () throws(CertificateError) in
            let (authority, isNew) = try LocalCertificates.authority(in: files, now: now)
            let fault = try LocalCertificates.faultOfLeaf(in: files, authority: authority, names: names, now: now)
            if fault != nil {
                let (certificate, key) = try authority.issueServerLeaf(names: names, now: now)
                try files.write(try key.pem(), to: File.leafKey, mode: 0o600)
                try files.write(try certificate.pem(), to: File.leaf, mode: 0o644)
            }
            let happened: Happened = isNew ? .madeAuthority : fault.map { .renewedLeaf(because: $0) } ?? .kept
            return LocalCertificates(
                authorityPath: files.path(of: File.authority), certificatePath: files.path(of: File.leaf),
                keyPath: files.path(of: File.leafKey), happened: happened)
        }
    }

    /// Checks a certificate and key that the user gives: readable, PEM, belonging together and, with `now`, valid at that time.
    /// - Returns: the certificate (the first one of a chain).
    @discardableResult
    package static func checkPair(
        certificatePath: String, keyPath: String, now: WallTime? = nil
    ) throws(CertificateError) -> Certificate {
        let certificate = try Certificate(pem: try CertificateFolder.bytes(ofFile: certificatePath), path: certificatePath)
        let key = try PrivateKey(pem: try CertificateFolder.bytes(ofFile: keyPath), path: keyPath)
        guard certificate.belongs(to: key) else { throw .keyDoesNotMatch(certificatePath: certificatePath, keyPath: keyPath) }
        if let now, now < certificate.notBefore || now > certificate.notAfter {
            throw .outsideValidity(
                path: certificatePath, notBefore: certificate.notBefore.iso8601, notAfter: certificate.notAfter.iso8601)
        }
        return certificate
    }

    /// The CA in the folder, or a new one when there is none or it is about to end.
    private static func authority(
        in files: CertificateFolder, now: WallTime
    ) throws(CertificateError) -> (CertificateAuthority, isNew: Bool) {
        func damaged(_ file: String, _ cause: String) -> CertificateError {
            .damagedAuthority(folder: files.path, file: file, cause: cause)
        }
        switch (try files.read(File.authority), try files.read(File.authorityKey)) {
        case (.some(let certificatePEM), .some(let keyPEM)):
            guard let certificate = try? Certificate(pem: certificatePEM, path: File.authority) else {
                throw damaged(File.authority, "no PEM certificate")
            }
            guard let key = try? PrivateKey(pem: keyPEM, path: File.authorityKey) else {
                throw damaged(File.authorityKey, "no PEM private key")
            }
            guard certificate.isAuthority else { throw damaged(File.authority, "not the certificate of a CA") }
            guard certificate.belongs(to: key) else { throw damaged(File.authorityKey, "not the key of \(File.authority)") }
            guard certificate.notAfter > now + self.renewalMargin else { break }
            try files.restrict(File.authorityKey)
            return (CertificateAuthority(certificate: certificate, key: key), false)
        case (.some, nil):
            throw damaged(File.authorityKey, "missing")
        case (nil, .some):
            // A first start that ended between the two files leaves a key and no leaf; then nobody trusts that CA yet.
            guard try files.read(File.leaf) == nil else { throw damaged(File.authority, "missing") }
        case (nil, nil):
            break
        }
        let (authority, key) = try CertificateAuthority.make(name: "Sundial local CA \(now.basicISO8601)", now: now)
        try files.write(try key.pem(), to: File.authorityKey, mode: 0o600)
        try files.write(try authority.certificate.pem(), to: File.authority, mode: 0o644)
        return (authority, true)
    }

    /// Why the leaf in the folder will not do; nil when it will.
    private static func faultOfLeaf(
        in files: CertificateFolder, authority: CertificateAuthority, names: [AlternativeName], now: WallTime
    ) throws(CertificateError) -> String? {
        guard let certificatePEM = try files.read(File.leaf), let keyPEM = try files.read(File.leafKey) else { return "there was none" }
        guard let certificate = try? Certificate(pem: certificatePEM, path: File.leaf),
            let key = try? PrivateKey(pem: keyPEM, path: File.leafKey), certificate.belongs(to: key)
        else { return "its files were damaged" }
        guard certificate.isSigned(by: authority.certificate) else { return "it was not issued by the local CA" }
        guard Set(certificate.alternativeNames) == Set(names) else { return "its names changed" }
        guard certificate.notAfter - now >= self.renewalMargin else { return "it would end on \(certificate.notAfter.iso8601)" }
        guard certificate.notBefore <= now else { return "it was not valid yet" }
        try files.restrict(File.leafKey)
        return nil
    }
}

/// What can go wrong with certificate files; every text says what to do.
package enum CertificateError: Error, Equatable, CustomStringConvertible {
    /// The file cannot be read or written; `cause` is the system's word for it.
    case unreadable(path: String, cause: String)
    case unwritable(path: String, cause: String)
    /// The file holds no PEM block of the kind wanted ("certificate" or "private key").
    case notPEM(path: String, wanted: String)
    /// A PEM private key that needs a pass phrase.
    case encryptedKey(path: String)
    /// The key is not the one that the certificate was made for.
    case keyDoesNotMatch(certificatePath: String, keyPath: String)
    /// The certificate is not valid at the time of the check.
    case outsideValidity(path: String, notBefore: String, notAfter: String)
    /// A file of the local CA is damaged.
    case damagedAuthority(folder: String, file: String, cause: String)
    /// A name that cannot stand in a certificate.
    case invalidName(String)
    /// libcrypto failed while doing `what`.
    case cryptography(what: String, cause: String)

    /// One sentence for people.
    package var text: String {
        switch self {
        case .unreadable(let path, let cause):
            "cannot read \(path): \(cause); check the path and its permissions"
        case .unwritable(let path, let cause):
            "cannot write \(path): \(cause); check the permissions of its folder or choose another one"
        case .notPEM(let path, let wanted):
            "\(path) holds no PEM \(wanted) (a '-----BEGIN ...-----' block); convert it, for example with openssl, or give another file"
        case .encryptedKey(let path):
            "the private key in \(path) is encrypted; decrypt it first (openssl pkey -in KEY -out PLAIN)"
        case .keyDoesNotMatch(let certificatePath, let keyPath):
            "the private key in \(keyPath) does not belong to the certificate in \(certificatePath); give the two that were made together"
        case .outsideValidity(let path, let notBefore, let notAfter):
            "the certificate in \(path) is valid from \(notBefore) to \(notAfter) only; renew it or check the clock"
        case .damagedAuthority(let folder, let file, let cause):
            "the local CA in \(folder) is damaged (\(file): \(cause)); restore the file, or delete the folder to have a new CA made, "
                + "which then must be trusted again"
        case .invalidName(let name):
            "'\(name)' is neither a DNS name nor an IP address; give the bare name, without scheme, port or path"
        case .cryptography(let what, let cause):
            "libcrypto could not \(what): \(cause)"
        }
    }

    package var description: String { self.text }
}

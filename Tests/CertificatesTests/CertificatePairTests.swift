import COpenSSL
import Testing
import Timeline

@testable import Certificates

/// A certificate and key that the user gives.
@Suite struct CertificatePairTests {
    private let folder: TemporaryFolder
    private let pair: LocalCertificates

    init() throws {
        self.folder = try TemporaryFolder()
        self.pair = try LocalCertificates.prepare(in: self.folder.path, now: Moment.now)
    }

    private func check(_ certificate: String, _ key: String, now: WallTime? = nil) throws(CertificateError) -> Certificate {
        try LocalCertificates.checkPair(certificatePath: self.folder.file(certificate), keyPath: self.folder.file(key), now: now)
    }

    @Test func aPairThatBelongsTogetherIsAccepted() throws {
        let leaf = try self.check("localhost.pem", "localhost-key.pem", now: Moment.now)
        #expect(leaf.alternativeNames == AlternativeName.local)
        // A chain: the first certificate is the one that counts.
        try self.folder.write(try self.folder.bytes("localhost.pem") + (try self.folder.bytes("ca.pem")), to: "chain.pem")
        #expect(try self.check("chain.pem", "localhost-key.pem").fingerprint == leaf.fingerprint)
    }

    @Test func eachFaultIsNamedWithItsFile() throws {
        let path = self.folder.file
        try self.folder.write(Array("hello".utf8), to: "text")
        #expect(throws: CertificateError.unreadable(path: path("none"), cause: "No such file or directory")) {
            try self.check("none", "none")
        }
        #expect(throws: CertificateError.unreadable(path: path("none"), cause: "No such file or directory")) {
            try self.check("localhost.pem", "none")
        }
        #expect(throws: CertificateError.unreadable(path: path(""), cause: "Is a directory")) { try self.check("", "text") }
        #expect(throws: CertificateError.notPEM(path: path("text"), wanted: "certificate")) { try self.check("text", "localhost-key.pem") }
        #expect(throws: CertificateError.notPEM(path: path("text"), wanted: "private key")) { try self.check("localhost.pem", "text") }
        #expect(throws: CertificateError.notPEM(path: path("localhost-key.pem"), wanted: "certificate")) {
            try self.check("localhost-key.pem", "localhost.pem")
        }
        #expect(throws: CertificateError.keyDoesNotMatch(certificatePath: path("localhost.pem"), keyPath: path("ca-key.pem"))) {
            try self.check("localhost.pem", "ca-key.pem")
        }
    }

    @Test func anExpiredCertificateIsNamedWithItsDates() throws {
        let leaf = try self.check("localhost.pem", "localhost-key.pem")
        #expect(
            throws: CertificateError.outsideValidity(
                path: self.folder.file("localhost.pem"), notBefore: leaf.notBefore.iso8601, notAfter: leaf.notAfter.iso8601)
        ) { try self.check("localhost.pem", "localhost-key.pem", now: leaf.notAfter + .seconds(1)) }
    }

    @Test func anEncryptedKeyIsNotAskedForOnTheTerminal() throws {
        let key = try PrivateKey(pem: try self.folder.bytes("localhost-key.pem"), path: "key")
        let encrypted = try MemoryBIO.bytes("encrypt") {
            PEM_write_bio_PKCS8PrivateKey($0, key.handle, EVP_aes_256_cbc(), "pass", 4, nil, nil)
        }
        try self.folder.write(encrypted, to: "encrypted.pem")
        #expect(throws: CertificateError.encryptedKey(path: self.folder.file("encrypted.pem"))) {
            try self.check("localhost.pem", "encrypted.pem")
        }
    }

    @Test func everyErrorTextNamesTheFileAndWhatToDo() {
        let errors: [(CertificateError, String)] = [
            (.unreadable(path: "/x/y.pem", cause: "Permission denied"), "check the path"),
            (.unwritable(path: "/x/y.pem", cause: "c"), "choose another"),
            (.notPEM(path: "/x/y.pem", wanted: "certificate"), "convert it"), (.encryptedKey(path: "/x/y.pem"), "decrypt it"),
            (.keyDoesNotMatch(certificatePath: "/x/y.pem", keyPath: "/k"), "made together"),
            (.outsideValidity(path: "/x/y.pem", notBefore: "a", notAfter: "b"), "renew it"),
            (.damagedAuthority(folder: "/x", file: "y.pem", cause: "c"), "delete the folder"),
        ]
        for (error, advice) in errors {
            #expect(error.text.contains("y.pem"))
            #expect(error.text.contains(advice))
            #expect(!error.text.contains("\n"))
        }
    }
}

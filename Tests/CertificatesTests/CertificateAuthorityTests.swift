import Testing
import Timeline

@testable import Certificates

/// What is in the certificates, judged by libcrypto's strict verification. Source: RFC 5280 §4.2; DESIGN §2, TLS.
@Suite struct CertificateAuthorityTests {
    private let authority: CertificateAuthority
    private let leaf: Certificate
    private let leafKey: PrivateKey

    init() throws {
        self.authority = try CertificateAuthority.make(name: "Local CA", now: Moment.now).0
        let names = AlternativeName.local + [.dns("broker.test"), .dns("*.iot.test"), .address([192, 168, 1, 7])]
        (self.leaf, self.leafKey) = try self.authority.issueServerLeaf(names: names, now: Moment.now)
    }

    @Test(arguments: ["localhost", "broker.test", "a.iot.test"])
    func theLeafIsGoodForItsNames(_ host: String) {
        #expect(ChainVerification.verdict(leaf: self.leaf, authority: self.authority.certificate, host: host, at: Moment.now) == "ok")
    }

    @Test(arguments: ["127.0.0.1", "::1", "192.168.1.7"])
    func theLeafIsGoodForItsAddresses(_ address: String) {
        #expect(ChainVerification.verdict(leaf: self.leaf, authority: self.authority.certificate, address: address, at: Moment.now) == "ok")
    }

    @Test func theLeafIsGoodForNothingElse() throws {
        let authority = self.authority.certificate
        #expect(
            ChainVerification.verdict(leaf: self.leaf, authority: authority, host: "example.org", at: Moment.now) == "hostname mismatch")
        #expect(
            ChainVerification.verdict(leaf: self.leaf, authority: authority, address: "127.0.0.2", at: Moment.now) == "IP address mismatch")
        let stranger = try CertificateAuthority.make(name: "Local CA", now: Moment.now).0
        #expect(ChainVerification.verdict(leaf: self.leaf, authority: stranger.certificate, at: Moment.now) != "ok")
        #expect(!self.leaf.isSigned(by: stranger.certificate))
        #expect(self.leaf.isSigned(by: authority))
    }

    @Test func theLeafLivesForLessThan398DaysAndTheCAForTenYears() {
        let authority = self.authority.certificate
        #expect(self.leaf.notAfter - self.leaf.notBefore <= Moment.day * 397)
        #expect(self.leaf.notAfter - Moment.now >= Moment.day * 395)
        #expect(authority.notAfter - Moment.now >= Moment.day * 3650)
        #expect(ChainVerification.verdict(leaf: self.leaf, authority: authority, at: Moment.now - .seconds(60)) == "ok")
        #expect(
            ChainVerification.verdict(leaf: self.leaf, authority: authority, at: self.leaf.notAfter + .seconds(1))
                == "certificate has expired")
        #expect(
            ChainVerification.verdict(leaf: self.leaf, authority: authority, at: self.leaf.notBefore - .seconds(1))
                == "certificate is not yet valid")
    }

    @Test func aLeafDoesNotOutliveItsCA() throws {
        let late = self.authority.certificate.notAfter - Moment.day * 10
        let (leaf, _) = try self.authority.issueServerLeaf(names: AlternativeName.local, now: late)
        #expect(leaf.notAfter == self.authority.certificate.notAfter)
    }

    @Test func theCertificatesSayWhatTheyAreFor() {
        let authority = ChainVerification.text(of: self.authority.certificate)
        for part in [
            "X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0",
            "X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign",
            "X509v3 Subject Key Identifier", "ASN1 OID: prime256v1", "ecdsa-with-SHA256",
        ] { #expect(authority.contains(part)) }
        let leaf = ChainVerification.text(of: self.leaf)
        for part in [
            "X509v3 Basic Constraints: critical\n                CA:FALSE", "X509v3 Key Usage: critical\n                Digital Signature",
            "TLS Web Server Authentication", "X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier", "ASN1 OID: prime256v1",
            "ecdsa-with-SHA256", "Version: 3",
        ] { #expect(leaf.contains(part)) }
        #expect(self.authority.certificate.isAuthority)
        #expect(!self.leaf.isAuthority)
        #expect(self.authority.certificate.commonName == "Local CA")
    }

    @Test func namesAndKeysAreReadBackFromPEM() throws {
        let again = try Certificate(pem: try self.leaf.pem(), path: "leaf")
        #expect(again.alternativeNames == self.leaf.alternativeNames)
        #expect(
            again.alternativeNames.map(\.description) == ["localhost", "127.0.0.1", "::1", "broker.test", "*.iot.test", "192.168.1.7"])
        #expect(again.fingerprint == self.leaf.fingerprint)
        #expect(again.fingerprint.count == 64)
        #expect(again.belongs(to: try PrivateKey(pem: try self.leafKey.pem(), path: "key")))
        #expect(!again.belongs(to: try PrivateKey.generate()))
    }

    @Test(arguments: [
        ("localhost", "localhost"), ("BROKER.Test", "broker.test"), ("*.a.b", "*.a.b"), ("10.0.0.1", "10.0.0.1"), ("[::1]", "::1"),
        ("::1", "::1"),
        ("fe80::1", "fe80:0:0:0:0:0:0:1"), ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("my_host", "my_host"),
    ])
    func aNameIsReadAsPeopleWriteIt(_ text: String, _ expected: String) throws {
        let name = try AlternativeName(parsing: text)
        #expect("\(name)" == expected)
        let (leaf, _) = try self.authority.issueServerLeaf(names: [name], now: Moment.now)
        #expect(leaf.alternativeNames == [name])
    }

    @Test(arguments: [
        "", "a b", "https://x", "host:8443", "a..b", "-a", "a,DNS:evil", "300.1.1.1", "*", "*.", "a/b", "ü.de",
        String(repeating: "a", count: 64),
    ])
    func whatIsNoNameIsRefusedByName(_ text: String) {
        #expect(throws: CertificateError.invalidName(text)) { try AlternativeName(parsing: text) }
    }
}

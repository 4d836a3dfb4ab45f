import Foundation
import Testing
import Timeline

@testable import Certificates

/// What lies in the user's data folder, and when it is made anew. Source: DESIGN §2, TLS.
@Suite struct LocalCertificatesTests {
    private let folder: TemporaryFolder

    init() throws {
        self.folder = try TemporaryFolder()
    }

    private func prepare(_ aliases: [String] = [], at now: WallTime = Moment.now) throws -> LocalCertificates {
        try LocalCertificates.prepare(in: self.folder.path, aliases: aliases, now: now)
    }

    @Test func aFirstStartMakesACAAndALeafThatVerify() throws {
        let made = try self.prepare(["broker.test", "10.1.2.3", "LOCALHOST"])
        #expect(made.happened == .madeAuthority)
        let leaf = try Certificate(file: made.certificatePath)
        let authority = try Certificate(file: made.authorityPath)
        for host in ["localhost", "broker.test"] {
            #expect(ChainVerification.verdict(leaf: leaf, authority: authority, host: host, at: Moment.now) == "ok")
        }
        for address in ["127.0.0.1", "::1", "10.1.2.3"] {
            #expect(ChainVerification.verdict(leaf: leaf, authority: authority, address: address, at: Moment.now) == "ok")
        }
        #expect(leaf.alternativeNames.count == 5)
        try LocalCertificates.checkPair(certificatePath: made.certificatePath, keyPath: made.keyPath, now: Moment.now)
    }

    @Test func theFolderAndTheKeysAreClosedToOthers() throws {
        let nested = self.folder.file("a/b/c")
        _ = try LocalCertificates.prepare(in: nested, now: Moment.now)
        for path in ["a", "a/b", "a/b/c"] { #expect(try self.folder.mode(path) == 0o700) }
        for key in ["a/b/c/ca-key.pem", "a/b/c/localhost-key.pem"] { #expect(try self.folder.mode(key) == 0o600) }
        for file in ["a/b/c/ca.pem", "a/b/c/localhost.pem"] { #expect(try self.folder.mode(file) == 0o644) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: nested).allSatisfy { !$0.hasSuffix(".new") })
    }

    @Test func aLoosenedKeyAndFolderAreClosedAgain() throws {
        _ = try self.prepare()
        for (name, mode) in [("", 0o755), ("/ca-key.pem", 0o644), ("/localhost-key.pem", 0o666)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: self.folder.path + name)
        }
        #expect(try self.prepare().happened == .kept)
        #expect(try self.folder.mode() == 0o700)
        #expect(try self.folder.mode("ca-key.pem") == 0o600)
        #expect(try self.folder.mode("localhost-key.pem") == 0o600)
    }

    @Test func aFolderThatHoldsOthersFilesKeepsItsMode() throws {
        let shared = self.folder.file("shared")
        try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        #expect(FileManager.default.createFile(atPath: "\(shared)/letter.txt", contents: nil))
        for _ in 0..<2 {
            _ = try LocalCertificates.prepare(in: shared, now: Moment.now)
            #expect(try self.folder.mode("shared") == 0o755)
            #expect(try self.folder.mode("shared/ca-key.pem") == 0o600)
        }
    }

    @Test func aFileInPlaceOfTheFolderIsRefusedAndLeftAlone() throws {
        let file = self.folder.file("letter.txt")
        #expect(FileManager.default.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o644]))
        let error = #expect(throws: CertificateError.self) { try LocalCertificates.prepare(in: file, now: Moment.now) }
        #expect(error?.text.contains("no folder") == true)
        #expect(try self.folder.mode("letter.txt") == 0o644)
    }

    @Test func aSecondStartKeepsEverything() throws {
        _ = try self.prepare(["b.test", "a.test"])
        let before = try ["ca.pem", "ca-key.pem", "localhost.pem", "localhost-key.pem"].map { try self.folder.bytes($0) }
        #expect(try self.prepare(["a.test", "b.test"], at: Moment.now + Moment.day * 300).happened == .kept)
        #expect(try ["ca.pem", "ca-key.pem", "localhost.pem", "localhost-key.pem"].map { try self.folder.bytes($0) } == before)
    }

    @Test func theLeafIsRenewedInItsLastThirtyDaysAndTheCAKept() throws {
        let made = try self.prepare()
        let authority = try self.folder.bytes("ca.pem")
        let end = try Certificate(file: made.certificatePath).notAfter
        #expect(try self.prepare(at: end - Moment.day * 30).happened == .kept)
        let renewed = try self.prepare(at: end - Moment.day * 30 + .seconds(1))
        #expect(renewed.happened == .renewedLeaf(because: "it would end on \(end.iso8601)"))
        #expect(try self.folder.bytes("ca.pem") == authority)
        let leaf = try Certificate(file: renewed.certificatePath)
        #expect(leaf.notAfter > end + Moment.day * 300)
        #expect(ChainVerification.verdict(leaf: leaf, authority: try Certificate(file: made.authorityPath), at: end) == "ok")
    }

    @Test(arguments: [["x.test"], []])
    func theLeafIsRenewedWhenItsNamesChange(_ aliases: [String]) throws {
        _ = try self.prepare(["old.test"])
        let authority = try self.folder.bytes("ca.pem")
        #expect(try self.prepare(aliases).happened == .renewedLeaf(because: "its names changed"))
        #expect(try self.folder.bytes("ca.pem") == authority)
        #expect(try self.prepare(aliases).happened == .kept)
    }

    @Test func aCAAboutToEndIsMadeAnew() throws {
        let made = try self.prepare()
        let end = try Certificate(file: made.authorityPath).notAfter
        #expect(try self.prepare(at: end - Moment.day).happened == .madeAuthority)
    }

    @Test func aMissingOrDamagedLeafIsIssuedAgain() throws {
        _ = try self.prepare()
        let key = try self.folder.bytes("localhost-key.pem")
        try self.folder.write(Array("garbage".utf8), to: "localhost.pem")
        #expect(try self.prepare().happened == .renewedLeaf(because: "its files were damaged"))
        try self.folder.write(key, to: "localhost-key.pem")
        #expect(try self.prepare().happened == .renewedLeaf(because: "its files were damaged"))
        try FileManager.default.removeItem(atPath: self.folder.file("localhost-key.pem"))
        #expect(try self.prepare().happened == .renewedLeaf(because: "there was none"))
        let other = try TemporaryFolder()
        _ = try LocalCertificates.prepare(in: other.path, now: Moment.now)
        for name in ["localhost.pem", "localhost-key.pem"] { try self.folder.write(try other.bytes(name), to: name) }
        #expect(try self.prepare().happened == .renewedLeaf(because: "it was not issued by the local CA"))
        #expect(try self.prepare().happened == .kept)
    }

    @Test(arguments: [
        ("ca.pem", "garbage", "no PEM certificate"), ("ca.pem", "", "no PEM certificate"), ("ca-key.pem", "garbage", "no PEM private key"),
        ("ca.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no PEM certificate"),
    ])
    func aDamagedCAIsOneClearErrorAndLeftAlone(_ name: String, _ content: String, _ cause: String) throws {
        _ = try self.prepare()
        try self.folder.write(Array(content.utf8), to: name)
        let expected = CertificateError.damagedAuthority(folder: self.folder.path, file: name, cause: cause)
        #expect(throws: expected) { try self.prepare() }
        #expect(expected.text.contains("restore the file, or delete the folder"))
        #expect(try self.folder.bytes(name) == Array(content.utf8))
    }

    @Test func halfACAIsOneClearError() throws {
        _ = try self.prepare()
        let key = try self.folder.bytes("ca-key.pem")
        try FileManager.default.removeItem(atPath: self.folder.file("ca-key.pem"))
        #expect(throws: CertificateError.damagedAuthority(folder: self.folder.path, file: "ca-key.pem", cause: "missing")) {
            try self.prepare()
        }
        try self.folder.write(key, to: "ca-key.pem")
        try FileManager.default.removeItem(atPath: self.folder.file("ca.pem"))
        #expect(throws: CertificateError.damagedAuthority(folder: self.folder.path, file: "ca.pem", cause: "missing")) {
            try self.prepare()
        }
        // A crash in the very first start leaves the key alone.
        try FileManager.default.removeItem(atPath: self.folder.file("localhost.pem"))
        #expect(try self.prepare().happened == .madeAuthority)
    }

    @Test func aCAWithTheKeyOfAnotherIsOneClearError() throws {
        _ = try self.prepare()
        try self.folder.write(try PrivateKey.generate().pem(), to: "ca-key.pem")
        #expect(throws: CertificateError.damagedAuthority(folder: self.folder.path, file: "ca-key.pem", cause: "not the key of ca.pem")) {
            try self.prepare()
        }
        try self.folder.write(try self.folder.bytes("localhost.pem"), to: "ca.pem")
        #expect(throws: CertificateError.damagedAuthority(folder: self.folder.path, file: "ca.pem", cause: "not the certificate of a CA")) {
            try self.prepare()
        }
    }

    @Test func aFolderThatCannotBeIsOneClearError() throws {
        try self.folder.write([], to: "file")
        let path = self.folder.file("file/certificates")
        let error = #expect(throws: CertificateError.self) { try LocalCertificates.prepare(in: path, now: Moment.now) }
        #expect(error == .unwritable(path: path, cause: "Not a directory"))
    }

    @Test func aBadAliasIsNamedBeforeAnythingIsWritten() throws {
        #expect(throws: CertificateError.invalidName("https://x")) { try self.prepare(["https://x"]) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder.path).isEmpty)
    }

    @Test func startsAtTheSameTimeMakeOneCA() async throws {
        let path = self.folder.path
        let results = try await withThrowingTaskGroup(of: LocalCertificates.Happened.self) { group in
            for _ in 0..<4 { group.addTask { try LocalCertificates.prepare(in: path, now: Moment.now).happened } }
            return try await group.reduce(into: [LocalCertificates.Happened]()) { $0.append($1) }
        }
        #expect(results.count { $0 == .madeAuthority } == 1)
        #expect(results.count { $0 == .kept } == 3)
    }

    @Test func theDefaultFolderFollowsTheDataHome() {
        #expect(LocalCertificates.defaultFolder(environment: ["XDG_DATA_HOME": "/d", "HOME": "/h"]) == "/d/sundial/certificates")
        #expect(
            LocalCertificates.defaultFolder(environment: ["XDG_DATA_HOME": "rel", "HOME": "/h"]) == "/h/.local/share/sundial/certificates")
        #expect(LocalCertificates.defaultFolder(environment: [:]) == nil)
    }
}

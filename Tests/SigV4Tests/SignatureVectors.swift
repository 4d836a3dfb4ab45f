import Foundation
import Testing
import Timeline

@testable import SigV4

/// One entry of `fixtures/sigv4/sigv4-vectors.json`.
struct SignatureVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Verifier: Decodable, Sendable {
        let accessKeyId: String
        let secretAccessKey: String
        let sessionToken: String?
        let region: String
        let allowedServices: [String]
        let now: String
    }
    struct Expectation: Decodable, Sendable {
        let verdict: String
        let reason: String
    }

    let id: String
    let method: String
    let url: String
    let httpHostHeader: String
    let extraRequestHeaders: [String: String]
    let body: String?
    let verifier: Verifier
    let expected: [String: Expectation]
    let canonicalRequest: String?
    let stringToSign: String?
    let signature: String?

    var testDescription: String { self.id }

    var credentials: Credentials {
        Credentials(
            accessKeyID: self.verifier.accessKeyId, secretAccessKey: self.verifier.secretAccessKey,
            sessionToken: self.verifier.sessionToken)
    }

    var now: WallTime {
        get throws { try #require(WallTime(iso8601: self.verifier.now)) }
    }

    var request: SignedRequest {
        SignedRequest(
            method: self.method, target: Wire.target(of: self.url),
            headers: [("Host", self.httpHostHeader)] + self.extraRequestHeaders.map { ($0.key, $0.value) },
            bodySHA256Hex: self.body.map { SHA256.hex(of: Array($0.utf8)) })
    }

    /// A verifier as the vectors assume one: host exact, region pinned.
    func strictVerifier(_ policy: VerificationPolicy) -> SigV4Verifier {
        SigV4Verifier(
            credentials: CredentialSet([self.credentials]), policy: policy, hostPort: .exact, region: self.verifier.region,
            services: Set(self.verifier.allowedServices))
    }

    static let all: [SignatureVector] = {
        struct File: Decodable { let vectors: [SignatureVector] }
        let path = Wire.fixtures.appending(path: "sigv4/sigv4-vectors.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let data = try? Data(contentsOf: path), let file = try? decoder.decode(File.self, from: data) else { return [] }
        return file.vectors
    }()

    static func named(_ prefix: String) throws -> SignatureVector {
        try #require(SignatureVector.all.first { $0.id.hasPrefix(prefix) })
    }
}

/// What clients put on the wire for a URL.
enum Wire {
    static let fixtures: URL = {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.appending(path: "fixtures").path) {
            folder.deleteLastPathComponent()
        }
        return folder.appending(path: "fixtures")
    }()

    /// Path and query, as written.
    static func target(of url: String) -> String {
        let rest = url.split(separator: "://", maxSplits: 1).last ?? ""
        return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
    }

    static func upgrade(_ url: String, host: String, localPort: Int? = nil, connection: String = "Upgrade") -> SignedRequest {
        SignedRequest(
            method: "GET", target: self.target(of: url),
            headers: [
                ("Host", host), ("Upgrade", "websocket"), ("Connection", connection), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Protocol", "mqtt"),
            ], localPort: localPort)
    }
}

extension Verdict {
    var refusal: Refusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }

    var notes: [String]? {
        if case .accepted(_, let notes) = self { notes } else { nil }
    }

    /// `ok` or the reason, as the vectors write it.
    var reason: String {
        switch self {
        case .accepted: "ok"
        case .refused(let refusal): refusal.reason.rawValue
        case .notChecked: "not-checked"
        }
    }
}

extension Refusal {
    func field(_ name: String) -> String? {
        self.fields.first { $0.0 == name }?.1
    }
}

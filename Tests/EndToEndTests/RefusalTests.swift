import Foundation
import Testing

/// A URL that must not work does not, and everybody is told why: the client by `close`, a person by a plain GET and by
/// the log. `sigv4-websocket.md` §8.
@Suite struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Options of `presign.js`; nil leaves the URL unsigned.
        var presign: [String]?
        /// Words of which one must be in the explanation.
        var cause: [String]
    }

    struct Answer: Decodable {
        var status: Int
        var headers: [String: String]
        var body: String
    }

    struct Body: Decodable {
        var message: String
        var traceId: String
    }

    static let cases = [
        Case(testDescription: "wrong secret", presign: ["--secret", "wrong"], cause: ["secret"]),
        Case(testDescription: "unsigned", presign: nil, cause: ["not signed"]),
        Case(testDescription: "expired by ten minutes", presign: ["--minutes-ago", "15"], cause: ["expired"]),
        Case(
            testDescription: "expired, whatever X-Amz-Expires says",
            presign: ["--minutes-ago", "15", "--expires", "86400"], cause: ["expired"]),
        Case(testDescription: "wrong service", presign: ["--service", "execute-api"], cause: ["service"]),
        Case(testDescription: "unknown key", presign: ["--key", "AKIDNOBODY"], cause: ["AKIDNOBODY", "key"]),
    ]

    @Test(arguments: Self.cases, ["4", "5"])
    func theClientIsTurnedAwayAndTheCauseIsNamed(_ example: Case, protocolVersion: String) async throws {
        try await SundialProcess.run { sundial in
            let url: String
            if let presign = example.presign {
                url = try await sundial.signedAddress("wss", presign)
            } else {
                url = sundial.address("wss")
            }
            let client = try Client.node("upgrade.js", [url, protocolVersion, sundial.doors.ca])
            try await client.end()
            #expect(client.lines.last == "close")
            #expect(!client.lines.contains("connect"))
            try await sundial.log.line("the cause, one of \(example.cause)") { line in
                example.cause.contains { line.localizedCaseInsensitiveContains($0) }
            }

            let get = try Client.node("get.js", [url, sundial.doors.ca])
            try await get.end()
            let answer = try JSONDecoder().decode(Answer.self, from: Data(get.process.output.bytes))
            #expect(answer.status == 403)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.headers["x-amzn-errortype"] == "ForbiddenException:")
            #expect(answer.headers["access-control-allow-origin"] == "*")
            let exposed = answer.headers["access-control-expose-headers"] ?? ""
            #expect(exposed.localizedCaseInsensitiveContains("x-sundial-explanation"))
            let body = try JSONDecoder().decode(Body.self, from: Data(answer.body.utf8))
            #expect(!body.message.isEmpty)
            #expect(body.traceId == answer.headers["x-amzn-requestid"])
            let explanation = answer.headers["x-sundial-explanation"] ?? ""
            #expect(
                example.cause.contains { explanation.localizedCaseInsensitiveContains($0) },
                "the explanation is '\(explanation)'")
            self.expectNoSecret(in: explanation + answer.body + sundial.log.lines.joined(), of: url)
        }
    }

    @Test func aPlainRequestWithAValidSignatureIsToldSo() async throws {
        try await SundialProcess.run { sundial in
            let get = try Client.node("get.js", [try await sundial.signedAddress("https"), sundial.doors.ca])
            try await get.end()
            let answer = try JSONDecoder().decode(Answer.self, from: Data(get.process.output.bytes))
            #expect(answer.status == 426)
            #expect(answer.headers["access-control-allow-origin"] == "*")
            #expect(answer.body.localizedCaseInsensitiveContains("valid"))
        }
    }

    @Test(arguments: ["http", "https"])
    func theFrontDoorAnswersAPerson(scheme: String) async throws {
        try await SundialProcess.run { sundial in
            let front = sundial.address(scheme).dropLast("mqtt".count)
            let get = try Client.node("get.js", [String(front), sundial.doors.ca])
            try await get.end()
            let answer = try JSONDecoder().decode(Answer.self, from: Data(get.process.output.bytes))
            #expect(answer.status < 500)
            #expect(answer.body.localizedCaseInsensitiveContains("sundial"))
        }
    }

    /// Neither the signature that was sent nor the secret may stand in anything we say.
    private func expectNoSecret(in text: String, of url: String) {
        let signature = URLComponents(string: url)?.queryItems?.first { $0.name == "X-Amz-Signature" }?.value
        if let signature { #expect(!text.contains(signature), "the signature leaked") }
    }
}

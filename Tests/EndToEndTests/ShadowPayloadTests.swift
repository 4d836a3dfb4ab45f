import Foundation
import Testing

/// A bad shadow request is rejected with the service's own words, and nothing else happens. `device-shadow.md` §9.
@Suite struct ShadowPayloadTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var payload: [UInt8]
        var code: Int
        var message: String

        init(_ name: String, _ payload: String, _ code: Int, _ message: String) {
            self.testDescription = name
            self.payload = Array(payload.utf8)
            self.code = code
            self.message = message
        }

        init(_ name: String, bytes: [UInt8], _ code: Int, _ message: String) {
            self.testDescription = name
            self.payload = bytes
            self.code = code
            self.message = message
        }
    }

    private struct Rejection: Decodable {
        var code: Int
        var message: String
    }

    static let cases = [
        Case("not JSON", "hello", 400, "Invalid JSON"),
        Case("half a document", "{\"state\":{\"desired\":{\"a\":", 400, "Invalid JSON"),
        Case(
            "not UTF-8", bytes: Array("{\"state\":{\"desired\":{\"a\":\"".utf8) + [0xC3, 0x28] + Array("\"}}}".utf8), 415,
            "Unsupported documented encoding; supported encoding is UTF-8"),
        Case(
            "too deep", "{\"state\":{\"desired\":" + String(repeating: "{\"a\":", count: 12) + "1" + String(repeating: "}", count: 14),
            400, "JSON contains too many levels of nesting"),
        Case(
            "absurdly deep", String(repeating: "[", count: 100_000), 400, ""),
        Case(
            "too large", "{\"state\":{\"desired\":{\"a\":\"\(String(repeating: "x", count: 9000))\"}}}", 413,
            "The payload exceeds the maximum size allowed"),
        Case("no state", "{\"version\":1}", 400, "Missing required node: state"),
        Case("state of the wrong type", "{\"state\":[1]}", 400, "State node must be an object"),
        Case("desired of the wrong type", "{\"state\":{\"desired\":7}}", 400, "Desired node must be an object"),
        Case("reported of the wrong type", "{\"state\":{\"reported\":\"x\"}}", 400, "Reported node must be an object"),
        Case("a stranger under state", "{\"state\":{\"wished\":{}}}", 400, "State contains an invalid node"),
        Case("version of the wrong type", "{\"state\":{},\"version\":\"new\"}", 400, "Invalid version"),
    ]

    @Test func eachBadRequestIsRejectedAndTheNextGoodOneIsNot() async throws {
        try await Workshop.withFolder { folder in
            try await SundialProcess.run { sundial in
                let update = "$aws/things/lamp/shadow/update"
                let answers = try Client.mosquitto(
                    "sub", sundial, ["-d", "-t", "\(update)/accepted", "-t", "\(update)/rejected", "-F", "%t %p"])
                try await answers.process.output.line(containing: "Subscribed (mid: 1)")
                let file = folder.appendingPathComponent("payload")
                for (number, bad) in Self.cases.enumerated() {
                    var position = answers.process.output.position
                    try Data(bad.payload).write(to: file)
                    try await Client.mosquitto("pub", sundial, ["-t", update, "-q", "1", "-f", file.path]).end()
                    let line = try await answers.process.output.line(from: position, containing: "\(update)/rejected {")
                    let rejection = try JSONDecoder().decode(
                        Rejection.self, from: Data(line.dropFirst("\(update)/rejected ".count).utf8))
                    #expect(rejection.code == bad.code, "\(bad.testDescription): \(line)")
                    #expect(rejection.message.hasPrefix(bad.message), "\(bad.testDescription): \(line)")

                    position = answers.process.output.position
                    let good = "{\"state\":{\"reported\":{\"number\":\(number)}}}"
                    try await Client.mosquitto("pub", sundial, ["-t", update, "-q", "1", "-m", good]).end()
                    try await answers.process.output.line(from: position, containing: "\(update)/accepted {")
                }
                try await answers.kill()
            }
        }
    }
}

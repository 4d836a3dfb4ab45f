import Broker
import HTTPTypes
import JSON
import SigV4
import Testing
import Timeline

@testable import ControlPlane

/// `GET /mqtt` without an upgrade says what an upgrade would have met. `sigv4-websocket.md` §8.
@Suite struct MQTTPageTests {
    @Test func aValidSignatureIsToldSo() async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.answer(.get, AnsweringPlane.signedTarget())
            #expect(answer.status == 426)
            #expect(answer["upgrade"] == "websocket")
            #expect(answer["access-control-allow-origin"] == "*")
            #expect(answer.body.contains("signature is valid"))
        }
    }

    @Test func aSignatureThatCoversConnectionIsJudgedAsItsUpgradeWouldBe() async throws {
        try await AnsweringPlane.with { plane in
            var options = PresignOptions()
            options.signsConnection = true
            let target = AnsweringPlane.signedTarget(options: options)
            let bare = try await plane.answer(.get, target)
            #expect(bare.status == 426)
            let keptAlive = try await plane.answer(.get, target, [.connection: "keep-alive"])
            #expect(keptAlive.status == 426)
        }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var target: String
        var cause: String
    }

    static let refused = [
        Refused(testDescription: "unsigned", target: "/mqtt", cause: "not signed"),
        Refused(testDescription: "other parameters only", target: "/mqtt?a=b", cause: "not signed"),
        Refused(testDescription: "wrong secret", target: AnsweringPlane.signedTarget(secret: "wrong"), cause: "secret"),
        Refused(
            testDescription: "ten minutes old", target: AnsweringPlane.signedTarget(at: Broker.systemWallTime() - .seconds(600)),
            cause: "expired"),
    ]

    @Test(arguments: Self.refused)
    func aBadSignatureIsRefusedInTheServicesShapeWithOurExplanation(_ example: Refused) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.answer(.get, example.target)
            #expect(answer.status == 403)
            #expect(answer["x-amzn-errortype"] == "ForbiddenException:")
            #expect(answer["access-control-allow-origin"] == "*")
            #expect(answer["access-control-expose-headers"]?.contains("x-sundial-explanation") == true)
            #expect(answer["x-sundial-explanation"]?.contains(example.cause) == true, "\(answer["x-sundial-explanation"] ?? "")")
            #expect(answer.json?["traceId"]?.string == answer["x-amzn-requestid"])
            #expect(answer.json?["message"]?.string?.isEmpty == false)
        }
    }

    @Test func aPersonWithABrowserIsToldWhatThisIs() async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.answer(.get, "/mqtt", [.accept: "text/html,application/xhtml+xml,*/*;q=0.8"])
            #expect(answer.status == 426)
            #expect(answer.body.contains("sundial sign"))
        }
    }

    @Test func withoutVerificationThePageSaysThat() async throws {
        try await AnsweringPlane.with(policy: .off) { plane in
            let answer = try await plane.answer(.get, "/mqtt?anything")
            #expect(answer.status == 426)
            #expect(answer.body.contains("not checked"))
        }
    }
}

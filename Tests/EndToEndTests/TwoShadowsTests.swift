import Foundation
import Testing

/// The main job with the field's own client: mqtt.js over signed WSS, two named shadows, one second apart.
@Suite struct TwoShadowsTests {
    private struct Step: Decodable {
        struct Answer: Decodable {
            struct State: Decodable { var desired: [String: Int] }
            var state: State
            var version: Int
            var timestamp: Int
            var clientToken: String
        }
        var event: String
        var ms: Int
        var topic: String?
        var payload: Answer?
        var qos: [Int]?
    }

    @Test(arguments: ["4", "5"], ["wss", "ws"])
    func bothAnswersArriveInOrderASecondApart(protocolVersion: String, scheme: String) async throws {
        try await SundialProcess.run { sundial in
            let url = try await sundial.signedAddress(scheme)
            let client = try Client.node("two-shadows.js", [url, protocolVersion, sundial.doors.ca, "lamp"])
            try await client.end()
            let steps = try client.lines.map { try JSONDecoder().decode(Step.self, from: Data($0.utf8)) }
            #expect(
                steps.map(\.event)
                    == ["connected", "subscribed", "published", "answer", "published", "answer", "ended"])
            #expect(steps[1].qos == [1, 1])
            let answers = steps.filter { $0.event == "answer" }
            #expect(
                answers.map(\.topic)
                    == ["test1", "test2"].map { "$aws/things/lamp/shadow/name/\($0)/update/accepted" })
            #expect(answers.map(\.payload?.clientToken) == ["test1", "test2"])
            #expect(answers.map(\.payload?.state.desired) == [["number": 1], ["number": 2]])
            #expect(answers.map(\.payload?.version) == [1, 1])
            let gap = answers[1].ms - answers[0].ms
            #expect((800...2500).contains(gap), "the answers are \(gap) ms apart")
        }
    }
}

import Foundation
import Testing

/// Clients that sign in their own way: AWS's SDK for Python (whose C core signs `connection;host`) and, in the role of
/// Amplify with its `MQIsdp`, Eclipse Paho.
@Suite struct SignedClientTests {
    private struct Step: Decodable {
        struct Answer: Decodable {
            struct State: Decodable { var reported: [String: Double] }
            var state: State
            var version: Int
            var clientToken: String
        }
        var event: String
        var topic: String?
        var payload: Answer?
    }

    @Test(arguments: ["4", "5"], [nil, Workshop.sessionToken])
    func theAWSSDKUpdatesAShadow(protocolVersion: String, token: String?) async throws {
        try await SundialProcess.run(sessionToken: token) { sundial in
            let client = try Client.python(
                "aws_sdk_shadow.py",
                [protocolVersion, "\(sundial.doors.https.port)", sundial.doors.ca, "thermometer"] + [token].compactMap { $0 })
            try await client.end()
            let steps = try client.lines.map { try JSONDecoder().decode(Step.self, from: Data($0.utf8)) }
            #expect(steps.map(\.event) == ["connected", "answer", "ended"])
            #expect(steps[1].topic == "$aws/things/thermometer/shadow/update/accepted")
            #expect(steps[1].payload?.state.reported == ["temperature": 21.5])
            #expect(steps[1].payload?.version == 1)
            #expect(steps[1].payload?.clientToken == "sdk")
        }
    }

    @Test(arguments: ["3", "4", "5"], ["mqtt", "mqttv3.1"])
    func pahoGetsItsOwnMessageBack(protocolVersion: String, subprotocol: String) async throws {
        try await SundialProcess.run { sundial in
            for scheme in ["ws", "wss"] {
                let url = try await sundial.signedAddress(scheme)
                let client = try Client.python(
                    "paho_flow.py", [url, protocolVersion, subprotocol, sundial.doors.ca, "echo/me", "hello  \"you\""])
                try await client.end()
                #expect(client.lines == ["hello  \"you\""])
            }
        }
    }
}

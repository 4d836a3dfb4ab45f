import Foundation
import Testing

/// The REST API as AWS's own clients use it, over https with our CA.
@Suite("REST clients")
struct RESTClientTests {
    @Test func boto3GoesThroughEveryOperation() async throws {
        try await SundialProcess.run { sundial in
            let client = try Client.python(
                "rest_boto3.py", ["\(sundial.doors.https.port)", "\(sundial.doors.mqtts.port)", sundial.doors.ca])
            try await client.end()
            #expect(
                client.lines == [
                    "UpdateThingShadow", "GetThingShadow", "ListNamedShadowsForThing", "DeleteThingShadow", "Publish",
                    "GetRetainedMessage", "ListRetainedMessages", "GetConnection", "ListSubscriptions", "SendDirectMessage",
                    "DeleteConnection", "DescribeEndpoint", "CreateThing", "UpdateThing", "DescribeThing", "ListThings", "DeleteThing",
                    "ForbiddenException",
                ])
        }
    }

    @Test func theCommandLineUpdatesReadsListsPublishesAndDeletes() async throws {
        try await SundialProcess.run { sundial in
            try await Workshop.withFolder { folder in
                let file = folder.appendingPathComponent("shadow.json")
                let thing = ["--thing-name", "lamp", "--shadow-name", "night"]
                func run(_ words: [String]) async throws -> String {
                    let aws = try Client.aws(sundial, ["iot-data"] + words)
                    try await aws.end()
                    return aws.lines.joined(separator: "\n")
                }
                func document() throws -> String { try String(contentsOf: file, encoding: .utf8) }

                _ = try await run(["update-thing-shadow", "--payload", #"{"state":{"reported":{"on":true}}}"#] + thing + [file.path])
                #expect(try document().contains(#""version":1"#))
                _ = try await run(["get-thing-shadow"] + thing + [file.path])
                #expect(try document().hasPrefix(#"{"state":{"reported":{"on":true}},"#))
                let list = try await run(["list-named-shadows-for-thing", "--thing-name", "lamp", "--query", "results", "--output", "text"])
                #expect(list == "night")
                _ = try await run(["publish", "--topic", "a/b", "--payload", "hello", "--qos", "1", "--retain"])
                let kept = try await run(["get-retained-message", "--topic", "a/b", "--query", "payload", "--output", "text"])
                #expect(kept == Data("hello".utf8).base64EncodedString())
                _ = try await run(["delete-thing-shadow"] + thing + [file.path])
                #expect(try document().hasPrefix(#"{"version":1,"#))

                let missing = try Client.aws(sundial, ["iot-data", "get-thing-shadow"] + thing + [file.path])
                let ending = try await missing.process.ending()
                #expect(ending == .exited(255), "\(missing.process.errors.tail)")
                #expect(missing.process.errors.tail.contains("(ResourceNotFoundException)"))
                #expect(missing.process.errors.tail.contains("No shadow exists with name: 'lamp~night'"))
            }
        }
    }
}

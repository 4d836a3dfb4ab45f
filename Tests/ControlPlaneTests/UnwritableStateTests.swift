import Broker
import HTTPTypes
import JSON
import MQTTWire
import Testing

/// What is answered while the state file is slow or cannot be written. DESIGN §6.
@Suite struct UnwritableStateTests {
    @Test func changesAreRefusedBeforeTheyHappen() async throws {
        try await AnsweringPlane.with(keeper: SwitchedKeeper(.fail)) { plane in
            let watcher = try await PlaneClient.connected("w", to: plane.broker)
            try await watcher.subscribe("#")
            _ = try await PlaneClient.connected("kept", to: plane.broker, expiry: 60)
            let update = try await plane.signed(.post, "/things/T/shadow", #"{"state":{}}"#)
            #expect(update.status == 500)
            #expect(update["x-amzn-errortype"] == "InternalFailureException:")

            for target in ["/topics/t?retain=true", "/topics/t?qos=1", "/topics/t"] {
                let published = try await plane.signed(.post, target, "x")
                #expect(published.status == 500)
                #expect(
                    published["x-sundial-explanation"]
                        == "The state file cannot be written: the disk is full; nothing was changed or sent.")
            }
            #expect(try await watcher.messages().isEmpty)
            #expect(try await plane.signed(.post, "/things/T", "{}", service: "iot").status == 500)
            #expect(try await plane.signed(.get, "/things/T", service: "iot").status == 404)
            #expect(try await plane.signed(.delete, "/connections/w?cleanSession=true").status == 500)
            #expect(try await watcher.wasClosed() == nil)
        }
    }

    @Test func whatNeedsNoWritingIsAnswered() async throws {
        let keeper = SwitchedKeeper(.commit)
        try await AnsweringPlane.with(keeper: keeper) { plane in
            _ = try await plane.signed(.post, "/topics/t?retain=true", "old")
            _ = try await plane.signed(.post, "/things/T", "{}", service: "iot")
            _ = try await plane.signed(.post, "/things/T/shadow", #"{"state":{"desired":{"a":1}}}"#)
            let client = try await PlaneClient.connected("c", to: plane.broker, expiry: 60)
            try await client.subscribe("a")
            keeper.groups(.fail)
            #expect(try await plane.signed(.post, "/things/T/shadow", #"{"state":{"desired":{"a":2}}}"#).status == 500)

            #expect(try await plane.signed(.get, "/things/T/shadow").json?["state"]?["desired"]?["a"]?.int64 == 1)
            for target in ["/retainedMessage/t", "/retainedMessage", "/connections/c", "/connections/c/subscriptions"] {
                #expect(try await plane.signed(.get, target).status == 200, "\(target)")
            }
            for target in ["/things/T", "/things", "/endpoint"] {
                #expect(try await plane.signed(.get, target, service: "iot").status == 200, "\(target)")
            }
            #expect(try await plane.signed(.delete, "/connections/c").status == 200)
            #expect(try await client.wasClosed() != nil)
        }
    }

    @Test func whatKeepsNothingDoesNotWaitForAnothersChange() async throws {
        let keeper = SwitchedKeeper(.commit)
        try await AnsweringPlane.with(keeper: keeper) { plane in
            let client = try await PlaneClient.connected("c", to: plane.broker)
            try await client.subscribe("t")
            keeper.groups(.wait)
            _ = try await PlaneClient.connected("kept", to: plane.broker, expiry: 60)
            #expect(try await plane.broker.submit { $0.hasUncommittedWork })
            #expect(try await plane.signed(.post, "/topics/t?qos=1", "x").status == 200)
            #expect(try await client.messages().map(\.payloadText) == ["x"])
            #expect(try await plane.signed(.delete, "/connections/c?cleanSession=true").status == 200)
            keeper.groups(.commit)
        }
    }
}

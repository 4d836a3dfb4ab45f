import Broker
import HTTPTypes
import JSON
import Testing

/// What is answered while the state file cannot be written. DESIGN §6.
@Suite struct UnwritableStateTests {
    @Test func changesAreRefusedAndWhatShowsNoneIsAnswered() async throws {
        try await AnsweringPlane.with(keeper: UnwritableKeeper()) { plane in
            let update = try await plane.signed(.post, "/things/T/shadow", #"{"state":{}}"#)
            #expect(update.status == 500)
            #expect(update["x-amzn-errortype"] == "InternalFailureException:")
            #expect(try await plane.signed(.get, "/things/T/shadow").status == 404)

            let created = try await plane.signed(.post, "/things/T", "{}", service: "iot")
            #expect(created.status == 500)
            #expect(created["x-sundial-explanation"] == "The state file cannot be written: the disk is full.")
            #expect(try await plane.signed(.get, "/endpoint", service: "iot").status == 200)
            #expect(try await plane.signed(.get, "/connections/nobody").status == 404)
            #expect(try await plane.signed(.post, "/topics/t?retain=true", "x").status == 500)
        }
    }
}

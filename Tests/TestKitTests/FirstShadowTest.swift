import TestKit
import Testing

/// The code of the article `FirstShadowTest`, to the letter; ``TutorialTests`` compares.
@Suite("Your first shadow test") struct FirstShadowTest {
    /// Follows the desired state of its shadow.
    struct Lamp {
        let thing: String
        let client: Sundial.Client

        var topic: String { "$aws/things/\(self.thing)/shadow/update" }

        func start() async throws {
            try await self.client.subscribe("\(self.topic)/delta")
        }

        /// Does what the next delta asks for.
        func obey() async throws {
            let delta = try await self.client.expect("\(self.topic)/delta")
            let state = delta.json?["state"] ?? [:]
            try await self.client.publish(self.topic, .json(["state": ["reported": state]]))
        }
    }

    @Test func anUpdateIsAcceptedAndRead() async throws {
        try await withSundial { kit in
            let shadow = kit.shadow("lamp")
            let accepted = try await shadow.report(["on": false])
            #expect(accepted.version == 1)
            #expect(try await shadow.get().reported == ["on": false])
        }
    }

    @Test func theLampDoesAsItIsTold() async throws {
        try await withSundial { kit in
            let lamp = Lamp(thing: "lamp", client: try await kit.connect("lamp-1"))
            try await lamp.start()

            let shadow = kit.shadow("lamp")
            try await shadow.desire(["on": true])
            try await shadow.expectDelta(["on": true])
            try await lamp.obey()
            try await shadow.waitForAccepted(reported: ["on": true])
            #expect(try await shadow.get().delta == nil)
        }
    }

    @Test func theLampsWillTellsOfItsDeath() async throws {
        try await withSundial { kit in
            let lamp = try await kit.connect("lamp-1", keepAlive: 60, will: Will("lamps/lamp-1/gone", "bye"))
            try await lamp.drop(.silent)
            try await kit.expectNothing("lamps/+/gone", for: .seconds(89))
            let gone = try await kit.expect("lamps/+/gone", within: .seconds(2))
            #expect(gone.time == .seconds(90))
        }
    }

    @Test func theTwoShadowsAreAnsweredInOrder() async throws {
        try await withSundial { kit in
            let report = try await kit.run(
                Plan("paced pair") {
                    Connect("app", keepAlive: 30)
                    Subscribe("app", to: "$aws/things/T1/shadow/name/+/update/accepted")
                    Update("T1", shadow: "test1", reported: [:]).at(.seconds(1)).as("app").id("a")
                    Update("T1", shadow: "test2", reported: [:]).at(.seconds(2)).as("app").id("b")
                    Order(Match(client: "app", causedBy: "a"), Match(client: "app", causedBy: "b")).from(.start).within(.seconds(3))
                })
            #expect(report.passed, "\(report)")
            #expect(report.ordering.inversions == 0)
            #expect(report["b"]?.gap == .seconds(1))
        }
    }
}

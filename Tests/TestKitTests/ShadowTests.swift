import TestKit
import Testing

@Suite("Shadows of a kit") struct ShadowTests {
    @Test func classicAndNamedShadowsAreApart() async throws {
        try await withSundial { kit in
            let classic = kit.shadow("T1")
            let named = kit.shadow("T1", "test1")
            #expect(try await classic.report(["temp": 21]).version == 1)
            #expect(try await named.update(desired: ["temp": 23], reported: ["temp": 20.5], token: "t-1").token == "t-1")
            #expect(try await named.report(["temp": 21]).version == 2)
            let state = try await named.get()
            #expect(state.desired == ["temp": 23])
            #expect(state.reported == ["temp": 21])
            #expect(state.delta == ["temp": 23])
            #expect(state.timestamp == 1_767_225_600)
            #expect(try await classic.get().reported == ["temp": 21])
            #expect(named.topic == "$aws/things/T1/shadow/name/test1")
        }
    }

    @Test func aDeletedShadowIsGone() async throws {
        try await withSundial { kit in
            let shadow = kit.shadow("T1")
            try await shadow.report(["on": true])
            #expect(try await shadow.delete().version == 1)
            let line = #line + 1
            let failure = try await failure(of: ShadowRejected.self) { _ = try await shadow.get() }
            #expect(
                failure.description == """
                    get of the classic shadow of T1 was rejected with 404 "No shadow exists with name: 'T1'": \
                    there is no shadow $aws/things/T1/shadow; the first update creates it
                      sent: (empty)
                      at TestKitTests/ShadowTests.swift:\(line)
                    """)
        }
    }

    @Test func aRejectionSaysWhatWasSentAndWhy() async throws {
        try await withSundial { kit in
            let shadow = kit.shadow("T1", "test1")
            try await shadow.desire(["led": "on"])
            let line = #line + 2
            let failure = try await failure(of: ShadowRejected.self) {
                try await shadow.update(desired: ["led": "off"], version: 7)
            }
            #expect(failure.code == 409)
            #expect(failure.message == "Version conflict")
            #expect(
                failure.description == """
                    update of shadow test1 of T1 was rejected with 409 "Version conflict": \
                    the request names version 7, the shadow is at 1
                      sent: {"state":{"desired":{"led":"off"}},"version":7}
                      at TestKitTests/ShadowTests.swift:\(line)
                    """)
            let malformed = try await #require(throws: ShadowRejected.self) { try await shadow.update(raw: "{") }
            #expect(malformed.code == 400)
        }
    }

    @Test func namesThatCannotBeAreRefusedBeforeAnythingIsSent() async throws {
        try await withSundial { kit in
            await #expect(throws: SundialFailure.self) { try await kit.shadow("no such name").get() }
            await #expect(throws: SundialFailure.self) { try await kit.shadow("T1", "a/b").get() }
            #expect(await kit.messages.isEmpty)
        }
    }

    /// Own updates are answered to their caller; what others do is waited for.
    @Test func updatesOfDevicesAreWaitedFor() async throws {
        try await withSundial { kit in
            let shadow = kit.shadow("T1")
            let device = try await kit.connect("device")
            try await device.subscribe("\(shadow.topic)/update/+")
            try await shadow.report(["by": "the test"])
            await #expect(throws: ExpectationFailure.self) { try await shadow.waitForAccepted() }

            try await device.publish("\(shadow.topic)/update", ["state": ["reported": ["by": "the device", "n": 1]]])
            let accepted = try await shadow.waitForAccepted(reported: ["by": "the device"])
            #expect(accepted.version == 2)
            #expect(accepted.reported?["n"] == 1)
            await #expect(throws: ExpectationFailure.self) { try await shadow.waitForAccepted(reported: ["by": "the device"]) }

            try await device.publish("\(shadow.topic)/update", ["state": ["reported": ["n": 2]], "version": 9])
            #expect(try await shadow.expectRejected(409)["message"] == "Version conflict")
            try await device.expect("\(shadow.topic)/update/rejected", json: ["code": 409])
        }
    }

    @Test func deltasThatWereTakenAreNotTakenAgain() async throws {
        try await withSundial { kit in
            let shadow = kit.shadow("T1", "test1")
            try await shadow.desire(["temp": 23])
            let delta = try await shadow.expectDelta(["temp": 23])
            #expect(delta["version"] == 1)
            let line = #line + 2
            let failure = try await failure(of: ExpectationFailure.self) {
                try await shadow.expectDelta(["temp": ["$gt": 23]], within: .milliseconds(1500))
            }
            let lines = "\(failure)".split(separator: "\n").map(String.init)
            #expect(lines[0] == #"shadow test1 of T1: expected a delta of {"temp":{"$gt":23}} within 1.5 s, none came"#)
            #expect(lines[1] == "  what came on $aws/things/T1/shadow/name/test1/#:")
            #expect(
                lines[2]
                    == #"    0.000 s  $aws/things/T1/shadow/name/test1/update  {"state":{"desired":{"temp":23}}}  qos 1"#)
            #expect(lines.last == "  at TestKitTests/ShadowTests.swift:\(line)")
            // The same messages are still there for the expectations of the broker.
            try await kit.expect("\(shadow.topic)/update/delta")
        }
    }
}

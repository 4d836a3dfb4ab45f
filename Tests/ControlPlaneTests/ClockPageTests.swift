import Broker
import HTTPTypes
import Hummingbird
import JSON
import MQTTWire
import NIOCore
import Testing
import Timeline

@testable import ControlPlane

/// `/_sundial/clock`. Source: scheduler §8, §15.
@Suite struct ClockPageTests {
    private static func ask(
        _ plane: AnsweringPlane, _ method: HTTPRequest.Method, _ path: String, _ body: String
    ) async throws -> AnsweringPlane.Answer {
        try await plane.answer(
            method, path, [.contentLength: "\(body.utf8.count)"], body: RequestBody(buffer: ByteBuffer(string: body)))
    }

    private static func advance(_ plane: AnsweringPlane, _ body: String) async throws -> AnsweringPlane.Answer {
        try await Self.ask(plane, .post, "/_sundial/clock/advance", body)
    }

    private static func now(_ answer: AnsweringPlane.Answer) throws -> WallTime {
        try #require(answer.json?["now"]?.string.flatMap { WallTime(iso8601: $0) }, "\(answer.body)")
    }

    @Test(
        arguments: [
            (.real, "real", 1, false), (.scaled(.one), "scaled", 1, false), (.virtual(auto: false), "virtual", nil, false),
            (.virtual(auto: true), "virtual", nil, true),
        ] as [(ClockKind, String, Int64?, Bool)])
    func theClockIsShown(kind: ClockKind, name: String, factor: Int64?, auto: Bool) async throws {
        try await AnsweringPlane.with(clock: kind) { plane in
            let answer = try await plane.answer(.get, "/_sundial/clock")
            #expect(answer.status == 200)
            #expect(answer.json?["kind"]?.string == name)
            #expect(answer.json?["factor"]?.int64 == factor)
            #expect(answer.json?["auto"]?.bool == auto)
            #expect(answer.json?["nextDeadline"]?.isNull == true)
            #expect(answer.json?["waiting"]?.int64 == 0)
            #expect((answer.json?["instantSeconds"]?.double ?? 0) > 0)
            _ = try Self.now(answer)
        }
    }

    @Test func anAdvanceIsAnsweredWhenItIsDone() async throws {
        try await AnsweringPlane.with(clock: .virtual(auto: false)) { plane in
            let watcher = try await PlaneClient.connected("hq", to: plane.broker, keepAlive: 1200)
            try await watcher.subscribe("die")
            let will = Will(topic: "die", payload: [], delayIntervalSeconds: 600)
            let mars = try await PlaneClient.connected("mars", to: plane.broker, keepAlive: 1200, expiry: 3600, will: will)
            try await mars.send(.disconnect(Disconnect(reason: .disconnectWithWill)))
            let before = try Self.now(try await plane.answer(.get, "/_sundial/clock"))
            let early = try await Self.advance(plane, #"{"by":"9m59s"}"#)
            #expect(early.status == 200)
            let due = try #require(early.json?["nextDeadline"]?.string)
            #expect(try #require(WallTime(iso8601: due)) - before <= .milliseconds(600_001))
            #expect(try await watcher.messages() == [])
            let there = try await Self.advance(plane, #"{"to":"\#(due)"}"#)
            #expect(there.json?["now"]?.string == due)
            #expect(try await watcher.messages().map(\.topicText) == ["die"])
            let later = try await Self.advance(plane, #"{"by":1}"#)
            #expect(try Self.now(later) - Self.now(there) == .seconds(1))
            let idle = try await Self.advance(plane, #"{"until":"idle"}"#)
            #expect(idle.json == later.json)
        }
    }

    @Test func theKindIsChangedWithoutAJump() async throws {
        try await AnsweringPlane.with { plane in
            let path = "/_sundial/clock"
            let frozen = try await Self.ask(plane, .put, path, #"{"kind":"virtual"}"#)
            #expect(frozen.json?["kind"]?.string == "virtual")
            #expect(try await plane.answer(.get, path).json == frozen.json)
            let auto = try await Self.ask(plane, .put, path, #"{"kind":"virtual","auto":true}"#)
            #expect(auto.json?["auto"]?.bool == true)
            #expect(try Self.now(auto) == Self.now(frozen))
            let scaled = try await Self.ask(plane, .put, path, #"{"kind":"scaled","factor":2.5}"#)
            #expect(scaled.json?["factor"]?.number?.text == "2.5")
            #expect(try Self.now(scaled) >= Self.now(frozen))
            let real = try await Self.ask(plane, .put, path, #"{"kind":"real"}"#)
            #expect(real.status == 409)
            #expect(real["x-amzn-errortype"] == "ConflictException:")
            #expect(real.json?["message"]?.string?.contains("scaled clock of factor 1") == true)
        }
    }

    @Test(
        arguments: [
            ("", "not JSON", nil), ("[]", "must be an object", ""), ("{}", "must have one of by, to and until", ""),
            (#"{"by":"1s","to":"2030-01-01T00:00:00Z"}"#, "must have one of", ""), (#"{"for":"1s"}"#, "'/for' is not known here", "/for"),
            (#"{"by":"-1s"}"#, "a duration cannot be negative", "/by"), (#"{"by":"1 day"}"#, "write seconds as a number", "/by"),
            (#"{"by":null}"#, "a duration is a number", "/by"), (#"{"to":"tomorrow"}"#, "must be a time such as", "/to"),
            (#"{"to":"2001-01-01T00:00:00Z"}"#, "cannot go back to 2001-01-01T00:00:00.000Z", nil),
            (#"{"to":"2300-01-01T00:00:00Z"}"#, "2200-01-01", nil), (#"{"until":"step"}"#, "'/until' must be idle", "/until"),
        ] as [(String, String, String?)])
    func anAdvanceThatMakesNoSenseIsExplained(body: String, text: String, pointer: String?) async throws {
        try await AnsweringPlane.with(clock: .virtual(auto: false)) { plane in
            let before = try await plane.answer(.get, "/_sundial/clock").json
            let answer = try await Self.advance(plane, body)
            #expect(answer.status == 400)
            #expect(answer.json?["message"]?.string?.contains(text) == true, "\(answer.body)")
            #expect(answer.json?["pointer"]?.string == pointer)
            #expect(try await plane.answer(.get, "/_sundial/clock").json == before)
        }
    }

    @Test(
        arguments: [
            (#"{}"#, "'/kind' is missing"), (#"{"kind":"fast"}"#, "must be real, scaled or virtual"), (#"{"kind":1}"#, "must be a string"),
            (#"{"kind":"scaled"}"#, "'/factor' is missing"), (#"{"kind":"scaled","factor":0}"#, "0.001 to 1000000"),
            (#"{"kind":"scaled","factor":"10"}"#, "0.001 to 1000000"), (#"{"kind":"real","factor":1}"#, "for kind scaled only"),
            (#"{"kind":"scaled","factor":1,"auto":true}"#, "for kind virtual only"), (#"{"kind":"virtual","auto":1}"#, "true or false"),
        ])
    func aKindThatMakesNoSenseIsExplained(body: String, text: String) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await Self.ask(plane, .put, "/_sundial/clock", body)
            #expect(answer.status == 400)
            #expect(answer.json?["message"]?.string?.contains(text) == true, "\(answer.body)")
            #expect(try await plane.answer(.get, "/_sundial/clock").json?["kind"]?.string == "real")
        }
    }

    @Test(arguments: [(ClockKind.real, "real"), (.scaled(.one), "scaled")])
    func aClockThatMovesByItselfIsNotAdvanced(kind: ClockKind, name: String) async throws {
        try await AnsweringPlane.with(clock: kind) { plane in
            let answer = try await Self.advance(plane, #"{"by":"1s"}"#)
            #expect(answer.status == 409)
            #expect(answer.json?["message"]?.string?.hasPrefix("The clock is \(name) and moves by itself; make it virtual") == true)
        }
    }

    @Test func onlyTheMethodsThereAreAreAnswered() async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.answer(.delete, "/_sundial/clock")
            #expect(answer.status == 405)
            #expect(answer["allow"] == "GET, HEAD, PUT, OPTIONS")
            #expect(try await plane.answer(.get, "/_sundial/clock/advance").status == 405)
            #expect(try await plane.answer(.put, "/_sundial/clock", host: "evil.example").status == 403)
        }
    }

    @Test func aRestoreGoesByTheClockOfTheService() async throws {
        try await AnsweringPlane.with(clock: .virtual(auto: false)) { plane in
            _ = try await Self.advance(plane, #"{"by":"87600h"}"#)
            let now = try Self.now(try await plane.answer(.get, "/_sundial/clock"))
            let message =
                #"{"topic":"t","payload":"x","qos":0,"changedAt":"\#(now.iso8601)","expiresAt":"\#((now + .seconds(60)).iso8601)"}"#
            let body = #"{"sundial":"snapshot","version":1,"shadows":[],"retained":[\#(message)],"sessions":[],"things":[]}"#
            let restored = try await Self.ask(plane, .post, "/_sundial/restore", body)
            #expect(restored.status == 200, "\(restored.body)")
            #expect(try await plane.answer(.get, "/_sundial/snapshot").json?["retained"]?.array?.count == 1)
            _ = try await Self.advance(plane, #"{"by":"2m"}"#)
            #expect(try await plane.answer(.get, "/_sundial/snapshot").json?["retained"]?.array?.count == 0)
        }
    }
}

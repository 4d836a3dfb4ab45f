import Broker
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import MQTTWire
import NIOCore
import Testing

@testable import ControlPlane

/// `/_sundial/runs` and `/_sundial/check`. Source: `scheduler.md` §15.
@Suite struct RunOperationTests {
    private static let pair = """
        {"scenario":1,"name":"pair","lanes":{"thing:*":{"minGap":0}}}
        {"id":"a","update":{"thing":"T","shadow":"one","reported":{}}}
        {"id":"b","update":{"thing":"T","shadow":"two","reported":{}}}
        """
    private static let endless = """
        {"scenario":1}
        {"never":{"topic":"nothing"},"for":"10h"}
        """

    private static func post(_ plane: AnsweringPlane, _ path: String, _ body: String = "") async throws -> AnsweringPlane.Answer {
        try await plane.answer(
            .post, "/_sundial/\(path)", [.contentLength: "\(body.utf8.count)"], body: RequestBody(buffer: ByteBuffer(string: body)))
    }

    private static func start(_ plane: AnsweringPlane, _ scenario: String, query: String = "") async throws -> String {
        let answer = try await Self.post(plane, "runs\(query)", scenario)
        #expect(answer.status == 201, "\(answer.body)")
        let id = try #require(answer.json?["id"]?.string)
        #expect(answer["location"] == "/_sundial/runs/\(id)")
        return id
    }

    /// The events up to the end of the run.
    private static func events(_ plane: AnsweringPlane, of id: String, query: String = "") async throws -> [JSONValue] {
        let answer = try await plane.answer(.get, "/_sundial/runs/\(id)/events\(query)")
        #expect(answer.status == 200 && answer["content-type"] == "application/x-ndjson")
        return try answer.body.split(separator: "\n").map { try JSONValue(parsing: String($0)) }.filter { $0["event"] != "alive" }
    }

    @Test func aRunsAnswersReachAClientInOrder() async throws {
        try await AnsweringPlane.with { plane in
            let client = try await PlaneClient.connected("watcher", to: plane.broker)
            try await client.subscribe("$aws/things/T/shadow/name/+/update/accepted")
            let id = try await Self.start(plane, Self.pair)
            _ = try await Self.events(plane, of: id)
            #expect(
                try await client.messages().map(\.topicText)
                    == ["one", "two"].map { "$aws/things/T/shadow/name/\($0)/update/accepted" })
            let report = try await plane.answer(.get, "/_sundial/runs/\(id)")
            #expect(report.status == 200 && report["content-type"] == "application/json")
            #expect(report.json?["state"] == "passed" && report.json?["run"]?.string == id && report.json?["emulator"] == "1.2.3")
            #expect(report.json?["steps"]?.array?.map { $0["id"] } == ["a", "b"])
            let table = try await plane.answer(.get, "/_sundial/runs/\(id)?format=table")
            #expect(table["content-type"] == "text/plain; charset=utf-8" && table.body.hasPrefix("pair (run \(id)): passed"))
        }
    }

    @Test func aRunSeesWhatAClientPublishes() async throws {
        try await AnsweringPlane.with { plane in
            let client = try await PlaneClient.connected("talker", to: plane.broker)
            let id = try await Self.start(
                plane,
                """
                {"scenario":1}
                {"connect":{"client":"app"}}
                {"sub":{"client":"app","filters":["word/+"]}}
                {"expect":{"client":"app","topic":"word/up","text":"hello"},"within":"60s"}
                {"expect":{"topic":"word/up","from":"talker"},"from":"start","within":"60s"}
                """)
            try await client.send(.publish(.init(topic: "word/up", payload: "hello")))
            let last = try #require(try await Self.events(plane, of: id).last)
            #expect(last["event"] == "finished" && last["state"] == "passed" && last["exitCode"]?.int64 == 0, "\(last.text)")
        }
    }

    @Test func eventsAreToldInOrderAndFromWhereTheReaderWants() async throws {
        try await AnsweringPlane.with { plane in
            let id = try await Self.start(
                plane, Self.pair + "\n{\"note\":\"well done\"}\n{\"skip\":true,\"pub\":{\"topic\":\"a\",\"payload\":1}}")
            let events = try await Self.events(plane, of: id)
            #expect(events.map { $0["n"]?.int64 } == (0..<Int64(events.count)).map { $0 })
            #expect(
                Set(events.compactMap { $0["event"]?.string }) == ["started", "dispatched", "settled", "skipped", "note", "finished"])
            let times = events.compactMap { $0["at"]?.int64 }
            #expect(times.count == events.count && times == times.sorted())
            let settled = events.first { $0["event"] == "settled" && $0["step"]?["id"] == "a" }
            #expect(settled?["step"]?["result"] == ["answer": "accepted", "version": 1])
            let dispatched = events.first { $0["event"] == "dispatched" }
            #expect(dispatched?["step"] == ["id": "a", "line": 2, "verb": "update"])
            #expect(events.first { $0["event"] == "note" }?["text"] == "well done")
            #expect(try await Self.events(plane, of: id, query: "?from=4") == Array(events.dropFirst(4)))
            #expect(try await plane.answer(.get, "/_sundial/runs/\(id)/events?from=\(events.count)").status == 204)
            #expect(try await plane.answer(.get, "/_sundial/runs/\(id)/events?from=x").status == 400)
        }
    }

    @Test func anEventSourceGetsEventsOfItsOwnForm() async throws {
        try await AnsweringPlane.with { plane in
            let id = try await Self.start(plane, Self.pair)
            let path = "/_sundial/runs/\(id)/events"
            let answer = try await plane.answer(.get, path, [.accept: "text/event-stream"])
            #expect(answer["content-type"] == "text/event-stream" && answer["cache-control"] == "no-store")
            let blocks = answer.body.components(separatedBy: "\n\n").filter { !$0.isEmpty && !$0.hasPrefix("event: alive") }
            #expect(blocks.first?.hasPrefix("id: 0\nevent: started\ndata: {\"event\":\"started\",\"n\":0,") == true, "\(blocks)")
            #expect(blocks.last?.contains("\nevent: finished\ndata: ") == true)
            let lastID = try #require(HTTPField.Name("last-event-id"))
            let rest = try await plane.answer(.get, path, [.accept: "text/event-stream", lastID: "0"])
            #expect(rest.body.hasPrefix("id: 1\n"))
            #expect(try await plane.answer(.get, path, [.accept: "text/event-stream", lastID: "\(blocks.count - 1)"]).status == 204)
        }
    }

    @Test func aRunThatGoesOnIsListedCancelledAndForgotten() async throws {
        try await AnsweringPlane.with { plane in
            let id = try await Self.start(plane, Self.endless)
            let list = try await plane.answer(.get, "/_sundial/runs").json?["runs"]?.array
            #expect(list?.count == 1 && list?.first?["id"]?.string == id && list?.first?["state"] == "running")
            #expect(try await plane.answer(.get, "/_sundial/runs/\(id)").json?["state"] == "running")
            let early = try await plane.answer(.delete, "/_sundial/runs/\(id)")
            #expect(early.status == 409 && early["x-sundial-explanation"] == "Cancel it first: POST /_sundial/runs/\(id)/cancel.")
            #expect(try await Self.post(plane, "runs/\(id)/cancel").status == 200)
            #expect(try await Self.events(plane, of: id).last?["exitCode"]?.int64 == 130)
            #expect(try await Self.post(plane, "runs/\(id)/cancel").status == 409)
            #expect(try await plane.answer(.delete, "/_sundial/runs/\(id)").status == 204)
            for (method, path) in [(HTTPRequest.Method.get, ""), (.delete, ""), (.get, "/events"), (.post, "/cancel")] {
                let gone = try await plane.answer(method, "/_sundial/runs/\(id)\(path)")
                #expect(gone.status == 404, "\(method) \(path)")
                #expect(gone.json?["message"]?.string == "There is no run '\(id)'.")
            }
        }
    }

    @Test func aScenarioWithFaultsIsRefusedWithAllOfThem() async throws {
        try await AnsweringPlane.with { plane in
            let text = "{\"scenario\":1}\n{\"uppdate\":{}}\n{\"pub\":{\"topic\":\"a/+\",\"payload\":1}}"
            let answer = try await Self.post(plane, "runs?file=my.scenario", text)
            #expect(answer.status == 400 && answer["x-amzn-errortype"] == "InvalidRequestException:")
            let faults = try #require(answer.json?["faults"]?.array)
            #expect(faults.map { $0["line"]?.int64 } == [2, 3])
            #expect(faults.map { $0["column"]?.int64 } == [2, 17])
            #expect(faults.first?["file"] == "my.scenario" && faults.first?["cure"] == "did you mean \"update\"?")
            #expect(answer.json?["message"]?.string?.hasPrefix("The scenario cannot be run: my.scenario:2:2: unknown verb") == true)
            #expect(try await plane.answer(.get, "/_sundial/runs").json == ["runs": []])

            let checked = try await Self.post(plane, "check?file=my.scenario", text)
            #expect(checked.status == 200)
            #expect(checked.json?["findings"]?.array?.map { $0["severity"] } == ["error", "error"])
            #expect(checked.json?["findings"]?.array?.last?["what"] == faults.last?["what"])
            #expect(try await Self.post(plane, "check", Self.pair).json?["findings"] == [])
        }
    }

    @Test(
        arguments: [
            ("", "the file has no header"), ("{", "scenario:1:2: "), ("\u{0}\u{1}", "scenario:1:1: "), ("[]", "scenario:1:1: "),
            (#"{"scenario":2}"#, "scenario:1:"), (#"{"scenario":1,"clock":"virtual"}"#, "asks for a virtual clock"),
        ])
    func whatIsNoScenarioStartsNothing(body: String, text: String) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await Self.post(plane, "runs", body)
            #expect(answer.status == 400)
            #expect(answer.json?["message"]?.string?.contains(text) == true, "\(answer.body)")
            #expect(try await plane.answer(.get, "/_sundial/runs").json == ["runs": []])
        }
    }

    @Test(
        arguments: [
            ("?sed=1", "There is no query parameter 'sed'"), ("?seed=-1", "'seed' must be a whole number"),
            ("?clock=slow", "'clock' is real"),
            ("?attached=maybe", "'attached' must be true or false"), ("?file=%", "cannot be read"),
            ("?var.=1", "no query parameter 'var.'"),
        ])
    func aQueryThatSaysNothingIsExplained(query: String, text: String) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await Self.post(plane, "runs\(query)", Self.pair)
            #expect(answer.status == 400)
            #expect(answer.json?["message"]?.string?.contains(text) == true, "\(answer.body)")
        }
    }

    @Test func seedAndVariablesComeInTheQuery() async throws {
        try await AnsweringPlane.with { plane in
            let id = try await Self.start(
                plane,
                """
                {"scenario":1,"seed":1,"vars":{"thing":"T","word":"x"}}
                {"update":{"thing":"${thing}","reported":{"word":"${word}"}}}
                """, query: "?seed=42&var.thing=lamp&var.word=a%26b+c")
            _ = try await Self.events(plane, of: id)
            #expect(try await plane.answer(.get, "/_sundial/runs/\(id)").json?["seed"]?.int64 == 42)
            let shadow = try await plane.signed(.get, "/things/lamp/shadow")
            #expect(shadow.json?["state"]?["reported"]?["word"] == "a&b c")
        }
    }

    @Test func aRunGoesByTheClockOfTheService() async throws {
        try await AnsweringPlane.with(clock: .virtual(auto: true)) { plane in
            for header in [#"{"scenario":1,"clock":"virtual"}"#, #"{"scenario":1}"#] {
                let id = try await Self.start(plane, header + #" {"at":"10h","note":"late"}"#)
                _ = try await Self.events(plane, of: id)
                let report = try await plane.answer(.get, "/_sundial/runs/\(id)")
                #expect(report.json?["state"] == "passed" && report.json?["clock"] == "virtual", "\(report.body)")
            }
            let refused = try await Self.post(plane, "runs?clock=real", #"{"scenario":1}"#)
            #expect(refused.status == 400)
            #expect(refused.json?["message"]?.string?.contains("asks for the real clock") == true)
        }
    }

    /// A scenario that asks for a real clock by the caller's word runs although its file asks for another.
    @Test func theCallerMayChooseTheClock() async throws {
        try await AnsweringPlane.with { plane in
            let id = try await Self.start(plane, #"{"scenario":1,"clock":"virtual"} {"note":"now"}"#, query: "?clock=real")
            #expect(try await Self.events(plane, of: id).last?["state"] == "passed")
        }
    }

    @Test func methodsThatARunHasNotAreNamed() async throws {
        try await AnsweringPlane.with { plane in
            for (method, path, allowed) in [
                (HTTPRequest.Method.put, "runs", "GET, HEAD, POST"), (.post, "runs/x", "GET, HEAD, DELETE"),
                (.post, "runs/x/events", "GET"), (.get, "runs/x/cancel", "POST"), (.get, "check", "POST"),
            ] {
                let answer = try await plane.answer(method, "/_sundial/\(path)")
                #expect(answer.status == 405 && answer["allow"] == "\(allowed), OPTIONS", "\(method) \(path)")
            }
            #expect(try await plane.answer(.get, "/_sundial/runs/x/y").status == 404)
            #expect(try await plane.answer(.post, "/_sundial/runs", [.contentLength: "\(64 * 1024 * 1024 + 1)"]).status == 413)
        }
    }
}

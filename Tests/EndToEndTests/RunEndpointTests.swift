import Foundation
import Glibc
import Testing

/// `sundial run --endpoint`: scenarios inside a Sundial that serves others. Source: `scheduler.md` §15.
@Suite struct RunEndpointTests {
    private static let endless = """
        {"scenario":1}
        {"connect":{"client":"lingerer"}}
        {"pub":{"topic":"lingering","payload":{"text":"here"}},"as":"lingerer"}
        {"never":{"topic":"nothing"},"for":"10h"}
        """

    /// Starts `sundial run` inside a Sundial.
    private func run(_ sundial: SundialProcess, _ scenario: String, _ more: [String] = [], in folder: URL) throws -> ChildProcess {
        let file = folder.appendingPathComponent("\(UUID().uuidString).scenario")
        try scenario.write(to: file, atomically: true, encoding: .utf8)
        return try ChildProcess(
            Workshop.sundial, ["run", file.path, "--ports-file", sundial.portsFile] + more,
            environment: SundialProcess.environment(folder: folder))
    }

    private func fixture(_ name: String) throws -> String {
        try String(contentsOf: Workshop.root.appendingPathComponent("fixtures/scenarios/\(name).scenario"), encoding: .utf8)
    }

    /// mosquitto_sub on the plain door, subscribed.
    private func listener(_ sundial: SundialProcess, to filter: String) async throws -> Client {
        let publish = try Client.mosquitto("pub", sundial, ["-t", "listening", "-r", "-m", "yes"])
        try await publish.end()
        let listener = try Client.mosquitto("sub", sundial, ["-v", "-t", filter, "-t", "listening"])
        try await listener.process.output.line(containing: "listening yes")
        return listener
    }

    @Test func whatTheRunDoesIsSeenByOthersInOrder() async throws {
        try await SundialProcess.run { sundial in
            try await Workshop.withFolder { folder in
                let listener = try await self.listener(sundial, to: "$aws/things/+/shadow/name/+/update/accepted")
                let run = try self.run(sundial, try self.fixture("paced-pair"), in: folder)
                #expect(try await run.ending() == .exited(0), "\(run.errors.tail)")
                try await listener.process.output.line(containing: "/test2/update/accepted")
                let topics = listener.lines.dropFirst().map { $0.prefix { $0 != " " } }
                #expect(topics == ["test1", "test2"].map { "$aws/things/T_0000000001/shadow/name/\($0)/update/accepted" })
                #expect(run.output.lines.first?.hasPrefix("paced pair (run run-") == true)
                let proof = run.output.lines.last ?? ""
                #expect(proof.hasPrefix("order: 2 steps, 1 subscriber, 0 inversions   (least gap used 1"), "\(proof)")
                try await listener.kill()
            }
        }
    }

    @Test func theReportIsTheOneTheServiceHas() async throws {
        try await SundialProcess.run { sundial in
            try await Workshop.withFolder { folder in
                let json = try self.run(sundial, try self.fixture("no-guessing"), ["--json", "--seed", "7"], in: folder)
                #expect(try await json.ending() == .exited(0), "\(json.errors.tail)")
                let report = try #require(try JSONSerialization.jsonObject(with: Data(json.output.bytes)) as? [String: Any])
                #expect(report["state"] as? String == "passed" && report["seed"] as? Int == 7)
                let id = try #require(report["run"] as? String)
                let doors = sundial.doors
                let kept = try await Workshop.blocking { try ControlRequest("GET", "runs/\(id)").answer(of: doors) }
                #expect(kept.body == json.output.bytes)
                let quiet = try self.run(sundial, try self.fixture("paced-pair"), ["--quiet", "--var", "thing=a:b"], in: folder)
                #expect(try await quiet.ending() == .exited(0), "\(quiet.errors.tail)")
                #expect(quiet.output.lines.isEmpty && quiet.errors.lines.isEmpty)
            }
        }
    }

    @Test func twoRunsGoOnAtOnce() async throws {
        try await SundialProcess.run { sundial in
            try await Workshop.withFolder { folder in
                let meeting = { (me: String, other: String) in
                    """
                    {"scenario":1}
                    {"connect":{"client":"\(me)"}}
                    {"sub":{"client":"\(me)","filters":["meeting/\(other)"]}}
                    {"as":"\(me)","pub":{"topic":"meeting/\(me)","payload":1,"retain":true}}
                    {"expect":{"client":"\(me)","topic":"meeting/\(other)"},"within":"60s"}
                    """
                }
                let runs = try [
                    self.run(sundial, meeting("left", "right"), in: folder), self.run(sundial, meeting("right", "left"), in: folder),
                ]
                for run in runs { #expect(try await run.ending() == .exited(0), "\(run.output.tail)\(run.errors.tail)") }
            }
        }
    }

    @Test func whatFailsThereFailsHere() async throws {
        try await SundialProcess.run { sundial in
            try await Workshop.withFolder { folder in
                let failing = try self.run(
                    sundial, "{\"scenario\":1}\n{\"update\":{\"thing\":\"T\",\"desired\":{},\"version\":9}}", in: folder)
                #expect(try await failing.ending() == .exited(1))
                #expect(failing.output.lines.contains { $0.contains("failed: rejected") }, "\(failing.output.tail)")
                let bad = try self.run(sundial, "{\"scenario\":1}\n{\"uppdate\":{}}\n{\"pubb\":{}}", in: folder)
                #expect(try await bad.ending() == .exited(2))
                #expect(bad.errors.lines.count == 2 && bad.output.lines.isEmpty)
                #expect(bad.errors.lines.allSatisfy { $0.contains("did you mean") }, "\(bad.errors.tail)")
                let virtual = try self.run(sundial, try self.fixture("no-guessing"), ["--clock", "virtual"], in: folder)
                #expect(try await virtual.ending() == .exited(3))
                #expect(virtual.errors.tail.contains("asks for a virtual clock"), "\(virtual.errors.tail)")
            }
        }
    }

    @Test func whereNobodyServesTheRunSaysSo() async throws {
        try await Workshop.withFolder { folder in
            let file = folder.appendingPathComponent("a.scenario")
            try "{\"scenario\":1}".write(to: file, atomically: true, encoding: .utf8)
            let run = try ChildProcess(Workshop.sundial, ["run", file.path, "--endpoint", "http://localhost:1"])
            #expect(try await run.ending() == .exited(3))
            #expect(run.errors.lines.count == 1 && run.errors.tail.contains("cannot connect to http://localhost:1"), "\(run.errors.tail)")
            for (words, text) in [
                (["--endpoint", "mqtt://localhost"], "must begin with http"),
                (["--endpoint", "http://localhost", "--target", "mqtt://localhost"], "give one of them"),
                (["--endpoint", "http://localhost", "--ports-file", "x"], "give one of them"), (["--bearer", "x"], "give one"),
            ] {
                let refused = try ChildProcess(Workshop.sundial, ["run", file.path] + words)
                #expect(try await refused.ending() == .exited(2))
                #expect(refused.errors.tail.contains(text), "\(refused.errors.tail)")
            }
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func anInterruptedRunIsCancelledAndReported(signal: Int32) async throws {
        try await SundialProcess.run { sundial in
            try await Workshop.withFolder { folder in
                let listener = try await self.listener(sundial, to: "lingering")
                let run = try self.run(sundial, Self.endless, in: folder)
                try await listener.process.output.line(containing: "lingering here")
                run.signal(signal)
                #expect(try await run.ending() == .exited(130))
                #expect(run.output.lines.contains { $0.contains("cancelled") }, "\(run.output.tail)")
                try await sundial.log.line("the end of its client") {
                    $0.contains("client=lingerer") && $0.contains("connection closed")
                }
                try await listener.kill()
            }
        }
    }

    @Test func aKilledCommandTakesItsRunWithIt() async throws {
        try await SundialProcess.run { sundial in
            try await Workshop.withFolder { folder in
                let listener = try await self.listener(sundial, to: "lingering")
                let run = try self.run(sundial, Self.endless, in: folder)
                try await listener.process.output.line(containing: "lingering here")
                run.signal(SIGKILL)
                #expect(try await run.ending() == .killed(signal: SIGKILL))
                try await sundial.log.line("the end of its client") {
                    $0.contains("client=lingerer") && $0.contains("connection closed")
                }
                try await listener.kill()
            }
        }
    }

    @Test func aRunEndsWithTheServiceItRunsIn() async throws {
        try await Workshop.withFolder { folder in
            var run: ChildProcess?
            try await SundialProcess.run { sundial in
                let listener = try await self.listener(sundial, to: "lingering")
                run = try self.run(sundial, Self.endless, in: folder)
                try await listener.process.output.line(containing: "lingering here")
                try await listener.kill()
            }
            let ended = try #require(run)
            // It may still hear how the run ended, or find nobody to ask any more.
            let ending = try await ended.ending()
            #expect(ending == .exited(3) || ending == .exited(130), "\(ending): \(ended.errors.tail)")
        }
    }

    @Test func aLargeScenarioKeepsNobodyWaiting() async throws {
        try await SundialProcess.run { sundial in
            let steps = (0..<50_000).map { #"{"pub":{"topic":"large/\#($0 % 50)","payload":\#($0),"qos":0}}"# }
            let scenario = (["{\"scenario\":1}"] + steps).joined(separator: "\n")
            let doors = sundial.doors
            async let posted = Workshop.blocking { try ControlRequest("POST", "runs", Array(scenario.utf8)).answer(of: doors) }
            // While it is read, and then while it runs, the bystander's messages go to and fro.
            try await Workshop.blocking {
                let bystander = try Bystander(doors)
                for _ in 0..<200 { try bystander.check() }
            }
            let started = try await posted
            #expect(started.status == 201)
            let run = try #require(try JSONSerialization.jsonObject(with: Data(started.body)) as? [String: Any])
            let id = try #require(run["id"] as? String)
            try await Workshop.blocking {
                let bystander = try Bystander(doors)
                let began = ContinuousClock.now
                var longest = Duration.zero
                for _ in 0..<200 {
                    let sent = ContinuousClock.now
                    try bystander.check()
                    longest = max(longest, ContinuousClock.now - sent)
                }
                print("200 messages beside a run of 50 000 steps: \(ContinuousClock.now - began), the longest \(longest)")
            }
            let cancelled = try await Workshop.blocking { try ControlRequest("POST", "runs/\(id)/cancel").answer(of: doors) }
            #expect([200, 409].contains(cancelled.status))
        }
    }
}

/// A request to the control API on a connection of its own. Only to be used inside ``Workshop/blocking(_:)``.
private struct ControlRequest {
    let head: String
    let body: [UInt8]

    init(_ method: String, _ path: String, _ body: [UInt8] = []) {
        self.head =
            "\(method) /_sundial/\(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: \(body.count)\r\n\r\n"
        self.body = body
    }

    func answer(of doors: Doors) throws -> (status: Int, body: [UInt8]) {
        let socket = try RawSocket(port: doors.http.port, deadlineSeconds: 60)
        socket.send(Array(self.head.utf8) + self.body)
        let head = String(decoding: try socket.receive(through: Array("\r\n\r\n".utf8)), as: UTF8.self)
        return (Int(head.split(separator: " ")[1]) ?? 0, try socket.receiveUntilClosed())
    }
}

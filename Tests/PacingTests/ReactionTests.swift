import JSON
import Pacing
import Testing
import Timeline

/// `on` and `device`. Scheduler §16.4, §20.5.
@Suite struct ReactionTests {
    private static func shell(_ steps: String, header: String = "") throws -> VirtualShell {
        try VirtualShell("{\"scenario\":1\(header)}\n\(steps)")
    }

    private static func message(_ topic: String, _ payload: String = "{}") -> PlanEvent {
        .observed(ObservedMessage(topic: topic, payload: Array(payload.utf8)))
    }

    @Test func aReactionRunsInALaneOfItsOwnFromTheMomentOfTheMatch() throws {
        let shell = try Self.shell(
            """
            {"id":"r","on":{"match":{"topic":"in/+"},"then":[
              {"id":"a","pub":{"topic":"out/${i}","payload":{"n":"${n}"}}},
              {"id":"b","wait":"100ms","after":["a"],"update":{"thing":"T","reported":{}}}]},"capture":{"n":"/n"}}
            {"at":"5s","id":"z","note":"end"}
            """)
        shell.schedule(Self.message("in/1", #"{"n":7}"#), after: .milliseconds(1500))
        shell.schedule(Self.message("other"), after: .milliseconds(1600))
        shell.schedule(Self.message("in/2", #"{"n":"x"}"#), after: .milliseconds(2000))
        let report = shell.run()
        #expect(report.state == .passed)
        #expect(shell.publishes.map(\.publish.topic).filter { $0.hasPrefix("out") } == ["out/0", "out/1"])
        let payloads = shell.publishes.map { String(decoding: $0.publish.payload, as: UTF8.self) }
        #expect(payloads.filter { $0.contains("n") } == [#"{"n":7}"#, #"{"n":"x"}"#])
        #expect(report.step("a.0")?.lane == "on:r" && report.step("b.1")?.lane == "on:r")
        #expect(report.step("a.0")?.dispatched == .milliseconds(1500) && report.step("b.0")?.dispatched == .milliseconds(1600))
        #expect(report.step("b.1")?.planned == .milliseconds(2100))
        #expect(report.step("r")?.detail == "answered 2 messages")
        #expect(report.step("r")?.number == StepNumber(0) && report.step("a.0")?.number == StepNumber(2))
        #expect(report.duration == .seconds(5))
    }

    @Test func aReactionDoesNotKeepTheRunOpenButItsStepsDo() throws {
        let text =
            #"{"id":"r","on":{"match":{"topic":"in"},"then":[{"id":"a","wait":"3s","pub":{"topic":"out","payload":1}}]}}"#
            + #"{"at":"1s","note":"x"}"#
        #expect(try Self.shell(text).run().duration == .seconds(1))
        let shell = try Self.shell(text)
        shell.schedule(Self.message("in"), after: .milliseconds(900))
        let report = shell.run()
        #expect(report.duration == .milliseconds(3900))
        #expect(report.step("a.0")?.state == .settled)
    }

    @Test func timesAndTheOwnPlannedTimeBoundAReaction() throws {
        let shell = try Self.shell(
            #"{"id":"r","at":"1s","on":{"match":{"topic":"in"},"times":2,"then":[{"id":"a","pub":{"topic":"out","payload":1}}]}}{"at":"9s","note":"x"}"#
        )
        for second in [500, 1500, 2500, 3500] { shell.schedule(Self.message("in"), after: .milliseconds(second)) }
        let report = shell.run()
        #expect(report.steps.filter { $0.verb == "pub" }.map(\.dispatched) == [.milliseconds(1500), .milliseconds(2500)])
        #expect(report.step("r")?.ended == .milliseconds(2500))
    }

    @Test func aBarrierOfThePlanDoesNotHoldAReaction() throws {
        let shell = try Self.shell(
            """
            {"id":"r","on":{"match":{"topic":"in"},"then":[{"id":"a","pub":{"topic":"out","payload":1}}]}}
            {"at":"1s","connect":{"client":"app"}}
            {"id":"b","pub":{"topic":"b","payload":1}}
            """)
        shell.connectDelay = { _ in .milliseconds(800) }
        shell.schedule(Self.message("in"), after: .milliseconds(1100))
        let report = shell.run()
        #expect(report.step("a.0")?.dispatched == .milliseconds(1100))
        #expect(report.step("b")?.dispatched == .milliseconds(1800))
    }

    @Test func aMissingCaptureFailsTheReaction() throws {
        let shell = try Self.shell(
            #"{"id":"r","on":{"match":{"topic":"in"},"then":[{"note":"${n}"}]},"capture":{"n":"/n"}}{"at":"1s","note":"x"}"#)
        shell.schedule(Self.message("in", "{}"), after: .milliseconds(10))
        let report = shell.run()
        #expect(report.step("r")?.failure?.got == "a message without /n to capture: 10 ms in: {}")
        #expect(report.state == .failed)
    }

    @Test func reactionsThatSetEachOtherOffWithoutTimeAreALoop() throws {
        let shell = try Self.shell(
            """
            {"id":"ping","on":{"match":{"topic":"a"},"then":[{"pub":{"topic":"b","payload":1}}]}}
            {"id":"pong","on":{"match":{"topic":"b"},"then":[{"pub":{"topic":"a","payload":1}}]}}
            {"pub":{"topic":"a","payload":1}}
            {"at":"1s","note":"x"}
            """)
        let report = shell.run()
        #expect(report.state == .failed)
        #expect(report.failures.map(\.step) == ["ping"])
        let got = "it sets itself off without end; give its steps a time, its match more to ask for, or \"times\""
        #expect(report.failures.first?.got == got)
        #expect(shell.publishes.count == 1001)
    }

    @Test func manyMessagesAtOneInstantAreNoLoop() throws {
        let shell = try Self.shell(
            #"{"id":"r","on":{"match":{"topic":"in"},"then":[{"pub":{"topic":"out","payload":1}}]}}{"at":"1s","note":"x"}"#)
        for _ in 0..<3000 { shell.schedule(Self.message("in"), after: .milliseconds(500)) }
        let report = shell.run()
        #expect(report.state == .passed)
        #expect(shell.publishes.count == 3000)
    }

    @Test func aPingPongWithTimeIsNoLoop() throws {
        let shell = try Self.shell(
            #"{"id":"r","on":{"match":{"topic":"a"},"then":[{"wait":"2ms","pub":{"topic":"a","payload":1}}]}}{"pub":{"topic":"a","payload":1}}{"at":"9s","note":"x"}"#,
            header: #","timeLimit":"5s""#)
        let report = shell.run()
        #expect(report.state == .incomplete)
        #expect(report.failures.isEmpty)
        #expect(shell.publishes.count > 2000)
    }

    @Test func aDeviceReportsTheDelta() throws {
        let shell = try Self.shell(
            """
            {"id":"d","device":{"thing":"T","shadow":"cfg","echo":"delta","delay":"300ms","until":"4s"}}
            {"id":"u","at":"1s","update":{"thing":"T","shadow":"cfg","desired":{"temp":21}}}
            {"id":"late","at":"5s","update":{"thing":"T","shadow":"cfg","desired":{"temp":22}}}
            """)
        shell.onAction = { [unowned shell] action, _ in
            guard case .publish(let publish) = action, publish.topic.hasSuffix("/update"), !publish.id.hasPrefix("d.") else { return }
            var delta = ObservedMessage(topic: publish.topic + "/delta", payload: Array(#"{"version":2,"state":{"temp":21}}"#.utf8))
            delta.causedBy = publish.step
            shell.schedule(.observed(delta), after: .milliseconds(5))
        }
        let report = shell.run()
        #expect(report.state == .passed)
        let sent = try #require(report.step("d.0"))
        #expect(sent.dispatched == .milliseconds(1305))
        #expect(sent.lane == "device:d" && sent.publisher == "service" && sent.verb == "update")
        #expect(shell.publishes[1].publish.payload == Array(#"{"state":{"reported":{"temp":21}}}"#.utf8))
        #expect(report.step("d.1") == nil)
        #expect(report.step("d")?.verb == "device" && report.step("d")?.ended == .seconds(4))
    }
}

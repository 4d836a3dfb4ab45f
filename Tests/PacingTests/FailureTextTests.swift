import Pacing
import Testing
import Timeline

/// Every failure names step, line, topic, what was awaited and what came. Scheduler §11, acceptance test 16.
@Suite struct FailureTextTests {
    private static let plan = """
        {"scenario":1,"defaults":{"onFail":"continue","timeout":"2s"}}
        {"id":"conn","connect":{"client":"app"}}
        {"id":"bad","connect":{"client":"bad"}}
        {"id":"sub","sub":{"client":"app","filters":["secret/+"]}}
        {"id":"upd","as":"app","update":{"thing":"T","shadow":"s","reported":{}}}
        {"id":"rej","as":"app","get":{"thing":"T"},"expectReject":404}
        {"id":"pub","as":"app","pub":{"topic":"a/b","payload":1}}
        {"id":"exp","expect":{"topic":"x/+","json":{"n":1}}}
        {"id":"nev","never":{"topic":"a/b"},"for":"1s"}
        {"id":"ord","order":[{"topic":"a/b"},{"topic":"c","client":"app","causedBy":"pub"}]}
        """

    private static func report() throws -> RunReport {
        let shell = try VirtualShell(Self.plan)
        shell.refusal = { $0 == "bad" ? ConnectRefusal(code: 5, text: "not authorised") : nil }
        shell.grantedCodes = [0x80]
        shell.respond = { publish in
            switch publish.id {
            case "upd": .init(answerDelay: nil)
            case "pub": .init(ackReason: 0x97)
            default: .init(answer: .accepted(version: 4))
            }
        }
        return shell.run()
    }

    @Test(arguments: [
        ("bad", 3, "client bad (id bad)", "CONNACK within 2 s", "CONNACK 0x05: not authorised"),
        ("sub", 4, "secret/+", "SUBACK within 2 s", "the filter secret/+ was refused with reason code 0x80"),
        (
            "upd", 5, "$aws/things/T/shadow/name/s/update", "accepted within 2 s of its dispatch at 0 s",
            "nothing in time (time-out); the acknowledgement came at 0 s"
        ),
        ("rej", 6, "$aws/things/T/shadow/get", "rejected 404 within 2 s of its dispatch at 2 s", "accepted with version 4"),
        ("pub", 7, "a/b", "acked within 2 s of its dispatch at 0 s", "it was refused with reason code 0x97"),
        ("exp", 8, "x/+", "a message matching topic x/+, its json within 1 s of 0 s", "no such message by 1 s"),
        ("nev", 9, "a/b", "no message matching topic a/b within 1 s of 0 s", "0 s a/b, caused by pub: 1"),
        (
            "ord", 10, "a/b", "in this order: topic a/b, then topic c, caused by pub, as seen by app within 1 s of 0 s",
            "match 1 at 0 s, then not match 2 (topic c, caused by pub, as seen by app) by 1 s"
        ),
    ])
    func aFailureSaysWhatItWasAbout(_ id: String, _ line: Int, _ topic: String, _ awaited: String, _ got: String) throws {
        let report = try Self.report()
        let failure = try #require(report.step(id)?.failure)
        #expect(failure.step == id && failure.line == line)
        #expect(failure.topic == topic)
        #expect(failure.awaited == awaited)
        #expect(failure.got == got)
        #expect(failure.text.contains("step \(id) (\(failure.verb), line \(line)) failed"))
        #expect(report.table().contains(failure.text))
        #expect(report.failures.count == 8)
    }

    @Test func theLastFiveRelatedMessagesAreShown() throws {
        let shell = try VirtualShell("{\"scenario\":1}\n{\"id\":\"e\",\"expect\":{\"topic\":\"a/+\",\"text\":\"9\"}}")
        for number in 0..<8 {
            shell.schedule(
                .observed(ObservedMessage(topic: "a/\(number)", payload: Array("\(number)".utf8))), after: .milliseconds(Int64(number)))
            shell.schedule(.observed(ObservedMessage(topic: "b", payload: [])), after: .milliseconds(Int64(number)))
        }
        let failure = shell.run().step("e")?.failure
        #expect(failure?.related == ["3 ms a/3: 3", "4 ms a/4: 4", "5 ms a/5: 5", "6 ms a/6: 6", "7 ms a/7: 7"])
        #expect(failure?.text.contains("before   3 ms a/3: 3\n           4 ms a/4: 4") == true)
    }

    @Test func aPayloadThatIsNotTextIsCountedAndALongOneIsCut() throws {
        let shell = try VirtualShell("{\"scenario\":1}\n{\"id\":\"e\",\"expect\":{\"topic\":\"a\",\"text\":\"9\"}}")
        shell.schedule(.observed(ObservedMessage(topic: "a", payload: [0xFF, 0])), after: .zero)
        shell.schedule(.observed(ObservedMessage(topic: "a", payload: Array(repeating: UInt8(ascii: "z"), count: 500))), after: .zero)
        let related = try #require(shell.run().step("e")?.failure?.related)
        #expect(related.first == "0 s a: 2 bytes")
        #expect(related.last?.hasSuffix("z… (500 bytes)") == true)
    }
}

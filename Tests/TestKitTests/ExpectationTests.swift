import TestKit
import Testing

/// What is met, what is not, and what is said then, to the letter.
@Suite("Expectations") struct ExpectationTests {
    @Test func aMessageMayHaveComeBeforeItIsExpected() async throws {
        try await withSundial { kit in
            let app = try await kit.connect("app")
            try await app.subscribe("a/+")
            try await app.publish("a/b", ["n": 1], qos: 0)
            try await app.publish("a/b", ["n": 2])
            #expect(try await app.expect("a/#", json: ["n": 2]).json == ["n": 2])
            #expect(try await app.expect("a/#").json == ["n": 1])
            #expect(await kit.elapsed == .zero, "nothing had to be waited for")
            // Inside the broker both are still there.
            let both = try await kit.expect(Match("a/b"), count: 2)
            #expect(both.map(\.qos) == [0, 1])
            #expect(both.map(\.publisher) == ["app", "app"])
        }
    }

    @Test func aMissingMessageIsDescribedWithWhatCameInstead() async throws {
        try await withSundial { kit in
            let app = try await kit.connect("app")
            try await app.subscribe("a/+", "c")
            for number in 1...6 { try await app.publish("a/b", ["n": JSON(number)], qos: 0) }
            try await kit.advance(by: .milliseconds(1250))
            try await app.publish("c", .bytes([0, 255]), retain: true)
            try await app.publish("a/long", .text(String(repeating: "x", count: 300)))
            let line = #line + 2
            let failure = try await failure(of: ExpectationFailure.self) {
                try await app.expect("a/#", json: ["n": 7], within: .seconds(3))
            }
            #expect(
                failure.description == """
                    app: expected a message on a/# with {"n":7} within 3 s, none came
                      what came on a/#:
                        0.000 s  a/b  {"n":3}  qos 0
                        0.000 s  a/b  {"n":4}  qos 0
                        0.000 s  a/b  {"n":5}  qos 0
                        0.000 s  a/b  {"n":6}  qos 0
                        1.250 s  a/long  \(String(repeating: "x", count: 200))… (300 bytes)  qos 1
                      app is subscribed to a/+, c
                      at TestKitTests/ExpectationTests.swift:\(line)
                    """)
            #expect(failure.related.count == 5)
            let other = try await #require(throws: ExpectationFailure.self) { try await app.expect("nowhere", text: "hello") }
            #expect("\(other)".hasPrefix("app: expected a message on nowhere with the text \"hello\" within 1 s, none came\n"))
            #expect("\(other)".contains("\n  nothing came on nowhere; the last messages:\n"))
            #expect("\(other)".contains("\n    1.250 s  c  (2 bytes)  qos 1\n"))
        }
    }

    @Test func aClientThatIsAloneSaysSo() async throws {
        try await withSundial { kit in
            let app = try await kit.connect("app")
            try await app.disconnect()
            let line = #line + 1
            let failure = try await failure(of: ExpectationFailure.self) { try await app.expect("a") }
            #expect(
                failure.description == """
                    app: expected a message on a within 1 s, none came
                      no message came at all
                      app is not connected: it has said goodbye
                      at TestKitTests/ExpectationTests.swift:\(line)
                    """)
        }
    }

    struct Counting: Sendable {
        var sent: Int
        var count: Count
        /// The first line of the failure; `nil` when there is none.
        var failure: String?
        /// How far the clock went.
        var elapsed: Duration
    }

    @Test(arguments: [
        Counting(sent: 3, count: .atLeast(2), failure: nil, elapsed: .zero),
        Counting(
            sent: 1, count: .atLeast(2), failure: "the broker: expected at least 2 messages on a within 4 s, 1 came", elapsed: .seconds(4)),
        Counting(sent: 2, count: 2, failure: nil, elapsed: .seconds(4)),
        Counting(sent: 1, count: 1, failure: nil, elapsed: .seconds(4)),
        Counting(sent: 3, count: 2, failure: "the broker: expected exactly 2 messages on a within 4 s, 3 came", elapsed: .zero),
        Counting(sent: 2, count: 1, failure: "the broker: expected exactly 1 message on a within 4 s, 2 came", elapsed: .zero),
        Counting(
            sent: 0, count: .between(1, 2), failure: "the broker: expected 1 to 2 messages on a within 4 s, none came", elapsed: .seconds(4)
        ),
        Counting(sent: 2, count: .between(1, 2), failure: nil, elapsed: .seconds(4)),
    ])
    func countsAreKept(_ counting: Counting) async throws {
        try await withSundial { kit in
            let app = try await kit.connect("app")
            for _ in 0..<counting.sent { try await app.publish("a", "x") }
            do {
                let found = try await kit.expect(Match("a"), count: counting.count, within: .seconds(4))
                #expect(counting.failure == nil)
                #expect(found.count == (counting.count == .atLeast(2) ? 2 : counting.sent))
            } catch let failure as ExpectationFailure {
                #expect(failure.description.split(separator: "\n").first.map(String.init) == counting.failure)
            }
            #expect(await kit.elapsed == counting.elapsed)
        }
    }

    @Test func nothingMeansNeitherBeforeNorMeanwhile() async throws {
        try await withSundial { kit in
            let app = try await kit.connect("app", sessionExpiry: .seconds(60), will: Will("x/gone", "bye", delay: .seconds(5)))
            let page = try await kit.connect("page")
            try await page.subscribe("x/#")
            try await page.expectNothing("x/#", for: .seconds(5))
            #expect(await kit.elapsed == .seconds(5))
            try await app.drop()
            try await page.expectNothing("x/#", for: .seconds(4))
            let line = #line + 2
            let late = try await failure(of: ExpectationFailure.self) {
                try await page.expectNothing("x/#", for: .seconds(4))
            }
            #expect(
                late.description == """
                    page: expected no message on x/# for 4 s, 1 came
                      what came on x/#:
                        10.000 s  x/gone  bye  qos 1
                      page is subscribed to x/#
                      at TestKitTests/ExpectationTests.swift:\(line)
                    """)
            #expect(await kit.elapsed == .seconds(10), "it fails as soon as one comes")
            await #expect(throws: ExpectationFailure.self) { try await page.expectNothing("x/#", for: .zero) }
        }
    }

    @Test func descriptionsThatCannotBeAreRefusedWithTheLine() async throws {
        try await withSundial { kit in
            let line = #line + 1
            let failure = try await failure(of: PlanFailure.self) { try await kit.expect("a/#/b") }
            #expect("\(failure)".hasPrefix("TestKitTests/ExpectationTests.swift:\(line): \"a/#/b\" is not a topic filter; "))
            await #expect(throws: PlanFailure.self) { try await kit.expect("a", json: ["n": ["$gtt": 1]]) }
        }
    }

    @Test func aCancelledTestStopsWaiting() async throws {
        try await withSundial(.init(clock: .real)) { kit in
            let waiting = Task { try await kit.expect("a", within: .seconds(3600)) }
            try await kit.shadow("T1").report([:])
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
    }
}

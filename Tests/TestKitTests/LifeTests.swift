import Foundation
import TestKit
import Testing

/// A kit starts anywhere and leaves nothing behind.
@Suite("The life of a kit") struct LifeTests {
    private struct Sorrow: Error {}

    @Test func aTestThatThrowsStopsItsKit() async throws {
        var kept: Sundial?
        await #expect(throws: Sorrow.self) {
            try await withSundial { kit in
                kept = kit
                throw Sorrow()
            }
        }
        let kit = try #require(kept)
        await #expect {
            try await kit.shadow("T1").report([:])
        } throws: { error in
            "\(error)" == "the kit has been stopped"
        }
        await #expect(throws: SundialFailure.self) { try await kit.connect("app") }
        await #expect(throws: SundialFailure.self) { try await kit.advance(by: .seconds(1)) }
        await #expect(throws: SundialFailure.self) { try await kit.run(Plan { Note("x") }) }
        #expect(await kit.messages.isEmpty)
        await kit.stop()
    }

    @Test func aCancelledTestStopsItsKit() async throws {
        let (started, begin) = AsyncStream.makeStream(of: Sundial.self)
        let task = Task {
            try await withSundial { kit in
                begin.yield(kit)
                try await kit.run(Plan { ExpectNothing("a", for: .seconds(3600)) })
                for try await _ in AsyncStream<Void>.makeStream().stream {}
                try Task.checkCancellation()
            }
        }
        var iterator = started.makeAsyncIterator()
        let kit = try #require(await iterator.next())
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await #expect(throws: SundialFailure.self) { try await kit.connect("app") }
    }

    @Test func manyRunAtTheSameTime() async throws {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try await withSundial { kit in
                        let app = try await kit.connect("app")
                        try await app.subscribe("a/#")
                        try await app.publish("a/\(number)", "x")
                        #expect(try await app.expect("a/+").topic == "a/\(number)")
                        #expect(await kit.messages.count == 1)
                        return kit.port
                    }
                }
            }
            var ports: Set<Int> = []
            for try await port in group { ports.insert(port) }
            #expect(ports.count > 10, "ports may be used again by those that started later")
        }
    }

    /// In a process of its own, where nobody else opens files or starts threads.
    @Test func fiftyRoundsLeaveNothingBehind() async {
        await #expect(processExitsWith: .success) {
            func round() async throws {
                try await withSundial { kit in
                    _ = kit.mqttURL
                    let app = try await kit.connect("app")
                    try await app.subscribe("#")
                    try await kit.shadow("T1").report(["n": 1])
                    try await app.drop(.silent)
                }
            }
            func count(_ folder: String) throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/\(folder)").count
            }
            try await round()
            let files = try count("fd")
            let threads = try count("task")
            for _ in 0..<50 { try await round() }
            #expect(try count("fd") == files)
            #expect(try count("task") <= threads)
        }
    }
}

import Foundation
import Synchronization

/// What a program wrote to one of its streams, line by line, with a way to wait for a line.
final class Transcript: Sendable {
    struct Position: Sendable, Comparable {
        fileprivate var line: Int
        static let start = Position(line: 0)
        static func < (left: Position, right: Position) -> Bool { left.line < right.line }
    }

    struct NothingSaid: Error, CustomStringConvertible {
        var what: String
        var why: String
        var said: String
        var description: String { "waited for \(self.what): \(self.why); it said:\n\(self.said)" }
    }

    private struct Waiter {
        var start: Int
        var what: String
        var isWanted: @Sendable (String) -> Bool
        var continuation: CheckedContinuation<String, any Error>
    }

    private struct State {
        var bytes: [UInt8] = []
        var lines: [String] = []
        var lineStart = 0
        var hasEnded = false
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    /// Everything so far, byte for byte.
    var bytes: [UInt8] { self.state.withLock { $0.bytes } }

    /// Whole lines so far, and once the stream has ended also an unfinished last one.
    var lines: [String] { self.state.withLock { $0.lines } }

    /// The place after the last line so far: what is waited for from here has not been said yet.
    var position: Position { self.state.withLock { Position(line: $0.lines.count) } }

    func lines(from position: Position) -> [String] {
        self.state.withLock { Array($0.lines[position.line...]) }
    }

    /// The first line from `position` on for which `isWanted` holds, at once if it is there already.
    @discardableResult
    func line(
        from position: Position = .start, within limit: Duration = .seconds(30), _ what: String,
        where isWanted: @escaping @Sendable (String) -> Bool
    ) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            let waiter = Waiter(start: position.line, what: what, isWanted: isWanted, continuation: continuation)
            guard let number = self.add(waiter) else { return }
            let deadline = DispatchTime.now() + .milliseconds(Int(limit / .milliseconds(1)))
            DispatchQueue.global().asyncAfter(deadline: deadline) { self.expire(number, after: limit) }
        }
    }

    /// The first line from `position` on that contains `text`.
    @discardableResult
    func line(
        from position: Position = .start, containing text: String, within limit: Duration = .seconds(30)
    ) async throws -> String {
        try await self.line(from: position, within: limit, "a line with '\(text)'") { $0.contains(text) }
    }

    /// Takes in what was read from the stream.
    func append(_ read: some Sequence<UInt8>) {
        let resumed = self.state.withLock { state in
            state.bytes += read
            while let end = state.bytes[state.lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
                state.lines.append(String(decoding: state.bytes[state.lineStart..<end], as: UTF8.self))
                state.lineStart = end + 1
            }
            return Self.satisfied(&state)
        }
        for (waiter, line) in resumed { waiter.continuation.resume(returning: line) }
    }

    /// The stream is closed: whoever still waits will wait in vain.
    func end() {
        let (resumed, disappointed, said) = self.state.withLock { state in
            if state.lineStart < state.bytes.count {
                state.lines.append(String(decoding: state.bytes[state.lineStart...], as: UTF8.self))
                state.lineStart = state.bytes.count
            }
            state.hasEnded = true
            let resumed = Self.satisfied(&state)
            let rest = Array(state.waiters.values)
            state.waiters = [:]
            return (resumed, rest, Self.tail(state))
        }
        for (waiter, line) in resumed { waiter.continuation.resume(returning: line) }
        for waiter in disappointed {
            waiter.continuation.resume(throwing: NothingSaid(what: waiter.what, why: "the output ended", said: said))
        }
    }

    /// The last lines, for a message about a failure.
    var tail: String { self.state.withLock { Self.tail($0) } }

    private func add(_ waiter: Waiter) -> Int? {
        enum Outcome { case found(String), ended(String), waiting(Int) }
        let outcome: Outcome = self.state.withLock { state in
            if let line = state.lines.dropFirst(waiter.start).first(where: waiter.isWanted) { return .found(line) }
            if state.hasEnded { return .ended(Self.tail(state)) }
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = waiter
            return .waiting(state.nextWaiter)
        }
        switch outcome {
        case .found(let line):
            waiter.continuation.resume(returning: line)
            return nil
        case .ended(let said):
            waiter.continuation.resume(throwing: NothingSaid(what: waiter.what, why: "the output ended", said: said))
            return nil
        case .waiting(let number):
            return number
        }
    }

    private func expire(_ number: Int, after limit: Duration) {
        let (expired, said) = self.state.withLock { ($0.waiters.removeValue(forKey: number), Self.tail($0)) }
        expired?.continuation.resume(
            throwing: NothingSaid(what: expired?.what ?? "", why: "nothing within \(limit)", said: said))
    }

    private static func satisfied(_ state: inout State) -> [(Waiter, String)] {
        var resumed: [(Waiter, String)] = []
        for (number, waiter) in state.waiters {
            guard let line = state.lines.dropFirst(waiter.start).first(where: waiter.isWanted) else { continue }
            state.waiters[number] = nil
            resumed.append((waiter, line))
        }
        return resumed
    }

    private static func tail(_ state: State) -> String {
        state.lines.suffix(40).joined(separator: "\n")
    }
}

import Foundation
import Glibc
import Synchronization

/// A program that a test starts: its output is collected as it comes, and it is killed when nobody holds it any more.
///
/// Built on `posix_spawn` with pipes that close on exec, so that children started at the same time never hold each other's
/// streams open.
final class ChildProcess: Sendable {
    enum Ending: Equatable, Sendable { case exited(Int32), killed(signal: Int32) }

    struct Misfortune: Error, CustomStringConvertible {
        var description: String
    }

    let processID: pid_t
    let output = Transcript()
    let errors = Transcript()

    private struct State {
        var ending: Ending?
        var isComplete = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let state: EndingState
    private final class EndingState: Sendable {
        let mutex = Mutex(State())
    }

    /// Starts `program` (a path, or a name to look up in `PATH`).
    init(_ program: String, _ arguments: [String], environment extra: [String: String] = [:]) throws {
        let (processID, output, errors) = try Self.spawning.withLock { _ in
            try Self.spawn(program, arguments, extra)
        }
        self.processID = processID
        self.state = EndingState()
        let streams = DispatchGroup()
        Self.collect(output, into: self.output, streams)
        Self.collect(errors, into: self.errors, streams)
        Self.watch(processID, self.state, streams)
    }

    deinit {
        self.signal(SIGKILL)
    }

    /// Sends a signal, unless it has ended already.
    func signal(_ number: Int32) {
        self.state.mutex.withLock { state in
            if state.ending == nil { kill(self.processID, number) }
        }
    }

    var hasEnded: Bool { self.state.mutex.withLock { $0.ending != nil } }

    /// Waits until it has ended and all its output is there; kills it and throws when that takes too long.
    @discardableResult
    func ending(within limit: Duration = .seconds(60)) async throws -> Ending {
        let isLate = Mutex(false)
        let alarm = DispatchWorkItem { [state] in
            isLate.withLock { $0 = true }
            state.mutex.withLock { if $0.ending == nil { kill(self.processID, SIGKILL) } }
        }
        DispatchQueue.global().asyncAfter(
            deadline: .now() + .milliseconds(Int(limit / .milliseconds(1))), execute: alarm)
        await withCheckedContinuation { continuation in
            let hasEnded = self.state.mutex.withLock { state in
                if !state.isComplete { state.waiters.append(continuation) }
                return state.isComplete
            }
            if hasEnded { continuation.resume() }
        }
        alarm.cancel()
        let ending = self.state.mutex.withLock { $0.ending }
        guard let ending, !isLate.withLock({ $0 }) else {
            throw Misfortune(
                description: "still running after \(limit); it said:\n\(self.output.tail)\n\(self.errors.tail)")
        }
        return ending
    }

    /// One at a time: between `pipe` and the flag that closes it on exec no other child may start.
    private static let spawning = Mutex(())

    /// Returns the process id and the ends to read its output and its errors from.
    private static func spawn(
        _ program: String, _ arguments: [String], _ extra: [String: String]
    ) throws -> (pid_t, output: Int32, errors: Int32) {
        let output = try Self.pipe()
        let errors = try Self.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.write, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.write, 2)
        // Whoever runs the tests in the background has SIGINT ignored; a client's Ctrl-C must mean something all the same.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var words = ([program] + arguments).map { strdup($0) } + [nil]
        let environment = ProcessInfo.processInfo.environment.merging(extra) { $1 }
        var settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + settings { free(word) } }
        var processID: pid_t = 0
        let failure = posix_spawnp(&processID, program, &actions, &attributes, &words, &settings)
        close(output.write)
        close(errors.write)
        guard failure == 0 else {
            close(output.read)
            close(errors.read)
            throw Misfortune(description: "\(program) does not start: \(String(cString: strerror(failure)))")
        }
        return (processID, output.read, errors.read)
    }

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else {
            throw Misfortune(description: "pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func collect(_ stream: Int32, into transcript: Transcript, _ streams: DispatchGroup) {
        streams.enter()
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(stream, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                transcript.append(buffer[..<count])
            }
            close(stream)
            transcript.end()
            streams.leave()
        }
    }

    /// Looks without reaping first, so that the process id stays ours until the ending is on record.
    private static func watch(_ processID: pid_t, _ state: EndingState, _ streams: DispatchGroup) {
        Thread.detachNewThread {
            var about = siginfo_t()
            while waitid(P_PID, id_t(processID), &about, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            state.mutex.withLock { state in
                var status: Int32 = 0
                while waitpid(processID, &status, 0) < 0, errno == EINTR {}
                let signal = status & 0x7F
                state.ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
            }
            streams.wait()
            let waiters = state.mutex.withLock { state in
                state.isComplete = true
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }
    }
}

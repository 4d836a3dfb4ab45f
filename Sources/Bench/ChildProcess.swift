import Glibc

/// A server this program started, and stops.
final class ChildProcess {
    let pid: pid_t
    private let logPath: String
    private var isRunning = true

    /// - Parameters:
    ///   - core: pins the process, and every thread it will have, to one core.
    ///   - logPath: where its output goes, in place of what an earlier start left there.
    init(_ arguments: [String], core: Int?, logPath: String) throws(BenchFailure) {
        let command = (core.map { ["taskset", "-c", "\($0)"] } ?? []) + arguments
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, logPath, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let status = posix_spawnp(&pid, command[0], &actions, nil, words, environ)
        guard status == 0 else {
            throw BenchFailure("\(arguments[0]) could not be started: \(strerror(status).map { String(cString: $0) } ?? "error \(status)")")
        }
        self.pid = pid
        self.logPath = logPath
    }

    deinit {
        self.stop()
    }

    /// The end of its output, for messages about a server that did not come up.
    var logTail: String {
        let text = (try? readFile(self.logPath)) ?? ""
        return String(text.suffix(600))
    }

    var hasEnded: Bool {
        guard self.isRunning else { return true }
        if waitpid(self.pid, nil, WNOHANG) == self.pid { self.isRunning = false }
        return !self.isRunning
    }

    /// Asks it to end, and after two seconds makes it.
    func stop() {
        guard !self.hasEnded else { return }
        kill(self.pid, SIGTERM)
        for _ in 0..<400 {
            if self.hasEnded { return }
            usleep(5000)
        }
        kill(self.pid, SIGKILL)
        waitpid(self.pid, nil, 0)
        self.isRunning = false
    }
}

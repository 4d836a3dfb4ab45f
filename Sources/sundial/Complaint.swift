import ArgumentParser

/// Why a command ends without success: one sentence that says what, where and what to do.
struct Complaint: Error {
    let text: String
    let status: ExitStatus

    init(_ text: String, _ status: ExitStatus = .failed) {
        self.text = text
        self.status = status
    }
}

/// The exit statuses of every command (`scheduler.md` §14).
enum ExitStatus: Int32 {
    case failed = 1
    case badArguments = 2
    /// Could not connect, or was not let in.
    case notConnected = 3
    case timedOut = 4
    case interrupted = 130

    var exitCode: ExitCode { ExitCode(self.rawValue) }
}

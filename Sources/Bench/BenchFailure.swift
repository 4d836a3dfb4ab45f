import Glibc

/// Why a run has no figure: what happened, to what.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// A failed system call with the system's own text for `errno`.
    static func system(_ call: String) -> BenchFailure {
        let number = errno
        guard let text = strerror(number) else { return BenchFailure("\(call) failed: error \(number)") }
        return BenchFailure("\(call) failed: \(String(cString: text))")
    }
}

import Foundation

/// Where the programs are that these tests run, and a limit on how many run at once.
enum Workshop {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The built `sundial`: beside the test bundle, or what `SUNDIAL_BINARY` names.
    static let sundial: String =
        ProcessInfo.processInfo.environment["SUNDIAL_BINARY"]
        ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("sundial").path

    /// The Python that `make test` prepares with the clients of `Clients/requirements.txt`.
    static let python: String =
        ProcessInfo.processInfo.environment["SUNDIAL_TEST_PYTHON"]
        ?? Self.root.appendingPathComponent(".build/venv/bin/python").path

    /// A session token of the kind that clients encode each in their own way.
    static let sessionToken = "FwoGZXIvYXdzEBYaDEXAMPLE//TOKEN+abc=="

    /// Debian's modules are found by a Node that is not Debian's only when told where they are.
    static let nodeEnvironment = ["NODE_PATH": "/usr/share/nodejs"]

    static func client(_ script: String) -> String {
        Self.root.appendingPathComponent("Tests/EndToEndTests/Clients/\(script)").path
    }

    /// A fresh folder for one test, removed when `body` ends.
    static func withFolder<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: (URL) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sundial-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }

    /// Runs blocking work on a thread of its own, away from the threads that async code shares.
    static func blocking<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result(catching: work)) }
        }
    }

    /// Places at the bench: tests start together, but only so many have their programs running at a time, so that
    /// deadlines and gaps mean something on two cores.
    static let places = Places(count: 4)

    actor Places {
        private var free: Int
        private var queue: [CheckedContinuation<Void, Never>] = []

        init(count: Int) {
            self.free = count
        }

        func take() async {
            if self.free > 0 {
                self.free -= 1
            } else {
                await withCheckedContinuation { self.queue.append($0) }
            }
        }

        func giveBack() {
            if self.queue.isEmpty {
                self.free += 1
            } else {
                self.queue.removeFirst().resume()
            }
        }
    }
}

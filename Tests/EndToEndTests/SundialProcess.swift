import Foundation
import Glibc
import Testing

/// A `sundial serve` of a test's own: every port free, every file in its own folder, ended by SIGTERM.
final class SundialProcess: Sendable {
    let doors: Doors
    let process: ChildProcess
    let portsFile: String

    /// Its log.
    var log: Transcript { self.process.errors }

    /// What a test's Sundial is started with. The one place that knows the flags of `serve`.
    static func arguments(portsFile: String, state: String = "memory") -> [String] {
        [
            "serve", "--mqtt-port", "0", "--mqtts-port", "0", "--http-port", "0", "--https-port", "0",
            "--ports-file", portsFile, "--state", state, "--log-level", "debug",
        ]
    }

    /// The environment that keeps a Sundial's own files (CA, certificates) inside `folder`.
    static func environment(folder: URL) -> [String: String] {
        ["HOME": folder.path, "XDG_DATA_HOME": folder.appendingPathComponent("data").path]
    }

    private init(folder: URL, state: String = "memory", more: [String]) async throws {
        self.portsFile = folder.appendingPathComponent("ports.json").path
        self.process = try ChildProcess(
            Workshop.sundial, Self.arguments(portsFile: self.portsFile, state: state) + more,
            environment: Self.environment(folder: folder))
        do {
            try await self.process.output.line("the line that ends with 'ready'") { $0.hasSuffix("ready") }
            self.doors = try JSONDecoder().decode(Doors.self, from: Data(contentsOf: URL(fileURLWithPath: self.portsFile)))
        } catch {
            self.process.signal(SIGKILL)
            throw ChildProcess.Misfortune(
                description: "sundial serve did not get ready: \(error)\n\(self.process.errors.tail)")
        }
    }

    /// Starts one with a state file in `folder`, for tests that end it in their own way.
    static func start(in folder: URL, state: String, _ more: [String] = []) async throws -> SundialProcess {
        try await SundialProcess(folder: folder, state: folder.appendingPathComponent(state).path, more: more)
    }

    /// Starts one, lends it to `body`, and ends it as a user does. It must then end well, whatever `body` did to it.
    static func run<Result>(
        _ more: [String] = [], isolation: isolated (any Actor)? = #isolation,
        _ body: (SundialProcess) async throws -> Result
    ) async throws -> Result {
        await Workshop.places.take()
        let outcome = await Swift.Result.catching {
            try await Workshop.withFolder { folder in
                let sundial = try await SundialProcess(folder: folder, more: more)
                let outcome = await Swift.Result.catching { try await body(sundial) }
                sundial.process.signal(SIGTERM)
                let ending = try await sundial.process.ending(within: .seconds(30))
                #expect(ending == .exited(0), "sundial's end; its log:\n\(sundial.log.tail)")
                if case .failure(let error) = outcome {
                    throw ChildProcess.Misfortune(description: "\(error)\nsundial's log:\n\(sundial.log.tail)")
                }
                return try outcome.get()
            }
        }
        await Workshop.places.giveBack()
        return try outcome.get()
    }

    /// The same with credentials that come with a session token, when there is one.
    static func run(
        sessionToken: String?, _ more: [String] = [], isolation: isolated (any Actor)? = #isolation,
        _ body: (SundialProcess) async throws -> Void
    ) async throws {
        guard let sessionToken else { return try await Self.run(more, body) }
        try await Workshop.withFolder { folder in
            let file = folder.appendingPathComponent("credentials")
            try """
            [default]
            aws_access_key_id = test
            aws_secret_access_key = test
            aws_session_token = \(sessionToken)

            """.write(to: file, atomically: true, encoding: .utf8)
            try await Self.run(["--credentials", file.path] + more, body)
        }
    }

    /// `ws` or `wss` address of `/mqtt`, not signed.
    func address(_ scheme: String) -> String {
        let port = scheme == "wss" || scheme == "https" ? self.doors.https.port : self.doors.http.port
        return "\(scheme)://localhost:\(port)/mqtt"
    }

    /// The address of `/mqtt`, signed by `Clients/presign.js` with its options `more`.
    func signedAddress(_ scheme: String, _ more: [String] = []) async throws -> String {
        let presign = try Client.node("presign.js", [self.address(scheme)] + more)
        try await presign.end()
        return try #require(presign.process.output.lines.first)
    }
}

extension Result where Failure == any Error {
    static func catching(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Success
    ) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

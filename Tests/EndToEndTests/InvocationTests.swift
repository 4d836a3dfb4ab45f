import Foundation
import Glibc
import Testing

/// What cannot work is said in one clear sentence, with what, where and what to do, and a status that is not zero.
@Suite struct InvocationTests {
    @Test func aPortInUseIsNamed() async throws {
        try await SundialProcess.run { first in
            let port = "\(first.doors.mqtt.port)"
            let complaint = try await self.complaint(
                of: { folder in
                    SundialProcess.arguments(portsFile: folder.appendingPathComponent("p.json").path) + ["--mqtt-port", port]
                })
            #expect(complaint.contains(port), "\(complaint)")
            #expect(complaint.contains("in use"), "\(complaint)")
        }
    }

    @Test func anUnreadableCertificateIsNamed() async throws {
        let complaint = try await self.complaint(
            of: { folder in
                let missing = folder.appendingPathComponent("missing.pem").path
                return SundialProcess.arguments(portsFile: folder.appendingPathComponent("p.json").path)
                    + ["--certificate", missing, "--private-key", missing]
            })
        #expect(complaint.contains("missing.pem"), "\(complaint)")
    }

    @Test func anUnknownFlagIsNamed() async throws {
        let complaint = try await self.complaint(of: { _ in ["serve", "--mqtt-prot", "1883"] })
        #expect(complaint.contains("--mqtt-prot"), "\(complaint)")
    }

    @Test func aBadScenarioLineIsNamed() async throws {
        let complaint = try await self.complaint(
            of: { folder in
                let file = folder.appendingPathComponent("bad.scenario")
                let text = """
                    {"scenario":1,"name":"bad"}
                    {"connect":{"client":"app"}}
                    {"at":"1s","as":"app","publsh":{"topic":"a"}}

                    """
                try text.write(to: file, atomically: true, encoding: .utf8)
                return ["run", file.path]
            })
        #expect(complaint.contains("bad.scenario"), "\(complaint)")
        #expect(complaint.contains(":3") || complaint.contains("line 3"), "the line is named: \(complaint)")
    }

    @Test func aMissingScenarioFileIsNamed() async throws {
        let complaint = try await self.complaint(of: { _ in ["run", "/nowhere/at-all.scenario"] })
        #expect(complaint.contains("/nowhere/at-all.scenario"), "\(complaint)")
    }

    @Test func versionIsASingleLine() async throws {
        let sundial = try ChildProcess(Workshop.sundial, ["--version"])
        #expect(try await sundial.ending() == .exited(0))
        #expect(sundial.output.lines.count == 1)
    }

    @Test func aStateFileThatCannotBeWrittenIsNamed() async throws {
        let complaint = try await self.complaint(
            of: { folder in
                let state = folder.appendingPathComponent("state.sqlite")
                try Data().write(to: state)
                try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: state.path)
                try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
                return SundialProcess.arguments(portsFile: folder.appendingPathComponent("p.json").path, state: state.path)
            }, isUnprivileged: true)
        #expect(complaint.contains("cannot be written: Permission denied; change its permissions"), "\(complaint)")
    }

    /// SQLite would keep it in memory.
    @Test func aStateFileMayHaveAnyName() async throws {
        try await Workshop.withFolder { folder in
            let serve = ["serve", "--no-mqtts", "--no-http", "--no-https", "--mqtt-port", "0", "--state", ":memory:"]
            let sundial = try ChildProcess(
                "sh", ["-c", #"cd "$0" && exec "$@""#, folder.path, Workshop.sundial] + serve,
                environment: SundialProcess.environment(folder: folder))
            try await sundial.output.line("the line that ends with 'ready'") { $0.hasSuffix("ready") }
            sundial.signal(SIGTERM)
            #expect(try await sundial.ending(within: .seconds(30)) == .exited(0))
            let header = try Data(contentsOf: folder.appendingPathComponent(":memory:")).prefix(15)
            #expect(String(decoding: header, as: UTF8.self) == "SQLite format 3")
        }
    }

    /// Runs `sundial`, which must fail, and returns what it says; that must be short.
    private func complaint(of arguments: (URL) throws -> [String], isUnprivileged: Bool = false) async throws -> String {
        try await Workshop.withFolder { folder in
            // Permissions mean nothing to root.
            let words = isUnprivileged && getuid() == 0 ? ["setpriv", "--reuid", "65534", "--clear-groups"] : []
            let command = words + [Workshop.sundial] + (try arguments(folder))
            let sundial = try ChildProcess(
                command[0], Array(command.dropFirst()), environment: SundialProcess.environment(folder: folder))
            let ending = try await sundial.ending(within: .seconds(30))
            #expect(ending != .exited(0))
            if case .killed(let signal) = ending { Issue.record("ended by signal \(signal)") }
            let said = sundial.errors.lines.filter { !$0.isEmpty }
            #expect(!said.isEmpty)
            // A usage line and a pointer to the help may stand beside the sentence.
            #expect(said.count <= 4, "\(said)")
            return said.joined(separator: "\n")
        }
    }
}

import Foundation
import Glibc
import Testing

/// Nothing that was acknowledged is lost when the process is killed at a random moment (DESIGN §6). `make crash` goes on for longer.
@Suite struct CrashTests {
    private static let rounds = ProcessInfo.processInfo.environment["SUNDIAL_CRASH_ROUNDS"].flatMap(Int.init) ?? 10

    @Test(.timeLimit(.minutes(30))) func whatWasAcknowledgedSurvivesSIGKILL() async throws {
        try await Workshop.withFolder { folder in
            let ledger = CrashLedger()
            var random = SystemRandomNumberGenerator()
            for round in 1...Self.rounds {
                let sundial = try await SundialProcess.start(in: folder, state: "state.sqlite")
                let clients = CrashClients(port: sundial.doors.mqtt.port, ledger: ledger)
                if round == 1 { try await clients.subscribe() }
                try await clients.check(round)
                let count = Int.random(in: 20...800, using: &random)
                try await clients.whileWriting {
                    await ledger.wait(for: count)
                    sundial.process.signal(SIGKILL)
                }
                #expect(try await sundial.process.ending(within: .seconds(30)) == .killed(signal: SIGKILL))
            }
            // A clean end keeps as much.
            for number in 1...2 {
                let sundial = try await SundialProcess.start(in: folder, state: "state.sqlite")
                try await CrashClients(port: sundial.doors.mqtt.port, ledger: ledger).check(Self.rounds + number)
                sundial.process.signal(SIGTERM)
                #expect(try await sundial.process.ending(within: .seconds(30)) == .exited(0))
            }
            #expect(CrashClients.things.allSatisfy { ledger[$0].acknowledged > 0 }, "shadows were written")
            #expect(ledger[CrashClients.queue].acknowledged > 0, "messages were queued")
        }
    }

    @Test func aProcessThatCannotWriteRefusesAndRecovers() async throws {
        try await Workshop.withFolder { folder in
            let sundial = try await SundialProcess.start(in: folder, state: "state.sqlite")
            let log = sundial.log
            let answers = try Client.mosquitto("sub", sundial, ["-v", "-q", "1", "-t", "$aws/things/T/shadow/update/+"])
            try await self.settle(answers, sundial)
            try await self.update(1, sundial)
            try await answers.process.output.line(containing: "update/accepted {\"state\":{\"reported\":{\"n\":1}}")

            // From here on every write to a file fails, as on a disk that is full.
            try await self.limitFiles(of: sundial, to: "0")
            try await self.update(2, sundial)
            try await answers.process.output.line(containing: "update/rejected {\"code\":500,\"message\":\"Internal service failure\"")
            try await log.line(containing: "the state file cannot be written")
            let kept = try Client.mosquitto("pub", sundial, ["-q", "1", "-r", "-t", "kept", "-m", "waits"])
            let lost = try Client.mosquitto("sub", sundial, ["-t", "kept", "-C", "1"])
            try await lost.process.output.line(containing: "waits")
            #expect(!kept.process.hasEnded, "nothing is acknowledged that is not safe")

            try await self.limitFiles(of: sundial, to: "unlimited")
            try await kept.end()
            try await log.line(containing: "can be written again")
            try await self.update(3, sundial)
            try await answers.process.output.line(containing: "\"version\":2")
            sundial.process.signal(SIGKILL)
            _ = try await sundial.process.ending(within: .seconds(30))

            let again = try await SundialProcess.start(in: folder, state: "state.sqlite")
            let shadow = try Client.mosquitto("sub", again, ["-t", "$aws/things/T/shadow/get/accepted", "-t", "kept", "-C", "2"])
            try await shadow.process.output.line(containing: "waits")
            try await Client.mosquitto("pub", again, ["-t", "$aws/things/T/shadow/get", "-n"]).end()
            try await shadow.process.output.line(containing: "\"reported\":{\"n\":3}")
            try await shadow.end()
            again.process.signal(SIGTERM)
            #expect(try await again.process.ending(within: .seconds(30)) == .exited(0))
        }
    }

    private func settle(_ subscriber: Client, _ sundial: SundialProcess) async throws {
        try await sundial.log.line(containing: "client connected")
        // Its subscription is in force when a message of ours that it must get has come.
        while !subscriber.lines.contains(where: { $0.contains("update/rejected") }) {
            try await Client.mosquitto("pub", sundial, ["-t", "$aws/things/T/shadow/update", "-m", "marker"]).end()
        }
    }

    private func update(_ number: Int, _ sundial: SundialProcess) async throws {
        try await Client.mosquitto(
            "pub", sundial, ["-t", "$aws/things/T/shadow/update", "-m", #"{"state":{"reported":{"n":\#(number)}}}"#]
        ).end()
    }

    private func limitFiles(of sundial: SundialProcess, to size: String) async throws {
        let prlimit = try ChildProcess("prlimit", ["--pid", "\(sundial.process.processID)", "--fsize=\(size):"])
        #expect(try await prlimit.ending() == .exited(0), "\(prlimit.errors.tail)")
    }
}

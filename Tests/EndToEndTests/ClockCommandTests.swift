import Foundation
import Testing

/// `sundial serve --clock` and `sundial clock`, with real clients.
@Suite struct ClockCommandTests {
    private func run(_ sundial: SundialProcess, _ words: [String], status: Int32 = 0) async throws -> ChildProcess {
        let command = try ChildProcess(Workshop.sundial, words + ["--ports-file", sundial.portsFile])
        let ending = try await command.ending()
        #expect(ending == .exited(status), "\(words): \(command.output.tail)\n\(command.errors.tail)")
        return command
    }

    @Test func anHourPassesAtOnce() async throws {
        try await SundialProcess.run(["--clock", "virtual", "--clock-start", "2030-01-01T00:00:00Z"]) { sundial in
            _ = try await sundial.process.output.line(containing: "Time stands at 2030-01-01T00:00:00.000Z")
            let watcher = try Client.mosquitto("sub", sundial, ["-t", "HQ/+", "-q", "1", "-F", "%t %p", "-C", "2"])
            let ready = try Client.mosquitto("pub", sundial, ["-t", "HQ/ready", "-m", "yes", "-r"])
            try await ready.end()
            try await watcher.process.output.line(containing: "HQ/ready yes")
            let mars = try Client.mosquitto(
                "sub", sundial,
                [
                    "-V", "5", "-t", "HQ/ready", "-i", "mars", "-x", "86400", "-c", "--will-topic", "HQ/die", "--will-payload", "lost",
                    "--will-qos", "1", "-D", "will", "will-delay-interval", "3600",
                ])
            try await mars.process.output.line(containing: "yes")
            try await mars.kill()
            let early = try await self.run(sundial, ["clock", "advance", "59m59s"])
            #expect(early.output.lines.first == "2030-01-01T00:59:59.000Z  virtual: stands still")
            #expect(watcher.lines.count == 1)
            _ = try await self.run(sundial, ["clock", "advance", "--to", "2030-01-01T01:00:00.001Z"])
            try await watcher.end()
            #expect(watcher.lines == ["HQ/ready yes", "HQ/die lost"])

            _ = try await self.run(sundial, ["shadow", "update", "lamp", "--desired", #"{"mode":"eco"}"#])
            _ = try await self.run(sundial, ["clock", "advance", "2h"])
            let read = try await self.run(sundial, ["shadow", "history", "lamp"])
            #expect(read.output.tail.contains("2 h ago"), "\(read.output.tail)")
            #expect(try await self.run(sundial, ["shadow", "at", "lamp", "1h"]).output.tail.contains(#"desired.mode"#))
        }
    }

    @Test func theClockIsShownAndChanged() async throws {
        try await SundialProcess.run { sundial in
            let real = try await self.run(sundial, ["clock"])
            #expect(real.output.lines.first?.hasSuffix("Z  real") == true)
            let refused = try await self.run(sundial, ["clock", "advance", "1h"], status: 1)
            #expect(refused.errors.tail.contains("409 ConflictException: The clock is real and moves by itself; make it virtual"))
            let fast = try await self.run(sundial, ["clock", "speed", "10"])
            #expect(fast.output.lines.first?.hasSuffix("Z  scaled: 10 times as fast as real time") == true)
            let frozen = try await self.run(sundial, ["clock", "set", "virtual", "--json"])
            #expect(frozen.output.lines.first?.hasPrefix(#"{"kind":"virtual","now":""#) == true)
            let still = try await self.run(sundial, ["clock", "--json"])
            #expect(still.output.lines == frozen.output.lines)
            let back = try await self.run(sundial, ["clock", "set", "real"], status: 1)
            #expect(back.errors.tail.contains("a scaled clock of factor 1 goes on from here"))
            let past = try await self.run(sundial, ["clock", "advance", "--to", "2001-01-01T00:00:00Z"], status: 1)
            #expect(past.errors.tail.contains("cannot go back to 2001-01-01T00:00:00.000Z"))
        }
    }

    @Test func aSignedURLIsGoodThoughADayHasBeenAdvancedOver() async throws {
        try await SundialProcess.run(["--clock", "virtual"]) { sundial in
            _ = try await self.run(sundial, ["clock", "advance", "24h"])
            let client = try Client.node("upgrade.js", [try await sundial.signedAddress("wss"), "5", sundial.doors.ca])
            try await client.end()
            #expect(client.lines == ["connect", "close"])
        }
        try await SundialProcess.run(["--clock", "virtual", "--virtual-signature"]) { sundial in
            _ = try await self.run(sundial, ["clock", "advance", "24h"])
            let client = try Client.node("upgrade.js", [try await sundial.signedAddress("wss"), "5", sundial.doors.ca])
            try await client.process.ending()
            #expect(!client.lines.contains("connect"))
            #expect(sundial.log.tail.contains("signature refused"))
            #expect(sundial.log.tail.contains("clock="))
        }
    }
}

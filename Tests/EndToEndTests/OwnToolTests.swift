import Foundation
import Testing

/// The commands beside `serve`: what they print works with other people's clients, and they work with each other.
@Suite struct OwnToolTests {
    @Test(arguments: ["ws", "wss"])
    func theURLPrintedAtTheStartLetsAClientIn(scheme: String) async throws {
        try await SundialProcess.run { sundial in
            let line = try await sundial.process.output.line(containing: "\(scheme)://")
            let url = line.trimmingCharacters(in: .whitespaces).trimmingCharacters(in: ["'", "\""])
            try await self.expectEntry(sundial, url)
        }
    }

    @Test func aURLMadeBySignLetsAClientIn() async throws {
        try await SundialProcess.run { sundial in
            let sign = try ChildProcess(Workshop.sundial, ["sign", "--ports-file", sundial.portsFile])
            #expect(try await sign.ending() == .exited(0))
            #expect(sign.output.lines.count == 1)
            try await self.expectEntry(sundial, try #require(sign.output.lines.first))
        }
    }

    @Test func whatPubSaysSubPrints() async throws {
        try await SundialProcess.run { sundial in
            let plain = ["-h", "127.0.0.1", "-p", "\(sundial.doors.mqtt.port)"]
            let signed = [
                "--sign", "-h", "localhost", "-p", "\(sundial.doors.https.port)", "--cafile", sundial.doors.ca,
            ]
            for (reader, writer) in [(plain, signed), (signed, plain)] {
                let marker = try ChildProcess(Workshop.sundial, ["pub", "-t", "own/tools", "-r", "-m", "subscribed"] + plain)
                #expect(try await marker.ending() == .exited(0), "\(marker.errors.tail)")
                let sub = try ChildProcess(Workshop.sundial, ["sub", "-v", "-t", "own/tools", "-C", "2"] + reader)
                try await sub.output.line(containing: "own/tools subscribed")
                let pub = try ChildProcess(
                    Workshop.sundial, ["pub", "-t", "own/tools", "-q", "1", "-m", "it's \"quoted\",  spaced"] + writer)
                #expect(try await pub.ending() == .exited(0), "\(pub.errors.tail)")
                #expect(try await sub.ending() == .exited(0), "\(sub.errors.tail)")
                #expect(sub.output.lines == ["own/tools subscribed", "own/tools it's \"quoted\",  spaced"])
            }
        }
    }

    @Test func theDemoProvesTheOrder() async throws {
        await Workshop.places.take()
        let outcome = await Result.catching {
            let demo = try ChildProcess(
                Workshop.root.appendingPathComponent(".ci/demo").path, [Workshop.sundial])
            let ending = try await demo.ending()
            #expect(ending == .exited(0), "\(demo.output.tail)\n\(demo.errors.tail)")
            #expect(!demo.output.lines.isEmpty)
        }
        await Workshop.places.giveBack()
        try outcome.get()
    }

    private func expectEntry(_ sundial: SundialProcess, _ url: String) async throws {
        let client = try Client.node("upgrade.js", [url, "5", sundial.doors.ca])
        try await client.end()
        #expect(client.lines == ["connect", "close"], "\(url): \(sundial.log.tail)")
    }
}

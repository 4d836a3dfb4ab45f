import Foundation
import Glibc
import Testing

/// DESIGN §2: where the doors are, and how they close.
@Suite struct DoorTests {
    static let hasIPv6Loopback = (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?.contains(" lo") ?? false

    @Test(.enabled(if: Self.hasIPv6Loopback))
    func localhostIsEitherAddress() async throws {
        try await SundialProcess.run { sundial in
            try await Client.mosquitto("pub", sundial, ["-t", "a", "-m", "x"]).end()
            try await Client.mosquitto("pub", sundial, ["-h", "::1", "-t", "a", "-m", "x"]).end()
            for address in ["127.0.0.1", "[::1]"] {
                let url = "https://\(address):\(sundial.doors.https.port)/"
                try await Client.node("get.js", [url, sundial.doors.ca]).end()
            }
        }
    }

    /// MQTT 5 §3.14.2.1: 0x8B, server shutting down.
    @Test(arguments: [SIGINT, SIGTERM])
    func aStopSaysGoodbyeAndEndsWell(signal: Int32) async throws {
        try await SundialProcess.run { sundial in
            let doors = sundial.doors
            let goodbye = Task {
                try await Workshop.blocking {
                    let socket = try RawSocket(port: doors.mqtt.port)
                    socket.send(PacketText.connect("stayer", level: 5))
                    _ = try socket.receivePacket()
                    kill(doors.pid, signal)
                    let goodbye = try socket.receivePacket()
                    _ = try socket.receiveUntilClosed()
                    return [goodbye.first] + goodbye.body
                }
            }
            let bytes = try await goodbye.value
            #expect(bytes.first == 0xE0)
            #expect(bytes.dropFirst().first == 0x8B, "\(bytes)")
            #expect(try await sundial.process.ending(within: .seconds(5)) == .exited(0))
        }
    }

    /// RFC 9112 §9.6: a side that is ended can still be answered on the other.
    @Test func aRequestIsAnsweredWhoseClientHasEndedItsSide() async throws {
        try await SundialProcess.run { sundial in
            let doors = sundial.doors
            let answers = try await Workshop.blocking {
                try ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET / HT"].map { request in
                    let socket = try RawSocket(port: doors.http.port)
                    socket.send(Array(request.utf8))
                    socket.endSending()
                    return String(decoding: try socket.receiveUntilClosed(), as: UTF8.self)
                }
            }
            #expect(answers[0].hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answers[0].contains("</html>"))
            #expect(answers[1].isEmpty)
        }
    }

    @Test func thePortsFileNamesThisProcess() async throws {
        try await SundialProcess.run { sundial in
            #expect(sundial.doors.pid == sundial.process.processID)
            let ports = [sundial.doors.mqtt, sundial.doors.mqtts, sundial.doors.http, sundial.doors.https].map(\.port)
            #expect(Set(ports).count == 4)
            #expect(!ports.contains(0))
            #expect(FileManager.default.isReadableFile(atPath: sundial.doors.ca))
        }
    }
}

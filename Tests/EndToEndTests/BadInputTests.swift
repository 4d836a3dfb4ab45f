import Foundation
import Testing

/// Whatever somebody sends, only their own connection ends; the log says why, memory does not grow, and the others go on.
@Suite struct BadInputTests {
    @Test func aBadPacketEndsItsOwnConnectionOnly() async throws {
        try await SundialProcess.run { sundial in
            let doors = sundial.doors
            let bystander = try await Workshop.blocking { Held(try Bystander(doors)) }
            let before = try Self.residentBytes(of: doors.pid)
            for bad in BadPacket.all {
                let position = sundial.log.position
                do {
                    try await Workshop.blocking {
                        try Self.send(bad, to: doors)
                        try bystander.value.check()
                    }
                    try await sundial.log.line(from: position, containing: bad.log, within: .seconds(10))
                } catch {
                    Issue.record("\(bad.testDescription): \(error)")
                }
            }
            let growth = try Self.residentBytes(of: doors.pid) - before
            #expect(growth < 64 << 20, "memory grew by \(growth) bytes")
        }
    }

    @Test func badWebSocketFramesEndTheirOwnConnectionOnly() async throws {
        try await SundialProcess.run { sundial in
            let doors = sundial.doors
            let bystander = try await Workshop.blocking { Held(try Bystander(doors)) }
            for bad in BadFrame.all {
                let position = sundial.log.position
                let url = try #require(URLComponents(string: try await sundial.signedAddress("ws")))
                let target = "/mqtt?\(url.percentEncodedQuery ?? "")"
                do {
                    try await Workshop.blocking {
                        try bad.send(to: doors, target: target)
                        try bystander.value.check()
                    }
                    try await sundial.log.line(from: position, containing: bad.log, within: .seconds(10))
                } catch {
                    Issue.record("\(bad.testDescription): \(error)")
                }
            }
        }
    }

    @Test(arguments: ["mqtts", "https"])
    func garbageOnATLSDoorIsTurnedAway(door: String) async throws {
        try await SundialProcess.run { sundial in
            let doors = sundial.doors
            let position = sundial.log.position
            try await Workshop.blocking {
                let bystander = try Bystander(doors)
                for garbage in [Array("hello\r\n\r\n".utf8), PacketText.connect("plain"), [0x16, 0x03, 0x01, 0xFF, 0xFF]] {
                    let socket = try RawSocket(port: door == "mqtts" ? doors.mqtts.port : doors.https.port)
                    socket.send(garbage)
                    socket.endSending()
                    _ = try socket.receiveUntilClosed()
                    try bystander.check()
                }
            }
            try await sundial.log.line(from: position, within: .seconds(10), "a line about TLS on the door \(door)") {
                $0.contains("door=\(door) ") && $0.contains("TLS")
            }
        }
    }

    @Test func anEndlessRequestLineIsTurnedAway() async throws {
        try await SundialProcess.run { sundial in
            let doors = sundial.doors
            let position = sundial.log.position
            let answer = try await Workshop.blocking {
                let bystander = try Bystander(doors)
                let socket = try RawSocket(port: doors.http.port)
                socket.send(Array("GET /".utf8) + [UInt8](repeating: UInt8(ascii: "a"), count: 65536))
                socket.send(Array(" HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
                let answer = String(decoding: try socket.receiveUntilClosed(), as: UTF8.self)
                try bystander.check()
                return answer
            }
            #expect(answer.hasPrefix("HTTP/1.1 414 ") || answer.isEmpty, "\(answer.prefix(200))")
            try await sundial.log.line(from: position, containing: "longer than", within: .seconds(10))
        }
    }

    @Test(arguments: [
        "GARBAGE\r\n\r\n", "GET\r\n\r\n", "\u{16}\u{3}\u{1}\u{0}\u{5}hello\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
    ])
    func whatIsNotHTTPIsTurnedAway(request: String) async throws {
        try await SundialProcess.run { sundial in
            let doors = sundial.doors
            let answer = try await Workshop.blocking {
                let bystander = try Bystander(doors)
                let socket = try RawSocket(port: doors.http.port)
                socket.send(Array(request.utf8))
                socket.endSending()
                let answer = String(decoding: try socket.receiveUntilClosed(), as: UTF8.self)
                try bystander.check()
                return answer
            }
            #expect(answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5") || answer.isEmpty, "\(answer.prefix(200))")
        }
    }

    private static func send(_ bad: BadPacket, to doors: Doors) throws {
        let socket = try RawSocket(port: doors.mqtt.port)
        if bad.connectedLevel > 0 {
            socket.send(PacketText.connect("bad", level: bad.connectedLevel))
            let connack = try socket.receivePacket()
            try RawSocket.check(connack.first == 0x20 && connack.body[1] == 0, "CONNACK is \(connack)")
        }
        socket.send(bad.bytes)
        if bad.endsSending { socket.endSending() }
        switch bad.outcome {
        case .answered(let expected):
            let answer = try socket.receive(expected.count)
            try RawSocket.check(answer == expected, "the answer is \(answer)")
        case .closed(let reason):
            if let reason {
                let goodbye = try socket.receivePacket()
                try RawSocket.check(goodbye.first == 0xE0, "DISCONNECT is sent first, not \(goodbye)")
                try RawSocket.check(goodbye.body.first == reason, "the reason is \(goodbye.body.first ?? 0), not \(reason)")
            }
            _ = try socket.receiveUntilClosed()
        }
    }

    /// Resident memory, `/proc/PID/statm`.
    private static func residentBytes(of processID: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(processID)/statm", encoding: .utf8)
        return try #require(Int(text.split(separator: " ")[1])) * 4096
    }

    /// Carries blocking sockets from one borrowed thread to the next.
    private final class Held<Value>: @unchecked Sendable {
        // SAFETY: the test hands it to one thread at a time and waits for that thread before it goes on.
        let value: Value
        init(_ value: Value) { self.value = value }
    }
}

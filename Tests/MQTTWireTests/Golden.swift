import Foundation
import MQTTWire
import NIOCore
import Testing

/// One case of `fixtures/packets`; the fields are described in the README there.
struct GoldenPacket: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let section: String
    let version: String
    let bytes: String
    let packet: [String: Field]?
    let canonical: String?
    let maximumPacketBytes: Int?
    let error: String?
    let reason: String?

    var testDescription: String { "\(self.name) (\(self.section))" }

    var protocolVersion: ProtocolVersion {
        switch self.version {
        case "3.1": .v31
        case "3.1.1": .v311
        default: .v5
        }
    }

    var limit: Int { self.maximumPacketBytes ?? PacketFramer.largestPacketBytes }
    var raw: [UInt8] { Hexadecimal.bytes(self.bytes) }
    var canonicalBytes: [UInt8] { Hexadecimal.bytes(self.canonical ?? self.bytes) }
}

/// All golden packets.
enum Golden {
    static let all: [GoldenPacket] = load()
    static let valid = all.filter { $0.packet != nil }
    static let invalid = all.filter { $0.error != nil }

    private static func load() -> [GoldenPacket] {
        var folder = URL(filePath: #filePath)
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.appending(path: "fixtures/packets").path) {
            folder.deleteLastPathComponent()
        }
        folder.append(path: "fixtures/packets")
        do {
            let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            return try files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.flatMap { file in
                try JSONDecoder().decode([GoldenPacket].self, from: Data(contentsOf: file))
            }
        } catch {
            Issue.record("golden packets in \(folder.path) cannot be read: \(error)")
            return []
        }
    }
}

/// Hexadecimal text, with or without spaces.
enum Hexadecimal {
    static func bytes(_ text: String) -> [UInt8] {
        let digits = text.filter { $0 != " " }
        return stride(from: 0, to: digits.count, by: 2).map { offset in
            let start = digits.index(digits.startIndex, offsetBy: offset)
            return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16) ?? 0
        }
    }

    static func text(_ bytes: [UInt8]) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

/// A stream that packets come out of as soon as their last byte went in.
struct PacketStream {
    let version: ProtocolVersion
    var limit = PacketFramer.largestPacketBytes
    private var pending: [UInt8] = []

    init(version: ProtocolVersion, limit: Int) {
        self.version = version
        self.limit = limit
    }

    mutating func receive(_ bytes: some Sequence<UInt8>) throws(WireError) -> [AnyPacket] {
        self.pending.append(contentsOf: bytes)
        var packets: [AnyPacket] = []
        while let (packet, count) = try first(of: self.pending, limit: self.limit, version: self.version) {
            packets.append(packet)
            self.pending.removeFirst(count)
        }
        return packets
    }
}

/// The packet at the start of `bytes`.
func first(
    of bytes: [UInt8], limit: Int = PacketFramer.largestPacketBytes, version: ProtocolVersion
) throws(WireError) -> (packet: AnyPacket, bytes: Int)? {
    try unsafeBytes(bytes) { (raw) throws(WireError) in
        try AnyPacket.decodeFirst(of: raw, maximumPacketBytes: limit, version: version)
    }
}

/// `Array.withUnsafeBytes` that keeps the type of the error.
func unsafeBytes<Value>(
    _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(WireError) -> Value
) throws(WireError) -> Value {
    let result = bytes.withUnsafeBytes { raw -> Result<Value, WireError> in
        do throws(WireError) { return .success(try body(raw)) } catch { return .failure(error) }
    }
    return try result.get()
}

/// What the packet looks like on the wire.
func encoded(_ packet: AnyPacket, _ version: ProtocolVersion) -> [UInt8] {
    var buffer = ByteBuffer()
    packet.write(to: &buffer, version: version)
    return [UInt8](buffer.readableBytesView)
}

import MQTTWire
import NIOCore
import Testing

@Suite("Golden packets")
struct GoldenPacketTests {
    @Test func thereAreGoldenPacketsOfEveryTypeAndVersion() {
        #expect(Golden.all.count >= 120)
        #expect(Set(Golden.all.map(\.name)).count == Golden.all.count)
        for golden in Golden.all {
            #expect((golden.packet == nil) != (golden.error == nil), "\(golden.name) must have a packet or an error")
        }
        for type in PacketType.allCases {
            for version in ProtocolVersion.allCases where type != .auth || version == .v5 {
                let found = Golden.valid.contains { $0.packet?["type"] == .text(type.name) && $0.protocolVersion == version }
                #expect(found, "no valid \(type.name) of \(version)")
            }
        }
    }

    @Test(arguments: Golden.valid)
    func validPacketDecodesToItsFields(_ golden: GoldenPacket) throws {
        let decoded = try #require(try first(of: golden.raw, limit: golden.limit, version: golden.protocolVersion))
        #expect(decoded.bytes == golden.raw.count)
        #expect(decoded.packet.fields(version: golden.protocolVersion) == golden.packet)
    }

    @Test(arguments: Golden.valid)
    func validPacketIsWrittenAsItWasRead(_ golden: GoldenPacket) throws {
        let version = golden.protocolVersion
        let decoded = try #require(try first(of: golden.raw, limit: golden.limit, version: version))
        let written = encoded(decoded.packet, version)
        #expect(written == golden.canonicalBytes)
        let again = try #require(try first(of: written, limit: golden.limit, version: version))
        #expect(again.packet == decoded.packet)
    }

    @Test(arguments: Golden.valid)
    func validPacketComesOutAfterItsLastByte(_ golden: GoldenPacket) throws {
        var stream = PacketStream(version: golden.protocolVersion, limit: golden.limit)
        let bytes = golden.raw
        for byte in bytes.dropLast() {
            #expect(try stream.receive([byte]).isEmpty)
        }
        let packets = try stream.receive(bytes.suffix(1))
        #expect(packets.map { $0.fields(version: golden.protocolVersion) } == [golden.packet])
    }

    @Test(arguments: Golden.valid)
    func tenPacketsComeOutOfOneBuffer(_ golden: GoldenPacket) throws {
        let ten = (0..<10).flatMap { _ in golden.raw }
        var whole = PacketStream(version: golden.protocolVersion, limit: golden.limit)
        let packets = try whole.receive(ten)
        #expect(packets.count == 10)
        for packet in packets {
            #expect(packet.fields(version: golden.protocolVersion) == golden.packet)
        }
        // Cut where it does not fit the packets.
        var inPieces = PacketStream(version: golden.protocolVersion, limit: golden.limit)
        var count = 0
        for start in stride(from: 0, to: ten.count, by: 7) {
            count += try inPieces.receive(ten[start..<min(start + 7, ten.count)]).count
        }
        #expect(count == 10)
    }

    @Test(arguments: Golden.valid)
    func everyStrictPrefixAsksForMore(_ golden: GoldenPacket) throws {
        let bytes = golden.raw
        for count in 0..<bytes.count {
            let prefix = [UInt8](bytes.prefix(count))
            #expect(try first(of: prefix, limit: golden.limit, version: golden.protocolVersion) == nil)
            let header = try unsafeBytes(prefix) { (raw) throws(WireError) in
                try PacketFramer.header(of: raw, maximumPacketBytes: golden.limit, version: golden.protocolVersion)
            }
            if let header {
                #expect(header.totalBytes == bytes.count)
            }
        }
    }

    @Test(arguments: Golden.valid)
    func sizeIsKnownBeforeWriting(_ golden: GoldenPacket) throws {
        let version = golden.protocolVersion
        let decoded = try #require(try first(of: golden.raw, limit: golden.limit, version: version))
        var buffer = ByteBuffer()
        func size(_ packet: some ControlPacket) -> Int { packet.encodedBytes(version: version) }
        decoded.packet.write(to: &buffer, version: version)
        let expected: Int
        switch decoded.packet {
        case .connect(let packet): expected = size(packet)
        case .connack(let packet): expected = size(packet)
        case .publish(let packet): expected = size(packet)
        case .puback(let packet): expected = size(packet)
        case .pubrec(let packet): expected = size(packet)
        case .pubrel(let packet): expected = size(packet)
        case .pubcomp(let packet): expected = size(packet)
        case .subscribe(let packet): expected = size(packet)
        case .suback(let packet): expected = size(packet)
        case .unsubscribe(let packet): expected = size(packet)
        case .unsuback(let packet): expected = size(packet)
        case .pingreq(let packet): expected = size(packet)
        case .pingresp(let packet): expected = size(packet)
        case .disconnect(let packet): expected = size(packet)
        case .auth(let packet): expected = size(packet)
        }
        #expect(buffer.readableBytes == expected)
    }

    @Test(arguments: Golden.invalid)
    func invalidPacketThrowsTheNamedError(_ golden: GoldenPacket) {
        do throws(WireError) {
            let decoded = try first(of: golden.raw, limit: golden.limit, version: golden.protocolVersion)
            Issue.record("decoded to \(String(describing: decoded))")
        } catch {
            #expect(error.caseName == golden.error)
            #expect(error.reason.rawValue == Hexadecimal.bytes(String((golden.reason ?? "").dropFirst(2))).first)
            #expect(!error.text.isEmpty)
        }
    }

    @Test(arguments: Golden.invalid)
    func invalidPacketNeverGivesAPacketHoweverItArrives(_ golden: GoldenPacket) {
        var stream = PacketStream(version: golden.protocolVersion, limit: golden.limit)
        var thrown: WireError?
        for byte in golden.raw {
            do throws(WireError) {
                let packets = try stream.receive([byte])
                #expect(packets.isEmpty)
            } catch {
                thrown = error
                break
            }
        }
        #expect(thrown?.caseName == golden.error)
    }
}

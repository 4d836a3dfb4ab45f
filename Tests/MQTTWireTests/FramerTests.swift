import MQTTWire
import NIOCore
import Testing

@Suite("Framing, MQTT 5 §2.1 and 3.1.1 §2.2")
struct FramerTests {
    private func header(
        _ bytes: [UInt8], limit: Int = PacketFramer.largestPacketBytes, version: ProtocolVersion? = nil
    ) throws(WireError) -> FrameHeader? {
        try unsafeBytes(bytes) { (raw) throws(WireError) in
            try PacketFramer.header(of: raw, maximumPacketBytes: limit, version: version)
        }
    }

    /// The table of MQTT 5 §1.5.5.
    @Test(
        arguments: [
            ([0x00], 0), ([0x7F], 127), ([0x80, 0x01], 128), ([0xFF, 0x7F], 16_383), ([0x80, 0x80, 0x01], 16_384),
            ([0xFF, 0xFF, 0x7F], 2_097_151), ([0x80, 0x80, 0x80, 0x01], 2_097_152), ([0xFF, 0xFF, 0xFF, 0x7F], 268_435_455),
        ] as [([UInt8], Int)])
    func remainingLengthIsReadAtItsBounds(bytes: [UInt8], value: Int) throws {
        let header = try #require(try self.header([0x30] + bytes))
        #expect(header == FrameHeader(type: .publish, flags: 0, headerBytes: 1 + bytes.count, bodyBytes: value))
        #expect(header.totalBytes == 1 + bytes.count + value)
        for count in 0...bytes.count {
            #expect(try self.header([UInt8](([0x30] + bytes).prefix(count))) == nil)
        }
        #expect(VariableByteInteger.encodedBytes(value) == bytes.count)
        let stored = withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) { space in
            space.baseAddress.map { VariableByteInteger.store(value, at: $0) }.map { [UInt8](space.prefix($0)) }
        }
        #expect(stored == bytes)
    }

    @Test func aWrongFirstByteIsRefusedBeforeAnythingElseArrives() {
        #expect(throws: WireError.unknownPacketType(0)) { try self.header([0x00]) }
        #expect(throws: WireError.reservedFlags(.pubrel, flags: 0)) { try self.header([0x60]) }
        #expect(throws: WireError.invalidQoS(3)) { try self.header([0x36]) }
        #expect(throws: WireError.unknownPacketType(15)) { try self.header([0xF0], version: .v311) }
    }

    @Test func everyPairOfTypeAndFlagsIsJudgedAsTheTableSays() throws {
        for type in PacketType.allCases {
            for flags in UInt8(0)...15 {
                let mayPass = type == .publish ? flags & 6 != 6 : flags == ([.pubrel, .subscribe, .unsubscribe].contains(type) ? 2 : 0)
                var passes = true
                do throws(WireError) { _ = try self.header([type.rawValue << 4 | flags, 0]) } catch { passes = false }
                #expect(passes == mayPass, "\(type) \(flags)")
            }
        }
    }

    @Test func theLimitCountsTheWholePacketAndIsJudgedBeforeTheBody() throws {
        #expect(try self.header([0x30, 18], limit: 20)?.bodyBytes == 18)
        #expect(throws: WireError.packetTooLarge(bytes: 21, limit: 20)) { try self.header([0x30, 19], limit: 20) }
        #expect(throws: WireError.packetTooLarge(bytes: 268_435_460, limit: 131_072)) {
            try self.header([0x30, 0xFF, 0xFF, 0xFF, 0x7F], limit: 131_072)
        }
    }

    @Test func aLengthThatGoesOnThrowsAtItsFourthByte() throws {
        #expect(try self.header([0x30, 0xFF, 0xFF, 0xFF]) == nil)
        #expect(throws: WireError.variableByteIntegerTooLong) { try self.header([0x30, 0xFF, 0xFF, 0xFF, 0xFF]) }
    }

    @Test func fastAcknowledgementsAreTheFourBytesOfThePackets() throws {
        let id = try #require(PacketID(0xA1B2))
        var fast = ByteBuffer()
        Puback.write(id: id, to: &fast)
        Pubrec.write(id: id, to: &fast)
        Pubrel.write(id: id, to: &fast)
        Pubcomp.write(id: id, to: &fast)
        Pingreq.write(to: &fast)
        Pingresp.write(to: &fast)
        for version in ProtocolVersion.allCases {
            var slow = ByteBuffer()
            Puback(id: id).write(to: &slow, version: version)
            Pubrec(id: id).write(to: &slow, version: version)
            Pubrel(id: id).write(to: &slow, version: version)
            Pubcomp(id: id).write(to: &slow, version: version)
            Pingreq().write(to: &slow, version: version)
            Pingresp().write(to: &slow, version: version)
            #expect(fast == slow)
        }
        #expect([UInt8](fast.readableBytesView.prefix(8)) == [0x40, 2, 0xA1, 0xB2, 0x50, 2, 0xA1, 0xB2])
    }
}

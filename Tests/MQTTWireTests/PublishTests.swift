import MQTTWire
import NIOCore
import Testing

@Suite("PUBLISH as ranges and as a template, MQTT 5 §3.3")
struct PublishTests {
    /// The body of a golden PUBLISH and how it reads as ranges.
    private func read(_ bytes: [UInt8], _ version: ProtocolVersion) throws -> (publish: Publish, body: [UInt8]) {
        let header = try #require(
            try unsafeBytes(bytes) { (raw) throws(WireError) in
                try PacketFramer.header(of: raw, maximumPacketBytes: 1000, version: version)
            })
        let body = [UInt8](bytes.dropFirst(header.headerBytes))
        let publish = try unsafeBytes(body) { (raw) throws(WireError) in
            var frame = FrameReader(raw, flags: header.flags, version: version)
            return try Publish.read(&frame)
        }
        return (publish, body)
    }

    private static let packet: [UInt8] = {
        var buffer = ByteBuffer()
        let properties = PublishProperties(
            payloadFormatIsUTF8: true, messageExpirySeconds: 60, topicAlias: 3, responseTopic: "r/t", correlationData: [1, 2],
            userProperties: [UserProperty(name: "k", value: "1"), UserProperty(name: "k", value: "2")],
            subscriptionIdentifiers: [7, 300], contentType: "text/plain")
        OutgoingPublish(
            topic: "a/b", payload: "hello", qos: .atLeastOnce, retain: true, isDuplicate: true, packetID: PacketID(258),
            properties: properties
        ).write(to: &buffer, version: .v5)
        return [UInt8](buffer.readableBytesView)
    }()

    @Test func rangesPointIntoTheBody() throws {
        let (publish, body) = try self.read(Self.packet, .v5)
        func text(_ range: Range<Int>?) -> String? { range.map { String(decoding: body[$0], as: UTF8.self) } }
        #expect(text(publish.topic) == "a/b")
        #expect(text(publish.payload) == "hello")
        #expect(text(publish.responseTopic) == "r/t")
        #expect(text(publish.contentType) == "text/plain")
        #expect(publish.correlationData.map { [UInt8](body[$0]) } == [1, 2])
        #expect(publish.packetIDRaw == 258)
        #expect(publish.messageExpirySeconds == 60)
        #expect(publish.topicAlias == 3)
        #expect(publish.isDuplicate && publish.retain && publish.qos == .atLeastOnce && publish.payloadFormatIsUTF8)
        #expect(publish.hasUserProperties && publish.hasSubscriptionIdentifiers && !publish.propertiesForwardVerbatim)
    }

    @Test func userPropertiesAreFoundAgainInTheirOrder() throws {
        let (publish, body) = try self.read(Self.packet, .v5)
        let found = body.withUnsafeBytes { publish.userProperties(in: $0) }
        #expect(found == [UserProperty(name: "k", value: "1"), UserProperty(name: "k", value: "2")])
    }

    @Test func forwardedPropertiesLeaveOutWhatBelongsToTheConnection() throws {
        let (publish, body) = try self.read(Self.packet, .v5)
        var forwarded: [UInt8] = []
        body.withUnsafeBytes { publish.appendForwardedProperties(from: $0, to: &forwarded) }
        let kept = PublishProperties(
            payloadFormatIsUTF8: true, responseTopic: "r/t", correlationData: [1, 2],
            userProperties: [UserProperty(name: "k", value: "1"), UserProperty(name: "k", value: "2")], contentType: "text/plain")
        #expect(forwarded == kept.encoded)
    }

    @Test(arguments: Golden.valid.filter { $0.packet?["type"] == .text("PUBLISH") })
    func forwardingMatchesDroppingTheThreeProperties(_ golden: GoldenPacket) throws {
        let version = golden.protocolVersion
        let (publish, body) = try self.read(golden.raw, version)
        var forwarded: [UInt8] = []
        body.withUnsafeBytes { publish.appendForwardedProperties(from: $0, to: &forwarded) }
        let kept = try unsafeBytes(forwarded) { (raw) throws(WireError) in
            try PublishProperties(decoding: 0..<raw.count, of: raw)
        }
        guard case .publish(var expected)? = try first(of: golden.raw, version: version)?.packet else {
            Issue.record("not a PUBLISH")
            return
        }
        if publish.propertiesForwardVerbatim {
            #expect(forwarded == [UInt8](body[publish.properties]))
        }
        expected.properties.topicAlias = nil
        expected.properties.messageExpirySeconds = nil
        expected.properties.subscriptionIdentifiers = []
        #expect(kept == expected.properties)
    }

    @Test func aBareSessionOf311HasNoProperties() throws {
        let (publish, body) = try self.read([0x30, 4, 0, 1, 0x61, 0x62], .v311)
        #expect(publish.properties.isEmpty && publish.propertiesForwardVerbatim && publish.packetID == nil)
        #expect(body.withUnsafeBytes { publish.userProperties(in: $0) }.isEmpty)
    }

    private static func template(
        topic: String, packetID: UInt16?, properties: [UInt8]?, expiry: UInt32?, alias: UInt16?, payload: [UInt8], firstByte: UInt8,
        into buffer: inout ByteBuffer
    ) -> Int {
        [UInt8](topic.utf8).withUnsafeBytes { topic in
            payload.withUnsafeBytes { payload in
                (properties ?? []).withUnsafeBytes { raw in
                    PublishTemplate.writePublish(
                        firstByte: firstByte, topic: topic, packetID: packetID, properties: properties == nil ? nil : raw,
                        messageExpirySeconds: expiry, topicAlias: alias, payload: payload, into: &buffer)
                }
            }
        }
    }

    @Test(arguments: [0, 1, 20, 100, 117, 118, 119, 120, 121, 122, 123, 200, 16_370, 16_380, 16_390, 70_000])
    func templateWritesWhatThePacketWrites(payloadBytes: Int) throws {
        let payload = [UInt8](repeating: 0x7A, count: payloadBytes)
        let rest = PublishProperties(userProperties: [UserProperty(name: "a", value: "b")], contentType: "x")
        for version in [ProtocolVersion.v311, .v5] {
            for (qos, id) in [(QoS.atMostOnce, nil), (.atLeastOnce, 0x1234), (.exactlyOnce, 1)] as [(QoS, UInt16?)] {
                for (expiry, alias) in [(nil, nil), (9, nil), (nil, 4), (9, 4)] as [(UInt32?, UInt16?)] {
                    var buffer = ByteBuffer(bytes: [0xEE])
                    let properties = version == .v5 ? rest.encoded : nil
                    let offset = Self.template(
                        topic: "top/ic", packetID: id, properties: properties, expiry: expiry, alias: alias, payload: payload,
                        firstByte: qos.rawValue << 1, into: &buffer)
                    #expect(buffer.readInteger(as: UInt8.self) == 0xEE)
                    let bytes = [UInt8](buffer.readableBytesView)
                    let size = PublishTemplate.encodedBytes(
                        topicBytes: 6, hasPacketID: id != nil, propertyBytes: properties?.count, hasMessageExpiry: expiry != nil,
                        hasTopicAlias: alias != nil, payloadBytes: payloadBytes)
                    if version == .v5 || (expiry == nil && alias == nil) { #expect(bytes.count == size) }
                    if let id {
                        #expect(UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1]) == id)
                    } else {
                        #expect(offset == 0)
                    }
                    var expected = OutgoingPublish(topic: "top/ic", payload: "", qos: qos, packetID: id.flatMap { PacketID($0) })
                    expected.payload = payload
                    if version == .v5 {
                        expected.properties = rest
                        expected.properties.messageExpirySeconds = expiry
                        expected.properties.topicAlias = alias
                    }
                    #expect(try first(of: bytes, version: version)?.packet == .publish(expected))
                }
            }
        }
    }

    @Test func aCopyHasItsOwnFlagsAndPacketIdentifier() throws {
        var source = ByteBuffer()
        let offset = Self.template(
            topic: "t", packetID: 1, properties: nil, expiry: nil, alias: nil, payload: [9], firstByte: 0x32, into: &source)
        var copies = ByteBuffer()
        source.withUnsafeReadableBytes { raw in
            PublishTemplate.appendCopy(of: raw, firstByte: 0x32, packetIDOffset: offset, packetID: 0xABCD, to: &copies)
            PublishTemplate.appendCopy(of: raw, firstByte: 0x0D, packetIDOffset: offset, packetID: 2, to: &copies)
        }
        #expect([UInt8](source.readableBytesView) == [0x32, 6, 0, 1, 0x74, 0, 1, 9])
        #expect([UInt8](copies.readableBytesView) == [0x32, 6, 0, 1, 0x74, 0xAB, 0xCD, 9, 0x3D, 6, 0, 1, 0x74, 0, 2, 9])
    }
}

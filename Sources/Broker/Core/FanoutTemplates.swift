import MQTTWire
import NIOCore

/// One PUBLISH encoded at most once for each layout its receivers need: with or without properties, with or without a packet id.
///
/// The memory is used again for the next message.
struct FanoutTemplates {
    private struct Template {
        var bytes = ByteBuffer()
        var packetIDOffset = 0
        var isFilled = false
    }

    private var plainWithoutID = Template()
    private var plainWithID = Template()
    private var v5WithoutID = Template()
    private var v5WithID = Template()

    /// Forgets the message before.
    @inline(__always)
    mutating func begin() {
        self.plainWithoutID.isFilled = false
        self.plainWithID.isFilled = false
        self.v5WithoutID.isFilled = false
        self.v5WithID.isFilled = false
    }

    /// Appends the message to `out`.
    @inline(__always)
    mutating func append(
        _ message: borrowing TransientMessage, to out: inout ByteBuffer, version: ProtocolVersion, firstByte: UInt8, packetID: UInt16
    ) {
        switch (version == .v5, packetID != 0) {
        case (false, false): Self.append(&self.plainWithoutID, message, &out, version, firstByte, packetID)
        case (false, true): Self.append(&self.plainWithID, message, &out, version, firstByte, packetID)
        case (true, false): Self.append(&self.v5WithoutID, message, &out, version, firstByte, packetID)
        case (true, true): Self.append(&self.v5WithID, message, &out, version, firstByte, packetID)
        }
    }

    @inline(__always)
    private static func append(
        _ template: inout Template, _ message: borrowing TransientMessage, _ out: inout ByteBuffer, _ version: ProtocolVersion,
        _ firstByte: UInt8, _ packetID: UInt16
    ) {
        if !template.isFilled {
            template.bytes.clear()
            template.packetIDOffset = message.write(to: &template.bytes, version: version, firstByte: firstByte, packetID: packetID)
            template.isFilled = true
        }
        let offset = template.packetIDOffset
        template.bytes.withUnsafeReadableBytes { bytes in
            PublishTemplate.appendCopy(of: bytes, firstByte: firstByte, packetIDOffset: offset, packetID: packetID, to: &out)
        }
    }
}

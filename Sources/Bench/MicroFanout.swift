import MQTTWire
import NIOCore

/// One message to 200 receivers: encoded once, copied for each with its own packet id.
enum MicroFanout {
    static func run(_ timer: inout MicroTimer) {
        let receivers = 200
        let topic = Array("bench/all".utf8)
        let payload = [UInt8](repeating: 0x2E, count: MessageLayout.payloadBytes)
        var template = ByteBuffer()
        var buffers = (0..<receivers).map { _ in ByteBuffer() }
        for buffer in buffers.indices { buffers[buffer].reserveCapacity(4096) }
        timer.measure("fan-out encode, per receiver", units: receivers) {
            template.clear()
            let offset = topic.withUnsafeBytes { topic in
                payload.withUnsafeBytes { payload in
                    PublishTemplate.writePublish(
                        firstByte: 0x02, topic: topic, packetID: 1, properties: nil, messageExpirySeconds: nil, topicAlias: nil,
                        payload: payload, into: &template)
                }
            }
            var bytes = 0
            template.withUnsafeReadableBytes { packet in
                for receiver in 0..<receivers {
                    buffers[receiver].clear()
                    PublishTemplate.appendCopy(
                        of: packet, firstByte: 0x02, packetIDOffset: offset, packetID: UInt16(receiver + 1), to: &buffers[receiver])
                    bytes += buffers[receiver].readableBytes
                }
            }
            return bytes
        }
    }
}

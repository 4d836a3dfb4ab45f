import NIOCore
import Testing

@testable import MQTTClient

@Suite struct WebSocketFramingTests {
    private func read(_ bytes: [UInt8], parts: Int = .max) -> (payload: [UInt8], events: [WebSocketFraming.Event]) {
        var framing = WebSocketFraming()
        var input = ByteBuffer()
        var output = ByteBuffer()
        var events: [WebSocketFraming.Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            input.writeBytes(rest.prefix(parts))
            rest = rest.dropFirst(parts)
            while let event = framing.next(from: &input, into: &output) {
                events.append(event)
                if case .violation = event { return (Array(output.readableBytesView), events) }
            }
        }
        return (Array(output.readableBytesView), events)
    }

    @Test(arguments: [0, 1, 125, 126, 65535, 65536])
    func framesAreMaskedAndMeasured(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var buffer = ByteBuffer()
        payload.withUnsafeBytes { WebSocketFraming.frame(.binary, $0, maskingKey: 0x0102_0304, into: &buffer) }
        let bytes = Array(buffer.readableBytesView)
        let header = count < 126 ? 2 : count < 65536 ? 4 : 10
        #expect(bytes[0] == 0x82)
        #expect(bytes[1] & 0x80 != 0)
        #expect(Array(bytes[header..<(header + 4)]) == [1, 2, 3, 4])
        let unmasked = bytes[(header + 4)...].enumerated().map { $1 ^ [1, 2, 3, 4][$0 % 4] }
        #expect(unmasked == payload)
    }

    @Test(arguments: [1, 3, 1000])
    func fragmentsJoinAroundAPing(parts: Int) {
        let long = [UInt8](repeating: 9, count: 300)
        let bytes: [UInt8] = [0x02, 2, 1, 2, 0x89, 1, 7, 0x80, 1, 3, 0x82, 126, 1, 44] + long
        let result = self.read(bytes, parts: parts)
        #expect(result.payload == [1, 2, 3] + long)
        #expect(result.events == [.ping([7])])
    }

    @Test func aCloseFrameGivesItsCode() {
        #expect(self.read([0x88, 2, 0x03, 0xF0]).events == [.close(code: 1008)])
        #expect(self.read([0x88, 0]).events == [.close(code: nil)])
    }

    @Test(
        arguments: [
            [0x81, 1, 65], [0x82, 0x81, 0, 0, 0, 0, 1], [0xC2, 1, 1], [0x83, 0], [0x80, 1, 1], [0x09, 0], [0x89, 126, 0, 200],
            [0x82, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        ] as [[UInt8]])
    func whatNoServerMaySendIsAViolation(bytes: [UInt8]) {
        guard case .violation = self.read(bytes).events.last else {
            Issue.record("accepted \(bytes)")
            return
        }
    }
}

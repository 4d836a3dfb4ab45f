import MQTTWire
import Testing

@Suite("Text, MQTT 5 §1.5.4")
struct WireTextTests {
    private func check(_ bytes: [UInt8]) -> Int? { bytes.withUnsafeBytes { WireText.firstInvalidByte(in: $0) } }

    @Test(arguments: [
        "", "a", "abcdefg", "abcdefgh", "abcdefghi", "\u{1}\u{7F}\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}",
        "\u{FEFF}bom", "0123456\u{E9}89abcdef\u{1F511}", "ключ",
    ])
    func validTextPasses(_ text: String) {
        #expect(self.check([UInt8](text.utf8)) == nil)
    }

    @Test(
        arguments: [
            [0x00], [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE1, 0x80], [0xE1, 0x80, 0x41], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x90, 0x80], [0xF0, 0x90, 0x80, 0x41], [0xF0, 0x90, 0x41, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]])
    func invalidTextIsFoundWhereverItStands(_ bytes: [UInt8]) {
        for before in 0...17 {
            for after in 0...9 {
                let text = [UInt8](repeating: 0x61, count: before) + bytes + [UInt8](repeating: 0x61, count: after)
                #expect(self.check(text) == before)
            }
        }
    }

    /// Every sequence of two bytes and many of three and four, against the standard library's own decoder.
    @Test func agreesWithTheStandardLibrary() {
        var random = SeededGenerator(seed: 8)
        func agrees(_ bytes: [UInt8]) -> Bool {
            let isValid = String(validating: bytes, as: UTF8.self) != nil && !bytes.contains(0)
            return (self.check(bytes) == nil) == isValid
        }
        for first in UInt8.min...255 {
            for second in UInt8.min...255 where !agrees([first, second]) {
                Issue.record("\(first) \(second)")
            }
        }
        for _ in 0..<50_000 {
            let bytes = [UInt8.random(in: 0xE0...0xF5, using: &random)] + (0..<3).map { _ in UInt8.random(in: 0x7E...0xC1, using: &random) }
            if !agrees(bytes) || !agrees([UInt8](bytes.prefix(3))) { Issue.record("\(bytes)") }
        }
    }
}

@Suite("Reason codes, MQTT 5 §2.4")
struct ReasonTests {
    /// Table 2-6, typed from the specification.
    private static let table: [(code: UInt8, packets: [PacketType])] = [
        (0x00, [.connack, .puback, .pubrec, .pubrel, .pubcomp, .suback, .unsuback, .disconnect, .auth]), (0x01, [.suback]),
        (0x02, [.suback]), (0x04, [.disconnect]), (0x10, [.puback, .pubrec]), (0x11, [.unsuback]), (0x18, [.auth]), (0x19, [.auth]),
        (0x80, [.connack, .puback, .pubrec, .suback, .unsuback, .disconnect]), (0x81, [.connack, .disconnect]),
        (0x82, [.connack, .disconnect]), (0x83, [.connack, .puback, .pubrec, .suback, .unsuback, .disconnect]), (0x84, [.connack]),
        (0x85, [.connack]), (0x86, [.connack]), (0x87, [.connack, .puback, .pubrec, .suback, .unsuback, .disconnect]),
        (0x88, [.connack]), (0x89, [.connack, .disconnect]), (0x8A, [.connack]), (0x8B, [.disconnect]), (0x8C, [.connack, .disconnect]),
        (0x8D, [.disconnect]), (0x8E, [.disconnect]), (0x8F, [.suback, .unsuback, .disconnect]),
        (0x90, [.connack, .puback, .pubrec, .disconnect]), (0x91, [.puback, .pubrec, .suback, .unsuback]), (0x92, [.pubrel, .pubcomp]),
        (0x93, [.disconnect]), (0x94, [.disconnect]), (0x95, [.connack, .disconnect]), (0x96, [.disconnect]),
        (0x97, [.connack, .puback, .pubrec, .suback, .disconnect]), (0x98, [.disconnect]),
        (0x99, [.connack, .puback, .pubrec, .disconnect]), (0x9A, [.connack, .disconnect]), (0x9B, [.connack, .disconnect]),
        (0x9C, [.connack, .disconnect]), (0x9D, [.connack, .disconnect]), (0x9E, [.suback, .disconnect]), (0x9F, [.connack, .disconnect]),
        (0xA0, [.disconnect]), (0xA1, [.suback, .disconnect]), (0xA2, [.suback, .disconnect]),
    ]

    @Test(arguments: PacketType.allCases)
    func packetAllowsTheCodesOfTheTableOnly(_ type: PacketType) {
        let allowed = (UInt8.min...255).filter { Reason(rawValue: $0).isAllowed(in: type) }
        #expect(allowed == Self.table.filter { $0.packets.contains(type) }.map(\.code))
    }

    @Test func everyDefinedCodeHasANameOfItsOwn() {
        let names = Self.table.map { Reason(rawValue: $0.code).name }
        #expect(Set(names).count == 43)
        #expect(!names.contains { $0.hasPrefix("Reason ") })
        #expect(Reason.notAuthorized.description == "Not authorized (0x87)")
        #expect(Reason(rawValue: 0x05).name == "Reason 0x05")
    }

    @Test func returnCodesOf311KeepTheirMeaning() {
        for code in UInt8(0)...5 {
            let returnCode = ConnectReturnCode(rawValue: code)
            #expect(ConnectReturnCode(returnCode.reason) == returnCode)
        }
        #expect(ConnectReturnCode(.quotaExceeded) == .serverUnavailable)
        #expect(ConnectReturnCode(rawValue: 7).reason == .unspecifiedError)
    }

    @Test func onlyAnUnknownProtocolIsAnsweredBefore5() {
        #expect(WireError.unsupportedProtocol(name: "MQTT", level: 6).connectReturnCode == .unacceptableProtocolVersion)
        #expect(WireError.zeroPacketID.connectReturnCode == nil)
    }

    @Test func errorsSayWhatTheySaw() {
        #expect("\(WireError.truncated(need: 4, have: 1))" == "the packet ends inside a field: 4 bytes are needed, 1 are left")
        #expect(WireError.reservedFlags(.subscribe, flags: 0).text == "SUBSCRIBE has header flags 00000000; it must have 00000010")
        #expect(
            WireError.propertyNotAllowed(.topicAlias, in: .connect).text == "property Topic Alias is not allowed in CONNECT")
    }
}

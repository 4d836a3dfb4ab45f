/// The updates of a shadow load and what is read from their answers: update n goes to thing n modulo the number of things.
///
/// An update is a document of 300 bytes that ends with `"clientToken":"<n in 16 hexadecimal digits>"}`; the service repeats the token at
/// the end of its answer, behind version and timestamp.
struct ShadowLayout: Sendable {
    /// One update's `accepted`.
    struct Answer {
        /// The number of the update among all.
        let sequence: UInt64
        let thing: Int
        /// The number of the update among those of its thing.
        let sequenceOfThing: UInt64
        let version: Int64
    }

    /// At most 1000, since a name has three digits.
    let thingCount: Int

    static let documentBytes = 300
    private static let topicFront = "$aws/things/bench-"
    private static let topicBack = "/shadow/update"
    private static let tokenDigits = 16

    static func thing(_ index: Int) -> String {
        "bench-\(String(repeating: "0", count: index < 10 ? 2 : index < 100 ? 1 : 0))\(index)"
    }

    static func topic(ofThing index: Int) -> String {
        "$aws/things/\(Self.thing(index))\(Self.topicBack)"
    }

    /// An ordinary desired state.
    static let document: [UInt8] = {
        let front = #"{"state":{"desired":{"power":"on","brightness":73,"color":{"r":255,"g":128,"b":0},"scene":"evening","#
        let middle = #""schedule":[1,2,3,5,8,13],"limits":{"minimum":18.5,"maximum":24.25},"label":""#
        let back = #""}},"clientToken":"0000000000000000"}"#
        let filler = String(repeating: "x", count: Self.documentBytes - front.utf8.count - middle.utf8.count - back.utf8.count)
        return Array((front + middle + filler + back).utf8)
    }()

    /// The document with its token, for requests that are not MQTT packets.
    static func document(sequence: UInt64) -> [UInt8] {
        var document = Self.document
        document.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            Self.writeToken(sequence, to: base, endingAt: bytes.count - 2)
        }
        return document
    }

    /// Of `total` updates in all, those to `thing`.
    func sent(of total: UInt64, to thing: Int) -> UInt64 {
        let things = UInt64(self.thingCount)
        return (total + things - 1 - UInt64(thing)) / things
    }

    /// Puts the thing and the token of update `sequence` into a PUBLISH at QoS 1.
    @inline(__always)
    func write(sequence: UInt64, to packet: UnsafeMutableRawPointer, packetBytes: Int) {
        Self.writeToken(sequence, to: packet, endingAt: packetBytes - 2)
        // Behind the topic stand the packet id and the document.
        let nameEnd = packet + (packetBytes - Self.documentBytes - 2 - Self.topicBack.utf8.count)
        var digits = Int(sequence % UInt64(self.thingCount))
        for index in 1...3 {
            (nameEnd - index).storeBytes(of: 48 + UInt8(digits % 10), as: UInt8.self)
            digits /= 10
        }
    }

    /// - Returns: nil when this is not the `accepted` of an update of ours to that very thing.
    @inline(__always)
    func read(topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) -> Answer? {
        let nameEnd = Self.topicFront.utf8.count + 3
        let resultAt = nameEnd + Self.topicBack.utf8.count + 1
        // `accepted`, not `rejected`; nothing else is subscribed.
        guard topic.count == resultAt + 8, topic[resultAt] == UInt8(ascii: "a") else { return nil }
        let thing = topic[(nameEnd - 3)..<nameEnd].reduce(0) { $0 * 10 + Int($1) - 48 }
        guard let sequence = Self.token(payload), let version = Self.version(payload) else { return nil }
        let things = UInt64(self.thingCount)
        guard sequence % things == UInt64(clamping: thing) else { return nil }
        return Answer(sequence: sequence, thing: thing, sequenceOfThing: sequence / things, version: version)
    }

    @inline(__always)
    private static func writeToken(_ sequence: UInt64, to bytes: UnsafeMutableRawPointer, endingAt end: Int) {
        var digits = sequence
        for index in 1...Self.tokenDigits {
            let digit = UInt8(digits & 0xF)
            (bytes + (end - index)).storeBytes(of: digit < 10 ? 48 + digit : 87 + digit, as: UInt8.self)
            digits >>= 4
        }
    }

    @inline(__always)
    private static func token(_ payload: UnsafeRawBufferPointer) -> UInt64? {
        guard payload.count > Self.tokenDigits + 2 else { return nil }
        var sequence: UInt64 = 0
        for character in payload[(payload.count - 2 - Self.tokenDigits)..<(payload.count - 2)] {
            switch character {
            case 48...57: sequence = sequence << 4 | UInt64(character - 48)
            case 97...102: sequence = sequence << 4 | UInt64(character - 87)
            default: return nil
            }
        }
        return sequence
    }

    /// The number behind the last `"version":`, looked for from the end, where it stands.
    @inline(__always)
    private static func version(_ payload: UnsafeRawBufferPointer) -> Int64? {
        let quote = UInt8(ascii: "\"")
        let key: StaticString = "version\":"
        let keyBytes = UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
        var position = payload.count - keyBytes.count - 1
        while position > 0 {
            position -= 1
            guard payload[position] == quote, payload[position + 1] == keyBytes[0] else { continue }
            let begin = position + 1 + keyBytes.count
            guard payload[(position + 1)..<begin].elementsEqual(keyBytes) else { continue }
            return payload[begin...].prefix { (48...57).contains($0) }.reduce(0) { $0 * 10 + Int64($1 - 48) }
        }
        return nil
    }
}

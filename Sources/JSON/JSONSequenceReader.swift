/// Reads a text of JSON objects separated by white space, with `#` comment lines between them
/// (scenario and recording files).
///
/// A comment is a line whose first non-blank character is `#`; inside an object there are none.
package struct JSONSequenceReader: Sendable {
    private enum State { case unchecked, reading, finished }

    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var state = State.unchecked
    private var place = JSONPosition.start

    /// - Parameter limits: of each object by itself.
    package init(_ bytes: [UInt8], limits: JSONLimits = .init()) {
        self.bytes = bytes
        self.limits = limits
    }

    package init(_ text: String, limits: JSONLimits = .init()) {
        self.init(Array(text.utf8), limits: limits)
    }

    /// The next object, nil at the end. After an error there is nothing more to read.
    package mutating func next() throws(JSONError) -> (value: JSONValue, positions: JSONPositions)? {
        if self.state == .finished { return nil }
        let known = self.place
        let bytes = self.bytes
        do throws(JSONFault) {
            let found = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONFault) in
                try self.read(UnsafeRawBufferPointer(buffer))
            }
            guard let found else {
                self.state = .finished
                return nil
            }
            return (found.value, JSONPositions(bytes: bytes, object: found.start))
        } catch {
            self.state = .finished
            throw bytes.withUnsafeBytes { error.error(in: $0, from: error.offset < known.offset ? .start : known) }
        }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) throws(JSONFault) -> (value: JSONValue, start: JSONPosition)? {
        if self.state == .unchecked {
            try JSONParser.checkUTF8(bytes)
            self.state = .reading
        }
        let offset = Self.skipBlanksAndComments(bytes, from: self.place.offset)
        guard offset < bytes.count else { return nil }
        guard bytes[offset] == UInt8(ascii: "{") else {
            throw JSONFault(kind: .unexpectedByte(bytes[offset], expected: .object), offset: offset)
        }
        let start = self.place.advanced(to: offset, in: bytes)
        var parser = JSONParser(bytes: bytes, from: offset, limits: self.limits)
        let value = try parser.value(depth: 0)
        if let maximum = self.limits.maximumBytes, parser.offset - offset > maximum {
            throw JSONFault(kind: .tooLong(bytes: parser.offset - offset, maximum: maximum), offset: offset)
        }
        self.place = start.advanced(to: parser.offset, in: bytes)
        return (value, start)
    }

    private static func skipBlanksAndComments(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var offset = start
        var atLineStart = start == 0
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x0A:
                atLineStart = true
                offset += 1
            case 0x20, 0x09, 0x0D:
                offset += 1
            case UInt8(ascii: "#") where atLineStart:
                while offset < bytes.count, bytes[offset] != 0x0A { offset += 1 }
            default:
                return offset
            }
        }
        return offset
    }
}

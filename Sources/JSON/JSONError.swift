/// A place in a JSON text.
package struct JSONPosition: Equatable, Hashable, Sendable {
    /// Bytes before it.
    package var offset: Int
    /// From 1; lines end with LF.
    package var line: Int
    /// From 1, in Unicode scalars.
    package var column: Int

    package init(offset: Int, line: Int, column: Int) {
        self.offset = offset
        self.line = line
        self.column = column
    }

    /// The start of a text.
    package static let start = JSONPosition(offset: 0, line: 1, column: 1)

    /// The position of `offset`, counted on from this one.
    ///
    /// Cost: the bytes between the two.
    func advanced(to offset: Int, in bytes: UnsafeRawBufferPointer) -> JSONPosition {
        var position = self
        for index in self.offset..<min(max(offset, self.offset), bytes.count) {
            let byte = bytes[index]
            if byte == 0x0A {
                position.line += 1
                position.column = 1
            } else if byte & 0xC0 != 0x80 {
                position.column += 1
            }
        }
        position.offset = offset
        return position
    }
}

/// Why a text is not the JSON that was asked for (RFC 8259), and where.
package struct JSONError: Error, Equatable, Sendable {
    /// What the grammar allows at the place of the fault.
    package enum Expected: String, Equatable, Sendable {
        case value = "a value"
        case object = "an object"
        case key = "a key in double quotes"
        case keyOrEnd = "a key in double quotes or '}'"
        case colon = "':'"
        case commaOrBrace = "',' or '}'"
        case commaOrBracket = "',' or ']'"
        case digit = "a digit"
        case closingQuote = "a closing '\"'"
        case escape = "one of \" \\ / b f n r t u after '\\'"
        case hexDigits = "four hexadecimal digits"
        case end = "nothing more"
    }

    /// The fault with its evidence.
    package enum Kind: Equatable, Sendable {
        case unexpectedEnd(expected: Expected)
        case unexpectedByte(UInt8, expected: Expected)
        case leadingZero
        case loneSurrogate(UInt16)
        case controlCharacter(UInt8)
        case invalidUTF8
        case tooDeep(maximum: Int)
        case tooMany(maximum: Int)
        case tooLong(bytes: Int, maximum: Int)
        /// Whoever gives the text could not give more of it.
        case unreadable
    }

    package var kind: Kind
    package var position: JSONPosition

    package init(kind: Kind, position: JSONPosition) {
        self.kind = kind
        self.position = position
    }

    /// One sentence for a person, with line and column.
    package var text: String {
        "line \(self.position.line), column \(self.position.column): \(self.kind.text)"
    }
}

extension JSONError.Kind {
    var text: String {
        switch self {
        case .unexpectedEnd(let expected):
            "the text ends where \(expected.rawValue) should be"
        case .unexpectedByte(let byte, let expected):
            "found \(Self.name(of: byte)), expected \(expected.rawValue)"
        case .leadingZero:
            "a number must not start with a zero followed by more digits"
        case .loneSurrogate(let unit):
            "\\u\(Self.hex(UInt32(unit), digits: 4)) is half of a surrogate pair without its other half"
        case .controlCharacter(let byte):
            "the control character \(Self.name(of: byte)) must be escaped inside a string"
        case .invalidUTF8:
            "the bytes are not UTF-8"
        case .tooDeep(let maximum):
            "objects and arrays are nested deeper than \(maximum)"
        case .tooMany(let maximum):
            "there are more than \(maximum) values"
        case .tooLong(let bytes, let maximum):
            "the text has \(bytes) bytes, at most \(maximum) are allowed"
        case .unreadable:
            "the text cannot be read from here on"
        }
    }

    private static func name(of byte: UInt8) -> String {
        switch byte {
        case 0x0A: "the end of the line"
        case 0x21...0x7E: "'\(Character(UnicodeScalar(byte)))'"
        case 0x20: "a space"
        default: "byte 0x\(hex(UInt32(byte), digits: 2))"
        }
    }

    private static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}

/// A fault before its line and column are known; only the edge pays for counting them.
struct JSONFault: Error {
    var kind: JSONError.Kind
    var offset: Int

    func error(in bytes: UnsafeRawBufferPointer, from start: JSONPosition = .start) -> JSONError {
        JSONError(kind: self.kind, position: start.advanced(to: self.offset, in: bytes))
    }
}

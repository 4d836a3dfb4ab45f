/// Reads JSON where it lies. Members are gathered on one scratch stack and moved into arrays of exact size.
struct JSONParser: ~Copyable {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int
    private let limits: JSONLimits
    private var values = 0
    /// Whether an object read so far has a key twice; the later value has replaced the earlier one.
    private(set) var hasDuplicateKey = false
    private var scratch = MemberStack()

    /// - Parameter bytes: well-formed UTF-8, see ``checkUTF8(_:)``.
    init(bytes: UnsafeRawBufferPointer, from offset: Int, limits: JSONLimits) {
        self.bytes = bytes
        self.offset = offset
        self.limits = limits
    }

    static func checkUTF8(_ bytes: UnsafeRawBufferPointer) throws(JSONFault) {
        do {
            _ = try UTF8Span(validating: Span(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self)))
        } catch {
            throw JSONFault(kind: .invalidUTF8, offset: error.byteOffsets.lowerBound)
        }
    }

    /// Reads one value with the white space before it. `depth`: containers already open.
    mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
        self.values += 1
        if let maximum = self.limits.maximumValues, self.values > maximum {
            throw JSONFault(kind: .tooMany(maximum: maximum), offset: self.offset)
        }
        switch try self.nextByte(expecting: .value) {
        case UInt8(ascii: "\""): return .string(try self.string().text)
        case UInt8(ascii: "{"): return .object(try self.object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try self.array(depth: depth + 1))
        case UInt8(ascii: "t"): return try self.word("true", .bool(true))
        case UInt8(ascii: "f"): return try self.word("false", .bool(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try self.number())
        case let byte: throw JSONFault(kind: .unexpectedByte(byte, expected: .value), offset: self.offset)
        }
    }

    /// Only white space may be left.
    mutating func expectEnd() throws(JSONFault) {
        self.skipSpace()
        guard self.offset < self.bytes.count else { return }
        throw JSONFault(kind: .unexpectedByte(self.bytes[self.offset], expected: .end), offset: self.offset)
    }

    private mutating func object(depth: Int) throws(JSONFault) -> JSONObject {
        try self.enter(depth)
        if try self.nextByte(expecting: .keyOrEnd) == UInt8(ascii: "}") {
            self.offset += 1
            return JSONObject()
        }
        let mark = self.scratch.count
        var index: [JSONKey: Int]? = nil
        while true {
            let key = try self.key()
            let value = try self.value(depth: depth)
            if self.scratch.put(key, value, from: mark, index: &index) { self.hasDuplicateKey = true }
            if try self.closes(with: UInt8(ascii: "}"), expecting: .commaOrBrace) { break }
        }
        return JSONObject(uniqueMembers: self.scratch.takeMembers(from: mark))
    }

    private mutating func key() throws(JSONFault) -> JSONKey {
        let first = try self.nextByte(expecting: .key)
        guard first == UInt8(ascii: "\"") else { throw JSONFault(kind: .unexpectedByte(first, expected: .key), offset: self.offset) }
        let start = self.offset + 1
        let (text, isVerbatim) = try self.string()
        let colon = self.offset
        let key =
            isVerbatim ? JSONKey(text: text, bytes: UnsafeRawBufferPointer(rebasing: self.bytes[start..<colon - 1])) : JSONKey(text)
        let byte = try self.nextByte(expecting: .colon)
        guard byte == UInt8(ascii: ":") else { throw JSONFault(kind: .unexpectedByte(byte, expected: .colon), offset: self.offset) }
        self.offset += 1
        return key
    }

    private mutating func array(depth: Int) throws(JSONFault) -> [JSONValue] {
        try self.enter(depth)
        if try self.nextByte(expecting: .value) == UInt8(ascii: "]") {
            self.offset += 1
            return []
        }
        let mark = self.scratch.count
        while true {
            let value = try self.value(depth: depth)
            self.scratch.push(value)
            if try self.closes(with: UInt8(ascii: "]"), expecting: .commaOrBracket) { break }
        }
        return self.scratch.takeValues(from: mark)
    }

    private mutating func enter(_ depth: Int) throws(JSONFault) {
        guard depth <= self.limits.maximumDepth else {
            throw JSONFault(kind: .tooDeep(maximum: self.limits.maximumDepth), offset: self.offset)
        }
        self.offset += 1
    }

    /// True after the closing byte, false after a comma.
    private mutating func closes(with end: UInt8, expecting expected: JSONError.Expected) throws(JSONFault) -> Bool {
        let byte = try self.nextByte(expecting: expected)
        guard byte == end || byte == UInt8(ascii: ",") else {
            throw JSONFault(kind: .unexpectedByte(byte, expected: expected), offset: self.offset)
        }
        self.offset += 1
        return byte == end
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        for place in 0..<word.utf8CodeUnitCount {
            let offset = self.offset + place
            guard offset < self.bytes.count else { throw JSONFault(kind: .unexpectedEnd(expected: .value), offset: offset) }
            guard self.bytes[offset] == word.utf8Start[place] else {
                throw JSONFault(kind: .unexpectedByte(self.bytes[offset], expected: .value), offset: offset)
            }
        }
        self.offset += word.utf8CodeUnitCount
        return value
    }

    @inline(__always)
    private mutating func nextByte(expecting expected: JSONError.Expected) throws(JSONFault) -> UInt8 {
        self.skipSpace()
        guard self.offset < self.bytes.count else {
            throw JSONFault(kind: .unexpectedEnd(expected: expected), offset: self.bytes.count)
        }
        return self.bytes[self.offset]
    }

    @inline(__always)
    private mutating func skipSpace() {
        while self.offset < self.bytes.count {
            let byte = self.bytes[self.offset]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            self.offset += 1
        }
    }
}

// MARK: - Numbers and strings

extension JSONParser {
    private mutating func number() throws(JSONFault) -> JSONNumber {
        let start = self.offset
        var end = start
        if self.bytes[end] == UInt8(ascii: "-") { end += 1 }
        let firstDigit = end
        try self.skipDigits(&end)
        if self.bytes[firstDigit] == UInt8(ascii: "0"), end > firstDigit + 1 {
            throw JSONFault(kind: .leadingZero, offset: firstDigit)
        }
        if end < self.bytes.count, self.bytes[end] == UInt8(ascii: ".") {
            end += 1
            try self.skipDigits(&end)
        }
        if end < self.bytes.count, self.bytes[end] | 0x20 == UInt8(ascii: "e") {
            end += 1
            if end < self.bytes.count, self.bytes[end] == UInt8(ascii: "+") || self.bytes[end] == UInt8(ascii: "-") { end += 1 }
            try self.skipDigits(&end)
        }
        self.offset = end
        return JSONNumber(checkedText: String(decoding: self.bytes[start..<end], as: UTF8.self))
    }

    /// At least one digit.
    private func skipDigits(_ offset: inout Int) throws(JSONFault) {
        let start = offset
        while offset < self.bytes.count, self.bytes[offset] &- UInt8(ascii: "0") <= 9 { offset += 1 }
        guard offset == start else { return }
        guard offset < self.bytes.count else { throw JSONFault(kind: .unexpectedEnd(expected: .digit), offset: offset) }
        throw JSONFault(kind: .unexpectedByte(self.bytes[offset], expected: .digit), offset: offset)
    }

    /// A string from its opening quote; `isVerbatim` when it held no escapes.
    private mutating func string() throws(JSONFault) -> (text: String, isVerbatim: Bool) {
        let start = self.offset + 1
        let end = JSONScan.plainEnd(of: self.bytes, from: start)
        guard end < self.bytes.count else { throw JSONFault(kind: .unexpectedEnd(expected: .closingQuote), offset: end) }
        if self.bytes[end] == UInt8(ascii: "\"") {
            self.offset = end + 1
            return (String(decoding: UnsafeRawBufferPointer(rebasing: self.bytes[start..<end]), as: UTF8.self), true)
        }
        return (try self.escapedString(from: start), false)
    }

    private mutating func escapedString(from start: Int) throws(JSONFault) -> String {
        var text: [UInt8] = []
        self.offset = start
        while true {
            let end = JSONScan.plainEnd(of: self.bytes, from: self.offset)
            guard end < self.bytes.count else { throw JSONFault(kind: .unexpectedEnd(expected: .closingQuote), offset: end) }
            text.append(contentsOf: self.bytes[self.offset..<end])
            self.offset = end
            switch self.bytes[end] {
            case UInt8(ascii: "\""):
                self.offset = end + 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                try self.escape(into: &text)
            case let byte:
                throw JSONFault(kind: .controlCharacter(byte), offset: end)
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONFault) {
        let start = self.offset
        guard start + 1 < self.bytes.count else { throw JSONFault(kind: .unexpectedEnd(expected: .escape), offset: self.bytes.count) }
        self.offset = start + 2
        switch self.bytes[start + 1] {
        case UInt8(ascii: "\""): text.append(0x22)
        case UInt8(ascii: "\\"): text.append(0x5C)
        case UInt8(ascii: "/"): text.append(0x2F)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: UTF8.encode(try self.scalar(from: start)) ?? UTF8.encodedReplacementCharacter)
        case let byte: throw JSONFault(kind: .unexpectedByte(byte, expected: .escape), offset: start + 1)
        }
    }

    /// A `\u` escape, or two that form a surrogate pair. RFC 8259 §7 leaves halves open; they are refused here,
    /// since UTF-8 cannot carry them.
    private mutating func scalar(from start: Int) throws(JSONFault) -> UnicodeScalar {
        let first = try self.hexDigits()
        if let scalar = UnicodeScalar(first) { return scalar }
        let lone = JSONFault(kind: .loneSurrogate(first), offset: start)
        guard first < 0xDC00, self.offset + 1 < self.bytes.count, self.bytes[self.offset] == UInt8(ascii: "\\"),
            self.bytes[self.offset + 1] == UInt8(ascii: "u")
        else { throw lone }
        self.offset += 2
        let second = try self.hexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = UnicodeScalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        else { throw lone }
        return scalar
    }

    private mutating func hexDigits() throws(JSONFault) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard self.offset < self.bytes.count else {
                throw JSONFault(kind: .unexpectedEnd(expected: .hexDigits), offset: self.bytes.count)
            }
            let byte = self.bytes[self.offset]
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, byte < 0x80 else {
                throw JSONFault(kind: .unexpectedByte(byte, expected: .hexDigits), offset: self.offset)
            }
            value = value << 4 | UInt16(digit)
            self.offset += 1
        }
        return value
    }
}

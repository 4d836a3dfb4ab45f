/// Reads a text of JSON objects separated by white space, with `#` comment lines between them
/// (scenario and recording files).
///
/// A comment is a line whose first non-blank character is `#`; inside an object there are none. The text may come in pieces: what is
/// held is one object and one piece, however long the text is. A copy reads on from where it was copied.
package struct JSONSequenceReader: Sendable {
    /// The bytes of a text from an offset on, as many as is handy; none at its end, nil when they cannot be read.
    package typealias Pieces = @Sendable (_ offset: Int) -> [UInt8]?

    /// Nil once the buffer holds all there is.
    private var pieces: Pieces?
    private let limits: JSONLimits
    /// The text from ``base`` on, as far as it has been asked for.
    private var buffer: [UInt8]
    private var base = 0
    /// How much of the buffer is well-formed UTF-8; what follows is cut off, or broken.
    private var checked = 0
    private var isBroken = false
    private var place = JSONPosition.start
    private var isAtLineStart = true
    private var isInComment = false
    private var isFinished = false

    /// - Parameter limits: of each object by itself.
    package init(_ bytes: [UInt8], limits: JSONLimits = .init()) {
        self.buffer = bytes
        self.limits = limits
        self.checkUTF8()
    }

    package init(_ text: String, limits: JSONLimits = .init()) {
        self.init(Array(text.utf8), limits: limits)
    }

    /// - Parameter limits: of each object by itself; `maximumBytes` bounds what is held.
    package init(pieces: @escaping Pieces, limits: JSONLimits = .init()) {
        self.pieces = pieces
        self.buffer = []
        self.limits = limits
    }

    /// Bytes of the text before what comes next.
    package var offset: Int { self.place.offset }

    /// The next object, nil at the end. After an error there is nothing more to read.
    package mutating func next() throws(JSONError) -> (value: JSONValue, positions: JSONPositions)? {
        if self.isFinished { return nil }
        do throws(JSONFault) {
            guard try self.skipToObject() else {
                self.isFinished = true
                return nil
            }
            return try self.object()
        } catch {
            self.isFinished = true
            throw JSONError(kind: error.kind, position: self.position(at: error.offset))
        }
    }

    private mutating func object() throws(JSONFault) -> (value: JSONValue, positions: JSONPositions) {
        while true {
            let start = self.place.offset - self.base
            do throws(JSONFault) {
                let (value, end, hasDuplicateKey) = try self.parse(from: start)
                let positions = JSONPositions(
                    bytes: self.buffer, base: self.base, object: self.place, end: self.base + end, hasDuplicateKey: hasDuplicateKey)
                self.place = self.position(at: end)
                self.isAtLineStart = false
                return (value, positions)
            } catch {
                guard error.isOfCut(at: self.checked) else { throw error }
                if let maximum = self.limits.maximumBytes, self.buffer.count - start > maximum {
                    throw JSONFault(kind: .tooLong(bytes: self.buffer.count - start, maximum: maximum), offset: start)
                }
                guard try self.fill() else { throw self.isBroken ? JSONFault(kind: .invalidUTF8, offset: self.checked) : error }
            }
        }
    }

    private func parse(from start: Int) throws(JSONFault) -> (value: JSONValue, end: Int, hasDuplicateKey: Bool) {
        try self.buffer.withUnsafeBufferPointer { (buffer) throws(JSONFault) in
            let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<self.checked])
            var parser = JSONParser(bytes: bytes, from: start, limits: self.limits)
            let value = try parser.value(depth: 0)
            if let maximum = self.limits.maximumBytes, parser.offset - start > maximum {
                throw JSONFault(kind: .tooLong(bytes: parser.offset - start, maximum: maximum), offset: start)
            }
            return (value, parser.offset, parser.hasDuplicateKey)
        }
    }

    // MARK: Between objects

    /// False at the end of the text.
    private mutating func skipToObject() throws(JSONFault) -> Bool {
        while true {
            let offset = self.skipBlanksAndComments()
            self.place = self.position(at: offset)
            guard offset == self.checked else {
                if self.buffer[offset] == UInt8(ascii: "{") { return true }
                throw JSONFault(kind: .unexpectedByte(self.buffer[offset], expected: .object), offset: offset)
            }
            if try !self.fill() {
                if self.isBroken { throw JSONFault(kind: .invalidUTF8, offset: self.checked) }
                return false
            }
        }
    }

    private mutating func skipBlanksAndComments() -> Int {
        var offset = self.place.offset - self.base
        while offset < self.checked {
            let byte = self.buffer[offset]
            if byte == 0x0A {
                self.isAtLineStart = true
                self.isInComment = false
            } else if byte == UInt8(ascii: "#"), self.isAtLineStart {
                self.isInComment = true
            } else if !self.isInComment, byte != 0x20, byte != 0x09, byte != 0x0D {
                return offset
            }
            offset += 1
        }
        return offset
    }

    // MARK: The buffer

    /// Drops what has been read and gets another piece; false when there is none.
    private mutating func fill() throws(JSONFault) -> Bool {
        guard !self.isBroken, let pieces = self.pieces else { return false }
        let read = self.place.offset - self.base
        self.buffer.removeFirst(read)
        self.base += read
        self.checked -= read
        guard let piece = pieces(self.base + self.buffer.count) else { throw JSONFault(kind: .unreadable, offset: self.buffer.count) }
        if piece.isEmpty { self.pieces = nil }
        self.buffer += piece
        let before = self.checked
        self.checkUTF8()
        return self.checked > before || self.pieces != nil && !self.isBroken
    }

    private mutating func checkUTF8() {
        let start = self.checked
        do throws(JSONFault) {
            try self.buffer.withUnsafeBufferPointer { (buffer) throws(JSONFault) in
                try JSONParser.checkUTF8(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[start...]))
            }
            self.checked = self.buffer.count
        } catch {
            self.checked = start + error.offset
            // The last character may go on in the next piece.
            self.isBroken = self.pieces == nil || self.buffer.count - self.checked > 3
        }
    }

    /// The place in the text of a place in the buffer.
    private func position(at offset: Int) -> JSONPosition {
        var position = self.place
        position.offset -= self.base
        position = self.buffer.withUnsafeBytes { position.advanced(to: offset, in: $0) }
        position.offset += self.base
        return position
    }
}

extension JSONFault {
    /// Whether the text may only be cut off at `end`, so that more of it makes it whole.
    fileprivate func isOfCut(at end: Int) -> Bool {
        switch self.kind {
        case .unexpectedEnd: true
        // The other half of the pair has six bytes.
        case .loneSurrogate: self.offset + 12 > end
        case .unexpectedByte, .leadingZero, .controlCharacter, .invalidUTF8, .tooDeep, .tooMany, .tooLong, .unreadable: false
        }
    }
}

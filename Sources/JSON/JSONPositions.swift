/// Where the keys and values of one object stand in its text, by JSON pointer.
///
/// Nothing is counted until asked for; each question walks the object once, which is right for error messages.
package struct JSONPositions: Sendable {
    /// One value, with the place of its key when it is a member.
    package struct Entry: Equatable, Sendable {
        package var pointer: String
        package var key: JSONPosition?
        package var value: JSONPosition
    }

    /// A part of the text that holds the object, and where it starts.
    private let bytes: [UInt8]
    private let base: Int
    /// Where the object itself starts.
    package let object: JSONPosition
    private let end: Int
    /// Whether ``duplicateKey`` is worth asking for.
    package let hasDuplicateKey: Bool

    init(bytes: [UInt8], base: Int, object: JSONPosition, end: Int, hasDuplicateKey: Bool) {
        self.bytes = bytes
        self.base = base
        self.object = object
        self.end = end
        self.hasDuplicateKey = hasDuplicateKey
    }

    /// The same with no more of the text than the object, to be kept.
    package var alone: JSONPositions {
        JSONPositions(
            bytes: Array(self.bytes[self.object.offset - self.base..<self.end - self.base]), base: self.object.offset, object: self.object,
            end: self.end, hasDuplicateKey: self.hasDuplicateKey)
    }

    /// Every value in the order written, the object itself (`""`) first. Duplicate keys appear twice.
    package var entries: [Entry] {
        self.bytes.withUnsafeBytes { bytes in
            var walk = PositionWalk(bytes: bytes, base: self.base, start: self.object)
            walk.value(pointer: "", key: nil)
            return walk.entries
        }
    }

    /// The place of the value at `pointer`.
    package func value(at pointer: String) -> JSONPosition? {
        self.entries.last { $0.pointer == pointer }?.value
    }

    /// The place of the key that `pointer` ends with.
    package func key(at pointer: String) -> JSONPosition? {
        self.entries.last { $0.pointer == pointer }?.key
    }

    /// The key at `pointer`, or its value, or the nearest thing around it that exists; for messages about what is missing.
    package func nearest(to pointer: String) -> JSONPosition {
        let entries = self.entries
        var pointer = pointer
        while let slash = pointer.lastIndex(of: "/") {
            if let entry = entries.last(where: { $0.pointer == pointer }) { return entry.key ?? entry.value }
            pointer = String(pointer[..<slash])
        }
        return self.object
    }

    /// The first key written a second time in its object.
    package var duplicateKey: (pointer: String, position: JSONPosition)? {
        var seen: Set<String> = []
        for entry in self.entries {
            if !seen.insert(entry.pointer).inserted, let key = entry.key { return (entry.pointer, key) }
        }
        return nil
    }
}

/// A walk over text that is known to be well-formed.
private struct PositionWalk {
    let bytes: UnsafeRawBufferPointer
    let base: Int
    /// Counted within `bytes`.
    var place: JSONPosition
    var entries: [JSONPositions.Entry] = []

    init(bytes: UnsafeRawBufferPointer, base: Int, start: JSONPosition) {
        self.bytes = bytes
        self.base = base
        self.place = start
        self.place.offset -= base
    }

    /// The place in the whole text.
    private func position(_ place: JSONPosition) -> JSONPosition {
        JSONPosition(offset: place.offset + self.base, line: place.line, column: place.column)
    }

    mutating func value(pointer: String, key: JSONPosition?) {
        self.skipSpace()
        self.entries.append(.init(pointer: pointer, key: key.map { self.position($0) }, value: self.position(self.place)))
        switch self.bytes[self.place.offset] {
        case UInt8(ascii: "{"): self.members(of: pointer)
        case UInt8(ascii: "["): self.elements(of: pointer)
        case UInt8(ascii: "\""): self.advance(to: self.stringEnd)
        default: self.advance(to: self.wordEnd)
        }
    }

    private mutating func members(of pointer: String) {
        self.step()
        self.skipSpace()
        while self.bytes[self.place.offset] != UInt8(ascii: "}") {
            let key = self.place
            let end = self.stringEnd
            let quoted = UnsafeRawBufferPointer(rebasing: self.bytes[key.offset..<end])
            let name = (try? JSONValue(parsing: quoted))?.string ?? ""
            self.advance(to: end)
            self.skipSpace()
            self.step()
            self.value(pointer: JSONPointer.appending(name, to: pointer), key: key)
            self.skipComma()
        }
        self.step()
    }

    private mutating func elements(of pointer: String) {
        self.step()
        self.skipSpace()
        var index = 0
        while self.bytes[self.place.offset] != UInt8(ascii: "]") {
            self.value(pointer: "\(pointer)/\(index)", key: nil)
            self.skipComma()
            index += 1
        }
        self.step()
    }

    private mutating func skipComma() {
        self.skipSpace()
        guard self.bytes[self.place.offset] == UInt8(ascii: ",") else { return }
        self.step()
        self.skipSpace()
    }

    private mutating func skipSpace() {
        var offset = self.place.offset
        while offset < self.bytes.count, self.bytes[offset] <= 0x20 { offset += 1 }
        self.advance(to: offset)
    }

    private var stringEnd: Int {
        var offset = self.place.offset + 1
        while self.bytes[offset] != UInt8(ascii: "\"") {
            offset += self.bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        return offset + 1
    }

    private var wordEnd: Int {
        var offset = self.place.offset
        while offset < self.bytes.count {
            switch self.bytes[offset] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0...0x20: return offset
            default: offset += 1
            }
        }
        return offset
    }

    private mutating func step() {
        self.advance(to: self.place.offset + 1)
    }

    private mutating func advance(to offset: Int) {
        self.place = self.place.advanced(to: offset, in: self.bytes)
    }
}

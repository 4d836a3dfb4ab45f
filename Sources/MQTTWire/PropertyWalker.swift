/// Walks over the bytes of properties that were checked before and finds where each begins and ends.
///
/// Stops early, rather than read past the end, if the bytes are not those that were checked.
struct PropertyWalker {
    private var frame: FrameReader

    /// A walk over `range` of `body`.
    init(_ body: UnsafeRawBufferPointer, range: Range<Int>) {
        let part = range.clamped(to: 0..<body.count)
        self.frame = FrameReader(part: part, of: FrameReader(body, flags: 0, version: .v5))
    }

    /// The next property, from its identifier to the end of its value.
    mutating func next() -> (id: PropertyID, range: Range<Int>)? {
        let start = self.frame.position
        guard let byte = try? self.frame.byte(), let id = PropertyID(rawValue: byte), (try? self.skip(id.shape)) != nil else {
            return nil
        }
        return (id, start..<self.frame.position)
    }

    private mutating func skip(_ shape: PropertyID.Shape) throws(WireError) {
        switch shape {
        case .byte: _ = try self.frame.byte()
        case .twoBytes: _ = try self.frame.uint16()
        case .fourBytes: _ = try self.frame.uint32()
        case .variableByteInteger: _ = try self.frame.variableByteInteger()
        case .text, .data: _ = try self.frame.rangeOfData()
        case .textPair:
            _ = try self.frame.rangeOfData()
            _ = try self.frame.rangeOfData()
        }
    }
}

/// Sizes and limits of a variable byte integer (MQTT 5 §1.5.5; 3.1.1 §2.2.3).
@usableFromInline
package enum VariableByteInteger {
    /// The largest value four bytes can hold.
    @inlinable package static var maximum: Int { 268_435_455 }

    /// Bytes that `value` takes, 1…4.
    @inlinable
    package static func encodedBytes(_ value: Int) -> Int {
        if value < 128 { return 1 }
        if value < 16_384 { return 2 }
        return value < 2_097_152 ? 3 : 4
    }

    /// Writes `value` at `destination`, which must have room for ``encodedBytes(_:)``; returns the bytes written.
    @inlinable
    package static func store(_ value: Int, at destination: UnsafeMutableRawPointer) -> Int {
        var rest = value
        var count = 0
        while rest >= 128 {
            destination.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: count, as: UInt8.self)
            rest >>= 7
            count += 1
        }
        destination.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: count, as: UInt8.self)
        return count + 1
    }
}

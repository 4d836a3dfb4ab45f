/// A packet identifier; never 0 (MQTT 5 §2.2.1; 3.1.1 §2.3.1).
@usableFromInline
package struct PacketID: Hashable, Sendable {
    /// The number on the wire, 1…65535.
    @usableFromInline package let rawValue: UInt16

    /// Fails for 0, which no packet may carry.
    @inlinable
    package init?(_ rawValue: UInt16) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }
}

extension PacketID: CustomStringConvertible {
    /// The number in decimal, for logs.
    @usableFromInline package var description: String { "\(self.rawValue)" }
}

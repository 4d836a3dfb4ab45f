/// Names what set something off: one inbound packet, will or request.
///
/// Everything that follows from it (answers, deliveries, journal entries) carries the same id. 0 stands for "none".
package struct CauseID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static let none = CauseID(rawValue: 0)

    package static func < (left: CauseID, right: CauseID) -> Bool { left.rawValue < right.rawValue }

    package var description: String { "c\(self.rawValue)" }
}

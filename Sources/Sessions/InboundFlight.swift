/// QoS 2 messages received and not yet released by PUBREL (MQTT 5 §4.3.3).
///
/// A message is routed when its PUBLISH arrives and its id is kept until PUBREL, so that a resend is not routed twice.
package struct InboundFlight: Sendable {
    package enum Arrival: Equatable, Sendable {
        case new
        case duplicate
        /// The client has more messages in flight than Receive Maximum allows. [MQTT5-3.3.4-9]
        case overLimit
    }

    private var unreleased: Set<UInt16> = []

    /// - Parameter ids: those a kept session held.
    package init(ids: Set<UInt16> = []) {
        self.unreleased = ids
    }

    package var count: Int { self.unreleased.count }

    package mutating func publishReceived(_ id: UInt16, receiveMaximum: UInt16) -> Arrival {
        if self.unreleased.contains(id) { return .duplicate }
        if self.unreleased.count >= Int(receiveMaximum) { return .overLimit }
        self.unreleased.insert(id)
        return .new
    }

    /// - Returns: whether the id was known; if not, PUBCOMP says "packet identifier not found".
    package mutating func pubrelReceived(_ id: UInt16) -> Bool {
        self.unreleased.remove(id) != nil
    }

    /// The ids held, for the journal and for tests.
    package var ids: Set<UInt16> { self.unreleased }
}

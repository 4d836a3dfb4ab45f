/// The protocol level of a connection, as the CONNECT packet carries it.
///
/// Source: MQTT 3.1 §3.1, MQTT 3.1.1 §3.1.2.2, MQTT 5 §3.1.2.2.
@usableFromInline
package enum ProtocolVersion: UInt8, Sendable, Comparable, CaseIterable {
    /// MQTT 3.1, protocol name `MQIsdp`.
    case v31 = 3
    /// MQTT 3.1.1, protocol name `MQTT`.
    case v311 = 4
    /// MQTT 5.0, protocol name `MQTT`.
    case v5 = 5

    /// Older is smaller.
    @inlinable
    package static func < (left: ProtocolVersion, right: ProtocolVersion) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The protocol name that goes with this level in CONNECT.
    package var protocolName: String {
        switch self {
        case .v31: "MQIsdp"
        case .v311, .v5: "MQTT"
        }
    }
}

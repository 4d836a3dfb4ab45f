/// The places of MQTT 5 that carry properties: thirteen packets and the will inside CONNECT.
@usableFromInline
package enum PropertyContext: UInt8, Sendable, CaseIterable {
    case connect
    case connack
    case publish
    case will
    case puback
    case pubrec
    case pubrel
    case pubcomp
    case subscribe
    case suback
    case unsubscribe
    case unsuback
    case disconnect
    case auth

    /// The packet's name, or "will properties", for messages.
    package var name: String {
        switch self {
        case .connect: "CONNECT"
        case .connack: "CONNACK"
        case .publish: "PUBLISH"
        case .will: "will properties"
        case .puback: "PUBACK"
        case .pubrec: "PUBREC"
        case .pubrel: "PUBREL"
        case .pubcomp: "PUBCOMP"
        case .subscribe: "SUBSCRIBE"
        case .suback: "SUBACK"
        case .unsubscribe: "UNSUBSCRIBE"
        case .unsuback: "UNSUBACK"
        case .disconnect: "DISCONNECT"
        case .auth: "AUTH"
        }
    }
}

/// A set of ``PropertyContext``.
struct PropertyContexts: OptionSet, Sendable {
    let rawValue: UInt16

    static let connect = PropertyContexts(.connect)
    static let connack = PropertyContexts(.connack)
    static let publish = PropertyContexts(.publish)
    static let will = PropertyContexts(.will)
    static let subscribe = PropertyContexts(.subscribe)
    static let disconnect = PropertyContexts(.disconnect)
    static let auth = PropertyContexts(.auth)
    /// Every packet that answers: the four acknowledgements, SUBACK and UNSUBACK.
    static let answers: PropertyContexts = [
        PropertyContexts(.puback), PropertyContexts(.pubrec), PropertyContexts(.pubrel), PropertyContexts(.pubcomp),
        PropertyContexts(.suback), PropertyContexts(.unsuback),
    ]
    /// Everything that has properties.
    static let all = PropertyContexts(rawValue: (1 << UInt16(PropertyContext.allCases.count)) - 1)

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    init(_ context: PropertyContext) {
        self.rawValue = 1 << UInt16(context.rawValue)
    }
}

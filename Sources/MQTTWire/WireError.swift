/// What is wrong with bytes that claim to be an MQTT packet, with the evidence.
///
/// ``reason`` is what an MQTT 5 peer hears; an MQTT 3 connection is just closed, except that ``connectReturnCode``
/// answers a CONNECT of an unknown level.
@usableFromInline
package enum WireError: Error, Equatable, Sendable {
    /// The body ends inside a field that needs `need` bytes where `have` are left.
    case truncated(need: Int, have: Int)
    /// Bytes are left after the last field of the packet.
    case trailingBytes(Int)
    /// The first byte names a packet type that does not exist in this version.
    case unknownPacketType(UInt8)
    /// The low four bits of the first byte are not those of the type. [MQTT-2.1.3-1]
    case reservedFlags(PacketType, flags: UInt8)
    /// A remaining length or other variable byte integer goes on after four bytes (MQTT 5 §1.5.5).
    case variableByteIntegerTooLong
    /// A variable byte integer uses more bytes than it needs. [MQTT-1.5.5-1]
    case variableByteIntegerNotMinimal
    /// The whole packet is larger than the receiver takes (MQTT 5 §3.1.2.11.4, §3.2.2.3.6).
    case packetTooLarge(bytes: Int, limit: Int)
    /// The packet exists in another version only.
    case packetNotInVersion(PacketType, ProtocolVersion)
    /// A string is not UTF-8, or holds U+0000 or a surrogate, at this offset of the body. [MQTT-1.5.4-1] [MQTT-1.5.4-2]
    case invalidText(offset: Int)
    /// The packet identifier is 0. [MQTT-2.2.1-3]
    case zeroPacketID

    /// PUBLISH, or its will, with both QoS bits set. [MQTT-3.3.1-4] [MQTT-3.1.2-12]
    case invalidQoS(UInt8)
    /// PUBLISH with DUP at QoS 0. [MQTT-3.3.1-2]
    case duplicateFlagAtQoS0
    /// A response topic with a wildcard or no character. [MQTT-3.3.2-14]
    case invalidResponseTopic
    /// Topic alias 0. [MQTT-3.3.2-8]
    case zeroTopicAlias

    /// CONNECT with a protocol name and level nobody here speaks. [MQTT-3.1.2-1] [MQTT-3.1.2-2]
    case unsupportedProtocol(name: String, level: UInt8)
    /// CONNECT with its reserved flag set. [MQTT-3.1.2-3]
    case reservedConnectFlag(UInt8)
    /// CONNECT with will QoS or will retain but no will. [MQTT-3.1.2-11] [MQTT-3.1.2-13]
    case willFlagsWithoutWill(UInt8)
    /// CONNECT before MQTT 5 with a password but no user name. [MQTT-3.1.2-22]
    case passwordWithoutUserName
    /// Authentication data without a method, or AUTH without one (MQTT 5 §3.1.2.11.10, §3.15.2.2.2).
    case missingAuthenticationMethod
    /// CONNACK with reserved acknowledge flags. [MQTT-3.2.2-1]
    case reservedConnackFlags(UInt8)
    /// CONNACK that refuses and yet says that a session is present. [MQTT-3.2.2-6]
    case sessionPresentOnRefusal(code: UInt8)

    /// SUBSCRIBE or UNSUBSCRIBE without a filter, SUBACK or UNSUBACK without a code. [MQTT-3.8.3-2] [MQTT-3.10.3-2]
    case emptyList(PacketType)
    /// Reserved bits in subscription options. [MQTT-3.8.3-5]
    case reservedSubscriptionOptions(UInt8)
    /// A subscription asks for QoS 3 (MQTT 5 §3.8.3.1, [MQTT-3-8.3-4]).
    case invalidSubscriptionQoS
    /// A subscription asks for retain handling 3 (MQTT 5 §3.8.3.1).
    case invalidRetainHandling
    /// No Local on a shared subscription. [MQTT-3.8.3-4]
    case noLocalOnSharedSubscription

    /// A reason or return code that this packet does not define.
    case unknownReason(PacketType, code: UInt8)
    /// A property identifier that does not exist (MQTT 5 §2.2.2.2).
    case unknownProperty(UInt32)
    /// A property that belongs to other packets (MQTT 5 §2.2.2.2).
    case propertyNotAllowed(PropertyID, in: PropertyContext)
    /// A property that may appear once appears again (MQTT 5 §2.2.2.2).
    case duplicateProperty(PropertyID)
    /// A property with a value outside its range.
    case invalidPropertyValue(PropertyID, value: UInt32)

    /// The MQTT 5 reason code for the DISCONNECT or CONNACK that answers this (MQTT 5 §4.13).
    package var reason: Reason {
        switch self {
        case .truncated, .trailingBytes, .unknownPacketType, .reservedFlags, .variableByteIntegerTooLong,
            .variableByteIntegerNotMinimal, .packetNotInVersion, .invalidText, .invalidQoS, .duplicateFlagAtQoS0,
            .reservedConnectFlag, .willFlagsWithoutWill, .passwordWithoutUserName, .reservedConnackFlags,
            .reservedSubscriptionOptions, .unknownProperty, .propertyNotAllowed:
            .malformedPacket
        case .zeroPacketID, .invalidResponseTopic, .missingAuthenticationMethod, .sessionPresentOnRefusal, .emptyList,
            .invalidSubscriptionQoS, .invalidRetainHandling, .noLocalOnSharedSubscription, .unknownReason,
            .duplicateProperty, .invalidPropertyValue:
            .protocolError
        case .packetTooLarge: .packetTooLarge
        case .zeroTopicAlias: .topicAliasInvalid
        case .unsupportedProtocol: .unsupportedProtocolVersion
        }
    }

    /// The CONNACK return code an MQTT 3 client gets before it is closed; nil where the specification only closes. [MQTT-3.1.2-2]
    package var connectReturnCode: ConnectReturnCode? {
        if case .unsupportedProtocol = self { return .unacceptableProtocolVersion }
        return nil
    }
}

extension WireError {
    /// What is wrong, in words a person can act on; holds no bytes of the packet but numbers and a protocol name.
    package var text: String {
        switch self {
        case .truncated(let need, let have):
            "the packet ends inside a field: \(need) bytes are needed, \(have) are left"
        case .trailingBytes(let count):
            "\(count) bytes are left after the last field of the packet"
        case .unknownPacketType(let type):
            "packet type \(type) does not exist in this protocol version"
        case .reservedFlags(let type, let flags):
            "\(type.name) has header flags \(Self.bits(flags)); it must have \(Self.bits(type.requiredFlags))"
        case .variableByteIntegerTooLong:
            "a length goes on after four bytes"
        case .variableByteIntegerNotMinimal:
            "a length uses more bytes than it needs"
        case .packetTooLarge(let bytes, let limit):
            "the packet has \(bytes) bytes; at most \(limit) are accepted"
        case .packetNotInVersion(let type, let version):
            "\(type.name) does not exist in protocol level \(version.rawValue)"
        case .invalidText(let offset):
            "the string at byte \(offset) of the packet body is not valid UTF-8 text, or holds the null character"
        case .zeroPacketID:
            "the packet identifier is 0"
        case .invalidQoS(let qos):
            "QoS \(qos) does not exist"
        case .duplicateFlagAtQoS0:
            "a PUBLISH at QoS 0 has its DUP flag set"
        case .invalidResponseTopic:
            "the response topic is empty or has a wildcard"
        case .zeroTopicAlias:
            "the topic alias is 0"
        case .unsupportedProtocol(let name, let level):
            "protocol \"\(name)\" level \(level) is not supported; use MQTT level 4 or 5, or MQIsdp level 3"
        case .reservedConnectFlag(let flags):
            "CONNECT flags \(Self.bits(flags)) have the reserved bit 0 set"
        case .willFlagsWithoutWill(let flags):
            "CONNECT flags \(Self.bits(flags)) give a will QoS or will retain without a will"
        case .passwordWithoutUserName:
            "CONNECT has a password but no user name, which needs MQTT 5"
        case .missingAuthenticationMethod:
            "authentication data or an AUTH reason comes without an authentication method"
        case .reservedConnackFlags(let flags):
            "CONNACK has acknowledge flags \(Self.bits(flags))"
        case .sessionPresentOnRefusal(let code):
            "CONNACK refuses with code \(Reason.hexadecimal(code)) and yet says that a session is present"
        case .emptyList(let type):
            "\(type.name) has no entry; it needs at least one"
        case .reservedSubscriptionOptions(let options):
            "subscription options \(Self.bits(options)) have reserved bits set"
        case .invalidSubscriptionQoS:
            "a subscription asks for QoS 3"
        case .invalidRetainHandling:
            "a subscription asks for retain handling 3"
        case .noLocalOnSharedSubscription:
            "a shared subscription has the No Local option"
        case .unknownReason(let type, let code):
            "\(type.name) does not define the code \(Reason.hexadecimal(code))"
        case .unknownProperty(let identifier):
            "property identifier \(identifier) does not exist"
        case .propertyNotAllowed(let property, let context):
            "property \(property.name) is not allowed in \(context.name)"
        case .duplicateProperty(let property):
            "property \(property.name) appears more than once"
        case .invalidPropertyValue(let property, let value):
            "property \(property.name) has the value \(value), which is outside its range"
        }
    }

    /// A byte as eight binary digits.
    private static func bits(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 2)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

extension WireError: CustomStringConvertible {
    /// The same as ``text``.
    @usableFromInline package var description: String { self.text }
}

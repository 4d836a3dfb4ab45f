import MQTTWire

extension WireError {
    /// The case's name, as `fixtures/packets` has it.
    var caseName: String {
        switch self {
        case .truncated: "truncated"
        case .trailingBytes: "trailingBytes"
        case .unknownPacketType: "unknownPacketType"
        case .reservedFlags: "reservedFlags"
        case .variableByteIntegerTooLong: "variableByteIntegerTooLong"
        case .variableByteIntegerNotMinimal: "variableByteIntegerNotMinimal"
        case .packetTooLarge: "packetTooLarge"
        case .packetNotInVersion: "packetNotInVersion"
        case .invalidText: "invalidText"
        case .zeroPacketID: "zeroPacketID"
        case .invalidQoS: "invalidQoS"
        case .duplicateFlagAtQoS0: "duplicateFlagAtQoS0"
        case .invalidResponseTopic: "invalidResponseTopic"
        case .zeroTopicAlias: "zeroTopicAlias"
        case .unsupportedProtocol: "unsupportedProtocol"
        case .reservedConnectFlag: "reservedConnectFlag"
        case .willFlagsWithoutWill: "willFlagsWithoutWill"
        case .passwordWithoutUserName: "passwordWithoutUserName"
        case .missingAuthenticationMethod: "missingAuthenticationMethod"
        case .reservedConnackFlags: "reservedConnackFlags"
        case .sessionPresentOnRefusal: "sessionPresentOnRefusal"
        case .emptyList: "emptyList"
        case .reservedSubscriptionOptions: "reservedSubscriptionOptions"
        case .invalidSubscriptionQoS: "invalidSubscriptionQoS"
        case .invalidRetainHandling: "invalidRetainHandling"
        case .noLocalOnSharedSubscription: "noLocalOnSharedSubscription"
        case .unknownReason: "unknownReason"
        case .unknownProperty: "unknownProperty"
        case .propertyNotAllowed: "propertyNotAllowed"
        case .duplicateProperty: "duplicateProperty"
        case .invalidPropertyValue: "invalidPropertyValue"
        }
    }
}

/// Properties of MQTT 5 and where each may appear (MQTT 5 §2.2.2.2).
@usableFromInline
package enum PropertyID: UInt8, Sendable, CaseIterable {
    case payloadFormatIndicator = 0x01
    case messageExpiryInterval = 0x02
    case contentType = 0x03
    case responseTopic = 0x08
    case correlationData = 0x09
    case subscriptionIdentifier = 0x0B
    case sessionExpiryInterval = 0x11
    case assignedClientIdentifier = 0x12
    case serverKeepAlive = 0x13
    case authenticationMethod = 0x15
    case authenticationData = 0x16
    case requestProblemInformation = 0x17
    case willDelayInterval = 0x18
    case requestResponseInformation = 0x19
    case responseInformation = 0x1A
    case serverReference = 0x1C
    case reasonString = 0x1F
    case receiveMaximum = 0x21
    case topicAliasMaximum = 0x22
    case topicAlias = 0x23
    case maximumQoS = 0x24
    case retainAvailable = 0x25
    case userProperty = 0x26
    case maximumPacketSize = 0x27
    case wildcardSubscriptionAvailable = 0x28
    case subscriptionIdentifierAvailable = 0x29
    case sharedSubscriptionAvailable = 0x2A

    /// What follows the identifier on the wire.
    enum Shape: Sendable {
        case byte, twoBytes, fourBytes, variableByteInteger, text, data, textPair
    }

    /// One row of the table: how the value is written, where it may stand, and its name in the specification.
    private struct Row {
        let shape: Shape
        let contexts: PropertyContexts
        let name: String
    }

    /// The table of MQTT 5 §2.2.2.2.
    private var row: Row {
        switch self {
        case .payloadFormatIndicator: Row(shape: .byte, contexts: [.publish, .will], name: "Payload Format Indicator")
        case .messageExpiryInterval: Row(shape: .fourBytes, contexts: [.publish, .will], name: "Message Expiry Interval")
        case .contentType: Row(shape: .text, contexts: [.publish, .will], name: "Content Type")
        case .responseTopic: Row(shape: .text, contexts: [.publish, .will], name: "Response Topic")
        case .correlationData: Row(shape: .data, contexts: [.publish, .will], name: "Correlation Data")
        case .subscriptionIdentifier:
            Row(shape: .variableByteInteger, contexts: [.publish, .subscribe], name: "Subscription Identifier")
        case .sessionExpiryInterval:
            Row(shape: .fourBytes, contexts: [.connect, .connack, .disconnect], name: "Session Expiry Interval")
        case .assignedClientIdentifier: Row(shape: .text, contexts: .connack, name: "Assigned Client Identifier")
        case .serverKeepAlive: Row(shape: .twoBytes, contexts: .connack, name: "Server Keep Alive")
        case .authenticationMethod: Row(shape: .text, contexts: [.connect, .connack, .auth], name: "Authentication Method")
        case .authenticationData: Row(shape: .data, contexts: [.connect, .connack, .auth], name: "Authentication Data")
        case .requestProblemInformation: Row(shape: .byte, contexts: .connect, name: "Request Problem Information")
        case .willDelayInterval: Row(shape: .fourBytes, contexts: .will, name: "Will Delay Interval")
        case .requestResponseInformation: Row(shape: .byte, contexts: .connect, name: "Request Response Information")
        case .responseInformation: Row(shape: .text, contexts: .connack, name: "Response Information")
        case .serverReference: Row(shape: .text, contexts: [.connack, .disconnect], name: "Server Reference")
        case .reasonString: Row(shape: .text, contexts: [.connack, .answers, .disconnect, .auth], name: "Reason String")
        case .receiveMaximum: Row(shape: .twoBytes, contexts: [.connect, .connack], name: "Receive Maximum")
        case .topicAliasMaximum: Row(shape: .twoBytes, contexts: [.connect, .connack], name: "Topic Alias Maximum")
        case .topicAlias: Row(shape: .twoBytes, contexts: .publish, name: "Topic Alias")
        case .maximumQoS: Row(shape: .byte, contexts: .connack, name: "Maximum QoS")
        case .retainAvailable: Row(shape: .byte, contexts: .connack, name: "Retain Available")
        case .userProperty: Row(shape: .textPair, contexts: .all, name: "User Property")
        case .maximumPacketSize: Row(shape: .fourBytes, contexts: [.connect, .connack], name: "Maximum Packet Size")
        case .wildcardSubscriptionAvailable: Row(shape: .byte, contexts: .connack, name: "Wildcard Subscription Available")
        case .subscriptionIdentifierAvailable: Row(shape: .byte, contexts: .connack, name: "Subscription Identifier Available")
        case .sharedSubscriptionAvailable: Row(shape: .byte, contexts: .connack, name: "Shared Subscription Available")
        }
    }

    /// How the value is written.
    var shape: Shape { self.row.shape }

    /// Whether `context` may carry this property.
    package func isAllowed(in context: PropertyContext) -> Bool {
        self.row.contexts.contains(PropertyContexts(context))
    }

    /// Whether `context` may carry this property more than once.
    package func mayRepeat(in context: PropertyContext) -> Bool {
        self == .userProperty || (self == .subscriptionIdentifier && context == .publish)
    }

    /// The name as the specification spells it, for messages.
    package var name: String { self.row.name }
}

/// An MQTT 5 reason code (MQTT 5 §2.4).
///
/// Codes of 0x80 and above are failures. Which packet may carry which code: ``isAllowed(in:)``.
@usableFromInline
package struct Reason: RawRepresentable, Hashable, Sendable {
    /// The byte on the wire.
    @usableFromInline package let rawValue: UInt8

    /// Any byte is a value; ``isAllowed(in:)`` tells whether a packet may carry it.
    @inlinable
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The operation failed; the code is 0x80 or above.
    @inlinable
    package var isError: Bool { self.rawValue >= 0x80 }

    // Written as computed values, so that reading one is a constant and not a lazy global.
    @inlinable package static var success: Reason { Reason(rawValue: 0x00) }
    /// The same byte as ``success``, as DISCONNECT names it.
    @inlinable package static var normalDisconnection: Reason { Reason(rawValue: 0x00) }
    /// The same byte as ``success``, as SUBACK names it.
    @inlinable package static var grantedQoS0: Reason { Reason(rawValue: 0x00) }
    @inlinable package static var grantedQoS1: Reason { Reason(rawValue: 0x01) }
    @inlinable package static var grantedQoS2: Reason { Reason(rawValue: 0x02) }
    @inlinable package static var disconnectWithWill: Reason { Reason(rawValue: 0x04) }
    @inlinable package static var noMatchingSubscribers: Reason { Reason(rawValue: 0x10) }
    @inlinable package static var noSubscriptionExisted: Reason { Reason(rawValue: 0x11) }
    @inlinable package static var continueAuthentication: Reason { Reason(rawValue: 0x18) }
    @inlinable package static var reauthenticate: Reason { Reason(rawValue: 0x19) }
    @inlinable package static var unspecifiedError: Reason { Reason(rawValue: 0x80) }
    @inlinable package static var malformedPacket: Reason { Reason(rawValue: 0x81) }
    @inlinable package static var protocolError: Reason { Reason(rawValue: 0x82) }
    @inlinable package static var implementationSpecificError: Reason { Reason(rawValue: 0x83) }
    @inlinable package static var unsupportedProtocolVersion: Reason { Reason(rawValue: 0x84) }
    @inlinable package static var clientIdentifierNotValid: Reason { Reason(rawValue: 0x85) }
    @inlinable package static var badUserNameOrPassword: Reason { Reason(rawValue: 0x86) }
    @inlinable package static var notAuthorized: Reason { Reason(rawValue: 0x87) }
    @inlinable package static var serverUnavailable: Reason { Reason(rawValue: 0x88) }
    @inlinable package static var serverBusy: Reason { Reason(rawValue: 0x89) }
    @inlinable package static var banned: Reason { Reason(rawValue: 0x8A) }
    @inlinable package static var serverShuttingDown: Reason { Reason(rawValue: 0x8B) }
    @inlinable package static var badAuthenticationMethod: Reason { Reason(rawValue: 0x8C) }
    @inlinable package static var keepAliveTimeout: Reason { Reason(rawValue: 0x8D) }
    @inlinable package static var sessionTakenOver: Reason { Reason(rawValue: 0x8E) }
    @inlinable package static var topicFilterInvalid: Reason { Reason(rawValue: 0x8F) }
    @inlinable package static var topicNameInvalid: Reason { Reason(rawValue: 0x90) }
    @inlinable package static var packetIdentifierInUse: Reason { Reason(rawValue: 0x91) }
    @inlinable package static var packetIdentifierNotFound: Reason { Reason(rawValue: 0x92) }
    @inlinable package static var receiveMaximumExceeded: Reason { Reason(rawValue: 0x93) }
    @inlinable package static var topicAliasInvalid: Reason { Reason(rawValue: 0x94) }
    @inlinable package static var packetTooLarge: Reason { Reason(rawValue: 0x95) }
    @inlinable package static var messageRateTooHigh: Reason { Reason(rawValue: 0x96) }
    @inlinable package static var quotaExceeded: Reason { Reason(rawValue: 0x97) }
    @inlinable package static var administrativeAction: Reason { Reason(rawValue: 0x98) }
    @inlinable package static var payloadFormatInvalid: Reason { Reason(rawValue: 0x99) }
    @inlinable package static var retainNotSupported: Reason { Reason(rawValue: 0x9A) }
    @inlinable package static var qosNotSupported: Reason { Reason(rawValue: 0x9B) }
    @inlinable package static var useAnotherServer: Reason { Reason(rawValue: 0x9C) }
    @inlinable package static var serverMoved: Reason { Reason(rawValue: 0x9D) }
    @inlinable package static var sharedSubscriptionsNotSupported: Reason { Reason(rawValue: 0x9E) }
    @inlinable package static var connectionRateExceeded: Reason { Reason(rawValue: 0x9F) }
    @inlinable package static var maximumConnectTime: Reason { Reason(rawValue: 0xA0) }
    @inlinable package static var subscriptionIdentifiersNotSupported: Reason { Reason(rawValue: 0xA1) }
    @inlinable package static var wildcardSubscriptionsNotSupported: Reason { Reason(rawValue: 0xA2) }

    /// The code a SUBACK grants this quality of service with.
    @inlinable
    package static func granted(_ qos: QoS) -> Reason { Reason(rawValue: qos.rawValue) }
}

/// DISCONNECT (MQTT 5 §3.14; 3.1.1 §3.14).
package struct Disconnect: ControlPacket {
    package static var packetType: PacketType { .disconnect }

    /// Why; absent on the wire means normal disconnection (MQTT 5 §3.14.2.1). MQTT 5 only, as all the rest.
    package var reason: Reason
    /// The client changes the session's expiry (MQTT 5 §3.14.2.2.2).
    package var sessionExpirySeconds: UInt32?
    /// Words for people (MQTT 5 §3.14.2.2.3).
    package var reasonString: String?
    /// For the application (MQTT 5 §3.14.2.2.4).
    package var userProperties: [UserProperty]
    /// The server names another one to use (MQTT 5 §3.14.2.2.5).
    package var serverReference: String?

    /// A farewell.
    package init(
        reason: Reason = .normalDisconnection, sessionExpirySeconds: UInt32? = nil, reasonString: String? = nil,
        userProperties: [UserProperty] = [], serverReference: String? = nil
    ) {
        self.reason = reason
        self.sessionExpirySeconds = sessionExpirySeconds
        self.reasonString = reasonString
        self.userProperties = userProperties
        self.serverReference = serverReference
    }

    package static func read(_ frame: inout FrameReader) throws(WireError) -> Disconnect {
        var disconnect = Disconnect()
        guard frame.version == .v5 else {
            try frame.finish()
            return disconnect
        }
        guard !frame.isAtEnd else { return disconnect }
        disconnect.reason = Reason(rawValue: try frame.byte())
        guard disconnect.reason.isAllowed(in: .disconnect) else {
            throw .unknownReason(.disconnect, code: disconnect.reason.rawValue)
        }
        guard !frame.isAtEnd else { return disconnect }
        var properties = try frame.properties(in: .disconnect)
        while let id = try properties.next() {
            switch id {
            case .sessionExpiryInterval: disconnect.sessionExpirySeconds = try properties.frame.uint32()
            case .serverReference: disconnect.serverReference = try properties.frame.string()
            case .reasonString: disconnect.reasonString = try properties.frame.string()
            case .userProperty: disconnect.userProperties.append(try properties.frame.userProperty())
            default: throw properties.refuse(id)
            }
        }
        try frame.finish()
        return disconnect
    }

    package func encodeProperties(into sink: inout some WireSink) {
        sink.put(.sessionExpiryInterval, self.sessionExpirySeconds)
        sink.put(.serverReference, self.serverReference)
        sink.put(.reasonString, self.reasonString)
        sink.put(self.userProperties)
    }

    /// Writes the shortest form: nothing for a bare normal disconnection, the reason alone when there are no properties.
    package func encodeBody(into sink: inout some WireSink, version: ProtocolVersion) {
        guard version == .v5 else { return }
        let hasProperties = self.propertyBytes > 0
        guard self.reason != .normalDisconnection || hasProperties else { return }
        sink.put(self.reason.rawValue)
        if hasProperties {
            self.putProperties(into: &sink)
        }
    }
}

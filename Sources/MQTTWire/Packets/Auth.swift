/// AUTH (MQTT 5 §3.15), one step of an extended authentication. No other version has it.
package struct Auth: ControlPacket {
    package static var packetType: PacketType { .auth }

    /// Success, continue authentication or re-authenticate; absent on the wire means success (MQTT 5 §3.15.2.1).
    package var reason: Reason
    /// The method, as CONNECT named it; needed unless the packet is a bare success (MQTT 5 §3.15.2.2.2).
    package var authenticationMethod: String?
    /// What the method wants to say (MQTT 5 §3.15.2.2.3).
    package var authenticationData: [UInt8]?
    /// Words for people (MQTT 5 §3.15.2.2.4).
    package var reasonString: String?
    /// For the application (MQTT 5 §3.15.2.2.5).
    package var userProperties: [UserProperty]

    /// One step.
    package init(
        reason: Reason = .success, authenticationMethod: String? = nil, authenticationData: [UInt8]? = nil,
        reasonString: String? = nil, userProperties: [UserProperty] = []
    ) {
        self.reason = reason
        self.authenticationMethod = authenticationMethod
        self.authenticationData = authenticationData
        self.reasonString = reasonString
        self.userProperties = userProperties
    }

    package static func read(_ frame: inout FrameReader) throws(WireError) -> Auth {
        guard frame.version == .v5 else { throw .packetNotInVersion(.auth, frame.version) }
        var auth = Auth()
        guard !frame.isAtEnd else { return auth }
        auth.reason = Reason(rawValue: try frame.byte())
        guard auth.reason.isAllowed(in: .auth) else { throw .unknownReason(.auth, code: auth.reason.rawValue) }
        if !frame.isAtEnd {
            try auth.readProperties(&frame)
        }
        guard auth.authenticationMethod != nil || (auth.reason == .success && auth.authenticationData == nil) else {
            throw .missingAuthenticationMethod
        }
        try frame.finish()
        return auth
    }

    private mutating func readProperties(_ frame: inout FrameReader) throws(WireError) {
        var properties = try frame.properties(in: .auth)
        while let id = try properties.next() {
            switch id {
            case .authenticationMethod: self.authenticationMethod = try properties.frame.string()
            case .authenticationData: self.authenticationData = try properties.frame.data()
            case .reasonString: self.reasonString = try properties.frame.string()
            case .userProperty: self.userProperties.append(try properties.frame.userProperty())
            default: throw properties.refuse(id)
            }
        }
    }

    package func encodeProperties(into sink: inout some WireSink) {
        sink.put(.authenticationMethod, self.authenticationMethod)
        sink.put(.authenticationData, self.authenticationData)
        sink.put(.reasonString, self.reasonString)
        sink.put(self.userProperties)
    }

    /// Writes the shortest form: nothing for a bare success.
    package func encodeBody(into sink: inout some WireSink, version: ProtocolVersion) {
        let hasProperties = self.propertyBytes > 0
        guard self.reason != .success || hasProperties else { return }
        sink.put(self.reason.rawValue)
        self.putProperties(into: &sink)
    }
}

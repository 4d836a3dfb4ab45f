/// CONNECT (MQTT 5 §3.1; 3.1.1 §3.1; 3.1 §3.1).
///
/// A nil property is absent on the wire; its meaning then is given with it.
package struct Connect: ControlPacket {
    package static var packetType: PacketType { .connect }

    /// Which protocol this packet asks for; `write` follows it, not its own argument.
    package var protocolVersion: ProtocolVersion
    /// The client identifier; empty asks the server for one.
    package var clientID: String
    /// Start without the state of an earlier session (Clean Session before MQTT 5).
    package var cleanStart: Bool
    /// The longest silence the client promises; 0 switches keep alive off.
    package var keepAliveSeconds: UInt16
    /// The user name.
    package var userName: String?
    /// The password; before MQTT 5 only with a user name. [MQTT-3.1.2-22]
    package var password: [UInt8]?
    /// The message to publish when the connection ends badly.
    package var will: Will?

    /// Absent means 0: the session ends with the connection (MQTT 5 §3.1.2.11.2).
    package var sessionExpirySeconds: UInt32?
    /// Unacknowledged QoS 1 and 2 messages the client takes; not 0, absent means 65 535 (MQTT 5 §3.1.2.11.3).
    package var receiveMaximum: UInt16?
    /// The largest packet the client takes; not 0, absent means no limit (MQTT 5 §3.1.2.11.4).
    package var maximumPacketBytes: UInt32?
    /// The highest alias the client takes; absent means 0: none (MQTT 5 §3.1.2.11.5).
    package var topicAliasMaximum: UInt16?
    /// The client would like Response Information; absent means false (MQTT 5 §3.1.2.11.6).
    package var requestResponseInformation: Bool?
    /// The server may explain failures; absent means true (MQTT 5 §3.1.2.11.7).
    package var requestProblemInformation: Bool?
    /// For the application (MQTT 5 §3.1.2.11.8).
    package var userProperties: [UserProperty]
    /// The name of an extended authentication (MQTT 5 §3.1.2.11.9).
    package var authenticationMethod: String?
    /// Its data; only with a method (MQTT 5 §3.1.2.11.10).
    package var authenticationData: [UInt8]?

    /// A packet with only what is given.
    package init(
        protocolVersion: ProtocolVersion = .v311, clientID: String = "", cleanStart: Bool = true, keepAliveSeconds: UInt16 = 0,
        userName: String? = nil, password: [UInt8]? = nil, will: Will? = nil, sessionExpirySeconds: UInt32? = nil,
        receiveMaximum: UInt16? = nil, maximumPacketBytes: UInt32? = nil, topicAliasMaximum: UInt16? = nil,
        requestResponseInformation: Bool? = nil, requestProblemInformation: Bool? = nil, userProperties: [UserProperty] = [],
        authenticationMethod: String? = nil, authenticationData: [UInt8]? = nil
    ) {
        self.protocolVersion = protocolVersion
        self.clientID = clientID
        self.cleanStart = cleanStart
        self.keepAliveSeconds = keepAliveSeconds
        self.userName = userName
        self.password = password
        self.will = will
        self.sessionExpirySeconds = sessionExpirySeconds
        self.receiveMaximum = receiveMaximum
        self.maximumPacketBytes = maximumPacketBytes
        self.topicAliasMaximum = topicAliasMaximum
        self.requestResponseInformation = requestResponseInformation
        self.requestProblemInformation = requestProblemInformation
        self.userProperties = userProperties
        self.authenticationMethod = authenticationMethod
        self.authenticationData = authenticationData
    }

    /// Reads the packet in the version it names itself, which the frame has from then on.
    package static func read(_ frame: inout FrameReader) throws(WireError) -> Connect {
        let version = try Self.readProtocol(&frame)
        frame.version = version
        var connect = Connect(protocolVersion: version)
        let flags = Flags(bits: try frame.byte())
        try flags.check(in: version)
        connect.cleanStart = flags.cleanStart
        connect.keepAliveSeconds = try frame.uint16()
        if version == .v5 {
            try connect.readProperties(&frame)
        }
        connect.clientID = try frame.string()
        if flags.hasWill, let qos = QoS(rawValue: flags.willQoS) {
            connect.will = try Will.read(&frame, qos: qos, retain: flags.willRetain)
        }
        // In 3.1 the remaining length outranks both flags: the strings may be missing (3.1 §3.1, "User name and password flags").
        if flags.hasUserName, version != .v31 || !frame.isAtEnd {
            connect.userName = try frame.string()
        }
        if flags.hasPassword, version != .v31 || !frame.isAtEnd {
            connect.password = try frame.data()
        }
        try frame.finish()
        return connect
    }

    private static func readProtocol(_ frame: inout FrameReader) throws(WireError) -> ProtocolVersion {
        let name = try frame.string()
        let level = try frame.byte()
        guard let version = ProtocolVersion(rawValue: level), name == version.protocolName else {
            throw .unsupportedProtocol(name: name, level: level)
        }
        return version
    }

    private mutating func readProperties(_ frame: inout FrameReader) throws(WireError) {
        var properties = try frame.properties(in: .connect)
        while let id = try properties.next() {
            switch id {
            case .sessionExpiryInterval: self.sessionExpirySeconds = try properties.frame.uint32()
            case .authenticationMethod: self.authenticationMethod = try properties.frame.string()
            case .authenticationData: self.authenticationData = try properties.frame.data()
            case .requestProblemInformation: self.requestProblemInformation = try properties.boolean(id)
            case .requestResponseInformation: self.requestResponseInformation = try properties.boolean(id)
            case .receiveMaximum: self.receiveMaximum = try properties.nonZeroUInt16(id)
            case .topicAliasMaximum: self.topicAliasMaximum = try properties.frame.uint16()
            case .maximumPacketSize: self.maximumPacketBytes = try properties.nonZeroUInt32(id)
            case .userProperty: self.userProperties.append(try properties.frame.userProperty())
            default: throw properties.refuse(id)
            }
        }
        if self.authenticationData != nil, self.authenticationMethod == nil { throw .missingAuthenticationMethod }
    }

    package func encodeProperties(into sink: inout some WireSink) {
        sink.put(.sessionExpiryInterval, self.sessionExpirySeconds)
        sink.put(.authenticationMethod, self.authenticationMethod)
        sink.put(.authenticationData, self.authenticationData)
        sink.put(.requestProblemInformation, self.requestProblemInformation)
        sink.put(.requestResponseInformation, self.requestResponseInformation)
        sink.put(.receiveMaximum, self.receiveMaximum)
        sink.put(.topicAliasMaximum, self.topicAliasMaximum)
        sink.put(.maximumPacketSize, self.maximumPacketBytes)
        sink.put(self.userProperties)
    }

    package func encodeBody(into sink: inout some WireSink, version: ProtocolVersion) {
        sink.put(string: self.protocolVersion.protocolName)
        sink.put(self.protocolVersion.rawValue)
        sink.put(Flags(self).bits)
        sink.put(self.keepAliveSeconds)
        if self.protocolVersion == .v5 {
            self.putProperties(into: &sink)
        }
        sink.put(string: self.clientID)
        self.will?.encode(into: &sink, version: self.protocolVersion)
        if let userName = self.userName { sink.put(string: userName) }
        if let password = self.password { sink.put(data: password) }
    }
}

extension Connect {
    /// The connect flags (MQTT 5 §3.1.2.3).
    private struct Flags {
        let bits: UInt8

        init(bits: UInt8) {
            self.bits = bits
        }

        init(_ connect: Connect) {
            var bits: UInt8 = connect.cleanStart ? 0x02 : 0
            if let will = connect.will {
                bits |= 0x04 | will.qos.rawValue << 3 | (will.retain ? 0x20 : 0)
            }
            if connect.password != nil { bits |= 0x40 }
            if connect.userName != nil { bits |= 0x80 }
            self.bits = bits
        }

        var cleanStart: Bool { self.bits & 0x02 != 0 }
        var hasWill: Bool { self.bits & 0x04 != 0 }
        var willQoS: UInt8 { self.bits >> 3 & 0b11 }
        var willRetain: Bool { self.bits & 0x20 != 0 }
        var hasPassword: Bool { self.bits & 0x40 != 0 }
        var hasUserName: Bool { self.bits & 0x80 != 0 }

        /// What the flags must not say. 3.1 calls bit 0, and will QoS and retain without a will, unused, so they pass there.
        func check(in version: ProtocolVersion) throws(WireError) {
            if version != .v31 {
                guard self.bits & 0x01 == 0 else { throw .reservedConnectFlag(self.bits) }
                guard self.hasWill || self.bits & 0x38 == 0 else { throw .willFlagsWithoutWill(self.bits) }
            }
            guard !self.hasWill || self.willQoS != 3 else { throw .invalidQoS(3) }
            guard version == .v5 || self.hasUserName || !self.hasPassword else { throw .passwordWithoutUserName }
        }
    }
}

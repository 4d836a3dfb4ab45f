/// What PUBACK, PUBREC, PUBREL and PUBCOMP have after the packet identifier in MQTT 5 (§3.4.2.1, §3.5.2.1, §3.6.2.1, §3.7.2.1).
struct AcknowledgementDetails: PropertyHolder {
    var reason: Reason
    var reasonString: String?
    var userProperties: [UserProperty]

    /// Reads a reason and properties; either may be missing from its place to the end of the packet.
    static func read(
        _ frame: inout FrameReader, context: PropertyContext, packet: PacketType
    ) throws(WireError) -> AcknowledgementDetails {
        var details = AcknowledgementDetails(reason: .success, reasonString: nil, userProperties: [])
        guard frame.version == .v5 else { throw .trailingBytes(frame.remainingBytes) }
        details.reason = Reason(rawValue: try frame.byte())
        guard details.reason.isAllowed(in: packet) else { throw .unknownReason(packet, code: details.reason.rawValue) }
        guard !frame.isAtEnd else { return details }
        var properties = try frame.properties(in: context)
        while let id = try properties.next() {
            switch id {
            case .reasonString: details.reasonString = try properties.frame.string()
            case .userProperty: details.userProperties.append(try properties.frame.userProperty())
            default: throw properties.refuse(id)
            }
        }
        try frame.finish()
        return details
    }

    func encodeProperties(into sink: inout some WireSink) {
        sink.put(.reasonString, self.reasonString)
        sink.put(self.userProperties)
    }

    /// Writes the shortest form: nothing for a bare success, the reason alone when there are no properties.
    func encode(into sink: inout some WireSink) {
        let hasProperties = self.reasonString != nil || !self.userProperties.isEmpty
        guard self.reason != .success || hasProperties else { return }
        sink.put(self.reason.rawValue)
        if hasProperties {
            self.putProperties(into: &sink)
        }
    }
}

import Topics

/// The topics under `$aws/` of services that are not built here: clients may publish their requests, and nobody answers.
///
/// Source: AWS IoT Developer Guide, "Reserved topics"; what is in no list there closes the connection.
enum ReservedTopics {
    /// `+` is one level, `#` at least one.
    private static let published = [
        "$aws/rules/+/#",
        "$aws/things/+/jobs/get",
        "$aws/things/+/jobs/start-next",
        "$aws/things/+/jobs/+/get",
        "$aws/things/+/jobs/+/update",
        "$aws/certificates/create/+",
        "$aws/certificates/create-from-csr/+",
        "$aws/provisioning-templates/+/provision/+",
        "$aws/things/+/defender/metrics/+",
        "$aws/things/+/streams/+/get/+",
        "$aws/things/+/streams/+/describe/+",
    ].map { $0.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Array($0) } }

    /// Where Basic Ingest goes: straight to a rule, so that nobody can subscribe to it.
    static let rules = Array("$aws/rules/".utf8)

    /// Whether the service takes messages to this topic.
    static func takesPublish(to topic: UnsafeRawBufferPointer) -> Bool {
        let levels = topic.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return self.published.contains { pattern in
            guard pattern.last == [UInt8(ascii: "#")] ? levels.count >= pattern.count : levels.count == pattern.count else { return false }
            return zip(pattern, levels).allSatisfy { wanted, level in
                wanted == [UInt8(ascii: "+")] || wanted == [UInt8(ascii: "#")] || level.elementsEqual(wanted)
            }
        }
    }

    /// Why clients may not publish there; `nil` if they may.
    static func obstacle(to kind: Topic.Kind, retain: Bool, refusesReserved: Bool) -> String? {
        switch kind {
        case .ordinary: nil
        case .shadowRequest: retain ? "reserved topics keep no retained message" : nil
        case .serviceAnswer: "only the shadow service publishes there, clients subscribe to it"
        case .otherRequest: retain && refusesReserved ? "reserved topics keep no retained message" : nil
        case .reserved: refusesReserved ? "topics that begin with $ are reserved and this one is not offered" : nil
        }
    }
}

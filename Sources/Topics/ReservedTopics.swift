/// The topics under `$aws/` of services that are not built here: clients may publish their requests, and nobody answers.
///
/// Source: AWS IoT Developer Guide, "Reserved topics"; what is in no list there closes the connection.
package enum ReservedTopics {
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

    /// AWS's own tree, and in it where Basic Ingest goes: straight to a rule, so that nobody can subscribe to it.
    private static let tree = Array("$aws/".utf8)
    private static let rules = Array("$aws/rules/".utf8)

    /// Whether the service takes messages to this topic.
    package static func takesPublish(to topic: UnsafeRawBufferPointer) -> Bool {
        let levels = topic.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return self.published.contains { pattern in
            guard pattern.last == [UInt8(ascii: "#")] ? levels.count >= pattern.count : levels.count == pattern.count else { return false }
            return zip(pattern, levels).allSatisfy { wanted, level in
                wanted == [UInt8(ascii: "+")] || wanted == [UInt8(ascii: "#")] || level.elementsEqual(wanted)
            }
        }
    }

    /// Whether the service takes messages to this topic.
    package static func takesPublish(to topic: String) -> Bool {
        Array(topic.utf8).withUnsafeBytes { self.takesPublish(to: $0) }
    }

    /// Whether a filter begins with `$` and is not of AWS's own tree, or is one that nobody can subscribe to.
    package static func refusesSubscribe(to filter: TopicFilter) -> Bool {
        filter.bytes.first == UInt8(ascii: "$") && (!filter.bytes.starts(with: self.tree) || filter.bytes.starts(with: self.rules))
    }
}

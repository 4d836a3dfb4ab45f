/// A topic that a message is published to: checked once, then only bytes.
///
/// Source: MQTT 5 §4.7; limits of the service: reference mqtt §5.
@usableFromInline
package struct TopicName: Hashable, Sendable {
    /// The whole name as it came over the wire.
    @usableFromInline package let bytes: [UInt8]

    /// Checks and copies `bytes`.
    /// - Throws: the first rule broken, of: not empty, length, text, depth, no wildcards.
    package init(_ bytes: UnsafeRawBufferPointer, limits: TopicLimits = .specification) throws(TopicError) {
        try self.init(checking: Array(bytes), limits: limits)
    }

    /// Checks `string` as the initializer from bytes does.
    package init(_ string: String, limits: TopicLimits = .specification) throws(TopicError) {
        try self.init(checking: Array(string.utf8), limits: limits)
    }

    /// The name as text, for logs and documents.
    package var string: String { String(decoding: self.bytes, as: UTF8.self) }

    /// Whether the name starts with `$`, so that no filter starting with a wildcard matches it. [MQTT-4.7.2-1]
    @inlinable
    package var isReserved: Bool { self.bytes.first == 0x24 }

    /// The length of a leading `$aws/rules/<rule>/`, which no limit counts; 0 for other names.
    ///
    /// Source: reference mqtt §11 (Basic Ingest).
    package var basicIngestPrefixBytes: Int {
        self.bytes.withUnsafeBytes { Self.basicIngestPrefixBytes(of: $0) }
    }

    private init(checking bytes: [UInt8], limits: TopicLimits) throws(TopicError) {
        if let fault = bytes.withUnsafeBytes({ Self.fault(in: $0, limits: limits) }) { throw fault }
        self.bytes = bytes
    }

    private static func fault(in bytes: UnsafeRawBufferPointer, limits: TopicLimits) -> TopicError? {
        if bytes.isEmpty { return .empty }
        let prefix = self.basicIngestPrefixBytes(of: bytes)
        if let fault = TopicText.fault(in: bytes, countingFrom: prefix, limits: limits) { return fault }
        for (offset, byte) in bytes.enumerated() where byte == TopicText.plus || byte == TopicText.hash {
            return .wildcardInName(offset: offset)
        }
        return nil
    }

    private static func basicIngestPrefixBytes(of bytes: UnsafeRawBufferPointer) -> Int {
        let prefix: StaticString = "$aws/rules/"
        guard TopicText.hasPrefix(bytes, prefix) else { return 0 }
        let ruleEnd = TopicText.endOfLevel(in: bytes, from: prefix.utf8CodeUnitCount)
        return ruleEnd > prefix.utf8CodeUnitCount && ruleEnd < bytes.count ? ruleEnd + 1 : 0
    }
}

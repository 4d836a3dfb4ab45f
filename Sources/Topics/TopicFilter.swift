/// What a subscription asks for: a topic, perhaps with wildcards, perhaps shared by a group.
///
/// Source: MQTT 5 §4.7.1, §4.8.2; limits of the service: reference mqtt §5 and §6.
@usableFromInline
package struct TopicFilter: Hashable, Sendable {
    /// The filter proper, without `$share/<name>/`.
    @usableFromInline package let bytes: [UInt8]

    /// The name in `$share/<name>/<filter>`; nil for an ordinary subscription.
    @usableFromInline package let shareName: String?

    /// Whether a level is `+` or `#`; if not, exactly one topic matches: ``bytes``.
    @usableFromInline package let hasWildcards: Bool

    /// Checks and copies `bytes`.
    /// - Throws: the first rule broken, of: not empty, share name, length, text, depth, places of wildcards.
    package init(_ bytes: UnsafeRawBufferPointer, limits: TopicLimits = .specification) throws(TopicError) {
        try self.init(checking: Array(bytes), limits: limits)
    }

    /// Checks `string` as the initializer from bytes does.
    package init(_ string: String, limits: TopicLimits = .specification) throws(TopicError) {
        try self.init(checking: Array(string.utf8), limits: limits)
    }

    /// The filter as written, with `$share/<name>/` where it has one.
    package var string: String {
        let filter = String(decoding: self.bytes, as: UTF8.self)
        guard let shareName = self.shareName else { return filter }
        return "$share/\(shareName)/\(filter)"
    }

    private init(checking written: [UInt8], limits: TopicLimits) throws(TopicError) {
        let outcome = written.withUnsafeBytes { Self.examine($0, limits: limits) }
        let facts = try outcome.get()
        self.hasWildcards = facts.hasWildcards
        guard facts.start > 0 else {
            self.bytes = written
            self.shareName = nil
            return
        }
        self.bytes = Array(written[facts.start...])
        self.shareName = String(decoding: written[Self.sharePrefix.utf8CodeUnitCount..<facts.start - 1], as: UTF8.self)
    }

    private static let sharePrefix: StaticString = "$share/"

    /// `start` is where the filter proper begins.
    private struct Facts {
        var start: Int
        var hasWildcards: Bool
    }

    private static func examine(_ bytes: UnsafeRawBufferPointer, limits: TopicLimits) -> Result<Facts, TopicError> {
        if bytes.isEmpty { return .failure(.empty) }
        var start = 0
        if TopicText.hasPrefix(bytes, self.sharePrefix) {
            let nameEnd = TopicText.endOfLevel(in: bytes, from: self.sharePrefix.utf8CodeUnitCount)
            if let fault = self.shareFault(in: bytes, nameEnd: nameEnd, limits: limits) { return .failure(fault) }
            start = nameEnd + 1
        }
        if let fault = TopicText.fault(in: bytes, countingFrom: start, limits: limits) { return .failure(fault) }

        var hasWildcards = false
        for offset in start..<bytes.count {
            let byte = bytes[offset]
            guard byte == TopicText.plus || byte == TopicText.hash else { continue }
            hasWildcards = true
            let isAtLevelStart = offset == start || bytes[offset - 1] == TopicText.slash
            let isLast = offset + 1 == bytes.count
            if byte == TopicText.hash {
                guard isAtLevelStart, isLast else { return .failure(.misplacedHash(offset: offset)) }
            } else {
                guard isAtLevelStart, isLast || bytes[offset + 1] == TopicText.slash else {
                    return .failure(.misplacedPlus(offset: offset))
                }
            }
        }
        return .success(Facts(start: start, hasWildcards: hasWildcards))
    }

    private static func shareFault(in bytes: UnsafeRawBufferPointer, nameEnd: Int, limits: TopicLimits) -> TopicError? {
        let nameStart = self.sharePrefix.utf8CodeUnitCount
        if nameEnd == nameStart { return .emptyShareName }
        if nameEnd + 1 >= bytes.count { return .shareWithoutFilter }
        var characters = 0
        for offset in nameStart..<nameEnd {
            let byte = bytes[offset]
            if byte == TopicText.plus || byte == TopicText.hash { return .wildcardInShareName(offset: offset) }
            if byte & 0xC0 != 0x80 { characters += 1 }
        }
        guard let limit = limits.maximumShareNameCharacters, characters > limit else { return nil }
        return .shareNameTooLong(characters: characters, limit: limit)
    }
}

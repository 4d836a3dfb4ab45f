/// How long and how deep topics may be.
///
/// `$share/<name>/` of a filter and `$aws/rules/<rule>/` of a name are not counted (reference mqtt §5).
package struct TopicLimits: Hashable, Sendable {
    /// The largest number of UTF-8 bytes.
    package var maximumBytes: Int

    /// The largest number of `/`, one less than the number of levels; nil for any number.
    package var maximumSlashes: Int?

    /// The largest number of characters in the name of a shared subscription; nil for any number.
    package var maximumShareNameCharacters: Int?

    /// Limits of a service; AWS IoT Core has 256 bytes, 7 slashes and 128 characters.
    package init(maximumBytes: Int, maximumSlashes: Int? = nil, maximumShareNameCharacters: Int? = nil) {
        self.maximumBytes = maximumBytes
        self.maximumSlashes = maximumSlashes
        self.maximumShareNameCharacters = maximumShareNameCharacters
    }

    /// What MQTT itself allows. [MQTT-4.7.3-3]
    package static let specification = TopicLimits(maximumBytes: 65_535)
}

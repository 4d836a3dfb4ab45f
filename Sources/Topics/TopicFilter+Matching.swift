extension TopicFilter {
    /// Whether a message to `topic` is asked for. Compares bytes; allocates nothing.
    ///
    /// A topic starting with `$` is not matched when the first level is a wildcard. [MQTT-4.7.2-1]
    /// For many filters use ``SubscriptionIndex``.
    /// - Parameter topic: the bytes of a valid topic name; nothing matches an empty one.
    /// - Parameter hashMatchesParent: whether `a/#` matches `a`: true in MQTT (§4.7.1.2), false at AWS (reference mqtt §2).
    package func matches(_ topic: UnsafeRawBufferPointer, hashMatchesParent: Bool = true) -> Bool {
        self.bytes.withUnsafeBytes { Self.filter($0, matches: topic, hashMatchesParent: hashMatchesParent) }
    }

    /// Whether a message to `topic` is asked for, as in MQTT.
    package func matches(_ topic: String, hashMatchesParent: Bool = true) -> Bool {
        Array(topic.utf8).withUnsafeBytes { self.matches($0, hashMatchesParent: hashMatchesParent) }
    }

    private static func filter(
        _ filter: UnsafeRawBufferPointer, matches topic: UnsafeRawBufferPointer, hashMatchesParent: Bool
    ) -> Bool {
        guard let first = topic.first else { return false }
        if first == TopicText.dollar, filter[0] == TopicText.plus || filter[0] == TopicText.hash { return false }
        var place = 0
        var position = 0
        while true {
            // Both stand at the start of a level, which may be empty.
            if place < filter.count, filter[place] == TopicText.hash { return true }
            if place < filter.count, filter[place] == TopicText.plus {
                place += 1
                position = TopicText.endOfLevel(in: topic, from: position)
            } else {
                while place < filter.count, filter[place] != TopicText.slash {
                    guard position < topic.count, topic[position] == filter[place] else { return false }
                    place += 1
                    position += 1
                }
            }
            if position == topic.count {
                if place == filter.count { return true }
                return hashMatchesParent && place + 2 == filter.count && filter[place + 1] == TopicText.hash
            }
            guard place < filter.count, topic[position] == TopicText.slash else { return false }
            place += 1
            position += 1
        }
    }
}

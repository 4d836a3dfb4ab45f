/// One value per topic, asked by filter: the retained messages. Source: MQTT 5 §3.3.1.3.
///
/// Which subscriptions get retained messages at all (AWS: only filters without wildcards, reference
/// mqtt §7) is the caller's rule.
package struct RetainedIndex<Value> {
    fileprivate struct Stored {
        let topic: TopicName
        var value: Value
    }

    private var trie = LevelTrie()
    /// By node of the trie.
    private var stored: [Stored?] = []

    /// The number of topics that have a value.
    package private(set) var count = 0

    /// An empty index.
    package init() {}

    /// The number of levels kept for all topics together; 0 when the index is empty.
    package var nodeCount: Int { self.trie.count }

    /// Sets the value of `topic`. Cost: one step per level.
    /// - Returns: the value replaced, or nil.
    @discardableResult
    package mutating func set(_ topic: TopicName, _ value: Value) -> Value? {
        let node = topic.bytes.withUnsafeBytes { self.trie.insert($0, wildcards: false) }
        while self.stored.count <= node { self.stored.append(nil) }
        let replaced = self.stored[node]?.value
        self.stored[node] = Stored(topic: topic, value: value)
        if replaced == nil {
            self.trie.setLoad(1, of: node)
            self.count += 1
        }
        return replaced
    }

    /// Takes out the value of `topic`. Cost: one step per level.
    /// - Returns: the value, or nil when there was none.
    @discardableResult
    package mutating func remove(_ topic: UnsafeRawBufferPointer) -> Value? {
        guard let node = self.trie.find(topic, wildcards: false), self.trie.load(of: node) != 0 else { return nil }
        let removed = self.stored[node].take()
        self.trie.setLoad(0, of: node)
        self.count -= 1
        return removed?.value
    }

    /// The value of `topic`, or nil. Cost: one step per level; allocates nothing.
    package func value(at topic: UnsafeRawBufferPointer) -> Value? {
        guard let node = self.trie.find(topic, wildcards: false), self.trie.load(of: node) != 0 else { return nil }
        return self.stored[node]?.value
    }

    /// Calls `body` for every topic that `filter` matches; its share name is not looked at.
    ///
    /// The order is the same for the same history. `body` must not change the index.
    /// - Parameter hashMatchesParent: whether `a/#` matches `a`, as in MQTT and not at AWS (reference mqtt §2).
    package func forEachMatch(_ filter: TopicFilter, hashMatchesParent: Bool = true, _ body: (TopicName, Value) -> Void) {
        filter.bytes.withUnsafeBytes { bytes in
            self.trie.forEachTopic(matching: bytes, hashMatchesParent: hashMatchesParent) { node in
                if let stored = self.stored[node] { body(stored.topic, stored.value) }
            }
        }
    }

    /// Calls `body` for every topic, those starting with `$` too; in the same order for the same history.
    package func forEach(_ body: (TopicName, Value) -> Void) {
        self.trie.forEachLoaded { node in
            if let stored = self.stored[node] { body(stored.topic, stored.value) }
        }
    }
}

extension RetainedIndex.Stored: Sendable where Value: Sendable {}
extension RetainedIndex: Sendable where Value: Sendable {}

/// Who subscribed to what, asked by topic.
///
/// A trie over the bytes of topic levels (MQTT 5 §4.7): one step per level and wildcard branch, no `String`.
/// A subscriber may hold the same filter once plainly and once per share name; the index reports each, and
/// the options tell the caller which is which (MQTT 5 §4.8.2: one member of each group gets the message).
/// Filters leave nothing behind when they are removed.
@usableFromInline
package struct SubscriptionIndex<Subscriber: Hashable, Options> {
    /// A member of a shared subscription.
    @usableFromInline
    struct ShareMember: Hashable {
        @usableFromInline let subscriber: Subscriber
        let shareName: String
    }

    /// What can hang on a node; the load of a node is a sum of these.
    @usableFromInline
    enum Load {
        @inlinable static var plain: UInt8 { 1 }
        @inlinable static var shared: UInt8 { 2 }
    }

    @usableFromInline private(set) var trie = LevelTrie()
    /// By node of the trie.
    @usableFromInline private(set) var plain: [MemberList<Subscriber, Options>] = []
    /// By node of the trie; few nodes have any.
    @usableFromInline private(set) var shared: [Int: MemberList<ShareMember, Options>] = [:]

    /// The number of subscriptions: pairs of filter (with its share name) and subscriber.
    package private(set) var count = 0

    /// An empty index.
    package init() {}

    /// The number of levels kept for all filters together; 0 when the index is empty.
    package var nodeCount: Int { self.trie.count }

    /// Adds a subscription, or replaces the options of the one there is. [MQTT-3.8.4-3]
    ///
    /// Cost: one step per level.
    /// - Returns: the options replaced, or nil when the subscription is new.
    @discardableResult
    package mutating func insert(_ filter: TopicFilter, subscriber: Subscriber, options: Options) -> Options? {
        let node = filter.bytes.withUnsafeBytes { self.trie.insert($0, wildcards: true) }
        let replaced: Options?
        if let shareName = filter.shareName {
            let member = ShareMember(subscriber: subscriber, shareName: shareName)
            replaced = self.shared[node, default: MemberList()].set(member, options)
            self.trie.setLoad(self.trie.load(of: node) | Load.shared, of: node)
        } else {
            while self.plain.count <= node { self.plain.append(MemberList()) }
            replaced = self.plain[node].set(subscriber, options)
            self.trie.setLoad(self.trie.load(of: node) | Load.plain, of: node)
        }
        if replaced == nil { self.count += 1 }
        return replaced
    }

    /// Takes a subscription out. Cost: one step per level.
    /// - Returns: its options, or nil when there was none.
    @discardableResult
    package mutating func remove(_ filter: TopicFilter, subscriber: Subscriber) -> Options? {
        guard let node = filter.bytes.withUnsafeBytes({ self.trie.find($0, wildcards: true) }) else { return nil }
        let removed: Options?
        if let shareName = filter.shareName {
            removed = self.shared[node]?.remove(ShareMember(subscriber: subscriber, shareName: shareName))
            if self.shared[node]?.entries.isEmpty == true {
                self.shared[node] = nil
                self.trie.setLoad(self.trie.load(of: node) & ~Load.shared, of: node)
            }
        } else {
            guard self.trie.load(of: node) & Load.plain != 0 else { return nil }
            removed = self.plain[node].remove(subscriber)
            if self.plain[node].entries.isEmpty {
                self.trie.setLoad(self.trie.load(of: node) & ~Load.plain, of: node)
            }
        }
        if removed != nil { self.count -= 1 }
        return removed
    }

    /// The options of one subscription, or nil when there is none.
    package func options(_ filter: TopicFilter, subscriber: Subscriber) -> Options? {
        guard let node = filter.bytes.withUnsafeBytes({ self.trie.find($0, wildcards: true) }) else { return nil }
        if let shareName = filter.shareName {
            return self.shared[node]?.options(of: ShareMember(subscriber: subscriber, shareName: shareName))
        }
        return self.trie.load(of: node) & Load.plain == 0 ? nil : self.plain[node].options(of: subscriber)
    }

    /// Calls `body` once for every subscription whose filter matches `topic`, shared ones too.
    ///
    /// A subscriber with several matching filters is reported for each. The order is the same for the
    /// same history. `body` must not change the index. Allocates nothing for topics of usual depth.
    /// - Parameter topic: the bytes of a valid topic name.
    /// - Parameter body: `parentOfHash` says that `a/#` was matched by `a`, which AWS does not do (reference mqtt §2).
    @inlinable
    package func forEachMatch(
        _ topic: UnsafeRawBufferPointer, _ body: (Subscriber, Options, _ parentOfHash: Bool) -> Void
    ) {
        self.trie.forEachMatch(topic) { arrival in
            if arrival.load & Load.plain != 0 {
                for entry in self.plain[arrival.node].entries { body(entry.member, entry.options, arrival.parentOfHash) }
            }
            if arrival.load & Load.shared != 0, let list = self.shared[arrival.node] {
                for entry in list.entries { body(entry.member.subscriber, entry.options, arrival.parentOfHash) }
            }
        }
    }
}

extension SubscriptionIndex: Sendable where Subscriber: Sendable, Options: Sendable {}
extension SubscriptionIndex.ShareMember: Sendable where Subscriber: Sendable {}

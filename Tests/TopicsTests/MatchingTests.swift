import Testing
import Topics

@Suite("Matching of filters and topics, MQTT 5 §4.7")
struct MatchingTests {
    @Test(arguments: Golden.matching)
    func filtersMatchAsTheTableSays(row: MatchingRow) throws {
        let filter = try TopicFilter(row.filter)
        #expect(filter.matches(row.topic) == row.mqtt)
        #expect(filter.matches(row.topic, hashMatchesParent: true) == row.mqtt)
        #expect(filter.matches(row.topic, hashMatchesParent: false) == row.aws)
    }

    @Test(arguments: Golden.matching)
    func theSubscriptionIndexMatchesAsTheTableSays(row: MatchingRow) throws {
        var index = SubscriptionIndex<Int, Int>()
        index.insert(try TopicFilter(row.filter), subscriber: 1, options: 2)
        let matches = index.matches(row.topic)
        #expect(matches.map(\.subscriber) == (row.mqtt ? [1] : []))
        #expect(matches.contains { !$0.parentOfHash } == row.aws)
    }

    @Test(arguments: Golden.matching)
    func theRetainedIndexMatchesAsTheTableSays(row: MatchingRow) throws {
        var index = RetainedIndex<Int>()
        index.set(try TopicName(row.topic), 1)
        let filter = try TopicFilter(row.filter)
        #expect(index.topics(matching: filter) == (row.mqtt ? [row.topic] : []))
        #expect(index.topics(matching: filter, hashMatchesParent: false) == (row.aws ? [row.topic] : []))
    }

    /// All rows in one index: neighbours must not disturb each other.
    @Test func theWholeTableMatchesInOneIndex() throws {
        let filters = Array(Set(Golden.matching.map(\.filter))).sorted()
        var subscriptions = SubscriptionIndex<String, Int>()
        for filter in filters { subscriptions.insert(try TopicFilter(filter), subscriber: filter, options: 0) }
        var retained = RetainedIndex<Int>()
        for row in Golden.matching { retained.set(try TopicName(row.topic), 0) }

        for row in Golden.matching {
            #expect(subscriptions.matches(row.topic).contains { $0.subscriber == row.filter } == row.mqtt, "\(row.testDescription)")
            try #expect(retained.topics(matching: TopicFilter(row.filter)).contains(row.topic) == row.mqtt, "\(row.testDescription)")
        }
    }

    @Test func nothingMatchesAnEmptyTopic() throws {
        var index = SubscriptionIndex<Int, Int>()
        for (number, text) in ["#", "+", "/", "/#"].enumerated() {
            let filter = try TopicFilter(text)
            #expect(!filter.matches(""))
            index.insert(filter, subscriber: number, options: 0)
        }
        #expect(index.matches("").isEmpty)
    }
}

extension SubscriptionIndex {
    struct Match {
        var subscriber: Subscriber
        var options: Options
        var parentOfHash: Bool
    }

    func matches(_ topic: String) -> [Match] {
        var found: [Match] = []
        Array(topic.utf8).withUnsafeBytes { bytes in
            self.forEachMatch(bytes) { found.append(Match(subscriber: $0, options: $1, parentOfHash: $2)) }
        }
        return found
    }
}

extension RetainedIndex {
    func topics(matching filter: TopicFilter, hashMatchesParent: Bool = true) -> [String] {
        var found: [String] = []
        self.forEachMatch(filter, hashMatchesParent: hashMatchesParent) { topic, _ in found.append(topic.string) }
        return found
    }
}

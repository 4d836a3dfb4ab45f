import Testing
import Topics

/// Seeded random filters and topics over few, awkward levels, so that most of them meet.
@Suite("Indexes against the slow way")
struct IndexPropertyTests {
    private static let levels = [
        "", "a", "b", "$", "$x", "long-level-of-exactly", "long-level-of-exactlz", "0123456789abcde", "0123456789abcdef",
        "0123456789abcdeg", "é",
        "abcd", "abcdefgh",
    ]

    private static func topic(_ random: inout SeededRandom) -> String {
        while true {
            let count = 1 + random.below(4)
            let text = (0..<count).map { _ in self.levels[random.below(random.below(3) == 0 ? self.levels.count : 5)] }
                .joined(separator: "/")
            if !text.isEmpty { return text }
        }
    }

    private static func filter(_ random: inout SeededRandom) -> String {
        while true {
            var levels = self.topic(&random).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            for place in levels.indices where random.below(3) == 0 { levels[place] = "+" }
            if random.below(3) == 0 { levels.append("#") }
            if random.below(20) == 0 { levels = ["#"] }
            if random.below(8) == 0 { levels.insert(contentsOf: ["$share", random.below(2) == 0 ? "g" : "h"], at: 0) }
            let text = levels.joined(separator: "/")
            if !text.isEmpty, (try? TopicFilter(text)) != nil { return text }
        }
    }

    private struct Key: Hashable {
        var filter: TopicFilter
        var subscriber: Int
    }

    private struct Found: Hashable {
        var subscriber: Int
        var options: Int
        var parentOfHash: Bool
    }

    @Test(arguments: Array(1...12) as [UInt64])
    func subscriptionsAreFoundAsOneByOneMatchingFindsThem(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var index = SubscriptionIndex<Int, Int>()
        var model: [Key: Int] = [:]
        var keys: [Key] = []
        var matched = 0
        for step in 0..<1500 {
            if random.below(5) < (step % 500 < 250 ? 4 : 2) || keys.isEmpty {
                let key = Key(filter: try TopicFilter(Self.filter(&random)), subscriber: random.below(4))
                #expect(index.insert(key.filter, subscriber: key.subscriber, options: step) == model[key], "seed \(seed)")
                if model.updateValue(step, forKey: key) == nil { keys.append(key) }
            } else {
                let key = keys.remove(at: random.below(keys.count))
                #expect(index.remove(key.filter, subscriber: key.subscriber) == model.removeValue(forKey: key), "seed \(seed)")
            }
            #expect(index.count == model.count, "seed \(seed)")
            guard step % 5 == 0 else { continue }
            let topic = Self.topic(&random)
            let expected = model.compactMap { key, options -> Found? in
                guard key.filter.matches(topic) else { return nil }
                let isParent = !key.filter.matches(topic, hashMatchesParent: false)
                return Found(subscriber: key.subscriber, options: options, parentOfHash: isParent)
            }
            let found = index.matches(topic).map { Found(subscriber: $0.subscriber, options: $0.options, parentOfHash: $0.parentOfHash) }
            #expect(found.count == expected.count, "seed \(seed), step \(step), topic \(topic)")
            #expect(Set(found) == Set(expected), "seed \(seed), step \(step), topic \(topic)")
            matched += found.count
        }
        #expect(matched > 300, "the random topics hardly ever match: the test proves nothing")
        for key in keys { #expect(index.remove(key.filter, subscriber: key.subscriber) == model[key], "seed \(seed)") }
        #expect(index.count == 0, "seed \(seed)")
        #expect(index.nodeCount == 0, "seed \(seed)")
        #expect(index.matches("a/b").isEmpty)
    }

    @Test(arguments: Array(1...12) as [UInt64])
    func retainedTopicsAreFoundAsOneByOneMatchingFindsThem(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var index = RetainedIndex<Int>()
        var model: [String: Int] = [:]
        var matched = 0
        for step in 0..<1500 {
            let topic = Self.topic(&random)
            let name = try TopicName(topic)
            let bytes = name.bytes
            if random.below(5) < (step % 500 < 250 ? 4 : 1) {
                #expect(index.set(name, step) == model.updateValue(step, forKey: topic), "seed \(seed)")
            } else {
                #expect(bytes.withUnsafeBytes { index.remove($0) } == model.removeValue(forKey: topic), "seed \(seed)")
            }
            #expect(bytes.withUnsafeBytes { index.value(at: $0) } == model[topic], "seed \(seed)")
            #expect(index.count == model.count, "seed \(seed)")
            guard step % 5 == 0 else { continue }
            let filter = try TopicFilter(Self.filter(&random))
            for hashMatchesParent in [true, false] {
                let expected = model.keys.filter { filter.matches($0, hashMatchesParent: hashMatchesParent) }.sorted()
                let found = index.topics(matching: filter, hashMatchesParent: hashMatchesParent).sorted()
                #expect(found == expected, "seed \(seed), step \(step), filter \(filter.string)")
                matched += found.count
            }
        }
        #expect(matched > 300, "the random filters hardly ever match: the test proves nothing")
        for topic in model.keys {
            #expect(Array(topic.utf8).withUnsafeBytes { index.remove($0) } == model[topic], "seed \(seed)")
        }
        #expect(index.count == 0, "seed \(seed)")
        #expect(index.nodeCount == 0, "seed \(seed)")
    }

    /// Tens of thousands of filters, in and out in different orders: the table grows, shrinks and stays sound.
    @Test func aLargeIndexLosesNothingAndKeepsNothing() throws {
        var random = SeededRandom(seed: 99)
        var index = SubscriptionIndex<Int, Int>()
        let filters = try (0..<20_000).map { try TopicFilter("site/\($0 % 7)/device-with-a-long-name-\($0)/+") }
        for (number, filter) in filters.enumerated() { index.insert(filter, subscriber: number, options: number) }
        var order = Array(filters.indices)
        order.shuffle(using: &random)
        for (done, number) in order.enumerated() {
            if done % 1000 == 0 {
                for other in order[done..<min(done + 50, order.count)] {
                    #expect(index.matches("site/\(other % 7)/device-with-a-long-name-\(other)/x").map(\.subscriber) == [other])
                }
            }
            #expect(index.remove(filters[number], subscriber: number) == number)
        }
        #expect(index.nodeCount == 0)
    }
}

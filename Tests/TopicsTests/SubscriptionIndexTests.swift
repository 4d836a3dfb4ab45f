import Testing
import Topics

@Suite("SubscriptionIndex")
struct SubscriptionIndexTests {
    @Test func subscribingAgainReplacesTheOptions() throws {
        var index = SubscriptionIndex<Int, String>()
        let filter = try TopicFilter("a/+")
        #expect(index.insert(filter, subscriber: 1, options: "first") == nil)
        #expect(index.insert(filter, subscriber: 1, options: "second") == "first")
        #expect(index.insert(filter, subscriber: 2, options: "other") == nil)
        #expect(index.count == 2)
        #expect(index.options(filter, subscriber: 1) == "second")
        #expect(index.matches("a/b").map(\.options) == ["second", "other"])
    }

    @Test func removingWhatIsNotThereChangesNothing() throws {
        var index = SubscriptionIndex<Int, String>()
        index.insert(try TopicFilter("a/b/c"), subscriber: 1, options: "x")
        let nodes = index.nodeCount
        for other in ["a", "a/b", "a/b/+", "a/b/c/d", "#", "$share/g/a/b/c"] {
            try #expect(index.remove(TopicFilter(other), subscriber: 1) == nil)
            try #expect(index.options(TopicFilter(other), subscriber: 1) == nil)
        }
        try #expect(index.remove(TopicFilter("a/b/c"), subscriber: 2) == nil)
        #expect(index.count == 1)
        #expect(index.nodeCount == nodes)
        try #expect(index.remove(TopicFilter("a/b/c"), subscriber: 1) == "x")
        try #expect(index.remove(TopicFilter("a/b/c"), subscriber: 1) == nil)
        #expect(index.nodeCount == 0)
    }

    @Test func everyMatchingFilterOfASubscriberIsReported() throws {
        var index = SubscriptionIndex<Int, String>()
        for text in ["a/b", "a/+", "a/#", "#", "+/b", "+/+", "a/b/#", "a/b/+", "b/#"] {
            index.insert(try TopicFilter(text), subscriber: 1, options: text)
        }
        #expect(Set(index.matches("a/b").map(\.options)) == ["a/b", "a/+", "a/#", "#", "+/b", "+/+", "a/b/#"])
        #expect(index.matches("a/b").filter(\.parentOfHash).map(\.options) == ["a/b/#"])
        #expect(index.matches("a/b").count == 7)
    }

    @Test func sharedAndPlainSubscriptionsLiveSideBySide() throws {
        var index = SubscriptionIndex<Int, String>()
        for text in ["a/#", "$share/g/a/#", "$share/h/a/#"] {
            index.insert(try TopicFilter(text), subscriber: 1, options: text)
        }
        index.insert(try TopicFilter("$share/g/a/#"), subscriber: 2, options: "second of g")
        #expect(index.count == 4)
        #expect(Set(index.matches("a/b").map(\.options)) == ["a/#", "$share/g/a/#", "$share/h/a/#", "second of g"])
        #expect(index.matches("a").count == 4)
        #expect(index.matches("a").filter(\.parentOfHash).count == 4)
        try #expect(index.insert(TopicFilter("$share/g/a/#"), subscriber: 1, options: "new") == "$share/g/a/#")

        try #expect(index.remove(TopicFilter("a/#"), subscriber: 1) == "a/#")
        #expect(index.matches("a/b").count == 3)
        try #expect(index.remove(TopicFilter("a/#"), subscriber: 1) == nil)
        try #expect(index.remove(TopicFilter("$share/g/a/#"), subscriber: 1) == "new")
        try #expect(index.remove(TopicFilter("$share/g/a/#"), subscriber: 2) == "second of g")
        try #expect(index.remove(TopicFilter("$share/h/a/#"), subscriber: 1) == "$share/h/a/#")
        #expect(index.count == 0)
        #expect(index.nodeCount == 0)
    }

    @Test func manySubscribersOfOneFilterComeAndGo() throws {
        var index = SubscriptionIndex<Int, Int>()
        let filter = try TopicFilter("broadcast")
        for subscriber in 0..<5000 { index.insert(filter, subscriber: subscriber, options: subscriber) }
        #expect(index.insert(filter, subscriber: 4321, options: -1) == 4321)
        for subscriber in stride(from: 0, to: 5000, by: 2) { #expect(index.remove(filter, subscriber: subscriber) == subscriber) }
        let left = index.matches("broadcast").map(\.subscriber).sorted()
        #expect(left == Array(stride(from: 1, to: 5000, by: 2)))
        for subscriber in left.reversed() { #expect(index.remove(filter, subscriber: subscriber) != nil) }
        #expect(index.nodeCount == 0)
    }

    /// Each level is a place where a recursive walk would use stack.
    @Test func theDeepestTopicMatches() throws {
        var index = SubscriptionIndex<String, Int>()
        let slashes = 65_535
        index.insert(try TopicFilter("#"), subscriber: "all", options: 0)
        index.insert(try TopicFilter(String(repeating: "/", count: slashes)), subscriber: "same", options: 0)
        index.insert(try TopicFilter(String(repeating: "+/", count: 32_767) + "#"), subscriber: "wild", options: 0)
        index.insert(try TopicFilter(String(repeating: "/", count: 40_000) + "+"), subscriber: "other", options: 0)
        let topic = String(repeating: "/", count: slashes)
        #expect(Set(index.matches(topic).map(\.subscriber)) == ["all", "same", "wild"])
        for (text, subscriber) in [(topic, "same"), (String(repeating: "+/", count: 32_767) + "#", "wild")] {
            index.remove(try TopicFilter(text), subscriber: subscriber)
        }
        #expect(index.matches(topic).map(\.subscriber) == ["all"])
    }

    @Test func theOrderIsTheSameForTheSameHistory() throws {
        func build() throws -> [Int] {
            var index = SubscriptionIndex<Int, Int>()
            for (number, text) in ["#", "a/+", "a/b", "+/b", "a/#", "$share/g/a/b"].enumerated() {
                index.insert(try TopicFilter(text), subscriber: number, options: 0)
            }
            return index.matches("a/b").map(\.subscriber)
        }
        let order = try build()
        #expect(order.count == 6)
        #expect(try build() == order)
    }
}

@Suite("RetainedIndex")
struct RetainedIndexTests {
    @Test func aTopicHasOneValue() throws {
        var index = RetainedIndex<String>()
        let topic = try TopicName("a/b")
        #expect(index.set(topic, "first") == nil)
        #expect(index.set(topic, "second") == "first")
        #expect(index.count == 1)
        let bytes = topic.bytes
        #expect(bytes.withUnsafeBytes { index.value(at: $0) } == "second")
        #expect(bytes.withUnsafeBytes { index.remove($0) } == "second")
        #expect(bytes.withUnsafeBytes { index.remove($0) } == nil)
        #expect(bytes.withUnsafeBytes { index.value(at: $0) } == nil)
        #expect(index.count == 0)
        #expect(index.nodeCount == 0)
    }

    @Test func pathsOnTheWayHaveNoValue() throws {
        var index = RetainedIndex<Int>()
        index.set(try TopicName("a/b/c"), 1)
        for text in ["", "a", "a/b", "a/b/", "a/b/c/", "+", "#", "a/+/c"] {
            let bytes = Array(text.utf8)
            #expect(bytes.withUnsafeBytes { index.value(at: $0) } == nil)
            #expect(bytes.withUnsafeBytes { index.remove($0) } == nil)
        }
        #expect(index.count == 1)
    }

    @Test func topicsComeInTheOrderTheirLevelsWereStored() throws {
        var index = RetainedIndex<Int>()
        for text in ["b/1", "a/1", "b/2", "$x/1", "a/2"] { index.set(try TopicName(text), 0) }
        try #expect(index.topics(matching: TopicFilter("+/+")) == ["b/1", "b/2", "a/1", "a/2"])
        try #expect(index.topics(matching: TopicFilter("#")) == ["b/1", "b/2", "a/1", "a/2"])
        try #expect(index.topics(matching: TopicFilter("+/1")) == ["b/1", "a/1"])
        try #expect(index.topics(matching: TopicFilter("$x/+")) == ["$x/1"])
        var all: Set<String> = []
        index.forEach { topic, _ in all.insert(topic.string) }
        #expect(all == ["b/1", "a/1", "b/2", "$x/1", "a/2"])
    }

    @Test func theDeepestTopicMatches() throws {
        var index = RetainedIndex<Int>()
        let deep = try TopicName(String(repeating: "/", count: 65_535))
        index.set(deep, 1)
        try #expect(index.topics(matching: TopicFilter("#")).count == 1)
        try #expect(index.topics(matching: TopicFilter(String(repeating: "+/", count: 32_767) + "#")).count == 1)
        try #expect(index.topics(matching: TopicFilter(String(repeating: "+/", count: 32_767) + "+")).isEmpty)
        let bytes = deep.bytes
        #expect(bytes.withUnsafeBytes { index.remove($0) } == 1)
        #expect(index.nodeCount == 0)
    }
}

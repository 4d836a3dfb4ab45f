import Topics

/// Finding a topic's subscribers without the broker's cache of routes.
enum MicroMatching {
    static func run(_ timer: inout MicroTimer) throws {
        for count in [1000, 10_000, 100_000] {
            var index = SubscriptionIndex<Int32, UInt8>()
            for number in 0..<count {
                _ = index.insert(try TopicFilter(Self.filter(number)), subscriber: Int32(number), options: 1)
            }
            let topics = (0..<64).map { Array("site/\($0 % 50)/line/\($0)/sensor/temperature".utf8) }
            timer.measure("match among \(count) mixed subscriptions", units: topics.count) {
                var found = 0
                for topic in topics {
                    topic.withUnsafeBytes { index.forEachMatch($0) { _, _, _ in found += 1 } }
                }
                return found
            }
        }
        let filter = try TopicFilter("site/+/line/#")
        let topic = Array("site/17/line/3/sensor/temperature".utf8)
        timer.measure("match one filter") {
            topic.withUnsafeBytes { filter.matches($0, hashMatchesParent: true) ? 1 : 0 }
        }
    }

    /// Mostly exact filters, some with `+`, few with `#`.
    private static func filter(_ number: Int) -> String {
        switch number % 20 {
        case 0: "site/\(number % 50)/line/+/sensor/kind\(number)"
        case 1: "site/\(number % 50)/+/\(number)/#"
        default: "site/\(number % 50)/line/\(number)/sensor/temperature"
        }
    }
}

import Glibc

/// Opens the connections of a scenario, up to the SUBACK of each subscriber.
enum LinkSet {
    /// Subscribers first, then publishers.
    /// - Returns: memory that the caller deinitializes and deallocates.
    static func open(_ scenario: Scenario, endpoint: Endpoint, tls: TLSContext?) throws(BenchFailure) -> UnsafeMutablePointer<Link> {
        try Self.open(scenario.connectionCount, endpoint: endpoint, tls: tls) { index in
            let filters = index < scenario.subscriberCount ? scenario.filters(ofSubscriber: index) : []
            return Link.Introduction(clientID: "bench-\(index)", filters: filters, qos: scenario.qos)
        }
    }

    /// Opens `count` links, a batch at a time: side by side, because a server may take 100 ms for every step of one (mosquitto's
    /// WebSocket listener when idle), and in batches, because a listen queue is finite.
    static func open(
        _ count: Int, endpoint: Endpoint, tls: TLSContext?, introduction: (Int) -> Link.Introduction
    ) throws(BenchFailure) -> UnsafeMutablePointer<Link> {
        let links = UnsafeMutablePointer<Link>.allocate(capacity: count)
        var opened = 0
        do throws(BenchFailure) {
            while opened < count {
                let batch = opened..<min(count, opened + 64)
                for index in batch {
                    (links + index).initialize(to: try Link.open(to: endpoint, tls: tls))
                    opened += 1
                }
                try Self.finish(links, batch, endpoint: endpoint, introduction: introduction)
            }
        } catch {
            links.deinitialize(count: opened).deallocate()
            throw error
        }
        return links
    }

    private static func finish(
        _ links: UnsafeMutablePointer<Link>, _ batch: Range<Int>, endpoint: Endpoint, introduction: (Int) -> Link.Introduction
    ) throws(BenchFailure) {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 16)
        defer { scratch.deallocate() }
        let deadline = monotonicNanoseconds() + 30_000_000_000
        var waiting = Array(batch)
        while !waiting.isEmpty {
            let introductions = waiting.map(introduction)
            var next: [Int] = []
            for (index, introduction) in zip(waiting, introductions) {
                try links[index].advance(endpoint, introduction, scratch: scratch)
                if links[index].opening != .open { next.append(index) }
            }
            waiting = next
            guard monotonicNanoseconds() < deadline else { throw BenchFailure("\(waiting.count) connections did not open within 30 s") }
            if !waiting.isEmpty { usleep(200) }
        }
    }
}

extension Scenario {
    func topic(ofPublisher index: Int) -> String {
        switch self.shape {
        case .fanIn, .pairs: "bench/\(index)"
        case .fanOut: "bench/all"
        case .shadow: ShadowLayout.topic(ofThing: 0)
        }
    }

    func filters(ofSubscriber index: Int) -> [String] {
        switch self.shape {
        case .fanIn: ["bench/+"]
        case .pairs: ["bench/\(index)"]
        case .fanOut: ["bench/all"]
        case .shadow: ["$aws/things/+/shadow/update/accepted", "$aws/things/+/shadow/update/rejected"]
        }
    }
}

extension LevelTrie {
    /// A node that a walk arrived at.
    @usableFromInline
    struct Arrival {
        @usableFromInline let node: Int
        @usableFromInline let load: UInt8
        /// Whether the node is the `#` of `a/#` and the topic is `a`.
        @usableFromInline let parentOfHash: Bool
    }

    private struct Level {
        var key: LevelKey
        var start: Int
        var end: Int
    }

    /// A `+` branch to be walked after the literal one.
    private struct Branch {
        var node: UInt32
        var depth: Int
    }

    /// Calls `body` for every loaded node whose path, as a filter, matches `topic`; in the same order for the same index.
    ///
    /// Each level is hashed once. The literal branch is walked first and `+` waits on a stack that never
    /// has more places than the topic has levels, so a hostile topic of thousands of levels costs no stack
    /// depth, and a usual one no allocation.
    @usableFromInline
    func forEachMatch(_ topic: UnsafeRawBufferPointer, _ body: (Arrival) -> Void) {
        guard let first = topic.first, self.nodes.count > 1 else { return }
        var levelCount = 1
        for byte in topic where byte == TopicText.slash { levelCount += 1 }
        withUnsafeTemporaryAllocation(of: Level.self, capacity: levelCount) { levels in
            var start = 0
            for depth in 0..<levelCount {
                let end = TopicText.endOfLevel(in: topic, from: start)
                levels.initializeElement(at: depth, to: Level(key: LevelKey(topic, from: start, to: end), start: start, end: end))
                start = end + 1
            }
            withUnsafeTemporaryAllocation(of: Branch.self, capacity: levelCount) { branches in
                self.walk(topic, UnsafeBufferPointer(levels), branches, isReserved: first == TopicText.dollar, body)
            }
        }
    }

    @inline(__always)
    private func walk(
        _ topic: UnsafeRawBufferPointer, _ levels: UnsafeBufferPointer<Level>, _ branches: UnsafeMutableBufferPointer<Branch>,
        isReserved: Bool, _ body: (Arrival) -> Void
    ) {
        self.nodes.withUnsafeBufferPointer { nodes in
            self.children.entries.withUnsafeBufferPointer { entries in
                var waiting = 0
                var current = Self.root
                var depth = 0
                while true {
                    let node = nodes[Int(current)]
                    let takesWildcards = depth > 0 || !isReserved
                    let isEnd = depth == levels.count
                    if node.hash != Self.none, takesWildcards {
                        body(Arrival(node: Int(node.hash), load: nodes[Int(node.hash)].load, parentOfHash: isEnd))
                    }
                    var following = Self.none
                    if isEnd {
                        if node.load != 0 { body(Arrival(node: Int(current), load: node.load, parentOfHash: false)) }
                    } else {
                        if node.firstChild != Self.none {
                            let level = levels[depth]
                            following = self.literalChild(
                                of: current, level.key, topic, from: level.start, to: level.end, in: entries)
                        }
                        if node.plus != Self.none, takesWildcards {
                            if following == Self.none {
                                following = node.plus
                            } else {
                                branches.initializeElement(at: waiting, to: Branch(node: node.plus, depth: depth + 1))
                                waiting += 1
                            }
                        }
                    }
                    if following != Self.none {
                        current = following
                        depth += 1
                    } else if waiting > 0 {
                        waiting -= 1
                        current = branches[waiting].node
                        depth = branches[waiting].depth
                    } else {
                        return
                    }
                }
            }
        }
    }
}

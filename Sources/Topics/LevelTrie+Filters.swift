extension LevelTrie {
    /// Calls `body` for every loaded node whose path, as a topic, is matched by `filter`; in the order in which
    /// levels were first stored.
    ///
    /// For tries of topic names only. The walk goes back by parents and siblings instead of a stack. Cost:
    /// the nodes that match so far, so a filter with few wildcards touches few.
    @usableFromInline
    func forEachTopic(matching filter: UnsafeRawBufferPointer, hashMatchesParent: Bool, _ body: (Int) -> Void) {
        var node = Self.root
        var start = 0
        while true {
            if start > filter.count {
                self.visit(node, body)
            } else {
                let end = TopicText.endOfLevel(in: filter, from: start)
                let isSingle = end - start == 1
                if isSingle, filter[start] == TopicText.hash {
                    if hashMatchesParent, start > 0 { self.visit(node, body) }
                    self.forEachBelow(node, body)
                } else {
                    let child =
                        isSingle && filter[start] == TopicText.plus
                        ? self.ordinary(self.nodes[Int(node)].firstChild)
                        : self.literalChild(of: node, filter, from: start, to: end)
                    if child != Self.none {
                        node = child
                        start = end + 1
                        continue
                    }
                }
            }
            guard let place = self.stepAside(from: &node, in: filter, before: start) else { return }
            start = place
        }
    }

    /// Calls `body` for every loaded node; in the same order for the same history.
    @usableFromInline
    func forEachLoaded(_ body: (Int) -> Void) {
        for node in self.nodes.indices where self.nodes[node].load != 0 { body(node) }
    }

    /// Goes back from `node`, whose level in `filter` ends just before `start`, to the nearest `+` that has a further
    /// child to try, and makes `node` that child.
    /// - Returns: the start of the level after that `+`, or nil when everything has been tried.
    private func stepAside(from node: inout UInt32, in filter: UnsafeRawBufferPointer, before start: Int) -> Int? {
        var following = start
        while node != Self.root {
            let levelEnd = following - 1
            var levelStart = levelEnd
            while levelStart > 0, filter[levelStart - 1] != TopicText.slash { levelStart -= 1 }
            if levelEnd - levelStart == 1, filter[levelStart] == TopicText.plus {
                let sibling = self.ordinary(self.origins[Int(node)].next)
                if sibling != Self.none {
                    node = sibling
                    return following
                }
            }
            node = self.origins[Int(node)].parent
            following = levelStart
        }
        return nil
    }

    /// `node`, or the next sibling that a wildcard may stand for: the first level must not start with `$`. [MQTT-4.7.2-1]
    private func ordinary(_ node: UInt32) -> UInt32 {
        var node = node
        while node != Self.none, self.origins[Int(node)].parent == Self.root, self.isReserved(node) {
            node = self.origins[Int(node)].next
        }
        return node
    }

    private func forEachBelow(_ top: UInt32, _ body: (Int) -> Void) {
        var node = self.ordinary(self.nodes[Int(top)].firstChild)
        while node != Self.none {
            self.visit(node, body)
            var following = self.nodes[Int(node)].firstChild
            while following == Self.none, node != top {
                following = self.ordinary(self.origins[Int(node)].next)
                if following == Self.none { node = self.origins[Int(node)].parent }
            }
            node = following
        }
    }

    @inline(__always)
    private func visit(_ node: UInt32, _ body: (Int) -> Void) {
        if self.nodes[Int(node)].load != 0 { body(Int(node)) }
    }
}

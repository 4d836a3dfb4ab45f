/// A trie over topic levels: the shape shared by ``SubscriptionIndex`` and ``RetainedIndex``.
///
/// Nodes are numbers; what hangs on a node is kept by the index in an array of its own. A node exists
/// while something hangs on it or below it. Empty levels are levels: `a//b` has three.
@usableFromInline
struct LevelTrie: Sendable {
    /// Stands for "no node". The root is node 0.
    static let none = UInt32.max
    static let root: UInt32 = 0

    /// The part of a node that matching reads, 16 bytes so that four share a cache line; the rest is its ``Origin``.
    struct Node {
        /// Literal children form a list in the order they were made.
        var firstChild = LevelTrie.none
        var plus = LevelTrie.none
        var hash = LevelTrie.none
        /// What the index says hangs here; a node with 0 and nothing below it is removed.
        var load: UInt8 = 0
    }

    /// Where a node hangs. `previous` of a first child is the last.
    struct Origin {
        var key = LevelKey(low: 0, high: 0)
        var parent = LevelTrie.none
        var next = LevelTrie.none
        var previous = LevelTrie.none
        var step = Step.literal
    }

    /// How a node is reached from its parent.
    enum Step: UInt8 { case literal, plus, hash }

    private(set) var nodes = [Node()]
    /// By node.
    private(set) var origins = [Origin()]
    private(set) var children = ChildTable()
    /// By node: the bytes of a level too long for its key, else empty.
    private var longLevels: [[UInt8]] = [[]]
    private var freeNodes: [UInt32] = []

    @usableFromInline init() {}

    /// The number of nodes below the root.
    @usableFromInline var count: Int { self.nodes.count - 1 - self.freeNodes.count }

    /// The node at the end of `path`, or nil. With `wildcards`, the levels `+` and `#` are steps of their own.
    @usableFromInline
    func find(_ path: UnsafeRawBufferPointer, wildcards: Bool) -> Int? {
        var node = Self.root
        var start = 0
        while true {
            let end = TopicText.endOfLevel(in: path, from: start)
            let child =
                switch wildcards ? Self.step(path, from: start, to: end) : .literal {
                case .literal: self.literalChild(of: node, path, from: start, to: end)
                case .plus: self.nodes[Int(node)].plus
                case .hash: self.nodes[Int(node)].hash
                }
            guard child != Self.none else { return nil }
            node = child
            if end == path.count { return Int(node) }
            start = end + 1
        }
    }

    /// The node at the end of `path`, made if need be. Follow with ``setLoad(_:of:)``, or the node may stay empty.
    @usableFromInline
    mutating func insert(_ path: UnsafeRawBufferPointer, wildcards: Bool) -> Int {
        var node = Self.root
        var start = 0
        while true {
            let end = TopicText.endOfLevel(in: path, from: start)
            switch wildcards ? Self.step(path, from: start, to: end) : .literal {
            case .literal:
                let child = self.literalChild(of: node, path, from: start, to: end)
                node = child != Self.none ? child : self.appendLiteral(below: node, path, from: start, to: end)
            case .plus:
                if self.nodes[Int(node)].plus == Self.none {
                    self.nodes[Int(node)].plus = self.makeNode(Origin(parent: node, step: .plus))
                }
                node = self.nodes[Int(node)].plus
            case .hash:
                if self.nodes[Int(node)].hash == Self.none {
                    self.nodes[Int(node)].hash = self.makeNode(Origin(parent: node, step: .hash))
                }
                node = self.nodes[Int(node)].hash
            }
            if end == path.count { return Int(node) }
            start = end + 1
        }
    }

    @usableFromInline
    func load(of node: Int) -> UInt8 { self.nodes[node].load }

    /// Says what hangs on `node`. With 0, the node and the parents it was the reason for are removed.
    @usableFromInline
    mutating func setLoad(_ load: UInt8, of node: Int) {
        self.nodes[node].load = load
        guard load == 0 else { return }
        var node = UInt32(node)
        while node != Self.root, self.isBare(node) {
            let parent = self.origins[Int(node)].parent
            self.removeNode(node)
            node = parent
        }
    }

    /// Whether the level of a child of the root starts with `$`.
    func isReserved(_ node: UInt32) -> Bool {
        let key = self.origins[Int(node)].key
        // Short keys hold the first byte of the level lowest.
        return key.isLong
            ? self.longLevels[Int(node)].first == TopicText.dollar
            : UInt8(truncatingIfNeeded: key.low) == TopicText.dollar
    }

    func literalChild(of parent: UInt32, _ path: UnsafeRawBufferPointer, from start: Int, to end: Int) -> UInt32 {
        let key = LevelKey(path, from: start, to: end)
        return self.children.entries.withUnsafeBufferPointer { entries in
            self.literalChild(of: parent, key, path, from: start, to: end, in: entries)
        }
    }

    @inline(__always)
    func literalChild(
        of parent: UInt32, _ key: LevelKey, _ path: UnsafeRawBufferPointer, from start: Int, to end: Int,
        in entries: UnsafeBufferPointer<ChildTable.Entry>
    ) -> UInt32 {
        ChildTable.child(of: parent, by: key, in: entries) { candidate in
            self.longLevel(of: candidate, equals: UnsafeRawBufferPointer(rebasing: path[start..<end]))
        } ?? Self.none
    }

    @inline(never)
    private func longLevel(of node: UInt32, equals level: UnsafeRawBufferPointer) -> Bool {
        self.longLevels[Int(node)].withUnsafeBytes { $0.elementsEqual(level) }
    }

    private static func step(_ path: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Step {
        guard end - start == 1 else { return .literal }
        return path[start] == TopicText.plus ? .plus : path[start] == TopicText.hash ? .hash : .literal
    }

    private func isBare(_ node: UInt32) -> Bool {
        let node = self.nodes[Int(node)]
        return node.load == 0 && node.firstChild == Self.none && node.plus == Self.none && node.hash == Self.none
    }

    private mutating func makeNode(_ origin: Origin) -> UInt32 {
        if let free = self.freeNodes.popLast() {
            self.origins[Int(free)] = origin
            return free
        }
        precondition(self.nodes.count < Int(Self.none), "a topic index holds at most 4294967294 levels")
        self.nodes.append(Node())
        self.origins.append(origin)
        self.longLevels.append([])
        return UInt32(self.nodes.count - 1)
    }

    private mutating func appendLiteral(
        below parent: UInt32, _ path: UnsafeRawBufferPointer, from start: Int, to end: Int
    ) -> UInt32 {
        let key = LevelKey(path, from: start, to: end)
        let child = self.makeNode(Origin(key: key, parent: parent))
        if key.isLong { self.longLevels[Int(child)] = Array(path[start..<end]) }
        self.children.insert(child, below: parent, by: key)
        let first = self.nodes[Int(parent)].firstChild
        if first == Self.none {
            self.nodes[Int(parent)].firstChild = child
            self.origins[Int(child)].previous = child
        } else {
            let last = self.origins[Int(first)].previous
            self.origins[Int(last)].next = child
            self.origins[Int(child)].previous = last
            self.origins[Int(first)].previous = child
        }
        return child
    }

    private mutating func removeNode(_ removed: UInt32) {
        let origin = self.origins[Int(removed)]
        switch origin.step {
        case .plus: self.nodes[Int(origin.parent)].plus = Self.none
        case .hash: self.nodes[Int(origin.parent)].hash = Self.none
        case .literal:
            self.children.remove(removed, below: origin.parent, by: origin.key)
            self.longLevels[Int(removed)] = []
            self.unlink(removed, origin)
        }
        self.nodes[Int(removed)] = Node()
        self.origins[Int(removed)] = Origin()
        self.freeNodes.append(removed)
    }

    private mutating func unlink(_ removed: UInt32, _ origin: Origin) {
        let first = self.nodes[Int(origin.parent)].firstChild
        if first == removed {
            self.nodes[Int(origin.parent)].firstChild = origin.next
        } else {
            self.origins[Int(origin.previous)].next = origin.next
        }
        if origin.next != Self.none {
            self.origins[Int(origin.next)].previous = origin.previous
        } else if first != removed {
            self.origins[Int(first)].previous = origin.previous
        }
    }
}

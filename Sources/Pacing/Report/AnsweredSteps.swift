import Timeline

/// The steps whose answers one subscriber has seen, in step order: says in O(log n) how many of them come after a given one.
///
/// A treap: a search tree by step number that is at the same time a heap by a hash of it, which keeps it balanced whatever the
/// order of the answers.
struct AnsweredSteps: Sendable {
    struct Entry: Sendable {
        let number: StepNumber
        let at: Instant
    }

    private struct Node: Sendable {
        var entry: Entry
        var left: Int32 = -1
        var right: Int32 = -1
        /// Of this node and all below it.
        var count: Int32 = 1
    }

    private var nodes: [Node] = []
    private var unused: [Int32] = []
    private var root: Int32 = -1
    /// The last step in step order.
    private(set) var last: StepNumber?

    var count: Int { self.count(self.root) }

    /// Adds a step.
    /// - Returns: how many steps after it are here already; nil when it is one of them.
    mutating func insert(_ number: StepNumber, at instant: Instant) -> Int? {
        guard let after = self.countAfter(number) else { return nil }
        let node = Node(entry: Entry(number: number, at: instant))
        let place: Int32
        if let free = self.unused.popLast() {
            self.nodes[Int(free)] = node
            place = free
        } else {
            place = Int32(self.nodes.count)
            self.nodes.append(node)
        }
        self.root = self.insert(place, into: self.root)
        self.last = max(self.last ?? number, number)
        return after
    }

    /// The first `limit` steps after `number`, in step order.
    func entries(after number: StepNumber, limit: Int) -> [Entry] {
        var found: [Entry] = []
        self.collect(after: number, limit: limit, from: self.root, into: &found)
        return found
    }

    /// Forgets the steps before `number`.
    mutating func removeAll(before number: StepNumber) {
        let (before, rest) = self.split(self.root, before: number)
        self.root = rest
        var doomed = before >= 0 ? [before] : []
        while let node = doomed.popLast() {
            self.unused.append(node)
            if self.nodes[Int(node)].left >= 0 { doomed.append(self.nodes[Int(node)].left) }
            if self.nodes[Int(node)].right >= 0 { doomed.append(self.nodes[Int(node)].right) }
        }
    }

    // MARK: The tree

    private func count(_ tree: Int32) -> Int { tree < 0 ? 0 : Int(self.nodes[Int(tree)].count) }

    /// Nil when the step itself is here.
    private func countAfter(_ number: StepNumber) -> Int? {
        var after = 0
        var tree = self.root
        while tree >= 0 {
            let node = self.nodes[Int(tree)]
            if node.entry.number == number { return nil }
            if number < node.entry.number {
                after += 1 + self.count(node.right)
                tree = node.left
            } else {
                tree = node.right
            }
        }
        return after
    }

    private mutating func insert(_ new: Int32, into tree: Int32) -> Int32 {
        guard tree >= 0 else { return new }
        let number = self.nodes[Int(new)].entry.number
        if Self.rank(of: number) > Self.rank(of: self.nodes[Int(tree)].entry.number) {
            let (before, after) = self.split(tree, before: number)
            self.nodes[Int(new)].left = before
            self.nodes[Int(new)].right = after
            self.recount(new)
            return new
        }
        if number < self.nodes[Int(tree)].entry.number {
            self.nodes[Int(tree)].left = self.insert(new, into: self.nodes[Int(tree)].left)
        } else {
            self.nodes[Int(tree)].right = self.insert(new, into: self.nodes[Int(tree)].right)
        }
        self.nodes[Int(tree)].count += 1
        return tree
    }

    private mutating func split(_ tree: Int32, before number: StepNumber) -> (before: Int32, rest: Int32) {
        guard tree >= 0 else { return (-1, -1) }
        if self.nodes[Int(tree)].entry.number < number {
            let (before, rest) = self.split(self.nodes[Int(tree)].right, before: number)
            self.nodes[Int(tree)].right = before
            self.recount(tree)
            return (tree, rest)
        }
        let (before, rest) = self.split(self.nodes[Int(tree)].left, before: number)
        self.nodes[Int(tree)].left = rest
        self.recount(tree)
        return (before, tree)
    }

    private mutating func recount(_ tree: Int32) {
        let node = self.nodes[Int(tree)]
        self.nodes[Int(tree)].count = Int32(1 + self.count(node.left) + self.count(node.right))
    }

    private func collect(after number: StepNumber, limit: Int, from tree: Int32, into found: inout [Entry]) {
        guard tree >= 0, found.count < limit else { return }
        let node = self.nodes[Int(tree)]
        if number < node.entry.number {
            self.collect(after: number, limit: limit, from: node.left, into: &found)
            if found.count < limit { found.append(node.entry) }
        }
        self.collect(after: number, limit: limit, from: node.right, into: &found)
    }

    /// A hash that decides who is above whom (the finalizer of SplitMix64).
    private static func rank(of number: StepNumber) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: number.rawValue) &+ 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }
}

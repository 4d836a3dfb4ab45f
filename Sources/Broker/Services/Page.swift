/// A part of a list that is given out in parts, in the order of its keys.
package struct Page<Item: Sendable>: Sendable {
    package let items: [Item]
    /// The key of the last item when more follow; `nil` at the end of the list.
    package let last: [UInt8]?
}

/// Collects the items of one page from a list in any order: the lowest keys after a given one. The cost is a comparison for most items.
struct PageCollector<Item: Sendable> {
    private let after: [UInt8]?
    private let count: Int
    /// One more than the page holds, to know whether more follow.
    private var found: [(key: [UInt8], item: Item)] = []

    init(after: [UInt8]?, count: Int) {
        self.after = after
        self.count = count
    }

    mutating func offer(_ key: [UInt8], _ item: @autoclosure () -> Item) {
        if let after, !after.lexicographicallyPrecedes(key) { return }
        if self.found.count > self.count, let last = self.found.last, !key.lexicographicallyPrecedes(last.key) { return }
        let place = self.found.firstIndex { key.lexicographicallyPrecedes($0.key) } ?? self.found.endIndex
        self.found.insert((key, item()), at: place)
        if self.found.count > self.count + 1 { self.found.removeLast() }
    }

    var page: Page<Item> {
        let shown = self.found.prefix(self.count)
        return Page(items: shown.map(\.item), last: self.found.count > self.count ? shown.last?.key : nil)
    }
}

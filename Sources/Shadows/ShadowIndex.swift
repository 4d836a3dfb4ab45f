/// Which shadows live, by thing: what counts and lists are read from.
struct ShadowIndex {
    private struct Entry {
        var hasClassic = false
        var names: Set<ShadowName> = []
    }

    private(set) var count = 0
    private var things: [ThingName: Entry] = [:]

    /// Takes in a shadow that is not in here.
    mutating func insert(_ id: ShadowID) {
        self.count += 1
        if let name = id.name {
            self.things[id.thing, default: Entry()].names.insert(name)
        } else {
            self.things[id.thing, default: Entry()].hasClassic = true
        }
    }

    /// Drops a shadow that is in here.
    mutating func remove(_ id: ShadowID) {
        guard var entry = self.things.removeValue(forKey: id.thing) else {
            preconditionFailure("\(id.topicPrefix) is dropped from a list that does not have its thing")
        }
        self.count -= 1
        if let name = id.name { entry.names.remove(name) } else { entry.hasClassic = false }
        if entry.hasClassic || !entry.names.isEmpty { self.things[id.thing] = entry }
    }

    /// The named shadows of a thing, sorted. Cost: that of sorting them, whatever other things have.
    func names(of thing: ThingName) -> [ShadowName] {
        self.things[thing]?.names.sorted() ?? []
    }

    /// By thing, the classic shadow first, then by name.
    var all: [ShadowID] {
        var all: [ShadowID] = []
        all.reserveCapacity(self.count)
        for (thing, entry) in self.things.sorted(by: { $0.key < $1.key }) {
            if entry.hasClassic { all.append(ShadowID(thing: thing)) }
            for name in entry.names.sorted() { all.append(ShadowID(thing: thing, name: name)) }
        }
        return all
    }
}

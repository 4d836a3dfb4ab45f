package import Shadows

/// The registry's changes, each journalled; the caller answers by `whenSafe`.
extension BrokerCore {
    package func createThing(_ name: ThingName, _ settings: ThingSettings) throws(ThingError) -> ThingRecord {
        let (thing, isNew) = try self.things.create(name, settings, freshID: self.shell.freshID, now: self.wallTime)
        if isNew { self.journal(.thing(thing)) }
        return thing
    }

    package func updateThing(_ name: ThingName, _ update: ThingUpdate) throws(ThingError) {
        let thing = try self.things.update(name, update)
        self.journal(.thing(thing))
    }

    /// A thing that is not there is no error.
    package func deleteThing(_ name: ThingName, expectedVersion: Int64?) throws(ThingError) {
        if try self.things.delete(name, expectedVersion: expectedVersion) { self.journal(.thingRemoved(name)) }
    }

    package func thing(_ name: ThingName) throws(ThingError) -> ThingRecord {
        guard let thing = self.things[name] else { throw .notFound(name) }
        return thing
    }

    package func listThings(_ filter: ThingRegistry.Filter, after: [UInt8]?, count: Int) -> Page<ThingRecord> {
        self.things.page(filter, after: after, count: count)
    }

    private func journal(_ entry: JournalEntry) {
        self.beginTick()
        self.gate.append(entry)
    }
}

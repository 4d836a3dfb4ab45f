package import Shadows
import Timeline

/// The list of things. Shadows neither need an entry here nor end with it. Source: `iot-core-services.md` §2.
package struct ThingRegistry: Sendable {
    /// Which things are listed; `nil` stands for any.
    package struct Filter: Equatable, Sendable {
        package var thingType: String?
        package var attribute: String?
        package var value: String?
        /// The value is what the attribute's begins with.
        package var valueIsPrefix: Bool

        package init(thingType: String? = nil, attribute: String? = nil, value: String? = nil, valueIsPrefix: Bool = false) {
            self.thingType = thingType
            self.attribute = attribute
            self.value = value
            self.valueIsPrefix = valueIsPrefix
        }

        func passes(_ thing: ThingRecord) -> Bool {
            if let thingType, thing.settings.thingType != thingType { return false }
            guard let attribute else { return true }
            guard let found = thing.settings.attributes[attribute] else { return false }
            guard let value else { return true }
            return self.valueIsPrefix ? found.hasPrefix(value) : found == value
        }
    }

    private static let maximumCount = 1_000_000

    private var things: [ThingName: ThingRecord] = [:]

    package init() {}

    package var count: Int { self.things.count }

    package subscript(name: ThingName) -> ThingRecord? { self.things[name] }

    /// Every thing, in no order.
    package var all: some Sequence<ThingRecord> { self.things.values }

    /// Puts back what a journal kept.
    package mutating func restore(_ thing: ThingRecord) {
        self.things[thing.name] = thing
    }

    /// The same request again finds the thing as it is; `isNew` tells.
    mutating func create(
        _ name: ThingName, _ settings: ThingSettings, freshID: () -> String, now: WallTime
    ) throws(ThingError) -> (thing: ThingRecord, isNew: Bool) {
        let settings = settings.normal
        if let thing = self.things[name] {
            guard thing.settings == settings else { throw .exists(thing) }
            return (thing, false)
        }
        try Self.check(settings)
        if self.things.count >= Self.maximumCount { throw .tooManyThings(maximum: Self.maximumCount) }
        let thing = ThingRecord(name: name, id: freshID(), createdAt: now, settings: settings)
        self.things[name] = thing
        return (thing, true)
    }

    mutating func update(_ name: ThingName, _ update: ThingUpdate) throws(ThingError) -> ThingRecord {
        guard var thing = self.things[name] else { throw .notFound(name) }
        try Self.check(update.expectedVersion, thing)
        if let attributes = update.attributes {
            thing.settings.attributes = update.mergesAttributes ? thing.settings.attributes.merging(attributes) { $1 } : attributes
        }
        if update.removesThingType { thing.settings.thingType = nil }
        if let thingType = update.thingType { thing.settings.thingType = thingType }
        thing.settings = thing.settings.normal
        try Self.check(thing.settings)
        thing.version += 1
        self.things[name] = thing
        return thing
    }

    /// - Returns: `false` when there is no such thing, which is no error.
    mutating func delete(_ name: ThingName, expectedVersion: Int64?) throws(ThingError) -> Bool {
        guard let thing = self.things[name] else { return false }
        try Self.check(expectedVersion, thing)
        self.things[name] = nil
        return true
    }

    /// The things that pass, in the order of their names.
    func page(_ filter: Filter, after: [UInt8]?, count: Int) -> Page<ThingRecord> {
        var collector = PageCollector<ThingRecord>(after: after, count: count)
        for thing in self.things.values where filter.passes(thing) { collector.offer(Array(thing.name.text.utf8), thing) }
        return collector.page
    }

    private static func check(_ expected: Int64?, _ thing: ThingRecord) throws(ThingError) {
        guard let expected, expected != thing.version else { return }
        throw .versionConflict(expected: expected, actual: thing.version)
    }

    private static func check(_ settings: ThingSettings) throws(ThingError) {
        let maximum = settings.thingType == nil ? 3 : 50
        if settings.attributes.count > maximum { throw .tooManyAttributes(count: settings.attributes.count, maximum: maximum) }
    }
}

package import Shadows
package import Timeline

/// A thing as the registry keeps it. Source: `iot-core-services.md` §2.
package struct ThingRecord: Equatable, Sendable {
    package let name: ThingName
    /// A UUID.
    package let id: String
    package let createdAt: WallTime
    /// 1 at first; each update adds 1.
    package internal(set) var version: Int64
    package internal(set) var settings: ThingSettings

    package init(name: ThingName, id: String, createdAt: WallTime, version: Int64 = 1, settings: ThingSettings) {
        self.name = name
        self.id = id
        self.createdAt = createdAt
        self.version = version
        self.settings = settings
    }
}

/// What a client says of a thing.
package struct ThingSettings: Equatable, Sendable {
    package var attributes: [String: String]
    /// Taken as given: there is no list of types or billing groups.
    package var thingType: String?
    package var billingGroup: String?

    package init(attributes: [String: String] = [:], thingType: String? = nil, billingGroup: String? = nil) {
        self.attributes = attributes
        self.thingType = thingType
        self.billingGroup = billingGroup
    }

    /// Attributes without values are none, as in an update that takes them away.
    var normal: ThingSettings {
        var settings = self
        settings.attributes = self.attributes.filter { !$0.value.isEmpty }
        return settings
    }
}

/// What UpdateThing changes.
package struct ThingUpdate: Equatable, Sendable {
    /// `nil` leaves the attributes alone; an empty value takes one away.
    package var attributes: [String: String]?
    /// Attributes that are not named stay.
    package var mergesAttributes: Bool
    package var thingType: String?
    package var removesThingType: Bool
    package var expectedVersion: Int64?

    package init(
        attributes: [String: String]? = nil, mergesAttributes: Bool = false, thingType: String? = nil, removesThingType: Bool = false,
        expectedVersion: Int64? = nil
    ) {
        self.attributes = attributes
        self.mergesAttributes = mergesAttributes
        self.thingType = thingType
        self.removesThingType = removesThingType
        self.expectedVersion = expectedVersion
    }
}

/// Why the registry refuses.
package enum ThingError: Error, Equatable, Sendable {
    case notFound(ThingName)
    /// The thing is there and differs from what was to be created.
    case exists(ThingRecord)
    case versionConflict(expected: Int64, actual: Int64)
    case tooManyAttributes(count: Int, maximum: Int)
    case tooManyThings(maximum: Int)
}

/// Sizes and counts of the shadow service (AWS quotas page "AWS IoT Core device shadow limits"; adjustable ones are noted).
package struct ShadowLimits: Equatable, Sendable {
    /// Compact bytes of `desired` plus `reported` after the merge; quota L-A295A064, adjustable. Metadata does not count.
    package var documentBytes = 8192
    /// Levels below each section; quota L-2A7BC612. `{"a":{"b":1}}` has two; arrays count, empty containers do not.
    package var documentDepth = 8
    /// Longest `clientToken`, in UTF-8 bytes (Developer Guide, "Device Shadow error messages").
    package var clientTokenBytes = 64
    /// How long a deleted shadow's version is remembered (Developer Guide, "Device Shadow data flow").
    package var deletedVersionLife: Duration = .seconds(48 * 3600)
    /// Nesting read before a text is given up as too deep; beyond it the `clientToken` is not looked for.
    /// Ours: it bounds recursion and lies far above ``documentDepth``.
    package var textDepth = 256
    /// Shadows and remembered deletions in one store; the next creation is answered 429. Ours: AWS has no such limit.
    package var shadows = 1_000_000

    package init() {}
}

/// Behaviours of the service that no capture or document settles. Each default names its source; "unconfirmed" says so.
///
/// <doc:Switches> lists all with their alternatives and evidence.
package struct ShadowSwitches: Equatable, Sendable {
    /// What to do with a request whose JSON type is not the one expected.
    package enum OddToken: Equatable, Sendable { case reject, ignore }
    /// What a `version` means while there is no shadow and none was deleted lately.
    package enum VersionOnMissing: Equatable, Sendable {
        /// Accept 1, answer 400 `Invalid version` to anything else. Greengrass `JsonUtil.validatePayload`; cloud unconfirmed.
        case acceptOne
        /// Answer 409 to anything.
        case conflict
        /// Accept anything.
        case ignore
    }
    /// The answer to an `update` without a payload.
    package enum EmptyUpdate: Equatable, Sendable {
        /// `Missing update payload`. Greengrass; cloud unconfirmed.
        case missingPayload
        case invalidJSON
    }
    /// The answer to an `update` that is JSON but no object, such as `5`.
    package enum NonObject: Equatable, Sendable {
        /// `Missing required node: state`, since there is no such key. Unconfirmed.
        case missingState
        case invalidJSON
    }
    /// The payload of a `get` or `delete` that is not JSON.
    package enum OddContent: Equatable, Sendable {
        /// As if it were empty. Unconfirmed.
        case ignore
        /// `Invalid JSON`.
        case reject
    }
    /// The text about a null that is an element of an array.
    package enum NullInArrayText: Equatable, Sendable {
        /// `State contains an invalid node: '<key>'`, the documented text for what `state` may not hold. Unconfirmed.
        case invalidNode
        case invalidJSON
    }
    /// A null member of an object inside an array. (A null element of an array is always refused, Developer Guide.)
    package enum NullInArrayObject: Equatable, Sendable {
        /// Arrays are replaced whole, so it is stored as sent. Unconfirmed.
        case keep
        case reject
    }

    /// A `clientToken` that is a number, boolean, array or object is refused with 400 `Invalid clientToken`. Unconfirmed.
    package var nonStringClientToken = OddToken.reject
    /// `"clientToken":null` counts as no token. Unconfirmed.
    package var nullClientToken = OddToken.ignore
    /// Whether `rejected` repeats a token that is itself the fault. Unconfirmed; device-shadow E20 shows none.
    package var echoesInvalidClientToken = false
    /// Whether `rejected` carries `timestamp`. The guide allows both; every capture found has none.
    package var stampsRejections = false
    package var versionOnMissingShadow = VersionOnMissing.acceptOne
    package var emptyUpdate = EmptyUpdate.missingPayload
    package var nonObjectUpdate = NonObject.missingState
    package var nonJSONContent = OddContent.ignore
    package var nullInArrayText = NullInArrayText.invalidNode
    package var nullInArrayObject = NullInArrayObject.keep
    /// An array counts as a level of nesting. Greengrass `JsonUtil`; cloud unconfirmed.
    package var arraysAddLevel = true
    /// A new object that holds nothing but nulls is not stored, rather than as `{}`. Greengrass `JsonMerger`; cloud unconfirmed.
    package var dropsObjectsOfNulls = true
    /// `1` and `1.0` are equal in the delta. Greengrass `JsonUtil.calculateDelta`; cloud unconfirmed.
    package var comparesNumbersByValue = true
    /// A field sent again with its old value gets a new timestamp. Greengrass; cloud unconfirmed.
    package var restampsEqualValues = true
    /// A nested object whose last key was deleted stays as `{}`. Greengrass `JsonMerger`; cloud unconfirmed.
    package var keepsEmptiedObjects = true
    /// A delta that an update left as it was is published again. Greengrass, and one device log of 2018.
    package var repeatsUnchangedDelta = true
    /// `documents` says `"previous":null` when the update created the shadow, rather than nothing. Two captures of first
    /// creations; after a delete unconfirmed.
    package var writesNullPrevious = true
    /// The delete itself takes a version, so that a re-created shadow has n + 2. Greengrass sync code, one SDK transcript.
    package var deleteTakesVersion = true
    /// The maximum named in the text about nesting. The guide and Greengrass print 6 although the quota is 8; unconfirmed.
    package var printedDepth = 6
    /// REST deletes also publish `delete/accepted`. One live check of 2026 (ministack#1531).
    package var restDeletePublishes = true
    /// REST reads publish `get/accepted`. Unconfirmed.
    package var restGetPublishes = false

    package init() {}
}

/// Limits and switches of a shadow store.
package struct ShadowRules: Equatable, Sendable {
    package var limits: ShadowLimits
    package var switches: ShadowSwitches

    package init(limits: ShadowLimits = .init(), switches: ShadowSwitches = .init()) {
        self.limits = limits
        self.switches = switches
    }

    /// What AWS does, as far as known.
    package static let aws = ShadowRules()
}

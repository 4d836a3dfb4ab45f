package import JSON
package import Timeline

/// A shadow as a journal keeps it: text, so that it needs no schema of its own.
package struct ShadowRecord: Equatable, Sendable {
    /// The compact JSON of one section and of its metadata.
    package struct Section: Equatable, Sendable {
        package var state: [UInt8]
        package var metadata: [UInt8]

        package init(state: [UInt8], metadata: [UInt8]) {
            self.state = state
            self.metadata = metadata
        }
    }

    package var id: ShadowID
    package var version: Int64
    package var changedAt: WallTime
    package var desired: Section?
    package var reported: Section?

    package init(id: ShadowID, version: Int64, changedAt: WallTime, desired: Section?, reported: Section?) {
        self.id = id
        self.version = version
        self.changedAt = changedAt
        self.desired = desired
        self.reported = reported
    }

    /// `{"desired":…,"reported":…}` without the absent sections.
    package var wholeState: JSONValue {
        var state = JSONObject()
        state["desired"] = self.desired.flatMap { try? JSONValue(parsing: $0.state, limits: JSONLimits(maximumDepth: 512)) }
        state["reported"] = self.reported.flatMap { try? JSONValue(parsing: $0.state, limits: JSONLimits(maximumDepth: 512)) }
        return .object(state)
    }

    /// The largest version a store takes back: far below the end of `Int64`, so that no number of updates gets there.
    package static let largestVersion: Int64 = 1 << 62

    /// Whether a store would take it back.
    package func check() throws(ShadowRestoreError) {
        var scratch = ShadowScratch()
        _ = try ShadowDocument(self, &scratch)
    }
}

/// What is remembered of a deleted shadow, so that its versions go on when it comes back.
package struct ShadowTombstone: Equatable, Sendable {
    package var id: ShadowID
    /// The version the deletion left behind; the next update has one more.
    package var version: Int64
    package var deletedAt: WallTime

    package init(id: ShadowID, version: Int64, deletedAt: WallTime) {
        self.id = id
        self.version = version
        self.deletedAt = deletedAt
    }
}

/// Why a kept record cannot be taken back.
package enum ShadowRestoreError: Error, Equatable, Sendable {
    case unreadable(ShadowID, section: String, JSONError)
    case notAnObject(ShadowID, section: String)
    case badVersion(ShadowID, Int64)
    /// A value without its timestamp; the path is a JSON pointer below the section.
    case noTimestamp(ShadowID, section: String, pointer: String)

    package var text: String {
        switch self {
        case .unreadable(let id, let section, let error): "\(id.topicPrefix): the kept \(section) is not JSON: \(error.text)"
        case .notAnObject(let id, let section): "\(id.topicPrefix): the kept \(section) is not an object"
        case .badVersion(let id, let version): "\(id.topicPrefix): \(version) cannot be a version"
        case .noTimestamp(let id, let section, let pointer): "\(id.topicPrefix): the kept \(section) has no timestamp at '\(pointer)'"
        }
    }
}

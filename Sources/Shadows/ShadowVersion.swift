package import Timeline

/// One version of a shadow, or its deletion, with who asked for it.
package struct ShadowVersion: Equatable, Sendable {
    /// Counts the changes of all shadows; names one in the journal.
    package let serial: UInt64
    package let change: ShadowChange
    /// Who changed it, when, and what set that off.
    package let origin: Origin

    package struct Origin: Equatable, Sendable {
        /// The cause of the request; counts from 1 since the broker's first start.
        package var cause: UInt64
        /// The MQTT client that asked; `nil` for a request over HTTP.
        package var clientID: String?
        /// The access key or certificate of the request; `nil` for anonymous.
        package var principal: String?

        package init(cause: UInt64, clientID: String?, principal: String?) {
            self.cause = cause
            self.clientID = clientID
            self.principal = principal
        }
    }

    package init(serial: UInt64, change: ShadowChange, origin: Origin) {
        self.serial = serial
        self.change = change
        self.origin = origin
    }

    package var id: ShadowID {
        switch self.change {
        case .stored(let record): record.id
        case .deleted(let tombstone): tombstone.id
        }
    }

    /// The document's version, or the one that its deletion left behind.
    package var version: Int64 {
        switch self.change {
        case .stored(let record): record.version
        case .deleted(let tombstone): tombstone.version
        }
    }

    package var changedAt: WallTime {
        switch self.change {
        case .stored(let record): record.changedAt
        case .deleted(let tombstone): tombstone.deletedAt
        }
    }

    /// `nil` for a deletion.
    package var record: ShadowRecord? {
        if case .stored(let record) = self.change { record } else { nil }
    }

    /// What it takes in memory, about.
    var bytes: Int {
        guard let record = self.record else { return Self.fixedBytes }
        return Self.fixedBytes + Self.bytes(of: record.desired) + Self.bytes(of: record.reported)
    }

    private static let fixedBytes = 200

    private static func bytes(of section: ShadowRecord.Section?) -> Int {
        guard let section else { return 0 }
        return section.state.count + section.metadata.count
    }
}

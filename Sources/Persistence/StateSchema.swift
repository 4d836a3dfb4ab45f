import Broker
import GRDB

/// The tables of a state file, and how older files become like newer ones.
///
/// Times are nanoseconds since the epoch. A session's rows go by its number, its messages by their serials.
enum StateSchema {
    /// What each version adds. Only ever append: a file of version n has run the first n.
    private static let steps = [
        """
        CREATE TABLE shadow_version (
            serial INTEGER PRIMARY KEY, thing TEXT NOT NULL, name TEXT, version INTEGER NOT NULL, changed_at INTEGER NOT NULL,
            is_deletion INTEGER NOT NULL, desired BLOB, desired_metadata BLOB, reported BLOB, reported_metadata BLOB,
            cause INTEGER NOT NULL, client TEXT, principal TEXT
        ) STRICT;
        CREATE TABLE retained (
            topic BLOB PRIMARY KEY, payload BLOB NOT NULL, properties BLOB NOT NULL, qos INTEGER NOT NULL, cause INTEGER NOT NULL,
            changed_at INTEGER NOT NULL, expires_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE session (
            number INTEGER PRIMARY KEY, client TEXT NOT NULL, profile TEXT NOT NULL, protocol INTEGER NOT NULL, expiry INTEGER NOT NULL,
            left_at INTEGER, will BLOB, will_due_at INTEGER
        ) STRICT;
        CREATE TABLE subscription (
            session INTEGER NOT NULL, filter BLOB NOT NULL, qos INTEGER NOT NULL, no_local INTEGER NOT NULL,
            retain_as_published INTEGER NOT NULL, retain_handling INTEGER NOT NULL, identifier INTEGER,
            PRIMARY KEY (session, filter)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE message (
            id INTEGER PRIMARY KEY, topic BLOB NOT NULL, payload BLOB NOT NULL, properties BLOB NOT NULL, qos INTEGER NOT NULL,
            cause INTEGER NOT NULL, expires_at INTEGER
        ) STRICT;
        CREATE TABLE delivery (
            session INTEGER NOT NULL, serial INTEGER NOT NULL, message INTEGER, qos INTEGER NOT NULL, retain INTEGER NOT NULL,
            packet_id INTEGER NOT NULL, PRIMARY KEY (session, serial)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE unreleased (
            session INTEGER NOT NULL, packet_id INTEGER NOT NULL, PRIMARY KEY (session, packet_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE thing (
            name TEXT PRIMARY KEY, id TEXT NOT NULL, created_at INTEGER NOT NULL, version INTEGER NOT NULL, attributes TEXT NOT NULL,
            thing_type TEXT, billing_group TEXT
        ) STRICT, WITHOUT ROWID;
        """
    ]

    static var version: Int { self.steps.count }

    /// The tables whose rows are a broker's state.
    static let tables = ["shadow_version", "retained", "session", "subscription", "message", "delivery", "unreleased", "thing"]

    /// Brings a file up to date, all of it or nothing, and looks whether its tables are what they should be.
    static func migrate(_ db: Database, path: String) throws {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard found <= self.version else {
            throw StateProblem(
                "the state file \(path) was written by a newer Sundial (its version is \(found), this one knows \(self.version)); use that one, or give another --state"
            )
        }
        guard found >= 0 else { throw RowReader.damage("its version") }
        if found < self.version {
            try db.inTransaction(.immediate) {
                try self.take(self.steps[found...], in: db)
                return .commit
            }
        }
        let expected = try DatabaseQueue().write { db in
            try self.take(self.steps[...], in: db)
            return try self.definitions(in: db)
        }
        guard expected.isSubset(of: try self.definitions(in: db)) else { throw RowReader.damage("a table") }
    }

    private static func take(_ steps: ArraySlice<String>, in db: Database) throws {
        for step in steps { try db.execute(sql: step) }
        try db.execute(sql: "PRAGMA application_id = \(StateFileHeader.applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(self.version)")
    }

    /// The statements that made the tables there are.
    private static func definitions(in db: Database) throws -> Set<String> {
        var definitions: Set<String> = []
        let rows = try Row.fetchCursor(db, sql: "SELECT sql FROM sqlite_master WHERE type = 'table'")
        while let row = try rows.next() { if let sql = try RowReader(row).textIfAny("sql") { definitions.insert(sql) } }
        return definitions
    }
}

/// An access key, its secret and, for temporary credentials, the session token.
///
/// Printing or dumping one shows the key id only.
package struct Credentials: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The key id: what URLs show, and the principal of a connection.
    package let accessKeyID: String
    /// The secret. Surrounding white space is kept, since it takes part in the signature.
    package let secretAccessKey: String
    /// The session token; nil for a long-term key.
    package let sessionToken: String?

    /// - Parameter sessionToken: nil or empty for a long-term key.
    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken?.isEmpty == true ? nil : sessionToken
    }

    /// What people already use with local emulators: `test` / `test`. DESIGN §2.
    package static let local = Credentials(accessKeyID: "test", secretAccessKey: "test")

    package var description: String { "Credentials(\(self.accessKeyID))" }
    package var debugDescription: String { self.description }
    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": self.accessKeyID]) }
}

/// The credentials a door accepts, found by key id.
package struct CredentialSet: Sendable {
    private var byKeyID: [String: Credentials] = [:]

    /// A later entry with the same key id replaces an earlier one.
    package init(_ credentials: [Credentials] = [.local]) {
        for entry in credentials { self.byKeyID[entry.accessKeyID] = entry }
    }

    /// The credentials with this key id.
    package subscript(accessKeyID: String) -> Credentials? { self.byKeyID[accessKeyID] }

    /// How many key ids are known.
    package var count: Int { self.byKeyID.count }

    /// The key ids, sorted; for start-up lines and explanations.
    package var accessKeyIDs: [String] { self.byKeyID.keys.sorted() }

    /// Everything, in the order of the key ids.
    var all: [Credentials] { self.byKeyID.values.sorted { $0.accessKeyID < $1.accessKeyID } }
}

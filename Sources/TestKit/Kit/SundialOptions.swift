extension Sundial {
    /// How a kit is set up. What is not said suits most tests.
    public struct Options: Sendable {
        /// How time passes.
        public enum Clock: Equatable, Sendable {
            /// Only when the test lets it: see <doc:Time>. It begins at 2026-01-01T00:00:00Z, so that runs repeat.
            case virtual
            /// As many times as fast as real time, from the present on.
            case scaled(Double)
            /// As outside.
            case real
        }

        /// A key that signed requests may use.
        public struct Key: Equatable, Sendable {
            /// The access key id.
            public var id: String
            /// The secret access key.
            public var secret: String
            /// The session token, for temporary keys.
            public var token: String?

            /// A key.
            public init(id: String, secret: String, token: String? = nil) {
                self.id = id
                self.secret = secret
                self.token = token
            }

            /// What people use with local emulators: `test` / `test`.
            public static let test = Key(id: "test", secret: "test")
        }

        /// How time passes.
        public var clock: Clock
        /// What clients live by, on every door and in the process.
        public var rules: ServiceRules
        /// The keys that signed requests may use. The first one signs ``Sundial/websocketURL``.
        public var keys: [Key]
        /// The region signatures must be for; any is good if not said.
        public var region: String?
        /// How many messages and events are kept for ``Sundial/messages``, ``Sundial/events`` and expectations; at least 1.
        public var recordLimit: Int

        /// Options with what is given.
        public init(
            clock: Clock = .virtual, rules: ServiceRules = .aws, keys: [Key] = [.test], region: String? = nil, recordLimit: Int = 10_000
        ) {
            self.clock = clock
            self.rules = rules
            self.keys = keys
            self.region = region
            self.recordLimit = max(recordLimit, 1)
        }
    }
}

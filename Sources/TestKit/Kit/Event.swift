extension Sundial {
    /// Something the broker said: who came, who was refused and why, who left, what was rejected.
    public struct Event: Sendable, CustomStringConvertible {
        /// What happened, in constant words.
        public let text: String
        /// To whom and why: `client`, `reason`, `cause`, `topic`, …
        public let facts: [String: String]

        /// `client connected  client=app door=mqtt`.
        public var description: String {
            ([self.text] + self.facts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: "  ")
        }
    }
}

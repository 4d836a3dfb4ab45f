import JSON

extension Match {
    /// Whether the message is one of those described, where no variable is known but those the reader filled in.
    package func matches(_ message: ObservedMessage, hashMatchesParent: Bool) -> Bool {
        self.matches(message, hashMatchesParent: hashMatchesParent, NoLateValues())
    }
}

private struct NoLateValues: LateValues {
    func lateValue(of name: String) -> JSONValue? { nil }
}

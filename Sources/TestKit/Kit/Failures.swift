/// Something that was expected did not come, or came although it was not.
public struct ExpectationFailure: Error, CustomStringConvertible {
    /// Who was to see it, what and within what time, what came instead, and the line of the test.
    public let description: String
    /// What came instead: the last messages that have to do with it, at most five, oldest first.
    public let related: [Sundial.Message]

    init(description: String, related: [Sundial.Message]) {
        self.description = description
        self.related = related
    }
}

/// The shadow service rejected a request.
public struct ShadowRejected: Error, Equatable, CustomStringConvertible {
    /// The service's code: 400, 404, 409, …
    public let code: Int
    /// The service's message, to the letter.
    public let message: String
    /// What was asked, what was answered and why.
    public let description: String

    init(code: Int, message: String, description: String) {
        self.code = code
        self.message = message
        self.description = description
    }
}

/// A client could not do what it was told to.
public struct ClientFailure: Error, Equatable, CustomStringConvertible {
    /// The client's name.
    public let client: String
    /// What it was told, and why it could not.
    public let description: String

    init(_ client: String, _ description: String) {
        self.client = client
        self.description = "\(client): \(description)"
    }
}

/// A plan, or the description of a message, says something that cannot be.
public struct PlanFailure: Error, Equatable, CustomStringConvertible {
    /// Where, what, and what to do about it.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The kit itself could not go on.
public struct SundialFailure: Error, Equatable, CustomStringConvertible {
    /// What happened, and what to do.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
    static let stopped = SundialFailure("the kit has been stopped")
}

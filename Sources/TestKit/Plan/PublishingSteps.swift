import JSON

/// Updates a shadow, as `$aws/things/<thing>/shadow/update` does.
public struct Update: ShadowRequestStep {
    /// The version an update names.
    public enum Version: Equatable, Sendable, ExpressibleByIntegerLiteral {
        /// This one, whatever the shadow's is.
        case number(Int)
        /// The one last seen; after a conflict the update is sent again with the current one, at most three times.
        case auto

        /// This one, whatever the shadow's is.
        public init(integerLiteral value: Int) { self = .number(value) }

        var json: JSONValue {
            switch self {
            case .number(let number): .init(Int64(number))
            case .auto: .string("auto")
            }
        }
    }

    /// What the step says.
    public var draft: StepDraft

    /// - Parameters:
    ///   - shadow: `nil` is the classic one.
    ///   - desired: what the shadow's `desired` section changes by; `.null` removes the section.
    ///   - reported: the same for `reported`.
    ///   - version: refused with 409 unless the shadow is at this one.
    ///   - token: the `clientToken` that answers repeat.
    public init(
        _ thing: String, shadow: String? = nil, desired: JSON? = nil, reported: JSON? = nil, version: Version? = nil, token: String? = nil,
        fileID: String = #fileID, line: Int = #line
    ) {
        self.draft = StepDraft(
            "update",
            [
                ("thing", .string(thing)), ("shadow", shadow.map { .string($0) }), ("desired", desired?.value),
                ("reported", reported?.value),
                ("version", version?.json), ("token", token.map { .string($0) }),
            ], at: SourceLine(fileID: fileID, line: line))
    }

    /// Sends this payload as it is, whether or not the service will like it.
    public init(_ thing: String, shadow: String? = nil, raw payload: Payload, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft(
            "update", [("thing", .string(thing)), ("shadow", shadow.map { .string($0) }), ("raw", payload.written)],
            at: SourceLine(fileID: fileID, line: line))
    }
}

/// Reads a shadow.
public struct Get: ShadowRequestStep {
    /// What the step says.
    public var draft: StepDraft

    /// - Parameters:
    ///   - shadow: `nil` is the classic one.
    ///   - token: the `clientToken` that answers repeat.
    public init(_ thing: String, shadow: String? = nil, token: String? = nil, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft("get", .shadow(thing, shadow, token), at: SourceLine(fileID: fileID, line: line))
    }
}

/// Deletes a shadow.
public struct Delete: ShadowRequestStep {
    /// What the step says.
    public var draft: StepDraft

    /// - Parameters:
    ///   - shadow: `nil` is the classic one.
    ///   - token: the `clientToken` that answers repeat.
    public init(_ thing: String, shadow: String? = nil, token: String? = nil, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft("delete", .shadow(thing, shadow, token), at: SourceLine(fileID: fileID, line: line))
    }
}

/// Publishes a message.
public struct Publish: PublishingStep {
    /// What the step says.
    public var draft: StepDraft

    /// - Parameter qos: 0, 1 or 2; 1 if not said.
    public init(
        _ topic: String, _ payload: Payload, qos: Int? = nil, retain: Bool = false, fileID: String = #fileID, line: Int = #line
    ) {
        self.draft = StepDraft(
            "pub",
            [
                ("topic", .string(topic)), ("payload", payload.written), ("qos", qos.map { .init(Int64($0)) }),
                ("retain", retain ? .bool(true) : nil),
            ], at: SourceLine(fileID: fileID, line: line))
    }
}

extension [(String, JSONValue?)] {
    fileprivate static func shadow(_ thing: String, _ shadow: String?, _ token: String?) -> Self {
        [("thing", .string(thing)), ("shadow", shadow.map { .string($0) }), ("token", token.map { .string($0) })]
    }
}

extension Payload {
    /// As scenario files write it.
    var written: JSONValue {
        switch self {
        case .text(let text): .object(["text": .string(text)])
        // An object with the name of a payload form would be taken for it.
        case .json(let json): .object(["json": json.value])
        case .bytes(let bytes): .object(["hex": .string(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())])
        }
    }
}

import JSON

/// Waits for a message; passes when it is seen.
public struct Expect: ObservingStep {
    /// What the step says.
    public var draft: StepDraft

    /// Wants a message like this.
    public init(_ match: Match, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft("expect", .value(match.written), at: SourceLine(fileID: fileID, line: line))
    }

    /// Wants a message on this topic, wildcards allowed.
    ///
    /// - Parameters:
    ///   - json: what the payload must include, as in ``Match``.
    ///   - client: as that client saw it; without one, as seen inside the broker.
    ///   - causedBy: the id of the step it came from.
    public init(
        _ topic: String, json: JSON? = nil, text: String? = nil, client: String? = nil, causedBy: String? = nil,
        fileID: String = #fileID, line: Int = #line
    ) {
        self.init(Match(topic, json: json, text: text, client: client, causedBy: causedBy), fileID: fileID, line: line)
    }

    /// How long it may take from the step's own time on; 1 s if not said.
    public func within(_ time: Duration) -> Self { self.with("within", .duration(time)) }

    /// How many there must be; one or more if not said.
    public func count(_ count: Count) -> Self { self.with("count", count.json) }

    /// From when on messages count; from the step's own time if not said.
    public func from(_ place: LookBack) -> Self { self.with("from", place.json) }

    /// Keeps a part of the message as a variable that later texts name by `${name}`.
    /// - Parameter pointer: a JSON pointer such as `/state/reported/temp`.
    public func capture(_ name: String, _ pointer: String) -> Self {
        var captures = self.draft["capture"]?.object ?? JSONObject()
        captures[name] = .string(pointer)
        return self.with("capture", .object(captures))
    }
}

/// Fails when such a message is seen.
public struct ExpectNothing: ObservingStep {
    /// What the step says.
    public var draft: StepDraft

    /// No message like this, for so long.
    public init(_ match: Match, for time: Duration, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft("never", .value(match.written), at: SourceLine(fileID: fileID, line: line))
        self.draft["for"] = .duration(time)
    }

    /// No message on this topic, wildcards allowed, for so long.
    public init(
        _ topic: String, json: JSON? = nil, client: String? = nil, for time: Duration, fileID: String = #fileID, line: Int = #line
    ) {
        self.init(Match(topic, json: json, client: client), for: time, fileID: fileID, line: line)
    }
}

/// Waits for messages in this order; others may come between.
public struct Order: ObservingStep {
    /// What the step says.
    public var draft: StepDraft

    /// At least two.
    public init(_ matches: Match..., fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft("order", .value(.array(matches.map(\.written))), at: SourceLine(fileID: fileID, line: line))
    }

    /// How long it may take from the step's own time on; 1 s if not said.
    public func within(_ time: Duration) -> Self { self.with("within", .duration(time)) }

    /// From when on messages count; from the step's own time if not said.
    public func from(_ place: LookBack) -> Self { self.with("from", place.json) }
}

/// Looks at a shadow, at this time; nothing is sent to it.
public struct ShadowIs: ObservingStep {
    /// What the step says.
    public var draft: StepDraft

    /// - Parameters:
    ///   - shadow: `nil` is the classic one.
    ///   - equals: the whole state: `["desired": …, "reported": …]`.
    ///   - includes: a part of the state, as in ``Match``.
    public init(
        _ thing: String, shadow: String? = nil, equals: JSON? = nil, includes: JSON? = nil, version: Int? = nil,
        fileID: String = #fileID, line: Int = #line
    ) {
        self.draft = StepDraft(
            "shadowIs",
            [
                ("thing", .string(thing)), ("shadow", shadow.map { .string($0) }), ("equals", equals?.value), ("includes", includes?.value),
                ("version", version.map { .init(Int64($0)) }),
            ], at: SourceLine(fileID: fileID, line: line))
    }
}

import JSON

/// Opens a client of the plan.
public struct Connect: BarrierStep {
    /// What the step says.
    public var draft: StepDraft

    /// - Parameters:
    ///   - client: what the plan calls it.
    ///   - id: its MQTT client id; as the plan calls it if not said.
    ///   - clean: whether it begins without an earlier session.
    ///   - sessionExpiry: how long its session outlives the connection, in whole seconds; not at all if not said.
    ///   - keepAlive: in seconds; 0 switches it off.
    ///   - reconnects: it connects again when the connection is lost, and sends again what was not acknowledged.
    public init(
        _ client: String, id: String? = nil, version: MQTTVersion = .v5, clean: Bool = true, sessionExpiry: Duration? = nil,
        keepAlive: Int = 60, will: Will? = nil, user: String? = nil, password: String? = nil, reconnects: Bool = false,
        fileID: String = #fileID, line: Int = #line
    ) {
        let auth = user.map { JSONObject(present: [("user", .string($0)), ("password", password.map { .string($0) })]) }
        self.draft = StepDraft(
            "connect",
            [
                ("client", .string(client)), ("id", id.map { .string($0) }), ("version", .string(version.rawValue)),
                ("clean", .bool(clean)),
                ("expiry", sessionExpiry.map { .duration($0) }), ("keepAlive", .init(Int64(keepAlive))), ("will", will?.json),
                ("auth", auth.map { .object($0) }), ("reconnect", reconnects ? .bool(true) : nil),
            ], at: SourceLine(fileID: fileID, line: line))
    }
}

/// Says goodbye; no will is published.
public struct Disconnect: DispatchingStep {
    /// What the step says.
    public var draft: StepDraft

    /// - Parameter reason: the reason code of DISCONNECT; 4 asks for the will.
    public init(_ client: String, reason: Int? = nil, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft(
            "disconnect", [("client", .string(client)), ("reason", reason.map { .init(Int64($0)) })],
            at: SourceLine(fileID: fileID, line: line))
    }
}

/// Tears a client off without a goodbye, so that its will is published.
public struct Drop: DispatchingStep {
    /// What the step says.
    public var draft: StepDraft

    /// - Parameter how: closed at once, or silent until its keep alive is over.
    public init(_ client: String, how: LossKind = .close, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft(
            "drop", [("client", .string(client)), ("how", .string(how.rawValue))], at: SourceLine(fileID: fileID, line: line))
    }
}

/// Subscribes a client.
public struct Subscribe: BarrierStep {
    /// What the step says.
    public var draft: StepDraft

    /// - Parameter qos: 0, 1 or 2; 1 if not said.
    public init(_ client: String, to filters: String..., qos: Int? = nil, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft(
            "sub",
            [("client", .string(client)), ("filters", .array(filters.map { .string($0) })), ("qos", qos.map { .init(Int64($0)) })],
            at: SourceLine(fileID: fileID, line: line))
    }
}

/// Ends subscriptions of a client.
public struct Unsubscribe: BarrierStep {
    /// What the step says.
    public var draft: StepDraft

    /// The filters are those that were subscribed to.
    public init(_ client: String, from filters: String..., fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft(
            "unsub", [("client", .string(client)), ("filters", .array(filters.map { .string($0) }))],
            at: SourceLine(fileID: fileID, line: line))
    }
}

import JSON

/// A description of messages; whatever is given must hold.
///
/// `json` is a subset: every member given must be there and match. Beside plain values it may hold `["$any": true]`,
/// `["$type": "number"]`, `["$gt": 3]`, `["$near": [21.5, 0.1]]`, `["$re": "^a"]`, `["$absent": true]` and `["$len": 3]`.
public struct Match: Sendable {
    /// A topic filter, wildcards allowed.
    public var topic: String?
    /// What the payload, read as JSON, must include.
    public var json: JSON?
    /// The whole payload as text.
    public var text: String?
    /// A regular expression found anywhere in the payload.
    public var regex: String?
    /// 0, 1 or 2.
    public var qos: Int?
    /// Whether it is marked as retained.
    public var retain: Bool?
    /// Who published it: a client of the plan, or `service`.
    public var publisher: String?
    /// As that client saw it; without one, as seen inside the broker.
    public var client: String?
    /// The id of the step it came from.
    public var causedBy: String?

    /// A description with what is given.
    public init(
        _ topic: String? = nil, json: JSON? = nil, text: String? = nil, regex: String? = nil, qos: Int? = nil, retain: Bool? = nil,
        publisher: String? = nil, client: String? = nil, causedBy: String? = nil
    ) {
        self.topic = topic
        self.json = json
        self.text = text
        self.regex = regex
        self.qos = qos
        self.retain = retain
        self.publisher = publisher
        self.client = client
        self.causedBy = causedBy
    }

    var written: JSONValue {
        .object(
            JSONObject(present: [
                ("topic", self.topic.map { .string($0) }), ("json", self.json?.value), ("text", self.text.map { .string($0) }),
                ("regex", self.regex.map { .string($0) }), ("qos", self.qos.map { .init(Int64($0)) }),
                ("retain", self.retain.map { .bool($0) }), ("from", self.publisher.map { .string($0) }),
                ("client", self.client.map { .string($0) }), ("causedBy", self.causedBy.map { .string($0) }),
            ]))
    }
}

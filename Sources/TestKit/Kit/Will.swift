import JSON

/// The message a client leaves behind, published when its connection ends without a goodbye.
public struct Will: Sendable {
    /// Where it is published.
    public var topic: String
    /// What it says.
    public var payload: Payload
    /// 0, 1 or 2.
    public var qos: Int
    /// Whether it is kept.
    public var retain: Bool
    /// How long after the end of the connection, in whole seconds, and no later than the end of its session; MQTT 5 only.
    public var delay: Duration

    /// A will.
    public init(_ topic: String, _ payload: Payload, qos: Int = 1, retain: Bool = false, delay: Duration = .zero) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.delay = delay
    }

    var json: JSONValue {
        .object(
            JSONObject(present: [
                ("topic", .string(self.topic)), ("payload", self.payload.written), ("qos", .init(Int64(self.qos))),
                ("retain", .bool(self.retain)), ("delay", self.delay == .zero ? nil : .duration(self.delay)),
            ]))
    }
}

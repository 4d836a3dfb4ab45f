/// The rules that clients live by.
public enum ServiceRules: String, Sendable {
    /// AWS IoT Core's: QoS 0 and 1, keep alive from 30 s, topics of 256 bytes, and so on.
    case aws
    /// Those of a full MQTT broker.
    case plain
}

/// The version of MQTT that a client speaks.
public enum MQTTVersion: String, Sendable {
    /// MQTT 3.1.
    case v31 = "3.1"
    /// MQTT 3.1.1.
    case v311 = "3.1.1"
    /// MQTT 5.
    case v5 = "5"
}

/// How a connection is lost.
public enum LossKind: String, Sendable {
    /// It ends at once, without a goodbye.
    case close
    /// The client is never heard of again; the broker notices after one and a half keep alives.
    case silent
}

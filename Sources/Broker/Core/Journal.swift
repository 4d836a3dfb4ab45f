package import MQTTWire
package import Sessions
package import Shadows
package import Topics

/// One change that must not be lost once it was acknowledged.
package enum JournalEntry {
    case shadow(ShadowChange)
    /// `nil` removes the retained message.
    case retained(TopicName, RetainedMessage?)
    case sessionOpened(ClientID, origin: SessionState.Origin, expirySeconds: UInt32)
    case sessionEnded(ClientID)
    case subscribed(ClientID, filter: TopicFilter, options: SubscriptionOptions)
    case unsubscribed(ClientID, filter: TopicFilter)
    case queued(ClientID, message: StoredMessage, qos: QoS)
    case thing(ThingRecord)
    case thingRemoved(ThingName)
}

/// Keeps the core's changes, in groups.
///
/// The core appends while it works and, once per tick, asks for a commit of what was appended; what it promised to clients leaves
/// when `BrokerCore.groupCommitted` is called, on the core's loop, after the group is safe. Groups end in the order they began.
package protocol Journal: AnyObject {
    /// Adds to the open group. Called on the core's loop; must not block.
    func append(_ entry: JournalEntry)
    /// Ends the open group and begins the next; answers by `BrokerCore.groupCommitted(group)`, later and never from inside this call.
    func commit(group: UInt64)
}

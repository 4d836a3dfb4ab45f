package import Sessions
package import Shadows
package import Timeline
package import Topics

/// One change that must not be lost once it was acknowledged. Sessions go by their numbers, messages of a session by their serials.
package enum JournalEntry: Sendable {
    case shadow(ShadowVersion)
    /// Old versions that are not kept any longer, by their serials.
    case shadowVersionsDropped([UInt64])
    /// `nil` removes the retained message.
    case retained(TopicName, RetainedMessage?)
    /// A kept session began or was resumed; subscriptions and messages in the record do not count.
    case sessionOpened(SessionRecord)
    /// Its connection ended. `willDueAt` is `nil` when no will waits.
    case sessionLeft(UInt64, at: WallTime, expirySeconds: UInt32, willDueAt: WallTime?)
    /// The will that waited was published, or will not be.
    case willSettled(UInt64)
    case sessionEnded(UInt64)
    case subscribed(UInt64, filter: TopicFilter, options: SubscriptionOptions)
    case unsubscribed(UInt64, filter: TopicFilter)
    /// A message is on its way to a kept session: waiting, or sent at once.
    case queued(UInt64, OutboundFlight.Record)
    /// A message that waited was sent under this packet id.
    case sent(UInt64, serial: UInt64, packetID: UInt16)
    /// The client has a QoS 2 message (PUBREC): only the end of the exchange is missing.
    case handedOver(UInt64, serial: UInt64)
    /// A message of a kept session is done.
    case released(UInt64, serial: UInt64)
    /// A QoS 2 message came from a kept session; its packet id counts until PUBREL.
    case arrived(UInt64, packetID: UInt16)
    case completed(UInt64, packetID: UInt16)
    /// A thing of the registry was made or changed.
    case thing(ThingRecord)
    case thingRemoved(ThingName)
    /// Everything there was is gone, and this is there in its place.
    case replaced(StateImage)
}

/// Keeps the core's changes, in groups.
///
/// The core appends while it works and, once per tick, asks for a commit of what was appended; what it promised to clients leaves
/// when `BrokerCore.groupCommitted` is called, on the core's loop, after the group is safe. Groups end in the order they began, and
/// the core begins the next when the last one has ended.
package protocol Journal: AnyObject {
    /// Adds to the open group. Called on the core's loop; must not block.
    func append(_ entry: JournalEntry)
    /// Ends the open group and begins the next.
    ///
    /// Answers on the core's loop, later and never from inside this call: by `BrokerCore.groupCommitted`, or any number of times by
    /// `BrokerCore.groupFailed` while it tries again. A group that failed is tried without its changes of shadows, which the core
    /// takes back.
    /// - Parameter clock: turns the instants in entries into times that another process understands.
    func commit(group: UInt64, clock: ClockReading)
    /// What the open group takes in memory, about.
    var openBytes: Int { get }
    /// Forgets the changes of shadows in the open group: the core has taken them back.
    func discardShadowChanges()
}

/// What both clocks showed at one moment.
package struct ClockReading: Sendable {
    package let now: Instant
    package let wall: WallTime

    package init(now: Instant, wall: WallTime) {
        self.now = now
        self.wall = wall
    }

    package func wallTime(at instant: Instant) -> WallTime { self.wall + (instant - self.now) }
    package func instant(at time: WallTime) -> Instant { self.now + (time - self.wall) }
}

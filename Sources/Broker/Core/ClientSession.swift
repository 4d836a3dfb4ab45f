import MQTTWire
import Sessions
import Timeline

/// A session in the core: its state, and the connection that holds it now, if any.
final class ClientSession {
    /// The key in the subscription index; unique while the session lives.
    let slot: Int
    /// Names it in the journal; unique among all sessions there ever were.
    let number: UInt64
    var state: SessionState
    /// The connection that holds this session; the core clears it when the connection ends.
    var connection: Connection?
    /// Those of the connection it has or had last.
    var quotas: ConnectionQuotas?
    /// When its last connection ended, if it is kept.
    var leftAt: WallTime?
    /// The will of a connection that ended, until its delay has passed.
    var pendingWill: Will?
    var willDueAt: WallTime?
    var willTimer: CoreDeadlines.Token?
    var expiryTimer: CoreDeadlines.Token?
    /// Messages dropped because the offline queue was full.
    var droppedCount = 0

    init(slot: Int, number: UInt64, state: SessionState) {
        self.slot = slot
        self.number = number
        self.state = state
    }

    var clientID: ClientID { self.state.clientID }
}

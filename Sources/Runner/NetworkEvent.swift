import MQTTClient
import Pacing
import Timeline

/// What comes to a network run from its connections and its timer, with the instant it happened.
struct NetworkEvent: Sendable {
    enum What: Sendable {
        case plan(PlanEvent)
        /// `generation` tells the connections of one scenario client apart.
        case opened(client: String, generation: Int, MQTTClient)
        case ended(client: String, generation: Int, ConnectionEnd)
        case tapEnded(ConnectionEnd)
    }

    let what: What
    let at: Instant

    init(_ what: What, at: Instant = RealClock.now) {
        self.what = what
        self.at = at
    }
}

package import JSON
package import Timeline

/// What happened to a run, told to the engine by its shell. Source: scheduler §3, §6.
///
/// `attempt` is the one that the event is about, as in ``StepPublish``; nil, where the shell cannot tell, is the latest.
package enum PlanEvent: Sendable {
    /// The run begins now; `wall` is the date at this instant, for `${now}` and `${epoch}`.
    case started(wall: WallTime)
    /// The instant of the last `.wake` has come.
    case timerFired

    /// CONNACK with success.
    case clientConnected(client: String)
    /// CONNACK with a failure code, or no connection at all.
    case clientRefused(client: String, ConnectRefusal)
    /// The connection ended without a `disconnect` or `drop` of the plan.
    case clientLost(client: String, reason: String)
    /// The connection ended because somebody else connected with the client's id.
    case clientTakenOver(client: String)

    /// The packet entered the broker or was written to the socket. `cause` is the broker's cause id, for the report.
    case stepSent(StepNumber, cause: UInt64?, attempt: Int? = nil)
    /// PUBACK, or PUBCOMP for QoS 2; reason codes from 0x80 are failures.
    case stepAcked(StepNumber, reason: UInt8, attempt: Int? = nil)
    /// The shadow service emitted its answer to the step's request.
    case stepAnswered(StepNumber, StepAnswer, attempt: Int? = nil)
    /// SUBACK: one code per filter.
    case subscribed(StepNumber, results: [UInt8])
    /// UNSUBACK: one code per filter; empty from MQTT 3 brokers.
    case unsubscribed(StepNumber, results: [UInt8])
    /// The shell saw what these gates of a step await.
    case gateMet(StepNumber, Gates, attempt: Int? = nil)
    /// One of these gates can no longer be met.
    case gateMissed(StepNumber, Gates, reason: String, attempt: Int? = nil)
    /// What a gate still waits for, for the text of a time-out; replaces what was said before.
    case gateAwaits(StepNumber, Gates, what: String)
    /// A shadow as it is now, for `.readShadow`.
    case shadowRead(StepNumber, ShadowReading)
    /// The shell could not do what a step asked for.
    case stepFailed(StepNumber, reason: String, attempt: Int? = nil)
    /// A message passed inside the broker (`client` nil) or reached a client of the plan.
    case observed(ObservedMessage)

    /// Nothing new is dispatched until `resumed`; nil is the whole run, otherwise one lane.
    case paused(lane: String?)
    case resumed(lane: String?, ResumeRule)
    /// Exactly the next step in file order is dispatched; then the run is paused.
    case steppedOnce
    /// The settings of a lane change, where they say something.
    case laneChanged(String, LaneSettings)
    /// The run is to end early.
    case cancelled
}

/// What becomes of planned times after a pause. Source: scheduler §10.
package enum ResumeRule: String, CaseIterable, Sendable {
    /// Everything after moves by the pause.
    case shift
    /// Planned times stay; the late policy applies.
    case catchUp
}

/// A shadow as it was read for a step. Nil parts: there is no such shadow.
package struct ShadowReading: Sendable {
    /// `{"desired": …, "reported": …}`.
    package var state: JSONValue?
    package var version: Int64?

    package init(state: JSONValue?, version: Int64?) {
        self.state = state
        self.version = version
    }
}

/// Why a client did not get in.
package struct ConnectRefusal: Equatable, Sendable {
    /// The CONNACK code; nil when there was no CONNACK.
    package var code: UInt8?
    /// In words, with what to do.
    package var text: String

    package init(code: UInt8? = nil, text: String) {
        self.code = code
        self.text = text
    }
}

/// The service's answer to a shadow request.
package enum StepAnswer: Equatable, Sendable {
    /// `version` is nil for a deleted shadow's answer without one.
    case accepted(version: Int64?)
    case rejected(code: Int, message: String)
}

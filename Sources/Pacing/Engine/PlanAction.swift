package import Shadows
package import Timeline
package import Topics

/// What the shell of a run must do, in the order given. Every action of a step is reported back by an event.
package enum PlanAction: Sendable {
    /// Answer with `clientConnected` or `clientRefused`.
    case open(StepNumber, ConnectSpec)
    /// Open a client again whose connection was lost, with the same CONNECT; answer with `clientConnected` or `clientRefused`.
    case reopen(ConnectSpec)
    /// A clean DISCONNECT; answer with `stepSent`. Without a step (end of run) no answer is expected.
    case close(StepNumber?, client: String, reason: UInt8?)
    /// Tear the client off; answer with `stepSent`. `silent` keeps the connection but never speaks again.
    case drop(StepNumber, client: String, how: DropKind)
    /// Answer with `subscribed`.
    case subscribe(StepNumber, client: String, filters: [TopicFilter], qos: UInt8)
    /// Answer with `unsubscribed`.
    case unsubscribe(StepNumber, client: String, filters: [TopicFilter])
    /// Answer with `stepSent`, then `stepAcked` at QoS 1 and 2 (not for the service), and `stepAnswered` for shadow requests.
    case publish(StepPublish)
    /// Answer with `shadowRead`; nothing of it may be seen by subscribers where the shell can prevent that.
    case readShadow(StepNumber, ShadowID)
    /// Move the virtual clock by this much; answer with `stepSent` when all that this set off is done.
    case advanceClock(StepNumber, by: Duration)
    /// Send `timerFired` at this instant; replaces the former `wake`.
    case wake(at: Instant)
    /// A note of the file, for the terminal.
    case note(String)
    /// Nothing new is dispatched until `resumed`: a breakpoint was reached, or the step of `steppedOnce` is dispatched.
    case paused(at: String)
    /// A step has ended; acknowledgements and late answers may still be added to its record. Only with `Options.tellsEndings`.
    case ended(StepRecord)
    /// The run is over; `report()` is final. Nothing follows.
    case finished
}

/// One publish to make.
package struct StepPublish: Equatable, Sendable {
    package var step: StepNumber
    package var id: String
    /// From 1. Events about this publish name it, as far as the shell can tell attempts apart.
    package var attempt: Int
    /// The same packet as in the attempt before, whose acknowledgement the lost connection cost: to be sent with DUP. Source: scheduler §7.
    package var isDuplicate = false
    package var publisher: Publisher
    package var topic: String
    package var payload: [UInt8]
    package var qos: UInt8
    package var retain: Bool
    /// MQTT 5 only.
    package var properties: MessageProperties?
    /// The request's clientToken where it has one, written or stamped: what ties a remote broker's answer to the step.
    package var clientToken: String?
    /// What the step waits for: what of it only the shell can see (`delivered`), it reports by `gateMet` and `gateMissed`.
    package var gates: Gates
}

import Timeline

/// When a dispatched step is settled; several hold together. Source: scheduler §6.
package struct Gates: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Handed to the broker, or fully written to the socket.
    package static let sent = Gates(rawValue: 1)
    /// PUBACK, or PUBCOMP for QoS 2.
    package static let acked = Gates(rawValue: 2)
    /// The accepted answer to this request was emitted.
    package static let accepted = Gates(rawValue: 4)
    /// The documents message of this request was emitted; every accepted update emits one.
    package static let documents = Gates(rawValue: 8)
    /// The delta message for the version that this request made was emitted.
    package static let delta = Gates(rawValue: 16)
    /// Accepted, and the shadow did not exist before.
    package static let created = Gates(rawValue: 32)
    /// Every session that matched at dispatch has the message: QoS 0 written, QoS 1 and 2 acknowledged.
    package static let delivered = Gates(rawValue: 64)
    /// No packet within a scope for a while: ``QuietGate``.
    package static let quiet = Gates(rawValue: 128)
    /// A message that matches was observed after the dispatch: `Step.Options.awaited`.
    package static let match = Gates(rawValue: 256)

    /// Gates that only the answer of the shadow service can meet.
    package static let ofShadows: Gates = [.accepted, .documents, .delta, .created]

    /// The names files use, in the order of the reference.
    static let names: [(name: String, gate: Gates)] = [
        ("sent", .sent), ("acked", .acked), ("accepted", .accepted), ("documents", .documents), ("delta", .delta), ("created", .created),
        ("delivered", .delivered), ("quiet", .quiet), ("match", .match),
    ]

    /// Gates of the reference that this version does not have yet.
    static let later = ["http"]

    /// `acked and accepted`, for messages.
    package var text: String {
        Self.names.filter { self.contains($0.gate) }.map(\.name).joined(separator: " and ")
    }
}

/// The silence that the gate `quiet` waits for, counted from the dispatch or the last packet after it.
package struct QuietGate: Equatable, Sendable {
    /// Whose packets break the silence.
    package enum Scope: String, CaseIterable, Sendable {
        /// Anything observed in the run.
        case run
        /// Messages published by, or delivered to, the step's publisher.
        case client
        /// Messages of the step's thing: `$aws/things/<thing>/…`.
        case thing
    }

    package var duration: Duration
    package var scope: Scope

    package init(_ duration: Duration, scope: Scope = .run) {
        self.duration = duration
        self.scope = scope
    }
}

/// A delay drawn per step, equally likely between both ends. Only ever added. Source: scheduler §4.
package struct Jitter: Equatable, Sendable {
    package var least: Duration
    package var most: Duration

    package init(least: Duration = .zero, most: Duration) {
        self.least = least
        self.most = most
    }

    func drawn(_ draw: inout Draw) -> Duration {
        self.least + .nanoseconds(Int64(draw.upTo(UInt64((self.most - self.least).wholeNanoseconds))))
    }
}

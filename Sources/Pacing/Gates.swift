/// When a dispatched step is settled; several hold together. Source: scheduler §6.
package struct Gates: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Handed to the broker, or fully written to the socket.
    package static let sent = Gates(rawValue: 1)
    /// PUBACK, or PUBCOMP for QoS 2.
    package static let acked = Gates(rawValue: 2)
    /// The accepted answer to this request was emitted.
    package static let accepted = Gates(rawValue: 4)

    /// The names files use, in the order of the reference.
    static let names: [(name: String, gate: Gates)] = [("sent", .sent), ("acked", .acked), ("accepted", .accepted)]

    /// Gates of the reference that this version does not have yet.
    static let later = ["documents", "delta", "created", "delivered", "quiet", "match", "http"]

    /// `acked and accepted`, for messages.
    package var text: String {
        Self.names.filter { self.contains($0.gate) }.map(\.name).joined(separator: " and ")
    }
}

/// What happens to the rest when a step fails. Source: scheduler §11.
package enum FailurePolicy: String, CaseIterable, Sendable {
    /// The lane's later steps are skipped; other lanes finish; the run is failed.
    case stopLane
    /// The lane goes on; the run is failed in the end.
    case `continue`
    /// Nothing new is dispatched.
    case stopRun
}

/// What happens to a step whose time is past. Source: scheduler §10.
package enum LatePolicy: String, Sendable {
    /// Run as soon as allowed; later planned times unchanged.
    case keep

    static let later = ["shift", "skip", "merge", "fail"]
}

/// A delay drawn per step, equally likely between both ends. Only ever added. Source: scheduler §4.
package struct Jitter: Equatable, Sendable {
    package var least: Duration
    package var most: Duration

    package init(least: Duration = .zero, most: Duration) {
        self.least = least
        self.most = most
    }
}

import Timeline

/// What the service takes for the time.
enum ServiceTime: Sendable {
    case real
    case scaled(ScaledTime)
    case virtual(VirtualTime)

    /// - Parameter start: the date at which a scaled or virtual time begins; `nil` for the present.
    init(_ kind: ClockKind, start: WallTime? = nil) {
        let now = VirtualTime(now: Broker.monotonicNow(), wall: start ?? Broker.systemWallTime())
        switch kind {
        case .real: self = .real
        case .scaled(let factor): self = .scaled(ScaledTime(from: now, at: now.now, factor: factor))
        case .virtual: self = .virtual(now)
        }
    }

    /// Both times as they are now.
    var present: VirtualTime {
        switch self {
        case .real: VirtualTime(now: Broker.monotonicNow(), wall: Broker.systemWallTime())
        case .scaled(let time): time.time(at: Broker.monotonicNow())
        case .virtual(let time): time
        }
    }

    /// When this time will have come to `instant`, in real time; `nil` when it does not by itself.
    func real(for instant: Instant) -> Instant? {
        switch self {
        case .real: return instant
        case .virtual: return nil
        case .scaled(let time):
            let real = time.real(for: instant)
            return real == .distantFuture ? nil : real
        }
    }

    /// Goes on in another way from the present, without a jump.
    mutating func change(to kind: ClockKind) throws(ClockError) {
        let real = Broker.monotonicNow()
        switch (self, kind) {
        case (.real, .real): break
        case (_, .real): throw .wouldJump
        case (.scaled(let time), .scaled(let factor)): self = .scaled(time.running(factor, from: real))
        case (_, .scaled(let factor)): self = .scaled(ScaledTime(from: self.present, at: real, factor: factor))
        case (_, .virtual): self = .virtual(self.present)
        }
    }
}

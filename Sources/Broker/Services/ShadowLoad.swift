import Sessions
import Shadows
import Timeline

/// How a request to the shadow service came in: whose quotas it is charged to.
struct RequestWay {
    let quotas: ServiceQuotas
    /// The number of the MQTT connection it came on, if any.
    let connection: UInt64?

    init(door: Door, connection: UInt64? = nil) {
        self.quotas = door.profile.quotas
        self.connection = connection
    }
}

/// What the shadow service has on its hands, counted for its quotas.
///
/// A request is in flight until its answer leaves: at the end of the tick, or of that in which the journal has what it waits for.
/// Doors whose quotas have different numbers share one count for each shadow and thing, with the numbers of the door that began it.
struct ShadowLoad {
    /// Whose unanswered requests are counted together.
    enum Holder: Hashable {
        case thing(ThingName)
        case connection(UInt64)
    }

    private var rates = QuotaTable<ShadowID, QuotaMeter>()
    private var inFlight = QuotaTable<Holder, InFlightMeter>()
    /// Answered in this tick.
    private var leaving: [Holder] = []

    /// Whom a request is counted with; `nil` when nobody counts.
    static func holder(of id: ShadowID, _ way: RequestWay) -> Holder? {
        guard way.quotas.shadowInFlight.mode != .off else { return nil }
        return switch way.quotas.switches.shadowInFlightScope {
        case .thing: .thing(id.thing)
        case .connection: way.connection.map { .connection($0) }
        }
    }

    mutating func begin(_ holder: Holder, _ quota: Quota, now: Instant) -> QuotaRuling {
        self.inFlight.update(holder, fresh: InFlightMeter(), now: now) { $0.enter(quota, now: now) }
    }

    /// A request that had begun was refused after all.
    mutating func cancel(_ holder: Holder) {
        self.inFlight.updateIfKnown(holder) { $0.leave() }
    }

    /// A request was answered; the answer leaves with this tick.
    mutating func answered(_ holder: Holder) {
        self.leaving.append(holder)
    }

    /// The tick has ended.
    mutating func answersLeft() {
        if self.leaving.isEmpty { return }
        for holder in self.leaving { self.inFlight.updateIfKnown(holder) { $0.leave() } }
        self.leaving.removeAll(keepingCapacity: true)
    }

    /// One more request of this second.
    mutating func charge(_ id: ShadowID, _ quotas: ServiceQuotas, now: Instant) -> QuotaRuling {
        guard quotas.shadowRate.mode != .off else { return .within }
        let counted = quotas.switches.shadowRateScope == .thing ? ShadowID(thing: id.thing) : id
        return self.rates.update(counted, fresh: QuotaMeter(quotas.shadowRate, now: now), now: now) { $0.charge(now: now) }
    }
}

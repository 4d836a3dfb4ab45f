import Testing
import Timeline

@Suite("DeadlineQueue")
struct DeadlineQueueTests {
    @Test func popsByInstantThenKindThenCreation() {
        var queue = DeadlineQueue<String>()
        let early = Instant(nanoseconds: 5)
        let late = Instant(nanoseconds: 9)
        _ = queue.schedule("late refill", at: late, kind: .quotaRefill)
        _ = queue.schedule("second plan", at: early, kind: .plan)
        _ = queue.schedule("recorder", at: early, kind: .recorder)
        _ = queue.schedule("third plan", at: early, kind: .plan)
        _ = queue.schedule("connection", at: early, kind: .connection)
        _ = queue.schedule("redelivery", at: early, kind: .redelivery)
        _ = queue.schedule("will", at: early, kind: .will)
        _ = queue.schedule("expiry", at: early, kind: .expiry)
        _ = queue.schedule("refill", at: early, kind: .quotaRefill)

        var popped: [String] = []
        while let payload = queue.popDue(now: late) { popped.append(payload) }

        #expect(
            popped == [
                "refill", "expiry", "will", "redelivery", "connection", "second plan", "third plan", "recorder", "late refill",
            ])
        #expect(queue.isEmpty)
        #expect(queue.next == nil)
    }

    @Test func nothingIsDueBeforeItsInstant() {
        var queue = DeadlineQueue<Int>()
        _ = queue.schedule(1, at: Instant(nanoseconds: 10), kind: .will)
        #expect(queue.popDue(now: Instant(nanoseconds: 9)) == nil)
        #expect(queue.next == Instant(nanoseconds: 10))
        #expect(queue.popDue(now: Instant(nanoseconds: 10)) == 1)
    }

    @Test func aTokenWorksOnceAndNotForTheNextTenantOfItsSlot() {
        var queue = DeadlineQueue<Int>()
        let first = queue.schedule(1, at: .zero, kind: .will)
        #expect(queue.cancel(first) == 1)
        #expect(queue.cancel(first) == nil)
        let second = queue.schedule(2, at: .zero, kind: .will)
        #expect(first != second)
        #expect(queue.cancel(first) == nil)
        #expect(queue.count == 1)
        #expect(queue.popDue(now: .zero) == 2)
        #expect(queue.cancel(second) == nil)
    }

    @Test func entriesScheduledWhileDrainingTakePart() {
        var queue = DeadlineQueue<Int>()
        _ = queue.schedule(3, at: .zero, kind: .plan)
        var popped: [Int] = []
        while let value = queue.popDue(now: .zero) {
            popped.append(value)
            if value > 0 { _ = queue.schedule(value - 1, at: .zero, kind: .quotaRefill) }
        }
        #expect(popped == [3, 2, 1, 0])
    }

    @Test func payloadsAreReleasedWhenCancelledAndWhenPopped() {
        final class Tenant {}
        var queue = DeadlineQueue<Tenant>()
        weak var cancelled: Tenant?
        weak var popped: Tenant?
        func fill() -> DeadlineToken {
            let first = Tenant()
            let second = Tenant()
            cancelled = first
            popped = second
            _ = queue.schedule(second, at: .zero, kind: .will)
            return queue.schedule(first, at: .zero, kind: .will)
        }
        let token = fill()
        #expect(cancelled != nil && popped != nil)
        queue.cancel(token)
        _ = queue.popDue(now: .zero)
        #expect(cancelled == nil)
        #expect(popped == nil)
    }

    /// Rescheduling one timer per packet is the common load; the queue must hold one entry, not one per packet.
    @Test func cancelledEntriesDoNotPileUp() {
        var queue = DeadlineQueue<Int>()
        var token = queue.schedule(0, at: .zero, kind: .connection)
        for round in 1...10_000 {
            queue.cancel(token)
            token = queue.schedule(round, at: Instant(nanoseconds: Int64(round)), kind: .connection)
            #expect(queue.count == 1)
        }
        #expect(queue.slotCount == 1)
        #expect(queue.popDue(now: .distantFuture) == 10_000)
    }

    /// Against the plainest model: an array that is searched for its least element.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func behavesLikeASortedArray(seed: UInt64) {
        struct Row {
            var instant: Int64
            var kind: DeadlineKind
            var number: Int
            var token: DeadlineToken
        }
        var random = SeededRandom(seed: seed)
        var queue = DeadlineQueue<Int>()
        var model: [Row] = []
        var spent: [DeadlineToken] = []
        var created = 0

        for _ in 0..<4000 {
            switch random.below(seed % 2 == 0 ? 5 : 4) {
            case 0, 1:
                let instant = Int64(random.below(40))
                let kind = DeadlineKind.allCases[random.below(DeadlineKind.allCases.count)]
                let token = queue.schedule(created, at: Instant(nanoseconds: instant), kind: kind)
                model.append(Row(instant: instant, kind: kind, number: created, token: token))
                created += 1
            case 2:
                guard !model.isEmpty else { continue }
                let row = model.remove(at: random.below(model.count))
                #expect(queue.cancel(row.token) == row.number, "seed \(seed)")
                spent.append(row.token)
            case 3:
                let now = Int64(random.below(40))
                let expected = model.filter { $0.instant <= now }
                    .min { ($0.instant, $0.kind.rawValue, $0.number) < ($1.instant, $1.kind.rawValue, $1.number) }
                #expect(queue.popDue(now: Instant(nanoseconds: now)) == expected?.number, "seed \(seed)")
                if let expected {
                    model.removeAll { $0.number == expected.number }
                    spent.append(expected.token)
                }
            default:
                guard !spent.isEmpty else { continue }
                #expect(queue.cancel(spent[random.below(spent.count)]) == nil, "seed \(seed)")
            }
            #expect(queue.count == model.count, "seed \(seed)")
            #expect(queue.next?.nanoseconds == model.map(\.instant).min(), "seed \(seed)")
        }
        #expect(created > 1000)
    }
}

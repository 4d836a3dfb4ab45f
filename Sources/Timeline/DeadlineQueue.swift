/// What a deadline is for. At one instant, kinds fall due in this order.
///
/// Allowances grow before anything spends them, and the recorder sees the result of everything else.
/// Source: reference scheduler §8 (timers due at the same instant).
@usableFromInline
package enum DeadlineKind: UInt8, Sendable, CaseIterable {
    case quotaRefill, expiry, will, redelivery, connection, plan, recorder
}

/// Names one scheduled entry. After the entry fell due or was cancelled, its token names nothing.
@usableFromInline
package struct DeadlineToken: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32
}

/// The pending deadlines of one core, each with a payload.
///
/// Order: instant, then kind, then creation. Scheduling and cancelling cost O(log n); a cancelled
/// entry is gone at once, so rescheduling a timer per packet never piles up. Memory is that of the
/// largest number of entries ever pending together.
@usableFromInline
package struct DeadlineQueue<Payload> {
    @usableFromInline package typealias Token = DeadlineToken
    @usableFromInline package typealias Kind = DeadlineKind

    @usableFromInline var heap = DeadlineHeap()
    @usableFromInline var payloads: [Payload?] = []

    /// An empty queue.
    @inlinable
    package init() {}

    /// The number of pending entries.
    @inlinable
    package var count: Int { self.heap.count }

    /// Whether nothing is pending.
    @inlinable
    package var isEmpty: Bool { self.heap.count == 0 }

    /// The number of entries there is memory for; grows only when more are pending together than ever before.
    package var slotCount: Int { self.payloads.count }

    /// The earliest pending instant, due or not; nil when nothing is pending. O(1).
    @inlinable
    package var next: Instant? { self.heap.next }

    /// Adds an entry that falls due at `instant`. O(log n).
    @inlinable
    package mutating func schedule(_ payload: Payload, at instant: Instant, kind: Kind) -> Token {
        let token = self.heap.insert(at: instant, kind: kind)
        let slot = DeadlineHeap.slot(of: token)
        if slot == self.payloads.count {
            self.payloads.append(payload)
        } else {
            self.payloads[slot] = payload
        }
        return token
    }

    /// Takes an entry out before it falls due. O(log n).
    /// - Returns: its payload, or nil when it already fell due or was cancelled.
    @inlinable
    @discardableResult
    package mutating func cancel(_ token: Token) -> Payload? {
        guard let slot = self.heap.remove(token) else { return nil }
        return self.payloads[slot].take()
    }

    /// Takes out the first entry that is due at `now`; nil when none is. O(log n).
    ///
    /// Call it in a loop: entries scheduled meanwhile for `now` or earlier take part.
    @inlinable
    package mutating func popDue(now: Instant) -> Payload? {
        guard let slot = self.heap.removeFirst(dueAt: now) else { return nil }
        return self.payloads[slot].take()
    }
}

extension DeadlineQueue: Sendable where Payload: Sendable {}

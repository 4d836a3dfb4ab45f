import Glibc

/// One publisher's window: which numbers are still on their way, and the packet to send next.
///
/// Message n goes out only when message n − window has reached every subscriber and, at QoS 1, has been acknowledged. The packet id
/// is the window slot plus one, so an acknowledgement finds its message without a table.
struct Publisher: ~Copyable {
    let link: Int
    /// The number of the next message.
    private(set) var next: UInt64 = 0
    private(set) var completed: UInt64 = 0
    /// When the next message of a fixed rate is due.
    var dueAt: Int64 = 0
    private let mask: UInt64
    private let awaited: UInt16
    private let slots: UnsafeMutablePointer<UInt16>
    private let template: UnsafeMutableRawPointer
    let templateBytes: Int
    private let packetIDOffset: Int?
    private let layout: MessageLayout

    /// - Parameter awaited: arrivals that complete a message: one per subscriber, and one for the acknowledgement.
    init(link: Int, window: Int, awaited: Int, packet: [UInt8], packetIDOffset: Int?, layout: MessageLayout) {
        precondition(window > 0 && window & (window - 1) == 0, "a window is a power of two")
        self.link = link
        self.mask = UInt64(window - 1)
        self.awaited = UInt16(awaited)
        self.slots = .allocate(capacity: window)
        self.slots.initialize(repeating: 0, count: window)
        self.template = .allocate(byteCount: packet.count, alignment: 16)
        self.template.copyMemory(from: packet, byteCount: packet.count)
        self.templateBytes = packet.count
        self.packetIDOffset = packetIDOffset
        self.layout = layout
    }

    deinit {
        self.slots.deallocate()
        self.template.deallocate()
    }

    var maySend: Bool {
        @inline(__always) get { self.slots[Int(self.next & self.mask)] == 0 }
    }

    /// Writes the next message at `place` and opens its slot.
    @inline(__always)
    mutating func writeNext(to place: UnsafeMutableRawPointer, now: Int64) {
        let slot = Int(self.next & self.mask)
        self.slots[slot] = self.awaited
        place.copyMemory(from: self.template, byteCount: self.templateBytes)
        if let offset = self.packetIDOffset { (place + offset).storeBytes(of: UInt16(slot + 1).bigEndian, as: UInt16.self) }
        self.layout.write(sequence: self.next, now: now, to: place, packetBytes: self.templateBytes)
        self.next += 1
    }

    /// Message `sequence` reached one subscriber.
    /// - Returns: whether that completed it.
    @inline(__always)
    mutating func arrived(_ sequence: UInt64) -> Bool {
        sequence < self.next ? self.count(down: Int(sequence & self.mask)) : false
    }

    /// PUBACK for `packetID`.
    @inline(__always)
    mutating func acknowledged(_ packetID: UInt16) -> Bool {
        packetID > 0 && UInt64(packetID - 1) <= self.mask ? self.count(down: Int(packetID - 1)) : false
    }

    @inline(__always)
    private mutating func count(down slot: Int) -> Bool {
        guard self.slots[slot] > 0 else { return false }
        self.slots[slot] -= 1
        guard self.slots[slot] == 0 else { return false }
        self.completed += 1
        return true
    }
}

package import NIOCore

/// A link whose other end is in the same process: what the core sends lies here until it is fetched.
package final class MemoryLink: Link {
    package let prefixBytes = 0
    /// Setting it to `false` plays a peer that does not read; after setting it back call `BrokerCore.linkIsWritable`.
    package var isWritable = true
    /// Why the core closed the link; `nil` while it is open.
    package private(set) var closeText: String?
    private var arrived = ByteBuffer()
    private var isAbandoned = false
    /// What the core has not taken yet, and whom it is for.
    private var kept: (bytes: ByteBuffer, core: BrokerCore, connection: Connection)?
    private let onNews: () -> Void

    /// - Parameter onNews: called when bytes or the end have come. The core is in the middle of its tick then: it must not be called.
    package init(onNews: @escaping () -> Void) {
        self.onNews = onNews
    }

    package func send(_ batch: ByteBuffer) -> ByteBuffer {
        if !self.isAbandoned {
            self.arrived.writeImmutableBuffer(batch)
            self.onNews()
        }
        return batch
    }

    package func close(_ end: String) {
        guard self.closeText == nil else { return }
        self.closeText = end
        self.kept = nil
        self.onNews()
    }

    /// Brings bytes to the core: now, or when it goes on reading.
    package func bring(_ bytes: ByteBuffer, to core: BrokerCore, on connection: Connection) {
        var all = self.kept?.bytes ?? ByteBuffer()
        self.kept = nil
        all.writeImmutableBuffer(bytes)
        let used = all.withUnsafeReadableBytes { core.received($0, on: connection) }
        all.moveReaderIndex(forwardBy: used)
        if all.readableBytes > 0, connection.isOpen { self.kept = (all, core, connection) }
    }

    package func pauseReading() {
        // The core takes nothing until then, and what it does not take is kept.
    }

    package func resumeReading() {
        if let kept { self.bring(ByteBuffer(), to: kept.core, on: kept.connection) }
    }

    /// Nobody will fetch anything any more: what comes is thrown away.
    package func abandon() {
        self.isAbandoned = true
        self.arrived = ByteBuffer()
    }

    /// Takes everything that has come.
    package func takeArrived() -> ByteBuffer {
        let taken = self.arrived
        self.arrived = ByteBuffer()
        return taken
    }
}

@available(*, unavailable)
extension MemoryLink: Sendable {}

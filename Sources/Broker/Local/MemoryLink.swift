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
        self.onNews()
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

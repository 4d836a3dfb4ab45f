package import NIOCore

/// The way from a connection to its peer. One per connection; called on the core's loop only.
package protocol Link: AnyObject {
    /// Bytes left free in front of each batch, for the link's own framing (a WebSocket header).
    var prefixBytes: Int { get }
    /// Whether a batch would leave now; if not, the connection keeps its bytes until `BrokerCore.linkIsWritable`.
    var isWritable: Bool { get }
    /// Sends a batch; its first `prefixBytes` bytes are the link's to fill. Consumed, so that filling them copies nothing.
    ///
    /// - Returns: the buffer, for its memory to be used again when nobody else holds it.
    func send(_ batch: consuming ByteBuffer) -> ByteBuffer
    /// Brings no more bytes to the core until `resumeReading`; those that the core has not used are kept.
    func pauseReading()
    /// Brings what was kept, and then what comes.
    func resumeReading()
    /// Closes after everything sent before has left.
    func close(_ end: String)
}

/// Where a server listens and how its bytes are wrapped.
struct Endpoint: Equatable, Sendable {
    /// What lies between the socket and the MQTT bytes.
    enum Transport: String, CaseIterable, Sendable {
        case tcp, tls, ws, wss

        var isEncrypted: Bool { self == .tls || self == .wss }
        var isWebSocket: Bool { self == .ws || self == .wss }
    }

    var transport: Transport
    var host: String
    var port: UInt16
    /// The request target of the WebSocket upgrade, with its query.
    var path = "/mqtt"

    /// The `Host` header of the upgrade; a signed URL covers it with its port.
    var hostHeader: String { "\(self.host):\(self.port)" }
}

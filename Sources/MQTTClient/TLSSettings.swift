import NIOCore
import NIOSSL

/// From a configuration to what NIOSSL wants.
enum TLSSettings {
    /// - Throws: when a file cannot be read, naming it.
    static func context(_ tls: MQTTClientConfiguration.TLS) throws(MQTTClientError) -> NIOSSLContext {
        var settings = TLSConfiguration.makeClientConfiguration()
        switch tls.trust {
        case .system: break
        case .anyone: settings.certificateVerification = .none
        case .file(let path):
            let authorities = try Self.reading("CA file", path) { try NIOSSLCertificate.fromPEMFile(path) }
            settings.trustRoots = .certificates(authorities)
        }
        if let path = tls.certificatePath {
            let chain = try Self.reading("client certificate", path) { try NIOSSLCertificate.fromPEMFile(path) }
            settings.certificateChain = chain.map { .certificate($0) }
            let keyPath = tls.keyPath ?? path
            let key = try Self.reading("client key", keyPath) { try NIOSSLPrivateKey(file: keyPath, format: .pem) }
            settings.privateKey = .privateKey(key)
        }
        return try Self.reading("TLS settings", nil) { try NIOSSLContext(configuration: settings) }
    }

    /// The name for SNI and verification; nil for an address, which NIOSSL verifies by itself and SNI forbids (RFC 6066 §3).
    static func serverName(_ host: String) -> String? {
        (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
    }

    private static func reading<Value>(_ what: String, _ path: String?, _ body: () throws -> Value) throws(MQTTClientError) -> Value {
        do {
            return try body()
        } catch {
            guard let path else { throw .invalidConfiguration("the \(what) cannot be used: \(error)") }
            throw .invalidConfiguration("the \(what) \(path) cannot be read, or is not what it should be in PEM; give another file")
        }
    }
}

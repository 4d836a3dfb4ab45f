import ArgumentParser
import MQTTClient
import NIOSSL

/// Where a running Sundial is, as the flags say it, and whom to take for it.
struct ServicePlace: Sendable {
    /// `http://` or `https://HOST[:PORT]`.
    var url: String?
    var portsFile: String?
    /// PEM file of the certificates to trust.
    var authority: String?
    var insecure = false

    /// - Parameter option: the one that gave the URL.
    func validate(option: String) throws {
        if self.url != nil, self.portsFile != nil {
            throw ValidationError("\(option) and --ports-file both say where Sundial runs; give one of them.")
        }
        if self.authority != nil, self.insecure {
            throw ValidationError("--insecure trusts anybody and --ca only some; give one of them.")
        }
        if let url {
            do throws(MQTTClientError) {
                _ = try Self.endpoint(url)
            } catch {
                throw ValidationError("\(option): \(error.text).")
            }
        }
    }

    /// The door as an MQTT client reaches it; over HTTP it is the same one.
    func endpoint() throws(Complaint) -> ClientEndpoint {
        if let url {
            do throws(MQTTClientError) {
                return try Self.endpoint(url)
            } catch {
                throw Complaint(error)
            }
        }
        guard let portsFile else { return ClientEndpoint(transport: .ws, host: "localhost", port: 8080) }
        if let door = try? PortsFile.door("http", in: portsFile) {
            return ClientEndpoint(transport: .ws, host: Self.name(of: door.host), port: door.port)
        }
        let door = try PortsFile.door("https", in: portsFile)
        return ClientEndpoint(transport: .wss, host: Self.name(of: door.host), port: door.port)
    }

    /// On this machine Sundial's own CA is trusted without being named, if there is one.
    func trust(_ endpoint: ClientEndpoint) throws(Complaint) -> MQTTClientConfiguration.TLS.Trust {
        if self.insecure { return .anyone }
        if let authority { return .file(authority) }
        guard endpoint.transport.isEncrypted else { return .system }
        if let portsFile, let path = try PortsFile.authorityPath(in: portsFile) { return .file(path) }
        let isLocal = ["localhost", "127.0.0.1", "::1"].contains(endpoint.host.lowercased())
        guard isLocal, let path = CertificateOptions.localAuthorityPath() else { return .system }
        return .file(path)
    }

    private static func endpoint(_ url: String) throws(MQTTClientError) -> ClientEndpoint {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw .invalidURL("\"\(url)\" must begin with http:// or https://")
        }
        let endpoint = try ClientEndpoint(parsing: "ws\(url.dropFirst("http".count))")
        guard endpoint.path == "/mqtt", endpoint.query == nil, endpoint.userName == nil else {
            throw .invalidURL("give scheme, host and port only, such as http://localhost:8080")
        }
        return endpoint
    }

    /// The certificate and signatures of a door on this machine name it so.
    private static func name(of host: String) -> String {
        ["127.0.0.1", "::1"].contains(host) ? "localhost" : host
    }
}

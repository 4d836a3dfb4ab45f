import Broker
import SigV4
import Timeline

/// What `serve` prints when every door is open: for each a line to paste, a signed URL that works, and `ready`.
struct Announcement {
    let addresses: [Broker.Address]
    let tls: CertificateOptions.Prepared?
    /// What the signed URLs are signed with.
    let credentials: Credentials
    let region: String?
    /// The command that makes another URL.
    let signCommand: String
    let bearerToken: String?
    /// The date by which signatures are judged.
    let now: WallTime
    var clock: ClockState?

    /// How long the service takes a URL for good, whatever X-Amz-Expires says (`sigv4-websocket.md` §5).
    static let signatureLifetime = Duration.seconds(300)
    /// The region of signatures when none is pinned.
    static let defaultRegion = "us-east-1"

    var text: String {
        var lines = ["Sundial \(Version.number): AWS IoT Core on this machine", ""]
        for address in self.addresses { lines += self.lines(for: address) + [""] }
        if self.addresses.contains(where: { $0.name.hasPrefix("http") }) {
            lines += [
                "Signed URLs are good until \(Self.clock(self.now + Self.signatureLifetime)) UTC: 5 minutes, as on AWS IoT, where X-Amz-Expires counts for nothing.",
                "Another one:  \(self.signCommand)", "",
            ]
        }
        lines += self.trustLines() + self.clockLines()
        if let bearerToken {
            lines += ["Other machines can connect. From there /_sundial/ asks for:  Authorization: Bearer \(bearerToken)", ""]
        }
        return lines.joined(separator: "\n") + "\nready\n"
    }

    private func lines(for address: Broker.Address) -> [String] {
        let host = Self.reachable(address.host)
        let bracketed = host.contains(":") ? "[\(host)]" : host
        let title = "\(address.name)://\(bracketed):\(address.port)"
        let authority = ShellWord.quoted(self.tls?.authorityPath ?? "")
        switch address.name {
        case "mqtt":
            return [
                "\(title)   any MQTT client, every QoS", "  mosquitto_sub -h \(host) -p \(address.port) -v -t '#'",
            ]
        case "mqtts":
            return [
                "\(title)  as AWS IoT, over TLS", "  mosquitto_sub -h \(host) -p \(address.port) --cafile \(authority) -v -t 'hello/#'",
            ]
        case "http":
            return ["\(title)   as AWS IoT, MQTT over WebSocket, signed", "  \(self.signedURL(.ws, host: host, port: address.port))"]
        default:
            return ["\(title)  the same over TLS", "  \(self.signedURL(.wss, host: host, port: address.port))"]
        }
    }

    private func signedURL(_ scheme: SignedEndpoint.Scheme, host: String, port: Int) -> String {
        Presigner.presign(
            SignedEndpoint(scheme: scheme, host: host, port: port), credentials: self.credentials,
            region: self.region ?? Self.defaultRegion,
            date: self.now)
    }

    private func trustLines() -> [String] {
        guard let tls else { return [] }
        var lines = ["Clients trust  \(tls.authorityPath)" + (tls.isNew ? "  (made just now)" : "")]
        if let https = self.addresses.first(where: { $0.name == "https" }) {
            let host = Self.reachable(https.host)
            lines.append(
                "A browser does once you open  https://\(host.contains(":") ? "[\(host)]" : host):\(https.port)/  and accept the certificate."
            )
        }
        return lines + [""]
    }

    /// A time that is not real is worth a word.
    private func clockLines() -> [String] {
        guard let clock else { return [] }
        switch clock.kind {
        case .real: return []
        case .scaled(let factor): return ["Time passes \(factor) times as fast as real time:  sundial clock", ""]
        case .virtual(auto: false): return ["Time stands at \(clock.time.iso8601) until it is moved:  sundial clock advance 1h", ""]
        case .virtual(auto: true): return ["Time stands at \(clock.time.iso8601) and moves while a run waits for it:  sundial clock", ""]
        }
    }

    /// What to connect to on this machine.
    private static func reachable(_ host: String) -> String {
        ["127.0.0.1", "::1", "0.0.0.0", "::"].contains(host) ? "localhost" : host
    }

    /// `06:12:33`.
    private static func clock(_ time: WallTime) -> Substring {
        time.iso8601.dropFirst(11).prefix(8)
    }
}

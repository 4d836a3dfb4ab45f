/// A broker's address, read from a URL: `mqtt://`, `mqtts://`, `ws://` or `wss://`.
///
/// Ports when the URL names none: 1883, 8883, and, as for every WebSocket URL (RFC 6455 §3), 80 and 443.
package struct ClientEndpoint: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What lies between the socket and the MQTT bytes.
    package enum Transport: String, Sendable, CaseIterable {
        case tcp = "mqtt"
        case tls = "mqtts"
        case ws
        case wss

        package var isEncrypted: Bool { self == .tls || self == .wss }
        package var isWebSocket: Bool { self == .ws || self == .wss }

        package var defaultPort: Int {
            switch self {
            case .tcp: 1883
            case .tls: 8883
            case .ws: 80
            case .wss: 443
            }
        }
    }

    package var transport: Transport
    /// A name or an address; an IPv6 address without its brackets.
    package var host: String
    package var port: Int
    /// The request target of the upgrade without its query; not used by `mqtt` and `mqtts`.
    package var path: String
    /// What follows the `?`, as written. It may be a signature: never shown.
    package var query: String?
    /// From `user:password@` in the URL.
    package var userName: String?
    package var password: String?

    package init(
        transport: Transport, host: String, port: Int? = nil, path: String = "/mqtt", query: String? = nil, userName: String? = nil,
        password: String? = nil
    ) {
        self.transport = transport
        self.host = host
        self.port = port ?? transport.defaultPort
        self.path = path
        self.query = query
        self.userName = userName
        self.password = password
    }

    /// Reads a URL. `tcp` means `mqtt`; `ssl` and `tls` mean `mqtts`; a WebSocket URL without a path leads to `/mqtt`.
    package init(parsing url: String) throws(MQTTClientError) {
        guard let schemeEnd = url.firstRange(of: "://") else {
            throw .invalidURL(url.contains("?") ? "it has no scheme" : "\"\(url)\" has no scheme; write mqtt://\(url) or wss://\(url)/mqtt")
        }
        let transport = try Self.transport(String(url[..<schemeEnd.lowerBound]))
        var rest = url[schemeEnd.upperBound...]
        var query: String?
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        var path = ""
        if let slash = rest.firstIndex(of: "/") {
            path = String(rest[slash...])
            rest = rest[..<slash]
        }
        var user: Substring?
        if let at = rest.lastIndex(of: "@") {
            user = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        let (host, port) = try Self.hostAndPort(rest)
        self.init(transport: transport, host: host, port: port, path: path.isEmpty || path == "/" ? "/mqtt" : path, query: query)
        if let user {
            let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            self.userName = Self.decoded(parts[0])
            self.password = parts.count > 1 ? Self.decoded(parts[1]) : nil
        }
    }

    /// Host and port as the `Host` header has them: the port left out when it is the default one, as browsers do.
    package var authority: String {
        let name = self.host.contains(":") ? "[\(self.host)]" : self.host
        return self.port == self.transport.defaultPort ? name : "\(name):\(self.port)"
    }

    /// Without query, user and password, which may be secrets.
    package var description: String {
        "\(self.transport.rawValue)://\(self.authority)\(self.transport.isWebSocket ? self.path : "")"
    }
    package var debugDescription: String { self.description }
    package var customMirror: Mirror { Mirror(self, children: ["url": self.description]) }

    private static func transport(_ scheme: String) throws(MQTTClientError) -> Transport {
        switch scheme.lowercased() {
        case "mqtt", "tcp": .tcp
        case "mqtts", "ssl", "tls": .tls
        case "ws": .ws
        case "wss": .wss
        case "http", "https":
            throw .invalidURL("\(scheme):// is not spoken by MQTT; use \(scheme.lowercased() == "http" ? "ws" : "wss")://")
        default: throw .invalidURL("\(scheme):// is not known; use mqtt://, mqtts://, ws:// or wss://")
        }
    }

    private static func hostAndPort(_ text: Substring) throws(MQTTClientError) -> (host: String, port: Int?) {
        var host = text
        var portText: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw .invalidURL("the [ of an IPv6 address is not closed") }
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.first == ":" else { throw .invalidURL("after ] comes a port or nothing, not \"\(after)\"") }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0.isNewline }) else { throw .invalidURL("it names no host") }
        guard let portText, !portText.isEmpty else { return (String(host), nil) }
        guard let port = UInt16(portText), port > 0 else { throw .invalidURL("the port is 1 to 65535, not \"\(portText)\"") }
        return (String(host), Int(port))
    }

    /// Percent-decoding (RFC 3986 §2.1); what is not valid stays as written.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

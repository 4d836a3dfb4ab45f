/// The host part of `Host` and `Origin` fields.
enum HostName {
    /// Without port, brackets and capitals.
    static func ofAuthority(_ authority: some StringProtocol) -> String {
        var host = authority.lowercased()[...]
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            return String(host[host.index(after: host.startIndex)..<end])
        }
        if let colon = host.lastIndex(of: ":"), host.firstIndex(of: ":") == colon { host = host[..<colon] }
        return String(host)
    }

    /// The host of an origin such as `http://localhost:5173`; `nil` for `null` and what is no origin.
    static func ofOrigin(_ origin: String) -> String? {
        for scheme in ["http://", "https://"] where origin.lowercased().hasPrefix(scheme) {
            let host = Self.ofAuthority(origin.dropFirst(scheme.count))
            return host.isEmpty ? nil : host
        }
        return nil
    }

    /// `localhost`, names under it (RFC 6761 §6.3), and the loopback addresses.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" || host == "::ffff:127.0.0.1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

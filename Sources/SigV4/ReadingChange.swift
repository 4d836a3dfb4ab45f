/// One departure from the base reading, with what it means when the signature turns out to match it.
struct ReadingChange: Sendable {
    /// Whether the policy lets a request in that was signed this way.
    let isAccepted: Bool
    /// For the explanation of a refusal: one sentence.
    let sentence: String
    /// For the structured fields.
    let field: (String, String)
    /// What AWS would have said, when the change is accepted and AWS differs.
    var note: String?
    let apply: @Sendable (inout Reading) -> Void
}

/// The departures worth trying for one request, by the part they concern; at most one of each part is applied at a time.
struct ReadingChanges: Sendable {
    let material: RequestMaterial
    let policy: VerificationPolicy
    let hostPort: HostPort

    private var isLenient: Bool { self.policy == .lenient }
    private static let mismatchNote = "and AWS would have refused: \(AWSMessage.mismatch.text)"

    /// The host with or without a port. Source: `sigv4-websocket.md` §6.5.
    var hosts: [ReadingChange] {
        let sent = self.material.host
        let (name, port) = ReadingChanges.split(host: sent)
        var tried = [sent]
        var changes: [ReadingChange] = []
        func add(_ host: String, accepted: Bool, _ sentence: String) {
            guard !tried.contains(host), !host.isEmpty else { return }
            tried.append(host)
            let note =
                accepted && self.hostPort == .exact
                ? "the host was signed as \(Quoted.quoted(host)), but the Host header is \(Quoted.quoted(sent)); " + Self.mismatchNote : nil
            changes.append(
                ReadingChange(isAccepted: accepted, sentence: sentence, field: ("signed_host", Quoted.text(host)), note: note) {
                    $0.host = host
                })
        }
        let either = self.hostPort == .either || self.isLenient
        let without = "the host was signed without the port (\(Quoted.quoted(name))), but the Host header is \(Quoted.quoted(sent))"
        if port != nil { add(name, accepted: either, without + "; sign the host together with its port.") }
        var ports = ["443"]
        if let localPort = self.material.request.localPort { ports.insert("\(localPort)", at: 0) }
        for other in ports {
            add(
                "\(name):\(other)", accepted: either,
                "the host was signed with port \(other), but the Host header is \(Quoted.quoted(sent)); sign the host as it is sent.")
        }
        let exact = self.material.request.values(ofHeader: "host").map(HeaderText.canonical).joined(separator: ",")
        add(exact, accepted: self.isLenient, "the host was signed with upper-case letters; it is signed in lower case.")
        for forwarded in self.material.request.values(ofHeader: "x-forwarded-host") {
            add(
                HeaderText.canonical(forwarded).lowercased(), accepted: false,
                "the URL was signed for the host \(Quoted.quoted(forwarded)), which a proxy replaced by \(Quoted.quoted(sent)).")
        }
        for local in ["localhost", "127.0.0.1", "[::1]"] {
            for host in [local] + (([port] + ports).compactMap(\.self)).map({ "\(local):\($0)" }) {
                add(
                    host, accepted: false,
                    "the URL was signed for the host \(Quoted.quoted(host)), but sent to \(Quoted.quoted(sent)); sign for the host you connect to."
                )
            }
        }
        return changes
    }

    /// The session token in or out of the signature. Source: `sigv4-websocket.md` §4.
    func tokens(insideByDefault: Bool) -> [ReadingChange] {
        guard self.material.claim.place == .query, self.material.claim.token != nil else { return [] }
        let accepted = self.policy == .spec || self.isLenient
        let sentence =
            insideByDefault
            ? "X-Amz-Security-Token was added after signing; for this path it must be part of the signature."
            : "X-Amz-Security-Token was part of the signature; on /mqtt AWS IoT wants it left out while signing and appended afterwards."
        return [
            ReadingChange(
                isAccepted: accepted, sentence: sentence, field: ("token_signed", insideByDefault ? "false" : "true"),
                note: sentence + " AWS would have refused: \(AWSMessage.mismatch.text)"
            ) { $0.form.tokenInside = !insideByDefault }
        ]
    }

    /// Another path than the one requested.
    var paths: [ReadingChange] {
        let sent = self.material.path
        var tried = [CanonicalPath.standard(sent)]
        var changes: [ReadingChange] = []
        func add(_ path: [UInt8], accepted: Bool, noted: Bool, _ sentence: String) {
            guard !tried.contains(path) else { return }
            tried.append(path)
            let text = Quoted.text(String(decoding: path, as: UTF8.self))
            changes.append(
                ReadingChange(
                    isAccepted: accepted, sentence: sentence, field: ("signed_path", text),
                    note: noted ? sentence + " " + Self.mismatchNote : nil
                ) { $0.path = path })
        }
        let request = Quoted.quoted(String(decoding: sent, as: UTF8.self))
        add(CanonicalPath.normalized(sent), accepted: true, noted: false, "the path was signed normalized.")
        add(
            CanonicalPath.encodedOnce(sent), accepted: self.isLenient, noted: true,
            "the path was signed percent-encoded once; for IoT its segments are encoded twice (as in S3 they are not).")
        // Differs from the one above where a slash, or what needs no encoding, is encoded.
        add(
            Array(sent), accepted: self.isLenient, noted: true,
            "the path was signed as it is sent; for IoT its segments are encoded once more.")
        for other in ["/", "/mqtt", "/mqtt/", ""] {
            add(
                Array(other.utf8), accepted: false, noted: false,
                "the path was signed as \(Quoted.quoted(other)), but \(request) was requested; sign the path you connect to.")
        }
        return changes
    }

    /// Another payload hash than that of the body.
    var payloads: [ReadingChange] {
        var changes = [
            ReadingChange(
                isAccepted: self.isLenient,
                sentence: "the payload hash was signed as UNSIGNED-PAYLOAD, an S3 convention; use the SHA-256 of the body "
                    + "(of no bytes, for a URL).",
                field: ("signed_payload", PayloadHash.unsigned),
                note: "the payload hash was signed as UNSIGNED-PAYLOAD, " + Self.mismatchNote + " (unconfirmed)"
            ) { $0.payloadHash = PayloadHash.unsigned }
        ]
        if self.material.bodyHash != SHA256.hexOfNothing {
            changes.append(
                ReadingChange(
                    isAccepted: false, sentence: "the request was signed without its body; the payload hash must be that of the body.",
                    field: ("signed_payload", "empty")
                ) { $0.payloadHash = SHA256.hexOfNothing })
        }
        return changes
    }

    /// `+` as a space. Source: `sigv4-websocket.md` §6.4.
    var spaces: [ReadingChange] {
        guard self.material.query.hasPlus else { return [] }
        let query = CanonicalQuery(raw: self.material.query.raw[...], plusIsSpace: true)
        return [
            ReadingChange(isAccepted: true, sentence: "a '+' in the query was signed as a space.", field: ("plus", "space")) {
                $0.query = query
            }
        ]
    }

    /// The `Connection` header, which proxies rewrite. Source: `sigv4-websocket.md` §3.
    var connections: [ReadingChange] {
        guard let index = self.material.claim.signedHeaderNames.firstIndex(of: "connection") else { return [] }
        let sent = self.material.headerValues[index]
        return ["Upgrade", "upgrade", "keep-alive, Upgrade", "keep-alive"].filter { $0 != sent }.map { value in
            let sentence =
                "the header Connection was signed as \(Quoted.quoted(value)), but arrived as \(Quoted.quoted(sent)); "
                + "a proxy or library between client and server rewrites it."
            return ReadingChange(
                isAccepted: self.isLenient, sentence: sentence, field: ("signed_connection", value),
                note: sentence + " " + Self.mismatchNote
            ) { $0.connection = value }
        }
    }

    /// Another method than the one used.
    var methods: [ReadingChange] {
        ["GET", "POST", "PUT"].filter { $0 != self.material.request.method }.map { method in
            ReadingChange(
                isAccepted: false,
                sentence: "the method was signed as \(method), but the request is a \(Quoted.text(self.material.request.method)).",
                field: ("signed_method", method)
            ) { $0.method = method }
        }
    }

    /// `name` and `port` of a host, `[::1]:8443` included.
    private static func split(host: String) -> (name: String, port: String?) {
        guard let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") else { return (host, nil) }
        let port = host[host.index(after: colon)...]
        guard !port.isEmpty, port.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return (host, nil) }
        return (String(host[..<colon]), String(port))
    }
}

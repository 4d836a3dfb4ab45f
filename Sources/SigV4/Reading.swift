/// One way in which a request may have been signed. The base reading is the right one; others are tried to accept what a policy
/// allows and to explain what went wrong.
struct Reading: Sendable {
    var method: String
    /// The canonical path, encoded.
    var path: [UInt8]
    /// Nil: as the `Host` header says.
    var host: String?
    /// Nil: as the `Connection` header says.
    var connection: String?
    var query: CanonicalQuery
    var form: QueryForm
    var payloadHash: String
    var key: HMACKey
    /// The scope in the string to sign.
    var scope: String
    /// The date in the string to sign, and the one inside the canonical request.
    var date: String
    var dateInside: String
}

/// A request with its claim: everything a canonical request is made of.
struct RequestMaterial: Sendable {
    let request: SignedRequest
    let claim: SignatureClaim
    let path: ArraySlice<UInt8>
    let query: CanonicalQuery
    /// The values of the signed headers, canonical, in the order of `claim.signedHeaderNames`.
    let headerValues: [String]
    /// Signed headers that the request does not have.
    let absentHeaders: [String]
    /// The hash of the body as it is.
    let bodyHash: String

    init(request: SignedRequest, claim: SignatureClaim, path: ArraySlice<UInt8>, query: CanonicalQuery) {
        self.request = request
        self.claim = claim
        self.path = path
        self.query = query
        self.bodyHash = request.bodySHA256Hex ?? SHA256.hexOfNothing
        var values: [String] = []
        var absent: [String] = []
        for name in claim.signedHeaderNames {
            var value: String?
            for field in request.headers where field.name.utf8.elementsEqualIgnoringCase(name.utf8) {
                let canonical = HeaderText.canonical(field.value)
                value = value.map { $0 + "," + canonical } ?? canonical
            }
            if value == nil { absent.append(name) }
            values.append(name == "host" ? (value ?? "").lowercased() : value ?? "")
        }
        self.headerValues = values
        self.absentHeaders = absent
    }

    /// Whether this is the MQTT endpoint, where the token stays outside the signature. Source: `sigv4-websocket.md` §4.
    var isUpgradePath: Bool { self.path.elementsEqual("/mqtt".utf8) }

    /// The `Host` header, canonical; empty when the request has none.
    var host: String {
        self.claim.signedHeaderNames.firstIndex(of: "host").map { self.headerValues[$0] } ?? ""
    }

    /// Everything as sent, the token inside or outside as `tokenInside` says.
    func reading(key: HMACKey, tokenInside: Bool) -> Reading {
        Reading(
            method: self.request.method, path: CanonicalPath.standard(self.path), host: nil, connection: nil, query: self.query,
            form: QueryForm(tokenInside: tokenInside), payloadHash: self.bodyHash, key: key, scope: self.claim.scope.text,
            date: self.claim.date, dateInside: self.claim.date)
    }

    /// The canonical request of a reading. Source: `sigv4-websocket.md` §1.
    func canonicalRequest(_ reading: Reading) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.query.raw.count + 512)
        let newline = UInt8(ascii: "\n")
        bytes.append(contentsOf: reading.method.utf8)
        bytes.append(newline)
        bytes.append(contentsOf: reading.path)
        bytes.append(newline)
        reading.query.append(to: &bytes, form: reading.form)
        bytes.append(newline)
        for (name, value) in zip(self.claim.signedHeaderNames, self.headerValues) {
            bytes.append(contentsOf: name.utf8)
            bytes.append(UInt8(ascii: ":"))
            if name == "host", let host = reading.host {
                bytes.append(contentsOf: host.utf8)
            } else if name == "connection", let connection = reading.connection {
                bytes.append(contentsOf: connection.utf8)
            } else {
                bytes.append(contentsOf: value.utf8)
            }
            bytes.append(newline)
        }
        bytes.append(newline)
        bytes.append(contentsOf: self.claim.signedHeaders.utf8)
        bytes.append(newline)
        bytes.append(contentsOf: reading.payloadHash.utf8)
        if reading.dateInside != self.claim.date {
            RequestMaterial.replace(Array(self.claim.date.utf8), with: Array(reading.dateInside.utf8), in: &bytes)
        }
        return bytes
    }

    /// The signature a reading would have. Cost: one hash of the canonical request and one HMAC.
    func signature(_ reading: Reading) -> Digest {
        StringToSign.sign(
            canonicalRequest: self.canonicalRequest(reading), date: reading.date, scope: reading.scope, key: reading.key)
    }

    private static func replace(_ old: [UInt8], with new: [UInt8], in bytes: inout [UInt8]) {
        guard old.count == new.count, !old.isEmpty, bytes.count >= old.count else { return }
        for start in 0...(bytes.count - old.count) where bytes[start..<(start + old.count)].elementsEqual(old) {
            bytes.replaceSubrange(start..<(start + old.count), with: new)
        }
    }
}

/// The last step of a signature. Source: `sigv4-websocket.md` §1, "string to sign".
enum StringToSign {
    static func sign(canonicalRequest: [UInt8], date: String, scope: String, key: HMACKey) -> Digest {
        key.authenticate(StringToSign.text(canonicalRequest: canonicalRequest, date: date, scope: scope))
    }

    static func text(canonicalRequest: [UInt8], date: String, scope: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192)
        bytes.append(contentsOf: SignatureClaim.algorithm.utf8)
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: date.utf8)
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: scope.utf8)
        bytes.append(UInt8(ascii: "\n"))
        SHA256.digest(of: canonicalRequest).appendHex(to: &bytes)
        return bytes
    }
}

/// The path of a canonical request.
enum CanonicalPath {
    /// Every segment of the wire path, encoded once more: `%24aws` becomes `%2524aws`. Source: `sigv4-websocket.md` §7.
    static func standard(_ path: ArraySlice<UInt8>) -> [UInt8] {
        if path.isEmpty { return [UInt8(ascii: "/")] }
        let isPlain = path.allSatisfy { PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "/") }
        return isPlain ? Array(path) : PercentEncoding.encode(path, keeping: [UInt8(ascii: "/")])
    }

    /// The wire path encoded once only, as S3 wants it and no IoT service does.
    static func encodedOnce(_ path: ArraySlice<UInt8>) -> [UInt8] {
        CanonicalPath.standard(PercentEncoding.decode(path)[...])
    }

    /// Without empty and dot segments (RFC 3986 §5.2.4), as SDKs send a path to be signed.
    static func normalized(_ path: ArraySlice<UInt8>) -> [UInt8] {
        var segments: [ArraySlice<UInt8>] = []
        for segment in path.split(separator: UInt8(ascii: "/")) {
            if segment.elementsEqual(".".utf8) { continue }
            if segment.elementsEqual("..".utf8) {
                _ = segments.popLast()
            } else {
                segments.append(segment)
            }
        }
        var normal: [UInt8] = []
        for segment in segments {
            normal.append(UInt8(ascii: "/"))
            normal.append(contentsOf: segment)
        }
        if normal.isEmpty || path.last == UInt8(ascii: "/") { normal.append(UInt8(ascii: "/")) }
        return CanonicalPath.standard(normal[...])
    }
}

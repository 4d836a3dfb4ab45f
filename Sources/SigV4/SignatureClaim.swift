import Timeline

/// `yyyymmdd/region/service/aws4_request` with the key id in front of it.
struct CredentialScope: Sendable, Hashable {
    let accessKeyID: String
    let date: String
    let region: String
    let service: String

    /// The four parts that the string to sign names: `yyyymmdd/region/service/aws4_request`.
    let text: String

    /// Source: `sigv4-websocket.md` §2.
    init(parsing credential: String) throws(Refusal) {
        // By hand, since splitting into an array costs more than the whole signature.
        var slashes: (first: String.Index?, second: String.Index?, third: String.Index?, fourth: String.Index?)
        var count = 0
        var index = credential.startIndex
        while index < credential.endIndex {
            if credential.utf8[index] == UInt8(ascii: "/") {
                count += 1
                slashes = (slashes.second, slashes.third, slashes.fourth, index)
            }
            index = credential.utf8.index(after: index)
        }
        guard count == 4, let first = slashes.first, let second = slashes.second, let third = slashes.third, let fourth = slashes.fourth
        else { throw CredentialScope.wrongShape(credential, parts: count + 1) }
        func part(_ from: String.Index, _ to: String.Index) -> String {
            String(Substring(credential.utf8[credential.utf8.index(after: from)..<to]))
        }
        self.accessKeyID = String(Substring(credential.utf8[..<first]))
        self.date = part(first, second)
        self.region = part(second, third)
        self.service = part(third, fourth)
        self.text = part(first, credential.endIndex)
        try CredentialScope.checkTerminator(part(fourth, credential.endIndex))
        if self.accessKeyID.isEmpty || self.date.isEmpty || self.region.isEmpty || self.service.isEmpty {
            throw self.emptyPart(of: credential)
        }
    }

    init(accessKeyID: String, date: String, region: String, service: String) {
        self.accessKeyID = accessKeyID
        self.date = date
        self.region = region
        self.service = service
        self.text = "\(date)/\(region)/\(service)/aws4_request"
    }

    private static func checkTerminator(_ terminator: String) throws(Refusal) {
        guard terminator != "aws4_request" else { return }
        throw Refusal(
            .malformedCredential, aws: .credentialTerminator(terminator),
            "X-Amz-Credential must end in 'aws4_request', but ends in \(Quoted.quoted(terminator)).",
            [("terminator", Quoted.text(terminator))])
    }

    private func emptyPart(of credential: String) -> Refusal {
        let parts = [("key id", self.accessKeyID), ("date", self.date), ("region", self.region), ("service", self.service)]
        let name = parts.first { $0.1.isEmpty }?.0 ?? ""
        return Refusal(
            .malformedCredential, aws: .credentialShape(KeyID.shown(credential)),
            "The \(name) in X-Amz-Credential is empty: \(Quoted.quoted(KeyID.shown(credential))). Was it set when the URL was signed?",
            [("credential", Quoted.text(KeyID.shown(credential))), ("empty", name)])
    }

    private static func wrongShape(_ credential: String, parts: Int) -> Refusal {
        // With more than five parts the first ones may be a secret, whose alphabet has a slash; it is not repeated.
        let shown = parts > 5 ? "(hidden)" : KeyID.shown(credential)
        var advice = ""
        if parts > 5 {
            advice = " A key id has no slash: is it perhaps the secret access key?"
        } else if credential.contains("%2F") || credential.contains("%2f") {
            advice = " Its slashes are percent-encoded twice."
        }
        return Refusal(
            .malformedCredential, aws: .credentialShape(shown),
            """
            X-Amz-Credential must be keyid/yyyymmdd/region/service/aws4_request (5 parts), but \(Quoted.quoted(shown)) has \
            \(parts).\(advice)
            """, [("credential", Quoted.text(shown)), ("parts", "\(parts)")])
    }
}

/// Key ids as they may be shown: something shaped like a secret access key (40 characters, not all upper case) is hidden.
enum KeyID {
    static func shown(_ text: String) -> String {
        let first = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        return first.utf8.count == 40 && !first.contains("%") && first != first.uppercased()
            ? "(hidden, it looks like a secret access key)" : text
    }
}

/// What a request claims about itself: who signed it, when, and over which headers. Well-formed, not yet believed.
struct SignatureClaim: Sendable {
    static let algorithm = "AWS4-HMAC-SHA256"
    /// More signed headers than this are refused as malformed.
    static let maximumSignedHeaders = 64

    let place: AuthParameters.Place
    let scope: CredentialScope
    /// `X-Amz-Date` as written.
    let date: String
    let time: WallTime
    /// `X-Amz-Expires` as written.
    let expires: String?
    /// `SignedHeaders` as written, and its names.
    let signedHeaders: String
    let signedHeaderNames: [String]
    /// Nil when it is not 64 lower-case hex digits; `signatureText` tells how it differs.
    let signature: Digest?
    let signatureText: String
    let token: String?

    /// - Throws: the first thing that keeps the parameters from being a signature at all.
    init(_ parameters: AuthParameters) throws(Refusal) {
        if let name = parameters.repeated {
            throw Refusal(
                .malformedParameter, aws: .mismatch, "\(name) occurs twice; was an already signed URL signed again?", [("parameter", name)])
        }
        guard let algorithm = parameters.algorithm, let credential = parameters.credential, let date = parameters.date,
            let signedHeaders = parameters.signedHeaders, let signature = parameters.signature, parameters.isComplete
        else { throw SignatureClaim.missing(parameters) }
        guard algorithm == SignatureClaim.algorithm else {
            throw Refusal(
                .wrongAlgorithm, aws: .algorithm(algorithm),
                "The algorithm is \(Quoted.quoted(algorithm)); only AWS4-HMAC-SHA256 is understood.",
                [("algorithm", Quoted.text(algorithm)), ("expected_algorithm", SignatureClaim.algorithm)])
        }
        self.place = parameters.place
        self.scope = try CredentialScope(parsing: credential)
        self.date = date
        // Years beyond these do not fit the nanoseconds of `WallTime`.
        guard date.utf8.count == 16, date >= "1970", date < "2201", let time = WallTime(basicISO8601: date) else {
            throw Refusal(
                .malformedParameter, aws: .date, "X-Amz-Date must look like 20260102T030405Z (UTC), but is \(Quoted.quoted(date)).",
                [("parameter", "X-Amz-Date"), ("date", Quoted.text(date))])
        }
        self.time = time
        self.expires = parameters.expires
        self.signedHeaders = signedHeaders
        self.signedHeaderNames =
            signedHeaders == "host"
            ? ["host"] : signedHeaders.utf8.split(separator: UInt8(ascii: ";")).map { Substring($0).lowercased() }
        self.signature = Digest(lowercaseHex: signature)
        self.signatureText = signature
        self.token = parameters.token
        try self.checkSignedHeaders()
    }

    private func checkSignedHeaders() throws(Refusal) {
        guard self.signedHeaderNames.count <= SignatureClaim.maximumSignedHeaders else {
            throw Refusal(
                .malformedParameter, aws: .mismatch,
                "SignedHeaders names \(self.signedHeaderNames.count) headers; \(SignatureClaim.maximumSignedHeaders) are the limit.",
                [("parameter", "X-Amz-SignedHeaders")])
        }
        guard self.signedHeaderNames.contains("host") else {
            throw Refusal(
                .hostNotSigned, aws: .hostNotSigned,
                "SignedHeaders is \(Quoted.quoted(self.signedHeaders)), but the host must be signed: it has to contain 'host'.",
                [("signed_headers", Quoted.text(self.signedHeaders))])
        }
    }

    private static func missing(_ parameters: AuthParameters) -> Refusal {
        let names = parameters.missing
        switch parameters.place {
        case .query:
            let cut = names == ["X-Amz-Signature"] ? " Was the URL cut off, or printed before it was signed?" : ""
            return Refusal(
                .missingParameter, aws: .missingQueryParameters(names),
                "The URL is only partly signed: it has no \(names.joined(separator: ", no ")) (or an empty one).\(cut)",
                names.map { ("parameter", $0) })
        case .header:
            return Refusal(
                .missingParameter, aws: .missingHeaderParameters(names),
                "The Authorization header is incomplete: there is no \(names.joined(separator: ", no ")).",
                names.map { ("parameter", $0) })
        }
    }
}

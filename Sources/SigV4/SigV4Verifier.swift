package import Timeline

/// Judges signed requests of one door: presigned URLs of the WebSocket upgrade and header-signed REST calls.
///
/// A value without clock or I/O; the caller hands in the time. Keep it where it is used, since it remembers signing keys.
/// Cost: about 2 µs for a good signature with a known scope; a refusal may search a few hundred readings for its explanation (bounded
/// by ``maximumSearchBytes``). Source: `sigv4-websocket.md` §6, §7.
package struct SigV4Verifier: Sendable {
    /// Longer targets are refused unread.
    package static let maximumTargetBytes = 65_536
    /// More query parameters than this are refused.
    package static let maximumParameters = 256
    /// How many bytes the search for an explanation may hash.
    static let maximumSearchBytes = 1_000_000

    /// The credentials accepted.
    package let credentials: CredentialSet
    package let policy: VerificationPolicy
    package let hostPort: HostPort
    /// The one region accepted; nil: any.
    package let region: String?
    /// The service names accepted in a scope.
    package let services: Set<String>
    /// Whether a token that belongs to no key is refused. AWS answers 403 to it (unconfirmed); default: ignored, with a note.
    package let refusesUnexpectedToken: Bool
    private var keys = SigningKeyCache()

    /// What all IoT clients sign with: `iotdevicegateway`, and `iotdata` (Python SDK v1, and REST). Source: `sigv4-websocket.md` §2, §7.
    package static let dataServices: Set<String> = ["iotdevicegateway", "iotdata"]

    /// What clients of the control plane (things, endpoints) sign with: `iot`; older ones `execute-api`. Source: `sigv4-websocket.md` §7.
    package static let controlServices: Set<String> = ["iot", "execute-api"]

    /// - Parameters:
    ///   - region: pins the region of the scope; nil accepts any.
    ///   - services: the service names a scope may have.
    package init(
        credentials: CredentialSet, policy: VerificationPolicy = .aws, hostPort: HostPort = .either, region: String? = nil,
        services: Set<String> = SigV4Verifier.dataServices, refusesUnexpectedToken: Bool = false
    ) {
        self.credentials = credentials
        self.policy = policy
        self.hostPort = hostPort
        self.region = region
        self.services = services
        self.refusesUnexpectedToken = refusesUnexpectedToken
    }

    /// The same verifier for requests of other services.
    package func accepting(services: Set<String>) -> SigV4Verifier {
        SigV4Verifier(
            credentials: self.credentials, policy: self.policy, hostPort: self.hostPort, region: self.region, services: services,
            refusesUnexpectedToken: self.refusesUnexpectedToken)
    }

    /// Judges one request. Never traps, whatever the request holds.
    package mutating func verify(_ request: SignedRequest, now: WallTime) -> Verdict {
        if self.policy == .off { return .notChecked }
        do {
            return try self.check(request, now: now)
        } catch {
            return .refused(error.withoutPrivate(self.privateTexts(request)))
        }
    }

    private mutating func check(_ request: SignedRequest, now: WallTime) throws(Refusal) -> Verdict {
        let material = try self.material(of: request)
        let claim = material.claim
        guard let credentials = self.credentials[claim.scope.accessKeyID] else { throw self.unknownKey(claim) }
        try self.checkScope(material)
        let key = self.keys.key(for: claim.scope, secret: credentials.secretAccessKey)
        var notes: [String] = []
        do {
            try self.checkTime(claim, now: now, notes: &notes)
        } catch {
            var search = ReadingSearch(material: material, verifier: self, credentials: credentials, key: key)
            throw search.withVerdictOnTheRest(error)
        }
        try self.checkToken(claim, credentials: credentials, notes: &notes)
        try self.checkPayloadHash(material)
        let base = material.reading(key: key, tokenInside: !material.isUpgradePath)
        if let signature = claim.signature, material.signature(base).matches(signature) {
            return .accepted(principal: credentials.accessKeyID, notes: notes)
        }
        var search = ReadingSearch(material: material, verifier: self, credentials: credentials, key: key)
        notes += try search.findAcceptable()
        return .accepted(principal: credentials.accessKeyID, notes: notes)
    }

    /// Takes the request apart; finds the signature in the query or else in the headers.
    private func material(of request: SignedRequest) throws(Refusal) -> RequestMaterial {
        let target = Array(request.target.utf8)
        guard target.count <= SigV4Verifier.maximumTargetBytes else {
            throw SigV4Verifier.tooLarge("the URL has \(target.count) bytes; \(SigV4Verifier.maximumTargetBytes) are the limit")
        }
        let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        let query = CanonicalQuery(raw: target[min(mark + 1, target.count)...])
        guard query.parameters.count <= SigV4Verifier.maximumParameters else {
            throw SigV4Verifier.tooLarge(
                "the URL has \(query.parameters.count) query parameters; \(SigV4Verifier.maximumParameters) are the limit")
        }
        guard let parameters = AuthParameters(query: query) ?? AuthParameters(headersOf: request) else {
            throw SigV4Verifier.unsigned(request, path: target[..<mark], query: query)
        }
        return RequestMaterial(request: request, claim: try SignatureClaim(parameters), path: target[..<mark], query: query)
    }

    /// Texts that must never be shown: secrets, tokens and the signature of the request.
    private func privateTexts(_ request: SignedRequest) -> [String] {
        var texts = self.credentials.all.flatMap { [$0.secretAccessKey, $0.sessionToken ?? ""] }
        let target = Array(request.target.utf8)
        let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        if target.count <= SigV4Verifier.maximumTargetBytes {
            let query = AuthParameters(query: CanonicalQuery(raw: target[min(mark + 1, target.count)...]))
            texts += [query?.signature, query?.token].compactMap(\.self)
        }
        let headers = AuthParameters(headersOf: request)
        texts += [headers?.signature, headers?.token].compactMap(\.self)
        // Short ones such as `test` are also ordinary words of an explanation.
        return texts.filter { $0.utf8.count >= 8 }
    }
}

/// Looks for the reading that a signature belongs to: first the right one, then those the policy accepts, then the usual mistakes.
struct ReadingSearch {
    private let material: RequestMaterial
    private let verifier: SigV4Verifier
    private let credentials: Credentials
    private let base: Reading
    private let changes: ReadingChanges
    /// Queries longer than this are not written in other ways for an explanation.
    private static let longestQueryToVary = 8192
    private var bytesLeft = SigV4Verifier.maximumSearchBytes

    init(material: RequestMaterial, verifier: SigV4Verifier, credentials: Credentials, key: HMACKey) {
        self.material = material
        self.verifier = verifier
        self.credentials = credentials
        self.base = material.reading(key: key, tokenInside: !material.isUpgradePath)
        self.changes = ReadingChanges(material: material, policy: verifier.policy, hostPort: verifier.hostPort)
    }

    /// Returns what AWS would have said otherwise when the signature is acceptable.
    /// - Throws: the refusal that says which part differs.
    mutating func findAcceptable() throws(Refusal) -> [String] {
        guard let signature = self.material.claim.signature else { throw self.notADigest() }
        if self.material.signature(self.base).matches(signature) { return [] }
        let parts = self.structuralParts
        let acceptable = parts.map { $0.filter(\.isAccepted) }
        if let found = self.firstMatch(signature, in: acceptable, atMost: acceptable.count) { return found.compactMap(\.note) }
        if let found = self.firstMatch(signature, in: parts, atMost: 3) { throw self.mismatch(found.filter { !$0.isAccepted }) }
        guard self.material.query.raw.count <= ReadingSearch.longestQueryToVary else { throw self.mismatch([]) }
        let hosts = parts[0].filter(\.isAccepted)
        let tokens = parts[1]
        let signer = self.changes.secrets(self.credentials, others: self.verifier.credentials.all) + self.changes.queries
        if let found = self.firstMatch(signature, in: [signer, hosts, tokens], atMost: 3) {
            throw self.mismatch(found.filter { !$0.isAccepted })
        }
        if let found = self.firstMatch(signature, in: [self.changes.dates, hosts], atMost: 2) {
            throw self.mismatch(found.filter { !$0.isAccepted })
        }
        throw self.mismatch([])
    }

    /// An expired or future request is refused anyway; whether its signature is right otherwise tells if a second problem waits.
    mutating func withVerdictOnTheRest(_ refusal: Refusal) -> Refusal {
        do {
            _ = try self.findAcceptable()
            return refusal.adding("Apart from that its signature is right.", ("signature_otherwise", "valid"))
        } catch {
            return refusal.adding("Besides: \(error.explanation)", ("signature_otherwise", error.reason.rawValue))
        }
    }

    private var structuralParts: [[ReadingChange]] {
        [
            self.changes.hosts, self.changes.tokens(insideByDefault: self.base.form.tokenInside), self.changes.spaces, self.changes.paths,
            self.changes.payloads, self.changes.connections, self.changes.methods,
        ]
    }

    /// The first combination of changes, at most one of each part, that has this signature; fewer changes first.
    private mutating func firstMatch(_ signature: Digest, in parts: [[ReadingChange]], atMost limit: Int) -> [ReadingChange]? {
        let filled = parts.filter { !$0.isEmpty }
        for count in 1...max(1, min(limit, filled.count)) {
            if let found = self.match(signature, self.base, filled[...], count, []) { return found }
        }
        return nil
    }

    private mutating func match(
        _ signature: Digest, _ reading: Reading, _ parts: ArraySlice<[ReadingChange]>, _ count: Int, _ applied: [ReadingChange]
    ) -> [ReadingChange]? {
        if count == 0 {
            let bytes = self.material.query.raw.count + 512
            self.bytesLeft -= bytes
            guard self.bytesLeft >= 0 else { return nil }
            return self.material.signature(reading).matches(signature) ? applied : nil
        }
        for index in parts.indices where parts.endIndex - index >= count {
            for change in parts[index] {
                guard self.bytesLeft > 0 else { return nil }
                var changed = reading
                change.apply(&changed)
                if let found = self.match(signature, changed, parts[(index + 1)...], count - 1, applied + [change]) { return found }
            }
        }
        return nil
    }

    private var facts: [(String, String)] {
        let claim = self.material.claim
        return [
            ("access_key_id", claim.scope.accessKeyID), ("scope", Quoted.text(claim.scope.text)), ("date", claim.date),
            ("signed_headers", Quoted.text(claim.signedHeaders)), ("method", Quoted.text(self.material.request.method)),
            ("path", Quoted.text(String(decoding: self.material.path, as: UTF8.self))), ("host", Quoted.text(self.material.host)),
        ]
    }

    private func mismatch(_ found: [ReadingChange]) -> Refusal {
        let absent = self.material.absentHeaders
        var explanation = "The signature does not match: "
        if !found.isEmpty {
            explanation += found.map(\.sentence).joined(separator: " Also, ")
        } else if !absent.isEmpty {
            explanation +=
                "SignedHeaders names \(Quoted.list(absent, "and")), which the request does not have; a proxy or library removed it, "
                + "or the client never sent it."
        } else {
            explanation +=
                "the secret differs or something signed was changed. Compare the secret of key "
                + "\(Quoted.quoted(self.credentials.accessKeyID)) on both sides, and check that host "
                + "\(Quoted.quoted(self.material.host)), path and query are the ones that were signed."
        }
        return Refusal(
            .signatureMismatch, aws: .mismatch, explanation,
            self.facts + found.map(\.field) + absent.map { ("absent_header", Quoted.text($0)) } + [
                ("cause", found.isEmpty ? "unknown" : "found")
            ])
    }

    private func notADigest() -> Refusal {
        let text = self.material.claim.signatureText
        let advice =
            text.utf8.count == 64 && Digest(lowercaseHex: text.lowercased()) != nil
            ? "it is in upper case" : "it has \(text.utf8.count) characters"
        return Refusal(
            .signatureMismatch, aws: .mismatch, "The signature must be 64 lower-case hex digits, but \(advice).",
            self.facts + [("signature_characters", "\(text.utf8.count)")])
    }
}

extension Refusal {
    /// The same refusal with a further sentence and field.
    func adding(_ sentence: String, _ field: (String, String)) -> Refusal {
        Refusal(copying: self, explanation: self.explanation + " " + sentence, fields: self.fields + [field])
    }
}

import COpenSSL
import Timeline

/// The checks before the signature itself: scope, time, token, payload hash. Each throws with what to do.
extension SigV4Verifier {
    static func unsigned(_ request: SignedRequest, path: ArraySlice<UInt8>, query: CanonicalQuery) -> Refusal {
        let miscased = query.parameters.lazy.map { query.name(of: $0) }.first { $0.lowercased() == "x-amz-signature" }
        if let miscased {
            return Refusal(
                .unsigned, aws: .missingAuthentication,
                "The URL has \(Quoted.quoted(miscased)), but names of parameters are case-sensitive: it must be 'X-Amz-Signature'.",
                [("parameter", Quoted.text(miscased))])
        }
        if path.elementsEqual("/mqtt".utf8) {
            return Refusal(
                .unsigned, aws: .missingAuthentication,
                "this URL is not signed: it has no X-Amz-… parameters; was the URL passed before signing?",
                [("query_parameters", "\(query.parameters.count)")])
        }
        let other = request.values(ofHeader: "authorization").isEmpty ? "" : " Its Authorization header is not AWS4-HMAC-SHA256."
        return Refusal(
            .unsigned, aws: .missingAuthentication,
            "This request is not signed: it has neither X-Amz-… parameters nor an 'Authorization: AWS4-HMAC-SHA256 …' header.\(other)")
    }

    static func tooLarge(_ what: String) -> Refusal {
        Refusal(.malformedParameter, aws: .mismatch, "The request was not examined: \(what).")
    }

    func unknownKey(_ claim: SignatureClaim) -> Refusal {
        let keyID = KeyID.shown(claim.scope.accessKeyID)
        if self.credentials.all.contains(where: { $0.secretAccessKey == claim.scope.accessKeyID }) {
            return Refusal(
                .unknownAccessKey, aws: .invalidToken,
                "X-Amz-Credential holds the secret access key where the key id belongs; the two are swapped.")
        }
        let known = self.credentials.accessKeyIDs
        let folded = known.first { $0.lowercased() == keyID.lowercased() }
        let trimmed = known.first { $0 == HeaderText.trimmed(claim.scope.accessKeyID[...]) }
        var advice = "Known here: \(known.count <= 8 ? Quoted.list(known, "and") : "\(known.count) keys, none with this id")."
        if known.isEmpty { advice = "No credentials are configured." }
        if let trimmed { advice = "It is \(Quoted.quoted(trimmed)) with white space around it; trim it before signing." }
        if trimmed == nil, let folded { advice = "It differs from \(Quoted.quoted(folded)) in upper and lower case only." }
        return Refusal(
            .unknownAccessKey, aws: .invalidToken, "The access key id \(Quoted.quoted(keyID)) is not known. \(advice)",
            [("access_key_id", Quoted.text(keyID))])
    }

    /// Service, region and date of the scope. Source: `sigv4-websocket.md` §2, §6.2.
    func checkScope(_ material: RequestMaterial) throws(Refusal) {
        let scope = material.claim.scope
        guard self.services.contains(scope.service) else { throw self.wrongService(material) }
        if let region = self.region, region != scope.region {
            throw Refusal(
                .wrongRegion, aws: .wrongRegion,
                "The credential is scoped to region \(Quoted.quoted(scope.region)), but this endpoint is in \(Quoted.quoted(region)); "
                    + "sign with \(Quoted.quoted(region)).",
                [("region", Quoted.text(scope.region)), ("expected_region", region)])
        }
        guard scope.date == material.claim.date.prefix(8) else {
            throw Refusal(
                .scopeDateMismatch, aws: .scopeDate(scopeDate: scope.date, date: material.claim.date),
                """
                The date in X-Amz-Credential is \(Quoted.quoted(scope.date)), but X-Amz-Date is \
                \(Quoted.quoted(material.claim.date)); both must come from the same UTC time.
                """, [("scope_date", Quoted.text(scope.date)), ("date", material.claim.date)])
        }
    }

    private func wrongService(_ material: RequestMaterial) -> Refusal {
        let used = material.claim.scope.service
        let preferred = material.isUpgradePath ? "iotdevicegateway" : self.services.contains("iotdata") ? "iotdata" : "iot"
        let accepted = self.services.sorted { ($0 == preferred ? 0 : 1, $0) < ($1 == preferred ? 0 : 1, $1) }
        let expected = accepted.first ?? preferred
        let about =
            switch used {
            case "iot": " 'iot' is the name of the control plane (things, policies)."
            case "execute-api": " 'execute-api' is API Gateway's name."
            case "iotdata", "iotdevicegateway": " \(Quoted.quoted(used)) is the name of the data plane (shadows, publish, MQTT)."
            case "AWSService.iot", "AWSService.iotdata": " That is the name of an object in a library, not of the service."
            default: used.lowercased() == expected ? " It must be in lower case." : ""
            }
        return Refusal(
            .wrongService, aws: .wrongService(expected: expected),
            "The credential is scoped to service \(Quoted.quoted(used)), but \(Quoted.list(accepted)) is expected here.\(about)",
            [("service", Quoted.text(used))] + accepted.map { ("expected_service", $0) })
    }

    /// The window around `X-Amz-Date`. Source: `sigv4-websocket.md` §5.
    func checkTime(_ claim: SignatureClaim, now: WallTime, notes: inout [String]) throws(Refusal) {
        let window: Int64 = 300
        let ahead = claim.time.secondsAfter(now)
        if ahead > window {
            throw Refusal(
                .notYetValid, aws: .notYetCurrent(date: claim.time, limit: now + .seconds(window), now: now),
                """
                The \(claim.what) is dated \(Quoted.age(seconds: ahead)) in the future (X-Amz-Date \(claim.date), now \
                \(now.basicISO8601)); 5 min are allowed. \(SigV4Verifier.clockAdvice(offset: ahead))
                """,
                [
                    ("date", claim.date), ("now", now.basicISO8601), ("ahead_seconds", "\(ahead)"),
                    ("valid_in_seconds", "\(ahead - window)"),
                ])
        }
        let expires = try self.expiresSeconds(claim)
        let limit =
            switch self.policy {
            case .aws, .off: window
            case .spec: expires ?? window
            case .lenient: max(window, expires ?? 0)
            }
        let age = now.secondsAfter(claim.time)
        if age > limit { throw self.expired(claim, now: now, age: age, limit: limit) }
        if age > window {
            let text = AWSMessage.expired(date: claim.time, limit: now - .seconds(window), now: now, minutes: window / 60).text
            notes.append("AWS does not honour X-Amz-Expires and would have refused: \(text)")
        }
    }

    /// `X-Amz-Expires` of a URL, when it counts under this policy.
    private func expiresSeconds(_ claim: SignatureClaim) throws(Refusal) -> Int64? {
        guard claim.place == .query, let text = claim.expires, self.policy != .aws else { return nil }
        if let seconds = Int64(text), (1...604_800).contains(seconds) { return seconds }
        if self.policy == .lenient { return nil }
        throw Refusal(
            .malformedParameter, aws: .mismatch,
            "X-Amz-Expires must be a number of seconds from 1 to 604800, but is \(Quoted.quoted(text)).",
            [("parameter", "X-Amz-Expires"), ("expires", Quoted.text(text))])
    }

    private func expired(_ claim: SignatureClaim, now: WallTime, age: Int64, limit: Int64) -> Refusal {
        var explanation = """
            The \(claim.what) is \(Quoted.age(seconds: age)) old (X-Amz-Date \(claim.date), now \(now.basicISO8601)) and was good for \
            \(Quoted.age(seconds: limit)): it expired \(Quoted.age(seconds: age - limit)) ago. Sign again right before each connection, \
            reconnections included.
            """
        var fields = [
            ("date", claim.date), ("now", now.basicISO8601), ("age_seconds", "\(age)"), ("limit_seconds", "\(limit)"),
            ("expired_by_seconds", "\(age - limit)"),
        ]
        if let expires = claim.expires, claim.place == .query {
            fields.append(("expires", Quoted.text(expires)))
            if self.policy == .aws {
                explanation += " X-Amz-Expires=\(Quoted.text(expires)) is in the URL, but AWS IoT does not honour it."
            }
        }
        if let hint = SigV4Verifier.timeZoneHint(offset: age) { explanation += " " + hint }
        return Refusal(
            .expired, aws: .expired(date: claim.time, limit: now - .seconds(limit), now: now, minutes: limit / 60), explanation, fields)
    }

    private static func clockAdvice(offset: Int64) -> String {
        self.timeZoneHint(offset: offset) ?? "Compare the signer's clock with this machine's."
    }

    /// An offset close to a whole half hour, up to 14 h, looks like local time written as UTC.
    private static func timeZoneHint(offset: Int64) -> String? {
        let half: Int64 = 1800
        let nearest = (offset + half / 2) / half * half
        guard nearest > 0, nearest <= 14 * 3600, abs(offset - nearest) <= 60 else { return nil }
        return "The difference is close to \(Quoted.age(seconds: nearest)): X-Amz-Date must be UTC, not local time."
    }

    /// The token against the credential record. Source: `sigv4-websocket.md` §4.
    func checkToken(_ claim: SignatureClaim, credentials: Credentials, notes: inout [String]) throws(Refusal) {
        let keyID = [("access_key_id", credentials.accessKeyID)]
        switch (claim.token, credentials.sessionToken) {
        case (nil, nil):
            return
        case (nil, .some):
            throw Refusal(
                .tokenMissing, aws: .invalidToken,
                "The key \(Quoted.quoted(credentials.accessKeyID)) is temporary, but the request has no X-Amz-Security-Token; "
                    + "append the session token to the URL after signing.", keyID)
        case (.some, nil):
            guard self.refusesUnexpectedToken else {
                notes.append(
                    "the session token was ignored: the key \(Quoted.quoted(credentials.accessKeyID)) is configured without one; "
                        + "AWS would have refused: \(AWSMessage.invalidToken.text) (unconfirmed)")
                return
            }
            throw Refusal(
                .tokenUnexpected, aws: .invalidToken,
                "The request has an X-Amz-Security-Token, but the key \(Quoted.quoted(credentials.accessKeyID)) is a long-term key "
                    + "without one; leave the token out.", keyID)
        case (.some(let given), .some(let wanted)):
            // A form-encoding client turns `+` into a space, which no token contains.
            let matches =
                SigV4Verifier.equalInConstantTime(given, wanted)
                || SigV4Verifier.equalInConstantTime(given.replacing(" ", with: "+"), wanted)
            if !matches { throw SigV4Verifier.wrongToken(given, wanted, keyID) }
        }
    }

    private static func wrongToken(_ given: String, _ wanted: String, _ fields: [(String, String)]) -> Refusal {
        var advice = "It may be of an older session: fetch key, secret and token together."
        if String(decoding: PercentEncoding.decode(Array(given.utf8)[...]), as: UTF8.self) == wanted {
            advice = "It is percent-encoded twice."
        } else if HeaderText.trimmed(given[...]) == wanted {
            advice = "It has white space around it."
        } else if wanted.hasPrefix(given), !given.isEmpty {
            advice = "It is cut off after \(given.utf8.count) of \(wanted.utf8.count) characters; percent-encode it in the URL."
        } else if given.isEmpty {
            advice = "It is empty."
        }
        return Refusal(
            .tokenMismatch, aws: .invalidToken,
            "The session token does not belong to the key \(Quoted.quoted(fields.first?.1 ?? "")). \(advice)", fields)
    }

    private static func equalInConstantTime(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        return left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// `X-Amz-Content-Sha256`, where a request has one, must tell the truth. Source: `sigv4-websocket.md` §7.
    func checkPayloadHash(_ material: RequestMaterial) throws(Refusal) {
        guard let claimed = material.request.values(ofHeader: "x-amz-content-sha256").first.map({ HeaderText.trimmed($0[...]) }),
            claimed != material.bodyHash, claimed != PayloadHash.unsigned,
            material.claim.place == .header || material.claim.signedHeaderNames.contains("x-amz-content-sha256")
        else { return }
        throw Refusal(
            .payloadHashMismatch, aws: .payloadHash,
            "X-Amz-Content-Sha256 is not the hash of the body that arrived; was the body changed after signing, or signed in chunks?",
            [("body_sha256", material.bodyHash)])
    }
}

enum PayloadHash {
    /// The S3 convention that no IoT client uses.
    static let unsigned = "UNSIGNED-PAYLOAD"
}

extension SignatureClaim {
    /// What a person calls the signed thing.
    var what: String { self.place == .query ? "URL" : "signature" }
}

extension WallTime {
    /// Seconds from `other` to this, both cut to the second as the service does; negative when this is earlier.
    func secondsAfter(_ other: WallTime) -> Int64 {
        self.secondsSinceEpoch - other.secondsSinceEpoch
    }
}

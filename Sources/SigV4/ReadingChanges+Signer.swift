import Timeline

/// What a signer may have done with its own inputs: secrets, the query and the date.
extension ReadingChanges {
    /// Other secrets than the one configured.
    func secrets(_ credentials: Credentials, others: [Credentials]) -> [ReadingChange] {
        let secret = credentials.secretAccessKey
        let trimmed = HeaderText.trimmed(secret[...])
        var candidates: [(String, String, String)] = [
            (trimmed, "configured_has_white_space", "the secret configured here has white space around it, the signer's has not."),
            ("", "empty", "the URL was signed with an empty secret; was it set when the signer ran?"),
            (credentials.accessKeyID, "key_id", "the URL was signed with the key id in place of the secret."),
        ]
        for blank in ["\n", "\r\n", " "] {
            candidates.append((trimmed + blank, "white_space", "the signer's secret ends in white space or a newline; trim it."))
            candidates.append((blank + trimmed, "white_space", "the signer's secret begins with white space or a newline; trim it."))
        }
        candidates.append((" " + trimmed + " ", "white_space", "the signer's secret has white space around it; trim it."))
        candidates.append(("\"" + trimmed + "\"", "quotes", "the signer's secret has quotation marks around it; remove them."))
        for name in ["undefined", "null", "None"] {
            candidates.append((name, "undefined", "the URL was signed with the word '\(name)' as secret; the variable was not set."))
        }
        for other in others.prefix(8) where other.accessKeyID != credentials.accessKeyID {
            candidates.append(
                (other.secretAccessKey, "other_key", "the URL was signed with the secret of key \(Quoted.quoted(other.accessKeyID))."))
        }
        let scope = self.material.claim.scope
        var tried = [secret]
        var changes: [ReadingChange] = []
        for (candidate, kind, sentence) in candidates where !tried.contains(candidate) {
            tried.append(candidate)
            let key = SigningKeyCache.derive(secret: candidate, scope: scope)
            changes.append(ReadingChange(isAccepted: false, sentence: sentence, field: ("secret", kind)) { $0.key = key })
        }
        return changes
    }

    /// The query written in another way, or with more or less in it.
    var queries: [ReadingChange] {
        self.queryForms + self.addedParameters + self.removedParameters
    }

    private var queryForms: [ReadingChange] {
        [
            ReadingChange(
                isAccepted: false, sentence: "the query was signed in the order of the URL; it must be sorted by name.",
                field: ("signed_query", "unsorted")
            ) { $0.form.isSorted = false },
            ReadingChange(
                isAccepted: false,
                sentence: "names and values of the query were percent-encoded twice when signing; once is right.",
                field: ("signed_query", "encoded-twice")
            ) { $0.form.encoding = .twice },
            ReadingChange(
                isAccepted: false,
                sentence:
                    "the query was signed as written in the URL; it must be percent-encoded strictly (a slash is %2F, digits in upper case).",
                field: ("signed_query", "as-written")
            ) { $0.form.encoding = .asWritten },
            ReadingChange(
                isAccepted: false, sentence: "the query was signed without percent-encoding (a slash must be %2F).",
                field: ("signed_query", "not-encoded")
            ) { $0.form.encoding = .decoded },
        ]
    }

    /// Parameters that are in the URL and were not signed.
    private var addedParameters: [ReadingChange] {
        let query = self.material.query
        let required = [
            "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Date",
        ]
        let extra = query.parameters.indices.filter { !required.contains(query.name(of: query.parameters[$0])) }
        var changes = extra.prefix(16).map { index in
            let name = query.name(of: query.parameters[index])
            return ReadingChange(
                isAccepted: false, sentence: "the query parameter \(Quoted.quoted(name)) was added after signing; add it before.",
                field: ("added_parameter", Quoted.text(name))
            ) { $0.form.omission = .one(index) }
        }
        if extra.count > 1 {
            changes.append(
                ReadingChange(
                    isAccepted: false, sentence: "\(extra.count) query parameters were added after signing; add them before.",
                    field: ("added_parameters", "\(extra.count)")
                ) { $0.form.omission = .several(extra) })
        }
        return changes
    }

    /// `X-Amz-Expires` of a usual length, signed and then lost.
    private var removedParameters: [ReadingChange] {
        guard self.material.claim.place == .query, self.material.claim.expires == nil else { return [] }
        return [60, 300, 600, 900, 3600, 43_200, 86_400, 172_800, 604_800].map { seconds in
            let query = CanonicalQuery(raw: (self.material.query.raw + Array("&X-Amz-Expires=\(seconds)".utf8))[...])
            return ReadingChange(
                isAccepted: false, sentence: "X-Amz-Expires=\(seconds) was signed, but is missing from the URL.",
                field: ("removed_parameter", "X-Amz-Expires")
            ) { $0.query = query }
        }
    }

    /// A date some seconds off, in the string to sign alone or everywhere.
    var dates: [ReadingChange] {
        (-15...15).filter { $0 != 0 }.flatMap { offset -> [ReadingChange] in
            let date = (self.material.claim.time + .seconds(offset)).basicISO8601
            return [
                ReadingChange(
                    isAccepted: false,
                    sentence: "X-Amz-Date was changed after signing: \(date) was signed, the request says \(self.material.claim.date).",
                    field: ("signed_date", date)
                ) {
                    $0.date = date
                    $0.dateInside = date
                },
                ReadingChange(
                    isAccepted: false,
                    sentence:
                        "the time was read twice: \(date) is in the string to sign, but \(self.material.claim.date) in the request; read it once.",
                    field: ("signed_date", date)
                ) { $0.date = date },
            ]
        }
    }
}

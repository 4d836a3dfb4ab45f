import Timeline

@testable import SigV4

/// Signs a URL by hand, with every step open to mistakes.
struct FaultySigner {
    var method = "GET"
    var path = "/mqtt"
    var signedPath: String?
    var host = "localhost:8443"
    var signedHost: String?
    var signedHeaders = "host"
    /// Lines beside `host`, canonical.
    var headerLines = ""
    var secret = "a-secret-of-some-length"
    var keyID = "AKIDLOCAL"
    var region = "eu-west-1"
    var service = "iotdevicegateway"
    var token: String?
    var tokenSigned = false
    var date = "20260102T030405Z"
    var dateInStringToSign: String?
    var expires: Int?
    var payloadHash = SHA256.hexOfNothing
    /// Names and values, encoded; before the signature or after it.
    var addedBefore = ""
    var addedAfter = ""
    /// Rewrites the canonical query, and the URL before the signature.
    var canonicalQuery: (String) -> String = { $0 }
    var query: (String) -> String = { $0 }

    static let credentials = Credentials(accessKeyID: "AKIDLOCAL", secretAccessKey: "a-secret-of-some-length")

    var target: String {
        let scope = CredentialScope(accessKeyID: self.keyID, date: String(self.date.prefix(8)), region: self.region, service: self.service)
        var parameters = [
            "X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Credential=" + PercentEncoding.encode("\(self.keyID)/\(scope.text)"),
            "X-Amz-Date=\(self.date)",
            "X-Amz-SignedHeaders=" + PercentEncoding.encode(self.signedHeaders),
        ]
        if let expires { parameters.append("X-Amz-Expires=\(expires)") }
        if !self.addedBefore.isEmpty { parameters.append(self.addedBefore) }
        let encodedToken = self.token.map { "X-Amz-Security-Token=" + PercentEncoding.encode($0) }
        if let encodedToken, self.tokenSigned { parameters.append(encodedToken) }
        let unsorted = parameters.joined(separator: "&")
        let sorted = self.canonicalQuery(parameters.sorted().joined(separator: "&"))
        let canonical = """
            \(self.method)
            \(self.signedPath ?? self.path)
            \(sorted)
            \(self.headerLines)host:\(self.signedHost ?? self.host)

            \(self.signedHeaders)
            \(self.payloadHash)
            """
        let signature = StringToSign.sign(
            canonicalRequest: Array(canonical.utf8), date: self.dateInStringToSign ?? self.date, scope: scope.text,
            key: SigningKeyCache.derive(secret: self.secret, scope: scope))
        var url = "\(self.path)?\(self.query(unsorted))&X-Amz-Signature=\(signature.hex)"
        if let encodedToken, !self.tokenSigned { url += "&" + encodedToken }
        return url + self.addedAfter
    }

    var request: SignedRequest { Wire.upgrade("wss://x" + self.target, host: self.host, localPort: 8443) }

    static let now = WallTime(secondsSinceEpoch: 1_767_323_045 + 30)

    static func faulty(_ change: (inout FaultySigner) -> Void) -> FaultySigner {
        var signer = FaultySigner()
        change(&signer)
        return signer
    }

    func verdict(
        _ policy: VerificationPolicy = .aws, hostPort: HostPort = .either, region: String? = nil,
        credentials: [Credentials] = [FaultySigner.credentials], refusesUnexpectedToken: Bool = false, now: WallTime = FaultySigner.now
    ) -> Verdict {
        var verifier = SigV4Verifier(
            credentials: CredentialSet(credentials), policy: policy, hostPort: hostPort, region: region,
            refusesUnexpectedToken: refusesUnexpectedToken)
        return verifier.verify(self.request, now: now)
    }
}

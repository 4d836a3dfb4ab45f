import Testing
import Timeline

@testable import SigV4

/// A mistake, and what the refusal must say of it.
struct ExplanationCase: Sendable, CustomTestStringConvertible {
    let name: String
    let request: SignedRequest
    let reason: Refusal.Reason
    /// Parts of the explanation.
    let says: [String]
    /// A structured field with its value.
    let field: (String, String)?
    var awsMessage: String?
    var hostPort = HostPort.either
    var region: String?
    var secret = FaultySigner.credentials.secretAccessKey
    var token: String?
    var now = FaultySigner.now
    var refusesUnexpectedToken = false

    var testDescription: String { self.name }

    init(
        _ name: String, _ reason: Refusal.Reason, _ says: [String], _ field: (String, String)? = nil,
        _ change: (inout FaultySigner) -> Void
    ) {
        self.init(name, reason, says, field, request: FaultySigner.faulty(change).request)
    }

    init(_ name: String, _ reason: Refusal.Reason, _ says: [String], _ field: (String, String)? = nil, request: SignedRequest) {
        self.name = name
        self.request = request
        self.reason = reason
        self.says = says
        self.field = field
    }

    func with(_ change: (inout ExplanationCase) -> Void) -> ExplanationCase {
        var changed = self
        change(&changed)
        return changed
    }

    func refusal(_ policy: VerificationPolicy = .aws) -> Refusal? {
        let known = Credentials(accessKeyID: FaultySigner.credentials.accessKeyID, secretAccessKey: self.secret, sessionToken: self.token)
        let other = Credentials(accessKeyID: "AKIDOTHER", secretAccessKey: "the-secret-of-another-key")
        var verifier = SigV4Verifier(
            credentials: CredentialSet([known, other]), policy: policy, hostPort: self.hostPort, region: self.region,
            refusesUnexpectedToken: self.refusesUnexpectedToken)
        return verifier.verify(self.request, now: self.now).refusal
    }

    private static func upgrade(_ target: String) -> SignedRequest { Wire.upgrade("wss://x" + target, host: "localhost:8443") }

    static let all: [ExplanationCase] = Self.shape + Self.scope + Self.time + Self.token + Self.host + Self.content + Self.signer

    private static let shape: [ExplanationCase] = [
        ExplanationCase(
            "never signed", .unsigned, ["this URL is not signed: it has no X-Amz-… parameters; was the URL passed before signing?"],
            request: Self.upgrade("/mqtt")
        ).with { $0.awsMessage = "Missing Authentication Token" },
        ExplanationCase(
            "other parameters only", .unsigned, ["this URL is not signed"], ("query_parameters", "2"),
            request: Self.upgrade("/mqtt?a=1&b=2")),
        ExplanationCase(
            "names in lower case", .unsigned, ["'x-amz-signature'", "case-sensitive"],
            request: Self.upgrade("/mqtt?x-amz-signature=1&x-amz-date=2")),
        ExplanationCase(
            "signature missing", .missingParameter, ["no X-Amz-Signature", "cut off"], ("parameter", "X-Amz-Signature"),
            request: Self.upgrade(String(FaultySigner().target.split(separator: "&X-Amz-Signature")[0]))
        ).with { $0.awsMessage = "AWS query-string parameters must include 'X-Amz-Signature'. Re-examine the query-string parameters." },
        ExplanationCase(
            "only a date", .missingParameter, ["no X-Amz-Algorithm, no X-Amz-Credential, no X-Amz-SignedHeaders, no X-Amz-Signature"],
            request: Self.upgrade("/mqtt?X-Amz-Date=20260102T030405Z")),
        ExplanationCase("another algorithm", .wrongAlgorithm, ["'AWS4-HMAC-SHA1'", "AWS4-HMAC-SHA256"], ("algorithm", "AWS4-HMAC-SHA1")) {
            $0.query = { $0.replacing("SHA256", with: "SHA1") }
        },
        ExplanationCase("credential without region", .malformedCredential, ["5 parts", "has 4"], ("parts", "4")) { signer in
            signer.query = { $0.replacing("%2Feu-west-1", with: "") }
        },
        ExplanationCase("credential encoded twice", .malformedCredential, ["percent-encoded twice"]) { signer in
            signer.query = { $0.replacing("%2F", with: "%252F") }
        },
        ExplanationCase("region empty", .malformedCredential, ["region in X-Amz-Credential is empty"], ("empty", "region")) {
            $0.region = ""
        },
        ExplanationCase("terminator", .malformedCredential, ["'aws5_request'"], ("terminator", "aws5_request")) { signer in
            signer.query = { $0.replacing("aws4_request", with: "aws5_request") }
        },
        ExplanationCase("date with dashes", .malformedParameter, ["20260102T030405Z"], ("parameter", "X-Amz-Date")) { signer in
            signer.query = { $0.replacing("X-Amz-Date=20260102", with: "X-Amz-Date=2026-01-02") }
        },
        ExplanationCase("signed twice", .malformedParameter, ["X-Amz-Date occurs twice", "signed again"], ("parameter", "X-Amz-Date")) {
            $0.addedBefore = "X-Amz-Date=20260102T030405Z"
        },
        ExplanationCase("host not signed", .hostNotSigned, ["the host must be signed"], ("signed_headers", "origin")) {
            $0.signedHeaders = "origin"
        },
        ExplanationCase(
            "signature in upper case", .signatureMismatch, ["in upper case"],
            request: Self.upgrade(
                {
                    let parts = FaultySigner().target.split(separator: "X-Amz-Signature=")
                    return parts[0] + "X-Amz-Signature=" + parts[1].uppercased()
                }())),
        ExplanationCase(
            "signature cut off", .signatureMismatch, ["it has 60 characters"], ("signature_characters", "60"),
            request: Self.upgrade(String(FaultySigner().target.dropLast(4)))),
    ]

    private static let scope: [ExplanationCase] = [
        ExplanationCase(
            "unknown key", .unknownAccessKey, ["'AKIDSTRANGER' is not known", "'AKIDLOCAL'"], ("access_key_id", "AKIDSTRANGER")
        ) {
            $0.keyID = "AKIDSTRANGER"
        }.with { $0.awsMessage = "The security token included in the request is invalid." },
        ExplanationCase("key in lower case", .unknownAccessKey, ["upper and lower case"]) { $0.keyID = "akidlocal" },
        ExplanationCase("key with white space", .unknownAccessKey, ["white space around it"]) { $0.keyID = "AKIDLOCAL\n" },
        ExplanationCase("key and secret swapped", .unknownAccessKey, ["swapped"]) { $0.keyID = "a-secret-of-some-length" },
        ExplanationCase("service iot", .wrongService, ["'iot'", "'iotdevicegateway'", "control plane"], ("service", "iot")) {
            $0.service = "iot"
        }
        .with { $0.awsMessage = "Credential should be scoped to correct service: 'iotdevicegateway'." },
        ExplanationCase("service execute-api", .wrongService, ["'execute-api'", "API Gateway"], ("expected_service", "iotdevicegateway")) {
            $0.service = "execute-api"
        },
        ExplanationCase("service AWSService.iot", .wrongService, ["'AWSService.iot'"], ("service", "AWSService.iot")) {
            $0.service = "AWSService.iot"
        },
        ExplanationCase("region", .wrongRegion, ["'us-east-1'", "'eu-west-1'"], ("expected_region", "eu-west-1")) {
            $0.region = "us-east-1"
        }
        .with { $0.region = "eu-west-1" },
        ExplanationCase("scope date", .scopeDateMismatch, ["'20260102'", "'20260103T030405Z'"], ("scope_date", "20260102")) { signer in
            signer.query = { $0.replacing("X-Amz-Date=20260102", with: "X-Amz-Date=20260103") }
        },
    ]

    private static let time: [ExplanationCase] = [
        ExplanationCase("expired", .expired, ["10 min old", "expired 5 min ago", "signature is right"], ("expired_by_seconds", "300")) {
            _ in
        }
        .with {
            $0.now = WallTime(secondsSinceEpoch: 1_767_323_045 + 600)
            $0.awsMessage = "Signature expired: 20260102T030405Z is now earlier than 20260102T030905Z (20260102T031405Z - 5 min.)"
        },
        ExplanationCase("expired, expires given", .expired, ["X-Amz-Expires=86400", "does not honour"], ("expires", "86400")) {
            $0.expires = 86400
        }
        .with { $0.now = WallTime(secondsSinceEpoch: 1_767_323_045 + 600) },
        ExplanationCase("expired and wrong secret", .expired, ["Besides", "secret differs"], ("signature_otherwise", "signature-mismatch"))
        {
            $0.secret = "something else"
        }.with { $0.now = WallTime(secondsSinceEpoch: 1_767_323_045 + 400) },
        ExplanationCase("local time two hours behind", .expired, ["2 h", "must be UTC"]) { _ in }
            .with { $0.now = WallTime(secondsSinceEpoch: 1_767_323_045 + 7205) },
        ExplanationCase("future", .notYetValid, ["365 s", "in the future"].suffix(1), ("valid_in_seconds", "65")) { _ in }
            .with {
                $0.now = WallTime(secondsSinceEpoch: 1_767_323_045 - 365)
                $0.awsMessage =
                    "Signature not yet current: 20260102T030405Z is still later than 20260102T030300Z (20260102T025800Z + 5 min.)"
            },
        ExplanationCase("local time ahead", .notYetValid, ["close to 1 h", "must be UTC"]) { _ in }
            .with { $0.now = WallTime(secondsSinceEpoch: 1_767_323_045 - 3590) },
    ]

    private static let token: [ExplanationCase] = [
        ExplanationCase("token missing", .tokenMissing, ["is temporary", "append the session token"]) { _ in }.with {
            $0.token = "Fwo//TOKEN+abc=="
        },
        ExplanationCase("another token", .tokenMismatch, ["does not belong"]) { $0.token = "another-token" }.with {
            $0.token = "Fwo//TOKEN+abc=="
        },
        ExplanationCase("token encoded twice", .tokenMismatch, ["encoded twice"]) { $0.token = "Fwo%2F%2FTOKEN%2Babc%3D%3D" }
            .with { $0.token = "Fwo//TOKEN+abc==" },
        ExplanationCase("token cut off", .tokenMismatch, ["cut off after 10 of 16"]) { $0.token = "Fwo//TOKEN" }.with {
            $0.token = "Fwo//TOKEN+abc=="
        },
        ExplanationCase("token unexpected", .tokenUnexpected, ["long-term key"]) { $0.token = "Fwo//TOKEN+abc==" }
            .with { $0.refusesUnexpectedToken = true },
        ExplanationCase(
            "token signed", .signatureMismatch, ["Security-Token was part of the signature", "appended afterwards"],
            ("token_signed", "true")
        ) {
            $0.token = "Fwo//TOKEN+abc=="
            $0.tokenSigned = true
        }.with { $0.token = "Fwo//TOKEN+abc==" },
    ]

    private static let host: [ExplanationCase] = [
        ExplanationCase(
            "host without port", .signatureMismatch, ["signed without the port", "'localhost:8443'"], ("signed_host", "localhost")
        ) {
            $0.signedHost = "localhost"
        }.with { $0.hostPort = .exact },
        ExplanationCase("host with port 443", .signatureMismatch, ["port 443"], ("signed_host", "localhost:443")) {
            $0.signedHost = "localhost:443"
        }
        .with { $0.hostPort = .exact },
        ExplanationCase("host with the local port", .signatureMismatch, ["port 8443"], ("signed_host", "localhost:8443")) {
            $0.host = "localhost"
            $0.signedHost = "localhost:8443"
        }.with { $0.hostPort = .exact },
        ExplanationCase(
            "other loopback name", .signatureMismatch, ["signed for the host '127.0.0.1:8443'"], ("signed_host", "127.0.0.1:8443")
        ) {
            $0.signedHost = "127.0.0.1:8443"
        },
        ExplanationCase("host in upper case", .signatureMismatch, ["upper-case"], ("signed_host", "LOCALHOST:8443")) {
            $0.host = "LOCALHOST:8443"
        },
        ExplanationCase("host without port and token signed", .signatureMismatch, ["Security-Token was part"], ("token_signed", "true")) {
            $0.signedHost = "localhost"
            $0.token = "Fwo//TOKEN+abc=="
            $0.tokenSigned = true
        }.with { $0.token = "Fwo//TOKEN+abc==" },
        ExplanationCase(
            "rewritten connection", .signatureMismatch, ["Connection was signed as 'keep-alive'"], ("signed_connection", "keep-alive")
        ) {
            $0.signedHeaders = "connection;host"
            $0.headerLines = "connection:keep-alive\n"
        },
        ExplanationCase("a header that is not there", .signatureMismatch, ["'x-special'", "does not have"], ("absent_header", "x-special"))
        {
            $0.signedHeaders = "host;x-special"
        },
    ]

    private static let content: [ExplanationCase] = [
        ExplanationCase("path /", .signatureMismatch, ["signed as '/'", "'/mqtt' was requested"], ("signed_path", "/")) {
            $0.signedPath = "/"
        },
        ExplanationCase("path /mqtt/", .signatureMismatch, ["signed as '/mqtt/'"], ("signed_path", "/mqtt/")) { $0.signedPath = "/mqtt/" },
        ExplanationCase("method", .signatureMismatch, ["signed as POST"], ("signed_method", "POST")) { $0.method = "POST" },
        ExplanationCase("UNSIGNED-PAYLOAD", .signatureMismatch, ["UNSIGNED-PAYLOAD", "S3"], ("signed_payload", "UNSIGNED-PAYLOAD")) {
            $0.payloadHash = "UNSIGNED-PAYLOAD"
        },
        ExplanationCase(
            "UNSIGNED-PAYLOAD and path /", .signatureMismatch, ["signed as '/'", "Also, ", "UNSIGNED-PAYLOAD"], ("signed_path", "/")
        ) {
            $0.payloadHash = "UNSIGNED-PAYLOAD"
            $0.signedPath = "/"
        },
        ExplanationCase("query encoded twice", .signatureMismatch, ["percent-encoded twice"], ("signed_query", "encoded-twice")) { signer in
            signer.canonicalQuery = { $0.replacing("%", with: "%25") }
        },
        ExplanationCase("query not encoded", .signatureMismatch, ["without percent-encoding"], ("signed_query", "not-encoded")) { signer in
            signer.canonicalQuery = { $0.replacing("%2F", with: "/") }
        },
        ExplanationCase("query encoded in lower case", .signatureMismatch, ["as written"], ("signed_query", "as-written")) { signer in
            signer.canonicalQuery = { $0.replacing("%2F", with: "%2f") }
            signer.query = { $0.replacing("%2F", with: "%2f") }
        },
        ExplanationCase("query not sorted", .signatureMismatch, ["sorted by name"], ("signed_query", "unsorted")) { signer in
            signer.addedBefore = "A=1"
            signer.canonicalQuery = { $0.replacing("A=1&", with: "") + "&A=1" }
        },
        ExplanationCase("parameter added", .signatureMismatch, ["'clientId' was added after signing"], ("added_parameter", "clientId")) {
            $0.addedAfter = "&clientId=lamp"
        },
        ExplanationCase("expires added", .signatureMismatch, ["'X-Amz-Expires' was added after signing"]) {
            $0.addedAfter = "&X-Amz-Expires=60"
        },
        ExplanationCase("two parameters added", .signatureMismatch, ["2 query parameters were added"], ("added_parameters", "2")) {
            $0.addedAfter = "&a=1&b=2"
        },
        ExplanationCase("expires removed", .signatureMismatch, ["X-Amz-Expires=86400 was signed"], ("removed_parameter", "X-Amz-Expires")) {
            signer in
            signer.expires = 86400
            signer.query = { $0.replacing("&X-Amz-Expires=86400", with: "") }
        },
    ]

    private static let signer: [ExplanationCase] = [
        ExplanationCase("secret with a newline", .signatureMismatch, ["white space or a newline"], ("secret", "white_space")) {
            $0.secret += "\n"
        },
        ExplanationCase(
            "secret with a newline, host without port", .signatureMismatch, ["white space or a newline"], ("secret", "white_space")
        ) {
            $0.secret += "\n"
            $0.signedHost = "localhost"
        },
        ExplanationCase("configured secret with a blank", .signatureMismatch, ["configured here has white space"]) { _ in }
            .with { $0.secret = " a-secret-of-some-length" },
        ExplanationCase("secret in quotes", .signatureMismatch, ["quotation marks"], ("secret", "quotes")) {
            $0.secret = "\"\($0.secret)\""
        },
        ExplanationCase("empty secret", .signatureMismatch, ["empty secret"], ("secret", "empty")) { $0.secret = "" },
        ExplanationCase("undefined secret", .signatureMismatch, ["'undefined'"], ("secret", "undefined")) { $0.secret = "undefined" },
        ExplanationCase("secret of another key", .signatureMismatch, ["secret of key 'AKIDOTHER'"], ("secret", "other_key")) {
            $0.secret = "the-secret-of-another-key"
        },
        ExplanationCase(
            "date changed", .signatureMismatch, ["changed after signing: 20260102T030405Z was signed"], ("signed_date", "20260102T030405Z")
        ) {
            signer in signer.query = { $0.replacing("T030405Z", with: "T030407Z") }
        },
        ExplanationCase("time read twice", .signatureMismatch, ["read twice"], ("signed_date", "20260102T030406Z")) {
            $0.dateInStringToSign = "20260102T030406Z"
        },
        ExplanationCase("wrong secret", .signatureMismatch, ["the secret differs or something signed was changed"], ("cause", "unknown")) {
            $0.secret = "quite-another-secret"
        }.with {
            $0.awsMessage =
                "The request signature we calculated does not match the signature you provided. "
                + "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
        },
    ]
}

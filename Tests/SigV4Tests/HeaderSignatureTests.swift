import Testing
import Timeline

@testable import SigV4

/// REST requests signed with an `Authorization` header. Source: `sigv4-websocket.md` §7.
@Suite struct HeaderSignatureTests {
    private let date = WallTime(secondsSinceEpoch: 1_767_323_045)
    private let body = Array(#"{"state":{"desired":{"led":"on"}}}"#.utf8)

    private func request(
        _ target: String, method: String = "POST", credentials: Credentials = .local, headers: [(name: String, value: String)] = []
    ) -> SignedRequest {
        let added = HeaderSigner.sign(
            method: method, target: target, host: "localhost:8443", headers: headers, body: self.body, credentials: credentials,
            region: "eu-west-1", date: self.date)
        return SignedRequest(
            method: method, target: target, headers: [("host", "localhost:8443")] + headers + added,
            bodySHA256Hex: SHA256.hex(of: self.body))
    }

    private func verdict(_ request: SignedRequest, _ credentials: Credentials = .local, policy: VerificationPolicy = .aws) -> Verdict {
        var verifier = SigV4Verifier(credentials: CredentialSet([credentials]), policy: policy)
        return verifier.verify(request, now: self.date + .seconds(10))
    }

    @Test(arguments: ["v23", "v24"])
    func theSignerMakesTheHeaderOfTheVector(_ id: String) throws {
        let vector = try SignatureVector.named(id)
        let added = HeaderSigner.sign(
            method: "POST", target: vector.request.target, host: vector.httpHostHeader, body: Array((vector.body ?? "").utf8),
            credentials: vector.credentials, region: "eu-west-1", date: try #require(WallTime(basicISO8601: "20260102T030405Z")))
        #expect(added.last?.value == vector.extraRequestHeaders["Authorization"])
    }

    @Test(arguments: [
        "/things/lamp-7/shadow?name=cfg", "/topics/%24aws%2Fx?qos=1", "/topics/a%20b%2Fc", "/topics/a//b", "/retainedMessage/ü",
    ])
    func aSignedRequestIsAccepted(_ target: String) {
        #expect(self.verdict(self.request(target)).reason == "ok")
    }

    @Test func aTokenIsSignedAsAHeaderAndChecked() {
        let temporary = Credentials(accessKeyID: "ASIA", secretAccessKey: "long enough", sessionToken: "token-of-the-session")
        let request = self.request("/things/a/shadow", credentials: temporary)
        #expect(request.headers.contains { $0.name == "X-Amz-Security-Token" })
        #expect(self.verdict(request, temporary).reason == "ok")
        let other = Credentials(accessKeyID: "ASIA", secretAccessKey: "long enough", sessionToken: "token-of-another")
        #expect(self.verdict(request, other).reason == "token-mismatch")
    }

    @Test func whateverIsListedIsSignedAndMustStay() {
        var request = self.request("/things/a/shadow", headers: [("Content-Type", "application/json"), ("x-many", " a   b ")])
        #expect(self.verdict(request).reason == "ok")
        request.headers.removeAll { $0.name == "x-many" }
        let refusal = self.verdict(request).refusal
        #expect(refusal?.reason == .signatureMismatch)
        #expect(refusal?.explanation.contains("'x-many', which the request does not have") == true)
        #expect(refusal?.field("absent_header") == "x-many")
    }

    @Test func aChangedBodyIsNoticed() {
        var request = self.request("/things/a/shadow")
        request.bodySHA256Hex = SHA256.hex(of: [1, 2, 3])
        #expect(self.verdict(request).reason == "signature-mismatch")
        var hashed = self.request("/things/a/shadow", headers: [("x-amz-content-sha256", SHA256.hex(of: self.body))])
        #expect(self.verdict(hashed).reason == "ok")
        hashed.bodySHA256Hex = SHA256.hex(of: [1, 2, 3])
        #expect(self.verdict(hashed).reason == "payload-hash-mismatch")
    }

    @Test func aRequestSignedWithoutItsBodyIsToldSo() throws {
        let added = HeaderSigner.sign(
            method: "POST", target: "/topics/a", host: "localhost", credentials: .local, region: "r", date: self.date)
        let request = SignedRequest(
            method: "POST", target: "/topics/a", headers: [("host", "localhost")] + added, bodySHA256Hex: SHA256.hex(of: self.body))
        let refusal = try #require(self.verdict(request).refusal)
        #expect(refusal.explanation.contains("signed without its body"))
    }

    @Test(arguments: [
        ("Credential=test/20260102/r/iotdata/aws4_request, SignedHeaders=host;x-amz-date", "missing-parameter"),
        ("Credential=test/20260102/r/iotdata, SignedHeaders=host, Signature=00", "malformed-credential"),
        ("Credential=test/20260102/r/iotdata/aws4_request, SignedHeaders=x-amz-date, Signature=00", "host-not-signed"),
        ("Credential=test/20260102/r/s3/aws4_request, SignedHeaders=host, Signature=00", "wrong-service"),
        ("Credential=test/20260102/r/iotdata/aws4_request,SignedHeaders=host,Signature=00", "signature-mismatch"),
        ("garbage,=,==,", "missing-parameter"),
    ])
    func aBrokenHeaderIsRefusedForItsReason(_ parts: String, _ reason: String) {
        let request = SignedRequest(
            method: "GET", target: "/things/a/shadow",
            headers: [("host", "localhost"), ("authorization", "AWS4-HMAC-SHA256 " + parts), ("x-amz-date", self.date.basicISO8601)])
        #expect(self.verdict(request).reason == reason)
    }

    @Test func anotherKindOfAuthorizationIsNoSignature() {
        let request = SignedRequest(method: "GET", target: "/things/a/shadow", headers: [("host", "h"), ("Authorization", "Bearer abc")])
        let refusal = self.verdict(request).refusal
        #expect(refusal?.reason == .unsigned)
        #expect(refusal?.explanation.contains("Authorization header is not AWS4-HMAC-SHA256") == true)
        #expect(refusal?.explanation.contains("abc") == false)
    }

    @Test func aPathSignedAsItIsSentIsExplainedAndTakenWhenLenient() {
        let faulty = FaultySigner.faulty {
            $0.path = "/topics/%24aws%2Fthings%2Flamp"
            $0.signedPath = $0.path
            $0.service = "iotdata"
        }
        let refusal = faulty.verdict().refusal
        #expect(refusal?.explanation.contains("the path was signed as it is sent; for IoT its segments are encoded once more") == true)
        #expect(refusal?.field("signed_path") == "/topics/%24aws%2Fthings%2Flamp")
        #expect(faulty.verdict(.lenient).reason == "ok")
    }

    @Test func aRequestSignedAsSomethingElseIsToldSo() throws {
        var request = self.request("/things/a/shadow", method: "PUT")
        request.method = "POST"
        let refusal = try #require(self.verdict(request).refusal)
        #expect(refusal.field("signed_method") == "PUT")
        #expect(refusal.explanation.contains("signed as PUT"))
    }
}

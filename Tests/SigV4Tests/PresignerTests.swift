import Testing
import Timeline

@testable import SigV4

/// URLs as each client makes them. Source: `sigv4-websocket.md` §3.
@Suite struct PresignerTests {
    /// Vectors whose URL the client's own code was seen to make.
    @Test(arguments: [
        ("v01", ClientStyle.javaScriptV1), ("v01", .crtBrowser), ("v01", .sigV4Utils), ("v01", .amplify), ("v02", .javaScriptV1),
        ("v02", .amplify),
        ("v02", .crtBrowser), ("v04", .pythonV1), ("v05", .pythonV1), ("v06", .crtNative), ("v07", .crtNativeBefore2022),
        ("v08", .aws4fetch),
        ("v25", .npmSigner),
    ])
    func aURLIsByteForByteThatOfTheClient(_ id: String, _ style: ClientStyle) throws {
        let vector = try SignatureVector.named(id)
        let local = id == "v08"
        let endpoint = SignedEndpoint(
            host: local ? "localhost" : "a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com", port: local ? 8443 : nil)
        let date = try #require(WallTime(basicISO8601: "20260102T030405Z"))
        let url = Presigner.presign(endpoint, as: style, credentials: vector.credentials, region: vector.verifier.region, date: date)
        #expect(url == vector.url)
    }

    /// The `Host` header that each client sends to `localhost:8443`, and what the default verifier makes of its URL there.
    @Test(arguments: ClientStyle.allCases, [VerificationPolicy.aws, .spec, .lenient])
    func everyClientGetsInWithATokenExceptOneThatSignsIt(_ style: ClientStyle, _ policy: VerificationPolicy) throws {
        let credentials = Credentials(accessKeyID: "ASIAEXAMPLE", secretAccessKey: "a+b/c=d", sessionToken: "tok/en+with==")
        let date = try #require(WallTime(basicISO8601: "20260102T030405Z"))
        let url = Presigner.presign(
            SignedEndpoint(host: "localhost", port: 8443), as: style, credentials: credentials, region: "eu-west-1", date: date)
        let withoutPort: [ClientStyle] = [.pythonV1, .crtNative, .crtNativeBefore2022, .crtBrowser]
        let request = Wire.upgrade(url, host: withoutPort.contains(style) ? "localhost" : "localhost:8443", localPort: 8443)
        var verifier = SigV4Verifier(credentials: CredentialSet([credentials]), policy: policy)
        let verdict = verifier.verify(request, now: date + .seconds(30))
        #expect(verdict.reason == (style == .botocore && policy == .aws ? "signature-mismatch" : "ok"))
    }

    @Test func theExactHostWantsThePortThatTheHeaderHas() throws {
        let date = WallTime(secondsSinceEpoch: 1_767_323_045)
        for (form, expected) in [(PresignOptions.HostForm.portUnlessDefault, "ok"), (.withoutPort, "signature-mismatch")] {
            var options = PresignOptions()
            options.signedHost = form
            let url = Presigner.presign(
                SignedEndpoint(host: "localhost", port: 8443), credentials: .local, region: "us-east-1", date: date, options: options)
            var verifier = SigV4Verifier(credentials: CredentialSet(), hostPort: .exact)
            #expect(verifier.verify(Wire.upgrade(url, host: "localhost:8443"), now: date).reason == expected)
        }
    }

    @Test(arguments: [
        (SignedEndpoint(host: "Example.ORG"), "example.org"), (SignedEndpoint(host: "h", port: 443), "h"),
        (SignedEndpoint(host: "h", port: 8443), "h:8443"),
        (SignedEndpoint(scheme: .ws, host: "h"), "h"), (SignedEndpoint(scheme: .ws, host: "h", port: 8080), "h:8080"),
        (SignedEndpoint(scheme: .ws, host: "h", port: 443), "h:443"), (SignedEndpoint(host: "::1", port: 8443), "[::1]:8443"),
        (SignedEndpoint(host: "[::1]"), "[::1]"),
    ])
    func theAuthorityIsThatOfURLParsers(_ endpoint: SignedEndpoint, _ expected: String) {
        #expect(endpoint.authority() == expected)
    }

    @Test func furtherParametersAreSigned() throws {
        let date = WallTime(secondsSinceEpoch: 1_767_323_045)
        var options = PresignOptions()
        options.extraParameters = [("zeta", "a b/c"), ("Alpha", "ü")]
        let url = Presigner.presign(SignedEndpoint(host: "localhost"), credentials: .local, region: "r", date: date, options: options)
        #expect(url.hasPrefix("wss://localhost/mqtt?zeta=a%20b%2Fc&Alpha=%C3%BC&X-Amz-Algorithm="))
        var verifier = SigV4Verifier(credentials: CredentialSet(), hostPort: .exact)
        #expect(verifier.verify(Wire.upgrade(url, host: "localhost"), now: date).reason == "ok")
        // URLSearchParams writes spaces as plus signs.
        let form = url.replacing("%20", with: "+")
        #expect(verifier.verify(Wire.upgrade(form, host: "localhost"), now: date).reason == "ok")
    }
}

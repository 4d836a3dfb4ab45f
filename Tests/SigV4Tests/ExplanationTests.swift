import Testing
import Timeline

@testable import SigV4

/// A refusal says which part differs. Source: issue "The main job", point 3.
@Suite struct ExplanationTests {
    @Test func theHandMadeSignerSignsCorrectly() {
        #expect(FaultySigner().verdict(hostPort: .exact).reason == "ok")
    }

    @Test(arguments: ExplanationCase.all)
    func theExplanationNamesThePartThatDiffers(_ example: ExplanationCase) throws {
        let refusal = try #require(example.refusal())
        #expect(refusal.reason == example.reason)
        for part in example.says { #expect(refusal.explanation.contains(part)) }
        if let (name, value) = example.field { #expect(refusal.field(name) == value) }
        if let message = example.awsMessage { #expect(refusal.awsMessage == message) }
        #expect(refusal.fields.first?.1 == refusal.reason.rawValue)
    }

    @Test(arguments: ExplanationCase.all, [VerificationPolicy.aws, .spec, .lenient])
    func noRefusalHoldsASecretASignatureOrAToken(_ example: ExplanationCase, _ policy: VerificationPolicy) {
        guard let refusal = example.refusal(policy) else { return }
        let target = example.request.target
        var secrets = ["a-secret-of-some-length", "the-secret-of-another-key", "Fwo//TOKEN", "Fwo%2F%2FTOKEN", "another-token"]
        if let start = target.firstRange(of: "X-Amz-Signature=")?.upperBound {
            secrets.append(String(target[start...].prefix(32)))
        }
        let response = RefusalResponse(refusal, traceID: "00000000-0000-4000-8000-000000000000")
        let texts =
            [refusal.explanation, refusal.awsMessage, "\(refusal)", String(decoding: response.body, as: UTF8.self)]
            + refusal.fields.flatMap { [$0.0, $0.1] } + response.headers.map(\.1)
        for text in texts {
            for secret in secrets { #expect(!text.contains(secret)) }
            // Neither the signature that was expected nor any other digest.
            #expect(text.firstMatch(of: /[0-9a-f]{64}/) == nil || text.contains(SHA256.hexOfNothing))
        }
    }

    @Test(arguments: [
        "a-secret-of-some-length", "Zm9vYmFyL2Zvb2Jhci9mb29iYXIvZm9vYmFyMTIz", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    ])
    func aSecretInTheWrongPlaceIsNotRepeated(_ secret: String) throws {
        for signer in [
            FaultySigner.faulty { $0.keyID = secret }, FaultySigner.faulty { $0.region = secret },
            FaultySigner.faulty { $0.service = secret },
        ] {
            // A secret that is not configured cannot be told from a region.
            if secret != "a-secret-of-some-length", signer.keyID != secret { continue }
            let refusal = signer.verdict(region: "eu-west-1").refusal
            #expect(refusal != nil)
            for text in [refusal?.explanation, refusal?.awsMessage, refusal.map { "\($0.fields)" }].compactMap(\.self) {
                #expect(!text.contains(secret))
                #expect(!text.contains(secret.prefix(16)))
            }
        }
    }

    @Test func aTokenForALongTermKeyIsIgnoredWithANote() throws {
        let notes = try #require(FaultySigner.faulty { $0.token = "unexpected" }.verdict().notes)
        #expect(notes.count == 1)
        #expect(notes.first?.contains("The security token included in the request is invalid.") == true)
    }

    @Test(arguments: [
        ("Fwo%2F%2FTOKEN%2Babc%3D%3D", "ok"), ("Fwo//TOKEN%2Babc==", "ok"), ("Fwo//TOKEN+abc==", "ok"), ("Fwo//TOKEN%20abc==", "ok"),
        ("Fwo//TOKEN-abc==", "token-mismatch"), ("", "token-mismatch"),
    ])
    func aTokenIsReadHoweverItsPlusIsWritten(_ written: String, _ expected: String) {
        let key = Credentials(accessKeyID: "AKIDLOCAL", secretAccessKey: "a-secret-of-some-length", sessionToken: "Fwo//TOKEN+abc==")
        let signer = FaultySigner.faulty { $0.addedAfter = "&X-Amz-Security-Token=\(written)" }
        #expect(signer.verdict(credentials: [key]).reason == expected)
    }

    @Test(arguments: [
        (-301, "not-yet-valid"), (-300, "ok"), (0, "ok"), (300, "ok"), (301, "expired"), (Int64.max / 2_000_000_000, "expired"),
    ])
    func theWindowIsFiveMinutesEitherWay(_ offset: Int64, _ expected: String) {
        #expect(FaultySigner().verdict(now: WallTime(secondsSinceEpoch: 1_767_323_045 + offset)).reason == expected)
    }

    @Test(arguments: [
        ("00010101T000000Z", "malformed-parameter"), ("99991231T235959Z", "malformed-parameter"), ("19700101T000000Z", "expired"),
        ("22001231T235959Z", "not-yet-valid"), ("20260231T000000Z", "malformed-parameter"),
    ])
    func datesFarAwayAreRefusedCalmly(_ date: String, _ expected: String) {
        #expect(FaultySigner.faulty { $0.date = date }.verdict().reason == expected)
    }

    @Test(arguments: [
        ("0", "malformed-parameter"), ("-5", "malformed-parameter"), ("604801", "malformed-parameter"), ("ten", "malformed-parameter"),
    ])
    func anImpossibleExpiryIsRefusedBySpecOnly(_ expires: String, _ expected: String) {
        let signer = FaultySigner.faulty { $0.addedBefore = "X-Amz-Expires=\(expires)" }
        #expect(signer.verdict(.spec).reason == expected)
        #expect(signer.verdict(.aws).reason == "ok")
        #expect(signer.verdict(.lenient).reason == "ok")
    }

    @Test func theConnectionHeaderKeepsItsCase() {
        let signer = FaultySigner.faulty {
            $0.signedHeaders = "connection;host"
            $0.headerLines = "connection:Upgrade\n"
        }
        #expect(signer.verdict().reason == "ok")
        var lowered = signer.request
        lowered.headers = lowered.headers.map { $0.name == "Connection" ? ("connection", "upgrade") : $0 }
        for (policy, expected) in [(VerificationPolicy.aws, "signature-mismatch"), (.spec, "signature-mismatch"), (.lenient, "ok")] {
            var verifier = SigV4Verifier(credentials: CredentialSet([FaultySigner.credentials]), policy: policy)
            #expect(verifier.verify(lowered, now: FaultySigner.now).reason == expected)
        }
    }

    @Test func signedHeadersAreFoundWhateverTheCaseOfTheirNames() {
        var request = FaultySigner().request
        request.headers = request.headers.map { ($0.name.uppercased(), $0.value) }
        var verifier = SigV4Verifier(credentials: CredentialSet([FaultySigner.credentials]))
        #expect(verifier.verify(request, now: FaultySigner.now).reason == "ok")
    }
}

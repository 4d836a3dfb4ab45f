import Testing
import Timeline

@testable import SigV4

/// The vectors of `fixtures/sigv4`, with the host exact and the region pinned. Source: `sigv4-websocket.md` §9.
@Suite struct SignatureVectorTests {
    @Test func theFixtureHoldsAllVectors() {
        #expect(SignatureVector.all.count == 25)
    }

    @Test(arguments: SignatureVector.all, [VerificationPolicy.aws, .spec, .lenient])
    func everyVectorIsJudgedAsExpected(_ vector: SignatureVector, _ policy: VerificationPolicy) throws {
        let expected = try #require(vector.expected[policy.rawValue])
        var verifier = vector.strictVerifier(policy)
        let now = try vector.now
        #expect(verifier.verify(vector.request, now: now).reason == expected.reason)
        // A second time with the signing key from the cache.
        #expect(verifier.verify(vector.request, now: now).reason == expected.reason)
    }

    @Test(arguments: SignatureVector.all.filter { $0.canonicalRequest != nil })
    func canonicalRequestStringToSignAndSignatureAreThoseOfTheVector(_ vector: SignatureVector) throws {
        let target = Array(vector.request.target.utf8)
        let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        let query = CanonicalQuery(raw: target[min(mark + 1, target.count)...])
        let parameters = try #require(AuthParameters(query: query) ?? AuthParameters(headersOf: vector.request))
        let claim = try SignatureClaim(parameters)
        let material = RequestMaterial(request: vector.request, claim: claim, path: target[..<mark], query: query)
        let key = SigningKeyCache.derive(secret: vector.credentials.secretAccessKey, scope: claim.scope)
        var reading = material.reading(key: key, tokenInside: vector.id.hasPrefix("v03"))
        if vector.id.hasPrefix("v09") { reading.host = "localhost" }
        let canonical = material.canonicalRequest(reading)
        #expect(String(decoding: canonical, as: UTF8.self) == vector.canonicalRequest)
        let toSign = StringToSign.text(canonicalRequest: canonical, date: claim.date, scope: claim.scope.text)
        if let expected = vector.stringToSign { #expect(String(decoding: toSign, as: UTF8.self) == expected) }
        if let expected = vector.signature, !vector.id.hasPrefix("v20") { #expect(material.signature(reading).hex == expected) }
    }

    @Test func theKinderDefaultsChangeTwoVectorsOnly() throws {
        var changed: [String: String] = [:]
        for vector in SignatureVector.all {
            var verifier = SigV4Verifier(credentials: CredentialSet([vector.credentials]))
            let reason = verifier.verify(vector.request, now: try vector.now).reason
            if reason != vector.expected["aws"]?.reason { changed[String(vector.id.prefix(3))] = reason }
        }
        // Host with or without the port, and any region.
        #expect(changed == ["v09": "ok", "v17": "ok"])
    }

    @Test func policyOffChecksNothing() throws {
        for vector in SignatureVector.all {
            var verifier = vector.strictVerifier(.off)
            #expect(verifier.verify(vector.request, now: try vector.now).reason == "not-checked")
        }
    }

    @Test(arguments: ["v03", "v09", "v25"])
    func whatOnlyTheLenientPolicyAcceptsCarriesANoteOfWhatAWSWouldHaveSaid(_ id: String) throws {
        let vector = try SignatureVector.named(id)
        var verifier = vector.strictVerifier(.lenient)
        let notes = try #require(verifier.verify(vector.request, now: try vector.now).notes)
        let refusal = try #require(
            {
                var aws = vector.strictVerifier(.aws)
                return aws.verify(vector.request, now: try vector.now).refusal
            }())
        #expect(notes.count == 1)
        #expect(notes.first?.contains("AWS") == true)
        #expect(notes.first?.contains(refusal.awsMessage) == true)
    }

    @Test(arguments: ["v01", "v02", "v04", "v06", "v08", "v15"])
    func whatAWSAcceptsTooCarriesNoNote(_ id: String) throws {
        let vector = try SignatureVector.named(id)
        var verifier = vector.strictVerifier(.lenient)
        #expect(verifier.verify(vector.request, now: try vector.now).notes == [])
    }
}

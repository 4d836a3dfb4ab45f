import Testing
import Timeline

@testable import SigV4

/// Requests that nobody meant to send never trap, never get in and never leak.
@Suite struct HostileRequestTests {
    private static let token = "Fwo//TOKEN+abc=="
    private static let credentials = Credentials(
        accessKeyID: "AKIDLOCAL", secretAccessKey: "a-secret-of-some-length", sessionToken: HostileRequestTests.token)

    private func verify(_ request: SignedRequest, _ policy: VerificationPolicy) -> Verdict {
        var verifier = SigV4Verifier(credentials: CredentialSet([HostileRequestTests.credentials]), policy: policy)
        return verifier.verify(request, now: FaultySigner.now)
    }

    /// Marsaglia's xorshift, so that a failing seed fails again.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            self.state ^= self.state << 13
            self.state ^= self.state >> 7
            self.state ^= self.state << 17
            return self.state
        }
    }

    private static func mutate(_ target: String, _ random: inout Seeded) -> String {
        var bytes = Array(target.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let index = Int.random(in: 0..<max(1, bytes.count), using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<7, using: &random)
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(UInt8.random(in: 0x21...0x7e, using: &random), at: index)
            case 3:
                bytes.insert(
                    contentsOf: Array(
                        ["%", "%zz", "%2", "%00", "%25", "&", "=", "?", "+", "%ff%fe"].randomElement(using: &random)?.utf8 ?? "".utf8),
                    at: index)
            case 4: bytes = Array(bytes.prefix(index + 1))
            default:
                var parts = bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
                guard let part = parts.randomElement(using: &random) else { break }
                let place = Int.random(in: 0..<parts.count, using: &random)
                if Bool.random(using: &random) { parts.insert(part, at: place) } else { parts.remove(at: place) }
                bytes = Array(parts.joined(separator: [UInt8(ascii: "&")]))
            }
            if bytes.isEmpty { bytes = [UInt8(ascii: "/")] }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [1, 2, 3, 4], [VerificationPolicy.aws, .spec, .lenient])
    func mutatedURLsNeverTrapAndNeverLeak(_ seed: UInt64, _ policy: VerificationPolicy) {
        var random = Seeded(state: seed &* 0x9e37_79b9_7f4a_7c15)
        let valid = FaultySigner.faulty {
            $0.token = HostileRequestTests.token
            $0.expires = 60
            $0.addedBefore = "extra=a%20b"
        }
        var original = valid.request
        #expect(self.verify(original, policy).reason == "ok")
        let signature = original.target.split(separator: "X-Amz-Signature=").last.map { String($0.prefix(64)) } ?? ""
        for _ in 0..<150 {
            let target = HostileRequestTests.mutate(valid.target, &random)
            original.target = target
            switch self.verify(original, policy) {
            case .notChecked: Issue.record("unchecked: \(target)")
            case .accepted:
                // Only spelling may have changed: the decoded parameters that are signed must be the same.
                #expect(HostileRequestTests.meaning(target) == HostileRequestTests.meaning(valid.target))
            case .refused(let refusal):
                let all = refusal.explanation + refusal.awsMessage + "\(refusal.fields)"
                for secret in ["a-secret-of-some-length", HostileRequestTests.token, signature] { #expect(!all.contains(secret)) }
            }
        }
    }

    /// What the signature of a target covers, in the reading that the verifier is allowed.
    private static func meaning(_ target: String) -> [String] {
        let bytes = Array(target.utf8)
        let mark = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.count
        var canonical: [UInt8] = []
        CanonicalQuery(raw: bytes[min(mark + 1, bytes.count)...], plusIsSpace: true).append(to: &canonical, form: QueryForm())
        return [String(decoding: CanonicalPath.normalized(bytes[..<mark]), as: UTF8.self), String(decoding: canonical, as: UTF8.self)]
    }

    @Test(arguments: [
        "", "?", "&", "/", "//", "/mqtt?", "/mqtt?&&&&", "/mqtt?=", "/mqtt?%", "/mqtt?X-Amz-Signature", "*", "/mqtt?X-Amz-Credential=////",
        "/mqtt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%00/%00/%00/%00/aws4_request&X-Amz-Date=%00&X-Amz-SignedHeaders=;&X-Amz-Signature=%00",
        "/mqtt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDLOCAL/20260102/r/iotdata/aws4_request&X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host;;host;&X-Amz-Signature=%ff%fe",
    ])
    func degenerateTargetsAreRefused(_ target: String) {
        let request = SignedRequest(method: "", target: target, headers: [("", ""), ("host", "")])
        for policy in [VerificationPolicy.aws, .spec, .lenient] { #expect(self.verify(request, policy).refusal != nil) }
    }

    @Test(arguments: ["a", "%41", "&", "&a=1", "+", "%zz", "a=%2F&", "\u{fffd}"])
    func aQueryOf64KiBAndMoreIsRefused(_ unit: String) {
        let signer = FaultySigner.faulty { $0.token = HostileRequestTests.token }
        for bytes in [4000, 60_000, 65_536, 200_000] {
            var request = signer.request
            request.target += "&x=" + String(repeating: unit, count: (bytes - request.target.utf8.count) / unit.utf8.count)
            #expect(self.verify(request, .lenient).refusal != nil)
        }
    }

    @Test func tooManySignedHeadersAreRefused() {
        let signer = FaultySigner.faulty { $0.signedHeaders = "host;" + (0..<100).map { "x\($0)" }.joined(separator: ";") }
        #expect(signer.verdict().reason == "malformed-parameter")
    }

    @Test func hugeAndManyHeadersDoNoHarm() {
        var request = FaultySigner().request
        request.headers += (0..<500).map { ("X-\($0)", String(repeating: "v", count: 200)) }
        request.headers.append(("Authorization", "AWS4-HMAC-SHA256 " + String(repeating: "=,", count: 30_000)))
        var verifier = SigV4Verifier(credentials: CredentialSet([FaultySigner.credentials]))
        #expect(verifier.verify(request, now: FaultySigner.now).reason == "ok")
    }

    @Test func anyRegionCanBeUsedWithoutTheCacheGrowing() {
        var verifier = SigV4Verifier(credentials: CredentialSet([FaultySigner.credentials]))
        for number in 0..<300 {
            let signer = FaultySigner.faulty { $0.region = "region-\(number)" }
            #expect(verifier.verify(signer.request, now: FaultySigner.now).reason == "ok")
        }
    }
}

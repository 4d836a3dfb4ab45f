import Testing
import Timeline

@testable import SigV4

/// The 403 of the upgrade. Source: `sigv4-websocket.md` §8.
@Suite struct RefusalResponseTests {
    private let traceID = "5b0ddb0c-3c5c-4a5c-9b0a-1f6d3a5e7c21"

    @Test func theMismatchBodyHasTheLengthSeenOnTheRealService() throws {
        let refusal = try #require(FaultySigner.faulty { $0.secret = "no" }.verdict().refusal)
        #expect(RefusalResponse(refusal, traceID: self.traceID).body.count == 241)
    }

    @Test func theExpiredTextIsTheOneSeenOnTheRealService() throws {
        let now = try #require(WallTime(basicISO8601: "20190220T023319Z"))
        let refusal = try #require(FaultySigner.faulty { $0.date = "19700101T080004Z" }.verdict(now: now).refusal)
        let body = RefusalResponse(refusal, traceID: self.traceID).body
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"message":"Signature expired: 19700101T080004Z is now earlier than 20190220T022819Z "#
                + #"(20190220T023319Z - 5 min.)","traceId":"5b0ddb0c-3c5c-4a5c-9b0a-1f6d3a5e7c21"}"#)
        #expect(body.count == 163)
    }

    @Test func theHeadersAreThoseOfTheServicePlusOurExplanation() throws {
        let refusal = try #require(FaultySigner.faulty { $0.signedPath = "/" }.verdict().refusal)
        let response = RefusalResponse(refusal, traceID: self.traceID)
        #expect(response.status == 403)
        let headers = Dictionary(uniqueKeysWithValues: response.headers)
        #expect(headers["content-type"] == "application/json")
        #expect(headers["x-amzn-ErrorType"] == "ForbiddenException:")
        #expect(headers["x-amzn-RequestId"] == self.traceID)
        #expect(headers["access-control-allow-origin"] == "*")
        #expect(
            headers["access-control-expose-headers"]
                == "x-amzn-ErrorMessage, x-amzn-RequestId, x-amzn-ErrorType, Date, x-sundial-explanation")
        #expect(headers["x-sundial-explanation"] == refusal.explanation)
    }

    @Test func theExplanationInTheHeaderIsOneShortLineOfASCII() {
        let hostile = "\r\nSet-Cookie: x=1\u{0}…ü\u{7f}" + String(repeating: "y", count: 3000)
        let refusals = [
            FaultySigner.faulty { $0.keyID = hostile }.verdict().refusal, FaultySigner.faulty { $0.service = hostile }.verdict().refusal,
            FaultySigner.faulty { $0.region = hostile }.verdict(region: "r").refusal,
            FaultySigner.faulty { $0.host = hostile }.verdict().refusal,
            ExplanationCase.all.first?.refusal(),
        ]
        for refusal in refusals {
            let text = refusal?.headerSafeExplanation ?? "\n"
            #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f })
            #expect(text.utf8.count <= 1000)
        }
        #expect(refusals.last??.headerSafeExplanation.contains("no X-Amz-... parameters") == true)
    }

    @Test func theBodyStaysJSONWhateverTheRequestHolds() throws {
        let refusal = try #require(FaultySigner.faulty { $0.keyID = "a\"\\\u{1}/b" }.verdict().refusal)
        let body = String(decoding: RefusalResponse(refusal, traceID: "t").body, as: UTF8.self)
        #expect(body.hasPrefix(#"{"message":""#) && body.hasSuffix(#"","traceId":"t"}"#))
        let message = body.dropFirst(12).dropLast(16)
        #expect(message.firstMatch(of: /(^|[^\\])"/) == nil)
        #expect(message.utf8.allSatisfy { $0 >= 0x20 })
    }
}

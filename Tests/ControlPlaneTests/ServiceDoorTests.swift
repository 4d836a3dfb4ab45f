import Broker
import HTTPTypes
import HummingbirdCore
import JSON
import NIOCore
import NIOPosix
import SigV4
import Testing
import Timeline

@testable import ControlPlane

/// Who gets in, and what is refused before an operation sees it. `sigv4-websocket.md` §7, §8.
@Suite struct ServiceDoorTests {
    static let shadow = "/things/T/shadow"

    @Test(arguments: ["iotdata", "iotdevicegateway"])
    func eitherNameOfTheDataPlaneIsSignedFor(service: String) async throws {
        try await AnsweringPlane.with { plane in
            let status = try await plane.signed(.get, Self.shadow, service: service).status
            #expect(status == 404)
        }
    }

    struct Unsigned: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var service = "iotdata"
        var secret = "test"
        var age: Int64 = 0
        var explanation: String
        var message: String
    }

    static let unsigned = [
        Unsigned(testDescription: "wrong secret", secret: "wrong", explanation: "secret", message: "The request signature we calculated"),
        Unsigned(
            testDescription: "registry's service", service: "iot", explanation: "'iotdata' or 'iotdevicegateway' is expected here",
            message: "Credential should be scoped to correct service: 'iotdata'."),
        Unsigned(testDescription: "six minutes old", age: 360, explanation: "expired", message: "Signature expired: "),
    ]

    @Test(arguments: Self.unsigned)
    func aBadSignatureIsRefusedAsOnTheUpgrade(_ example: Unsigned) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.signed(
                .get, Self.shadow, service: example.service, secret: example.secret,
                at: Broker.systemWallTime() - .seconds(example.age))
            #expect(answer.status == 403)
            #expect(answer["x-amzn-errortype"] == "ForbiddenException:")
            #expect(answer["x-sundial-explanation"]?.contains(example.explanation) == true, "\(answer["x-sundial-explanation"] ?? "")")
            #expect(answer.json?["message"]?.string?.hasPrefix(example.message) == true)
            #expect(answer.json?["traceId"]?.string == answer["x-amzn-requestid"])
            #expect(plane.log.all.contains { $0.contains("signature refused: ") })
        }
    }

    @Test func aSignatureForAnotherRegionIsRefusedWhereOneIsPinned() async throws {
        try await AnsweringPlane.with(region: "us-east-1") { plane in
            let answer = try await plane.signed(.get, Self.shadow)
            #expect(answer.status == 403)
            #expect(answer.json?["message"]?.string == "Credential should be scoped to a valid region.")
            #expect(answer["x-sundial-explanation"]?.contains("'eu-west-1'") == true)
        }
    }

    @Test func anUnsignedRequestIsRefusedUnlessNothingIsChecked() async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.answer(.get, Self.shadow)
            #expect(answer.status == 403)
            #expect(answer.json?["message"]?.string == "Missing Authentication Token")
        }
        try await AnsweringPlane.with(policy: .off) { plane in
            let status = try await plane.answer(.get, Self.shadow).status
            #expect(status == 404)
        }
    }

    @Test func aBodyOtherThanTheOneSignedIsRefused() async throws {
        try await AnsweringPlane.with { plane in
            let body = #"{"state":{}}"#
            let fields = HeaderSigner.sign(
                method: "POST", target: Self.shadow, host: "localhost:8443", body: Array(body.utf8),
                credentials: Credentials(accessKeyID: "test", secretAccessKey: "test"), region: "eu-west-1",
                date: Broker.systemWallTime())
            var headers: HTTPFields = [.contentLength: "12"]
            for (name, value) in fields { headers[try #require(HTTPField.Name(name))] = value }
            let other = RequestBody(buffer: ByteBuffer(string: #"{"state":[]}"#))
            let refused = try await plane.answer(.post, Self.shadow, headers, body: other)
            #expect(refused.status == 403)
            let same = RequestBody(buffer: ByteBuffer(string: body))
            let taken = try await plane.answer(.post, Self.shadow, headers, body: same)
            #expect(taken.status == 200)
        }
    }

    @Test func everySignedHeaderCounts() async throws {
        try await AnsweringPlane.with { plane in
            let headers = [(name: "x-amz-content-sha256", value: SHA256.hexOfNothing), (name: "X-Custom", value: "a  b")]
            let status = try await plane.signed(.get, Self.shadow, headers: headers).status
            #expect(status == 404)
        }
    }

    @Test func underTheLenientPolicyASignatureOfOneEncodingIsTakenAndNoted() async throws {
        let fields = HeaderSigner.sign(
            method: "GET", target: "/things/a:b/shadow", host: "localhost:8443",
            credentials: Credentials(accessKeyID: "test", secretAccessKey: "test"), region: "eu-west-1", date: Broker.systemWallTime())
        var headers = HTTPFields()
        for (name, value) in fields { headers[try #require(HTTPField.Name(name))] = value }
        try await AnsweringPlane.with(policy: .lenient) { plane in
            let status = try await plane.answer(.get, "/things/a%3Ab/shadow", headers).status
            #expect(status == 404)
            #expect(plane.log.all.contains { $0.contains("signature accepted, but: ") })
        }
        try await AnsweringPlane.with { plane in
            let status = try await plane.answer(.get, "/things/a%3Ab/shadow", headers).status
            #expect(status == 403)
        }
    }

    @Test func anotherMethodIsNotAllowed() async throws {
        try await AnsweringPlane.with { plane in
            for method in [HTTPRequest.Method.put, .head] {
                let answer = try await plane.signed(method, Self.shadow)
                #expect(answer.status == 405)
                #expect(answer["x-amzn-errortype"] == "MethodNotAllowedException:")
                #expect(answer["allow"] == "GET, POST, DELETE, OPTIONS")
            }
        }
    }

    @Test(arguments: ["/things/%zz/shadow", "/things/a%/shadow", "/things/%ff/shadow"])
    func aPathThatCannotBeDecodedIsABadRequest(path: String) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.signed(.get, path)
            #expect(answer.status == 400)
            #expect(answer["x-amzn-errortype"] == "InvalidRequestException:")
            #expect(answer.json?["message"]?.string?.hasPrefix("The path cannot be read: ") == true)
        }
    }

    @Test func noiseInAPathOrQueryIsAnsweredToo() {
        var random = SeededNumbers(seed: 7)
        let words = [
            "/things/", "/shadow", "/topics/", "/connections/", "/retainedMessage", "%", "%2", "%41", "%ff", "?", "&", "=", "é", "", "a",
        ]
        for _ in 0..<20_000 {
            let target = (0..<6).map { _ in words[Int.random(in: words.indices, using: &random)] }.joined()
            _ = try? ServiceResource(path: target.prefix { $0 != "?" })?.operation(.get)
            let query = QueryParameters(target: target)
            for name in ["", "a", "A", "%41"] { _ = try? query.text(name) }
        }
    }

    @Test func aBodyAnnouncedAsTooLongIsRefusedUnread() async throws {
        try await AnsweringPlane.with { plane in
            let unread = RequestBody(asyncSequence: Unreadable())
            let answer = try await plane.answer(.post, Self.shadow, [.contentLength: "131073"], body: unread)
            #expect(answer.status == 413)
            #expect(answer["x-amzn-errortype"] == "RequestEntityTooLargeException:")
            #expect(answer["connection"] == "close")
            #expect(answer["x-sundial-explanation"] == "The body has 131073 bytes; 131072 bytes are the most that is taken.")
        }
    }

    @Test func aChunkedBodyIsCountedWhileItIsRead() async throws {
        try await AnsweringPlane.with { plane in
            let endless = RequestBody(asyncSequence: Endless())
            let answer = try await plane.answer(.post, Self.shadow, [.transferEncoding: "chunked"], body: endless)
            #expect(answer.status == 413)
            #expect(answer["connection"] == "close")
        }
    }

    @Test func aBodyThatDoesNotComeIsNotWaitedForForEver() async throws {
        let (body, source) = RequestBody.makeStream()
        let request = Request(
            head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: Self.shadow, headerFields: [.contentLength: "10"]),
            body: body)
        let reader = RequestBodyReader(maximumBytes: 100, patience: .milliseconds(1))
        let error = await #expect(throws: ServiceError.self) {
            try await reader.body(of: request, .withoutSocket { source.finish($0) })
        }
        #expect(error?.exception == .requestTimeout)
        #expect(error?.closesConnection == true)
        source.finish()
    }
}

/// A body that nobody may read.
private struct Unreadable: AsyncSequence, Sendable {
    struct AsyncIterator: AsyncIteratorProtocol {
        mutating func next() async throws -> ByteBuffer? {
            Issue.record("the body was read")
            return nil
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}

private struct Endless: AsyncSequence, Sendable {
    struct AsyncIterator: AsyncIteratorProtocol {
        mutating func next() async throws -> ByteBuffer? { ByteBuffer(repeating: 0x20, count: 4096) }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}

private struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

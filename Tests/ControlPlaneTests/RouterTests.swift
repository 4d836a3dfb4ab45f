import HTTPTypes
import Hummingbird
import JSON
import Testing
import Timeline

@testable import ControlPlane

/// What every answer of the HTTP doors carries, and where the boundaries are. DESIGN §2.
@Suite struct RouterTests {
    @Test func theFrontPageIsReadable() async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.answer(.get, "/")
            #expect(answer.status == 200)
            #expect(answer["content-type"] == "text/html; charset=utf-8")
            #expect(answer["content-length"] == "\(answer.body.utf8.count)")
            #expect(answer["date"]?.hasSuffix(" GMT") == true)
            #expect(answer.body.contains("Sundial"))
        }
    }

    @Test(arguments: ["/", "/mqtt", "/_sundial/status"])
    func headAnswersAsGetWithoutTheBody(path: String) async throws {
        try await AnsweringPlane.with { plane in
            let get = try await plane.answer(.get, path)
            let head = try await plane.answer(.head, path)
            #expect(head.status == get.status)
            #expect(head.body.isEmpty)
            #expect(head["content-length"] == get["content-length"])
        }
    }

    @Test func anUnknownPathIsAnsweredInTheServicesShape() async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.answer(.get, "/nothing/here")
            #expect(answer.status == 404)
            #expect(answer["x-amzn-errortype"] == "ResourceNotFoundException:")
            #expect(answer["access-control-allow-origin"] == "*")
            #expect(answer["x-sundial-explanation"]?.contains("/nothing/here") == true)
            #expect(answer.json?["message"]?.string == "Not Found")
        }
    }

    @Test(arguments: [
        ("/policies/p", "iot"), ("/thing-types", "iot"), ("/keys-and-certificate?setAsActive=true", "iot"), ("/things/T/jobs", "iot"),
        ("/rules/r", "iot"), ("/nothing/here", "iotdata"),
    ])
    func anOperationThatIsNotBuiltIsNotTakenForAMissingResource(target: String, service: String) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.signed(.get, target, service: service)
            #expect(answer.status == 501)
            #expect(answer["x-amzn-errortype"] == "NotImplementedException:")
            let path = target.prefix { $0 != "?" }
            #expect(answer["x-sundial-explanation"]?.hasPrefix("GET \(path) is not built. ") == true)
            #expect(plane.log.all.filter { $0.contains("request refused: GET \(path) is not built.") }.count == 1)
        }
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/nothing", "localhost", 404), (.post, "/mqtt", "localhost", 405),
        (.get, "/_sundial/status", "evil.example", 403), (.get, "/_sundial/nothing", "localhost", 404),
    ])
    func aRefusalIsLoggedOnce(method: HTTPRequest.Method, path: String, host: String, status: Int) async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.answer(method, path, host: host)
            #expect(answer.status == status)
            let lines = plane.log.all.filter { $0.contains("request refused: ") }
            #expect(lines.count == 1)
            #expect(lines.first?.contains("status=\(status)") == true)
        }
    }

    @Test func anotherMethodIsNotAllowed() async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.answer(.post, "/mqtt")
            #expect(answer.status == 405)
            #expect(answer["allow"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test func aGiantBodyIsRefused() async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.answer(.post, "/", [.contentLength: "1000000000"])
            #expect(answer.status == 413)
        }
    }

    @Test func aPreflightRequestAllowsWhatItAsksFor() async throws {
        try await AnsweringPlane.with { plane in
            let asked = "authorization,x-amz-date"
            let answer = try await plane.answer(
                .options, "/mqtt",
                [.origin: "https://app.example", .accessControlRequestMethod: "GET", .accessControlRequestHeaders: asked])
            #expect(answer.status == 204)
            #expect(answer["access-control-allow-origin"] == "*")
            #expect(answer["access-control-allow-headers"] == asked)
            #expect(answer["access-control-allow-methods"]?.contains("GET") == true)
        }
    }

    @Test func theStatusNamesVersionAndCounters() async throws {
        try await AnsweringPlane.with { plane in
            let status = try #require(try await plane.answer(.get, "/_sundial/status").json)
            #expect(status["version"]?.string == "1.2.3")
            #expect(status["counters"]?["connectionsAccepted"]?.int64 == 0)
            #expect(status["counters"]?["overQuota"]?["publish-rate"]?.int64 == 0)
            #expect(status["uptimeSeconds"]?.int64 ?? -1 >= 0)
        }
    }

    @Test(
        arguments: [
            ("localhost:8443", nil, 200), ("127.0.0.1", "http://localhost:5173", 200), ("[::1]:8443", "https://[::1]", 200),
            ("box.example:8443", "http://box.example", 200), ("LOCALHOST", "http://127.0.0.2:80", 200), ("evil.example", nil, 403),
            ("localhost", "https://evil.example", 403), ("localhost", "null", 403), ("localhost.evil.example", nil, 403),
            ("127.0.0.1.evil.example", nil, 403), ("localhost", "http://localhost.evil.example", 403), ("", nil, 403),
        ] as [(String, String?, Int)])
    func theControlPathsAnswerThisMachineOnly(host: String, origin: String?, status: Int) async throws {
        try await AnsweringPlane.with(hostNames: ["box.example"]) { plane in
            let answer = try await plane.answer(.get, "/_sundial/status", host: host, origin.map { [.origin: $0] } ?? [:])
            #expect(answer.status == status)
            #expect(answer["access-control-allow-origin"] == (status == 200 ? origin : nil))
        }
    }

    @Test(arguments: [("Bearer secret", 200), ("Bearer secre", 401), ("Bearer secreT", 401), ("", 401)])
    func beyondThisMachineTheControlPathsAskForTheToken(authorization: String, status: Int) async throws {
        try await AnsweringPlane.with(hostNames: ["192.0.2.7"], token: "secret", reachedAt: "192.0.2.7") { plane in
            let answer = try await plane.answer(.get, "/_sundial/status", host: "192.0.2.7:8443", [.authorization: authorization])
            #expect(answer.status == status)
            let front = try await plane.answer(.get, "/")
            #expect(front.status == 200)
        }
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_767_323_045, "Fri, 02 Jan 2026 03:04:05 GMT"),
            (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
        ] as [(Int64, String)])
    func datesAreWrittenAsRFC9110Wants(seconds: Int64, text: String) {
        #expect(HTTPDate.text(WallTime(secondsSinceEpoch: seconds)) == text)
    }
}

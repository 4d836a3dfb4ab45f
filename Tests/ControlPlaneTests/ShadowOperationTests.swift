import HTTPTypes
import JSON
import Testing

/// `device-shadow.md` §12.
@Suite struct ShadowOperationTests {
    @Test func aShadowIsUpdatedReadAndDeleted() async throws {
        try await AnsweringPlane.with { plane in
            let updated = try await plane.signed(.post, "/things/T/shadow", #"{"state":{"desired":{"a":1}},"clientToken":"c"}"#)
            #expect(updated.status == 200)
            #expect(updated["content-type"] == "application/json")
            #expect(updated["x-amzn-requestid"]?.isEmpty == false)
            #expect(updated["access-control-allow-origin"] == "*")
            #expect(updated.json?["version"]?.int64 == 1)
            #expect(updated.json?["clientToken"]?.string == "c")
            #expect(updated.json?["state"] == ["desired": ["a": 1]])

            let read = try await plane.signed(.get, "/things/T/shadow")
            #expect(read.status == 200)
            #expect(read.json?["state"] == ["desired": ["a": 1], "delta": ["a": 1]])

            let deleted = try await plane.signed(.delete, "/things/T/shadow")
            #expect(deleted.status == 200)
            #expect(deleted.json?["version"]?.int64 == 1)
            #expect(deleted.json?["timestamp"] != nil)
        }
    }

    @Test func aNamedShadowIsApartFromTheClassicOne() async throws {
        try await AnsweringPlane.with { plane in
            _ = try await plane.signed(.post, "/things/a%3Ab/shadow?name=%24n", #"{"state":{"reported":{"x":true}}}"#)
            #expect(try await plane.signed(.get, "/things/a:b/shadow?name=$n").json?["state"] == ["reported": ["x": true]])
            #expect(try await plane.signed(.get, "/things/a:b/shadow").status == 404)
        }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var method: HTTPRequest.Method = .get
        var target: String
        var body = ""
        var status: Int
        var exception: String
        var message: String
    }

    static let refused = [
        Refused(
            testDescription: "missing", target: "/things/T/shadow", status: 404, exception: "ResourceNotFoundException",
            message: "No shadow exists with name: 'T'"),
        Refused(
            testDescription: "missing named", target: "/things/T/shadow?name=n", status: 404, exception: "ResourceNotFoundException",
            message: "No shadow exists with name: 'T~n'"),
        Refused(
            testDescription: "delete missing", method: .delete, target: "/things/T/shadow", status: 404,
            exception: "ResourceNotFoundException", message: "No shadow exists with name: 'T'"),
        Refused(
            testDescription: "no JSON", method: .post, target: "/things/T/shadow", body: "{", status: 400,
            exception: "InvalidRequestException", message: "Payload contains invalid json"),
        Refused(
            testDescription: "no body", method: .post, target: "/things/T/shadow", status: 400, exception: "InvalidRequestException",
            message: "Missing update payload"),
        Refused(
            testDescription: "no state", method: .post, target: "/things/T/shadow", body: "{}", status: 400,
            exception: "InvalidRequestException", message: "Missing required node: state"),
        Refused(
            testDescription: "conflict", method: .post, target: "/things/V/shadow", body: #"{"state":{},"version":7}"#, status: 409,
            exception: "ConflictException", message: "Version conflict"),
        Refused(
            testDescription: "too large", method: .post, target: "/things/T/shadow",
            body: #"{"state":{"desired":{"a":"\#(String(repeating: "x", count: 9000))"}}}"#, status: 413,
            exception: "RequestEntityTooLargeException", message: "The payload exceeds the maximum size allowed"),
        Refused(
            testDescription: "bad thing name", target: "/things/a%20b/shadow", status: 400, exception: "InvalidRequestException",
            message:
                "1 validation error detected: Value 'a b' at 'thingName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9:_-]+"
        ),
        Refused(
            testDescription: "empty thing name", target: "/things//shadow", status: 400, exception: "InvalidRequestException",
            message:
                "1 validation error detected: Value '' at 'thingName' failed to satisfy constraint: Member must have length greater than or equal to 1"
        ),
        Refused(
            testDescription: "bad shadow name", target: "/things/T/shadow?name=a%2Fb", status: 400, exception: "InvalidRequestException",
            message:
                "1 validation error detected: Value 'a/b' at 'shadowName' failed to satisfy constraint: Member must satisfy regular expression pattern: [$a-zA-Z0-9:_-]+"
        ),
        Refused(
            testDescription: "bad percent-encoding in the query", target: "/things/T/shadow?name=%2", status: 400,
            exception: "InvalidRequestException",
            message:
                "The query parameter 'name' cannot be read: '%2' is no percent-encoding: % takes two hexadecimal digits, and % itself is written %25."
        ),
        Refused(
            testDescription: "page size 0", target: "/api/things/shadow/ListNamedShadowsForThing/T?pageSize=0", status: 400,
            exception: "InvalidRequestException",
            message:
                "1 validation error detected: Value '0' at 'pageSize' failed to satisfy constraint: Member must have value greater than or equal to 1"
        ),
        Refused(
            testDescription: "page size no number", target: "/api/things/shadow/ListNamedShadowsForThing/T?pageSize=ten", status: 400,
            exception: "InvalidRequestException", message: "'pageSize' must be a whole number, not 'ten'."),
        Refused(
            testDescription: "made-up token", target: "/api/things/shadow/ListNamedShadowsForThing/T?nextToken=abc", status: 400,
            exception: "InvalidRequestException", message: "Invalid nextToken"),
    ]

    @Test(arguments: Self.refused)
    func whatIsRefusedIsRefusedInTheServicesWords(_ example: Refused) async throws {
        try await AnsweringPlane.with { plane in
            _ = try await plane.signed(.post, "/things/V/shadow", #"{"state":{}}"#)
            let answer = try await plane.signed(example.method, example.target, example.body)
            #expect(answer.status == example.status)
            #expect(answer["x-amzn-errortype"] == example.exception + ":")
            #expect(answer.json?["message"]?.string == example.message)
            #expect(answer.json?["traceId"]?.string == answer["x-amzn-requestid"])
            let reason = try #require(answer["x-sundial-explanation"])
            #expect(plane.log.all.contains { $0.contains("request refused: \(reason)") && $0.contains("status=\(example.status)") })
        }
    }

    @Test func namedShadowsAreListedPageByPage() async throws {
        try await AnsweringPlane.with { plane in
            let list = "/api/things/shadow/ListNamedShadowsForThing/T"
            #expect(try await plane.signed(.get, list).json?["results"] == [])
            _ = try await plane.signed(.post, "/things/T/shadow", #"{"state":{}}"#)
            let names = (0..<7).map { "n\($0)" }
            for name in names.reversed() { _ = try await plane.signed(.post, "/things/T/shadow?name=\(name)", #"{"state":{}}"#) }
            var found: [JSONValue] = []
            var pages = 0
            var next: String?
            repeat {
                let query = "?" + (next.map { "nextToken=\($0)&" } ?? "") + "pageSize=3"
                let page = try #require(try await plane.signed(.get, list + query).json)
                #expect(page["timestamp"]?.int64 != nil)
                found += page["results"]?.array ?? []
                next = page["nextToken"]?.string
                pages += 1
            } while next != nil
            #expect(found == names.map { .string($0) })
            #expect(pages == 3)
            let token = try #require(try await plane.signed(.get, list + "?pageSize=3").json?["nextToken"]?.string)
            let other = "/api/things/shadow/ListNamedShadowsForThing/U?nextToken=\(token)"
            #expect(try await plane.signed(.get, other).status == 400)
        }
    }
}

import Broker
import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import NIOCore
import NIOPosix
import Testing

@testable import ControlPlane

/// The control API. DESIGN §2.
@Suite struct ControlDoorTests {
    static let historyPath = "/_sundial/shadows/lamp/classic/history"
    static let routes: [(HTTPRequest.Method, String)] = [
        (.post, "/_sundial/reset"), (.get, "/_sundial/snapshot"), (.post, "/_sundial/restore"), (.get, Self.historyPath),
        (.get, "/_sundial/shadows/lamp/name/n/history"), (.post, "/_sundial/clock/advance"),
        (.post, "/_sundial/check"), (.post, "/_sundial/runs/x/cancel"),
    ]

    /// One shadow with two versions, one named shadow.
    private static func fill(_ plane: AnsweringPlane) async throws {
        _ = try await plane.signed(.post, "/things/lamp/shadow", #"{"state":{"desired":{"mode":"eco"}}}"#)
        _ = try await plane.signed(.post, "/things/lamp/shadow", #"{"state":{"desired":{"mode":null},"reported":{"on":1.0}}}"#)
        _ = try await plane.signed(.post, "/things/lamp/shadow?name=n", #"{"state":{"reported":{"x":true}}}"#)
    }

    private static func post(_ plane: AnsweringPlane, _ path: String, _ body: String) async throws -> AnsweringPlane.Answer {
        try await plane.answer(
            .post, path, [.contentLength: "\(body.utf8.count)"], body: RequestBody(buffer: ByteBuffer(string: body)))
    }

    @Test func aResetDropsEverythingAndCountsIt() async throws {
        try await AnsweringPlane.with { plane in
            try await Self.fill(plane)
            let answer = try await plane.answer(.post, "/_sundial/reset")
            #expect(answer.status == 200)
            #expect(answer.json == ["dropped": ["shadows": 2, "versions": 3, "retained": 0, "sessions": 0, "things": 0]])
            #expect(try await plane.signed(.get, "/things/lamp/shadow").status == 404)
            #expect(try await plane.answer(.get, Self.historyPath).status == 404)
            let again = try await plane.answer(.post, "/_sundial/reset")
            #expect(again.json?["dropped"]?["shadows"]?.int64 == 0)
        }
    }

    @Test func aSnapshotIsRestoredAfterAReset() async throws {
        try await AnsweringPlane.with { plane in
            try await Self.fill(plane)
            let taken = try await plane.answer(.get, "/_sundial/snapshot")
            #expect(taken.status == 200)
            #expect(taken["content-type"] == "application/json")
            #expect(taken.body.hasPrefix("{\n  \"sundial\": \"snapshot\",\n  \"version\": 1,\n"))
            _ = try await plane.answer(.post, "/_sundial/reset")
            let restored = try await Self.post(plane, "/_sundial/restore", taken.body)
            #expect(restored.status == 200)
            #expect(restored.json?["restored"] == ["shadows": 2, "versions": 3, "retained": 0, "sessions": 0, "things": 0])
            #expect(restored.json?["dropped"]?["shadows"]?.int64 == 0)
            let retaken = try await plane.answer(.get, "/_sundial/snapshot")
            for list in ["shadows", "retained", "sessions", "things"] { #expect(retaken.json?[list] == taken.json?[list]) }
            let updated = try await plane.signed(.post, "/things/lamp/shadow", #"{"state":{}}"#)
            #expect(updated.json?["version"]?.int64 == 3)
        }
    }

    @Test(
        arguments: [
            ("", "line 1, column 1", nil), ("{", "line 1, column 2", nil), ("[]", "the document", ""),
            ("{}", "'/sundial' is missing", "/sundial"),
            (#"{"sundial":"snapshot","version":9}"#, "'/version' is 9", "/version"),
            (
                #"{"sundial":"snapshot","version":1,"shadows":[{"thing":"?","versions":[]}],"retained":[],"sessions":[],"things":[]}"#,
                "'/shadows/0/thing' is no name of a thing", "/shadows/0/thing"
            ),
        ] as [(String, String, String?)])
    func whatIsNoSnapshotChangesNothing(body: String, text: String, pointer: String?) async throws {
        try await AnsweringPlane.with { plane in
            try await Self.fill(plane)
            let before = try await plane.answer(.get, "/_sundial/snapshot").json?["shadows"]
            let answer = try await Self.post(plane, "/_sundial/restore", body)
            #expect(answer.status == 400)
            #expect(answer["x-amzn-errortype"] == "InvalidRequestException:")
            #expect(answer.json?["message"]?.string?.contains(text) == true, "\(answer.body)")
            #expect(answer.json?["pointer"]?.string == pointer)
            #expect(answer["x-sundial-explanation"]?.contains("othing was changed") == true)
            #expect(try await plane.answer(.get, "/_sundial/snapshot").json?["shadows"] == before)
        }
    }

    @Test func aClientThatWasConnectedComesBackAsLeftAndItsWillIsNotSaid() async throws {
        try await AnsweringPlane.with { plane in
            let session =
                #"{"client":"c","number":1,"profile":"plain","protocol":"5","expirySeconds":60,"#
                + #""will":{"topic":"gone","payload":"","qos":1,"retain":true},"subscriptions":[],"messages":[]}"#
            let body = #"{"sundial":"snapshot","version":1,"shadows":[],"retained":[],"sessions":[\#(session)],"things":[]}"#
            #expect(try await Self.post(plane, "/_sundial/restore", body).status == 200)
            let taken = try await plane.answer(.get, "/_sundial/snapshot").json
            let restored = try #require(taken?["sessions"]?.array?.first)
            #expect(restored["client"] == "c" && restored["disconnectedAt"] != nil)
            #expect(restored["will"] == nil && restored["willDueAt"] == nil)
            #expect(taken?["retained"] == [])
        }
    }

    @Test func aSnapshotOfFarTooManyValuesIsRefused() async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await Self.post(plane, "/_sundial/restore", "[" + String(repeating: "0,", count: 8_000_000) + "0]")
            #expect(answer.status == 400)
            #expect(answer.json?["message"]?.string?.contains("there are more than 8000000 values") == true, "\(answer.body)")
        }
    }

    @Test func aSnapshotOverTheLimitIsRefusedUnread() async throws {
        try await AnsweringPlane.with { plane in
            let answer = try await plane.answer(.post, "/_sundial/restore", [.contentLength: "\(256 * 1024 * 1024 + 1)"])
            #expect(answer.status == 413)
            #expect(answer["connection"] == "close")
            // One that only the service's own limit would refuse is read.
            let large =
                #"{"sundial":"snapshot","version":1,"shadows":[],"retained":[],"sessions":[],"things":[]}"#
                + String(repeating: " ", count: 200_000)
            #expect(try await Self.post(plane, "/_sundial/restore", large).status == 200)
            #expect(try await Self.post(plane, "/_sundial/reset", large).status == 413)
        }
    }

    @Test func aBodyWithoutALengthIsCountedWhileItIsRead() async throws {
        let reader = RequestBodyReader(maximumBytes: 1000, patience: .seconds(30))
        let (stream, source) = RequestBody.makeStream()
        let head = HTTPRequest(
            method: .post, scheme: "https", authority: "localhost", path: "/", headerFields: [.transferEncoding: "chunked"])
        async let refused = Self.refusal(of: .init(head: head, body: stream), reader)
        for _ in 0..<20 { await source.yield(ByteBuffer(repeating: 0x20, count: 100)) }
        source.finish()
        #expect(await refused == "RequestEntityTooLargeException")
    }

    private static func refusal(of request: Request, _ reader: RequestBodyReader) async -> String? {
        do throws(ServiceError) {
            _ = try await reader.body(of: request, .withoutSocket())
            return nil
        } catch {
            return error.exception.name
        }
    }

    @Test func theHistoryOfAShadowIsToldOldestFirst() async throws {
        try await AnsweringPlane.with { plane in
            try await Self.fill(plane)
            _ = try await plane.signed(.delete, "/things/lamp/shadow")
            let answer = try await plane.answer(.get, Self.historyPath)
            #expect(answer.status == 200)
            let versions = try #require(answer.json?["versions"]?.array)
            #expect(answer.json?["thing"]?.string == "lamp")
            #expect(answer.json?["name"] == nil)
            #expect(answer.json?["now"]?.string?.hasSuffix("Z") == true)
            #expect(versions.map { $0["deleted"]?.bool } == [false, false, true])
            #expect(versions.map { $0["state"] } == [["desired": ["mode": "eco"]], ["reported": ["on": 1]], nil])
            #expect(versions.map { $0["principal"]?.string } == ["test", "test", "test"])
            #expect(versions.allSatisfy { $0["metadata"] == nil && $0["client"] == nil && $0["time"]?.string?.hasSuffix("Z") == true })
            let causes = versions.compactMap { $0["cause"]?.int64 }
            #expect(causes.count == 3 && causes == causes.sorted())
            let named = try await plane.answer(.get, "/_sundial/shadows/lamp/name/n/history?metadata=true")
            #expect(named.json?["name"]?.string == "n")
            #expect(named.json?["versions"]?.array?.first?["metadata"]?["reported"]?["x"]?["timestamp"]?.int64 != nil)
        }
    }

    @Test(
        arguments: [
            ("/_sundial/shadows/nobody/classic/history", 404, "No shadow exists with name: 'nobody'"),
            ("/_sundial/shadows/lamp/name/m/history", 404, "No shadow exists with name: 'lamp~m'"),
            ("/_sundial/shadows/a%20b/classic/history", 400, "at 'thingName'"),
            ("/_sundial/shadows/lamp/name/a%2Fb/history", 400, "'a/b' is no name of a shadow"),
            ("/_sundial/shadows/%/classic/history", 400, "The path cannot be read"),
            ("/_sundial/shadows/lamp/classic/history?metadata=perhaps", 400, "'metadata' must be true or false"),
            ("/_sundial/shadows/lamp/classic", 404, "Not Found"), ("/_sundial/shadows/lamp/history", 404, "Not Found"),
            ("/_sundial/reset/", 404, "Not Found"), ("/_sundial", 404, "Not Found"),
        ])
    func badAddressesAreExplained(path: String, status: Int, message: String) async throws {
        try await AnsweringPlane.with { plane in
            try await Self.fill(plane)
            let answer = try await plane.answer(.get, path)
            #expect(answer.status == status)
            #expect(answer.json?["message"]?.string?.contains(message) == true, "\(answer.body)")
        }
    }

    @Test(arguments: Self.routes)
    func otherMethodsAreNotAllowed(method: HTTPRequest.Method, path: String) async throws {
        try await AnsweringPlane.with { plane in
            let other: HTTPRequest.Method = method == .post ? .get : .post
            let answer = try await plane.answer(other, path)
            #expect(answer.status == 405)
            #expect(answer["allow"] == (method == .post ? "POST, OPTIONS" : "GET, HEAD, OPTIONS"))
            #expect(try await plane.answer(.options, path).status == 204)
        }
    }

    @Test(arguments: Self.routes)
    func theGuardStandsBeforeEveryRoute(method: HTTPRequest.Method, path: String) async throws {
        try await AnsweringPlane.with { plane in
            try await Self.fill(plane)
            #expect(try await plane.answer(method, path, host: "evil.example").status == 403)
            #expect(try await plane.answer(method, path, [.origin: "https://evil.example"]).status == 403)
            #expect(try await plane.answer(method, path, [.origin: "null"]).status == 403)
            #expect(try await plane.signed(.get, "/things/lamp/shadow").status == 200)
        }
        try await AnsweringPlane.with(hostNames: ["192.0.2.7"], token: "secret", reachedAt: "192.0.2.7") { plane in
            try await Self.fill(plane)
            for authorization in ["", "Bearer guess"] {
                let answer = try await plane.answer(method, path, host: "192.0.2.7", [.authorization: authorization])
                #expect(answer.status == 401)
            }
            #expect(try await plane.signed(.get, "/things/lamp/shadow").status == 200)
            let admitted = try await plane.answer(method, path, host: "192.0.2.7", [.authorization: "Bearer secret"])
            #expect(![401, 403].contains(admitted.status))
        }
    }

    @Test func whatTheStateFileDoesNotHaveIsNotCalledDone() async throws {
        try await AnsweringPlane.with(keeper: SwitchedKeeper(.fail)) { plane in
            let empty = #"{"sundial":"snapshot","version":1,"shadows":[],"retained":[],"sessions":[],"things":[]}"#
            for ending in ["the new state is in force and is written when it can be.", "nothing was changed."] {
                let restored = try await Self.post(plane, "/_sundial/restore", empty)
                #expect(restored.status == 500)
                #expect(restored["x-sundial-explanation"] == "The state file cannot be written: the disk is full; \(ending)")
            }
            #expect(try await plane.answer(.post, "/_sundial/reset").status == 500)
            #expect(try await plane.answer(.get, "/_sundial/snapshot").status == 200)
        }
    }

    /// Not judged here, since machines differ: the issue asks for less than 50 ms on a small state.
    @Test func howLongASmallStateTakesIsPrinted() async throws {
        try await AnsweringPlane.with { plane in
            for thing in 0..<20 {
                for _ in 0..<5 { _ = try await plane.signed(.post, "/things/t\(thing)/shadow", #"{"state":{"desired":{"a":1}}}"#) }
            }
            let clock = ContinuousClock()
            var snapshot = ""
            let taken = try await clock.measure { snapshot = try await plane.answer(.get, "/_sundial/snapshot").body }
            let reset = try await clock.measure { _ = try await plane.answer(.post, "/_sundial/reset") }
            let restored = try await clock.measure { _ = try await Self.post(plane, "/_sundial/restore", snapshot) }
            print("20 shadows of 5 versions, \(snapshot.utf8.count) bytes: snapshot \(taken), reset \(reset), restore \(restored)")
            #expect(try await plane.answer(.get, "/_sundial/snapshot").json?["shadows"]?.array?.count == 20)
        }
    }
}

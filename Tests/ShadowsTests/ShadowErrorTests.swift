import Foundation
import JSON
import Shadows
import Testing
import Timeline

@Suite("Shadow error texts (Developer Guide, Device Shadow error messages)")
struct ShadowErrorTests {
    static let errors: [String: ShadowError] = {
        let position = JSONPosition.start
        var errors: [String: ShadowError] = [
            "invalidJSON": .invalidJSON(JSONError(kind: .invalidUTF8, position: position)), "missingState": .missingState,
            "stateNotAnObject": .stateNotAnObject, "desiredNotAnObject": .desiredNotAnObject, "reportedNotAnObject": .reportedNotAnObject,
            "invalidNode": .invalidNode(key: "wanted"), "invalidVersion": .invalidVersion(text: "x"),
            "invalidClientToken": .invalidClientToken(bytes: 65), "tooDeep": .tooDeep(levels: 9, maximum: 8),
            "missingPayload": .missingPayload, "unauthorized": .unauthorized, "forbidden": .forbidden, "thingNotFound": .thingNotFound,
            "versionConflict": .versionConflict(sent: 1, current: 2), "tooLarge": .tooLarge(bytes: 9000, maximum: 8192),
            "notUTF8": .notUTF8, "tooManyRequests": .tooManyRequests(why: "more than 20 a second"), "internalFailure": .internalFailure,
        ]
        if let thing = ThingName("pump-9") { errors["noShadow"] = .noShadow(ShadowID(thing: thing, name: ShadowName("cfg"))) }
        return errors
    }()

    @Test func everyErrorSaysWhatTheServiceSays() throws {
        let table = try ShadowCase.read(ShadowCase.folder.appending(path: "tables/errors.json"))
        let rows = try #require(table["errors"]?.array)
        #expect(rows.count == Self.errors.count)
        for row in rows {
            let error = try #require(Self.errors[row["case"]?.string ?? ""])
            #expect(Int64(error.code) == row["code"]?.int64)
            #expect(error.message(over: .mqtt) == row["mqtt"]?.string)
            #expect(error.message(over: .rest) == row["rest"]?.string ?? row["mqtt"]?.string)
            #expect(error.exceptionName == row["exception"]?.string)
        }
    }

    @Test func aRefusalFromElsewhereRepeatsTheToken() throws {
        var store = ShadowStore()
        let id = ShadowID(thing: try #require(ThingName("pump-9")))
        let payload = Array(#"{"state":{"reported":{"a":1}},"clientToken":"t"}"#.utf8)
        let outcome = payload.withUnsafeBytes {
            store.refuse(
                .init(id: id, operation: .update), payload: $0, error: .tooManyRequests(why: "more than 20 a second"),
                now: .init(secondsSinceEpoch: 1))
        }
        #expect(
            outcome.messages.map { String(decoding: $0.payload, as: UTF8.self) } == [
                #"{"code":429,"message":"TOO_MANY_REQUESTS","clientToken":"t"}"#
            ])
        #expect(store.get(id) == nil)
    }
}

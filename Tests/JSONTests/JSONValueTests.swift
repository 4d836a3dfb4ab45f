import JSON
import Testing

@Suite("JSON texts (RFC 8259)")
struct JSONValueTests {
    @Test func valuesOfEveryKindCountAgainstTheirLimit() throws {
        let text = #"{"a":[1,"x",{}],"b":null}"#
        #expect(try JSONValue(parsing: text, limits: JSONLimits(maximumValues: 6))["b"] == .null)
        let error = #expect(throws: JSONError.self) { _ = try JSONValue(parsing: text, limits: JSONLimits(maximumValues: 5)) }
        #expect(error?.kind == .tooMany(maximum: 5))
    }

    @Test(arguments: JSONCase.accepted)
    func textsAreReadAndWrittenCompactly(_ example: JSONCase) throws {
        let value = try JSONValue(parsing: example.text)
        #expect(value.text == example.expected)
        #expect(Array(value.text.utf8) == Array(example.expected.utf8))
        #expect(value.compactBytes == example.expected.utf8.count)
        #expect(try JSONValue(parsing: value.text) == value)
        #expect(try JSONValue(parsing: value.pretty()) == value)
        var appended: [UInt8] = [1]
        value.write(into: &appended)
        #expect(appended == [1] + value.utf8)
    }

    @Test(arguments: JSONCase.refused)
    func otherTextsAreRefusedWithTheirPlace(_ example: JSONCase) throws {
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: example.text) }
        #expect(error.text == example.expected)
    }

    @Test func fixturesAreThere() {
        #expect(JSONCase.accepted.count >= 13)
        #expect(JSONCase.refused.count >= 29)
    }

    @Test func everyPrefixOfADocumentIsRefused() throws {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\n"],"b":{"c":null,"d":true},"e":""}"#.utf8)
        #expect(throws: Never.self) { try JSONValue(parsing: text) }
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text[..<length])) }
        }
    }

    @Test(
        arguments: [[0xFF], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22], [0xF4, 0x90, 0x80, 0x80]]
            as [[UInt8]])
    func bytesThatAreNotUTF8AreRefused(_ bytes: [UInt8]) throws {
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(error.kind == .invalidUTF8)
    }

    @Test func nestingAndLengthHaveLimits() throws {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(64)) }
        let deep = try #require(throws: JSONError.self) { try JSONValue(parsing: nested(65)) }
        #expect(deep == JSONError(kind: .tooDeep(maximum: 64), position: JSONPosition(offset: 64, line: 1, column: 65)))
        let huge = try #require(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 1_000_000)) }
        #expect(huge.kind == .tooDeep(maximum: 64))
        let long = try #require(throws: JSONError.self) { try JSONValue(parsing: "[1,2]", limits: JSONLimits(maximumBytes: 4)) }
        #expect(long.kind == .tooLong(bytes: 5, maximum: 4))
        #expect(throws: Never.self) { try JSONValue(parsing: "[1,2]", limits: JSONLimits(maximumBytes: 5)) }
    }

    @Test(arguments: [
        ("1", "1.0"), ("1", "10e-1"), ("100", "1E2"), ("0", "-0"), ("0", "0.000e99"), ("-1.50", "-15e-1"),
        ("123456789012345678901234567890", "123456789012345678901234567890.0"), ("0.1", "0.10"), ("1e-400", "10e-401"),
    ])
    func numbersAreEqualByValue(_ left: String, _ right: String) throws {
        #expect(try JSONValue(parsing: left) == JSONValue(parsing: right))
    }

    @Test(arguments: [
        ("1", "-1"), ("9007199254740993", "9007199254740992"), ("0.1", "0.1000000000000000055511151231257827"), ("1e400", "2e400"),
        ("1e99999999999999999999", "2e99999999999999999999"), ("10", "1"), ("1", "1e1"), ("101", "11"),
    ])
    func numbersOfOtherValueAreNotEqual(_ left: String, _ right: String) throws {
        #expect(try JSONValue(parsing: left) != JSONValue(parsing: right))
    }

    @Test(
        arguments: [
            ("3", 3), ("3.0", 3), ("3e2", 300), ("-9223372036854775808", Int64.min), ("9223372036854775807", .max),
            ("9223372036854775808", nil),
            ("3.5", nil), ("1e19", nil), ("1e400", nil), ("-0", 0), ("92233720368547758070e-1", .max), ("-9223372036854775808.0", .min),
        ] as [(String, Int64?)])
    func wholeNumbersAreFoundHoweverWritten(_ text: String, _ value: Int64?) throws {
        #expect(try JSONValue(parsing: text).int64 == value)
    }

    @Test func numbersAreMadeOnlyOfNumbers() {
        #expect(JSONNumber(text: "1.50")?.double == 1.5)
        #expect(JSONNumber(text: " 1") == nil)
        #expect(JSONNumber(text: "01") == nil)
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(21.5)?.text == "21.5")
        #expect(JSONValue(.min).text == "-9223372036854775808")
    }

    @Test func valuesOfDifferentSpellingAreDifferent() {
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
        #expect(["\u{E9}": 1] as JSONValue != ["e\u{301}": 1])
        #expect(["a": 1, "b": 2] as JSONValue == ["b": 2, "a": 1])
        #expect(["a": 1] as JSONValue != ["a": 1, "b": 2])
        #expect([1, 2] as JSONValue != [2, 1])
        #expect(JSONValue.null != false)
    }

    @Test func objectsKeepOrderAndReplaceInPlace() {
        var object: JSONObject = ["a": 1, "b": 2, "c": 3]
        object["b"] = "new"
        object["d"] = true
        #expect(object.removeValue(forKey: "a") == 1)
        object["zz"] = nil
        object["c"] = nil
        #expect(object.removeValue(forKey: "a") == nil)
        #expect(object.keys == ["b", "d"])
        #expect(object.map { $0.value } == ["new", true])
        #expect(JSONValue.object(object).text == #"{"b":"new","d":true}"#)
    }

    @Test func largeObjectsFindDuplicatesAndCompareInAnyOrder() throws {
        let keys = (0..<20_000).map { "key\($0)" }
        let members = keys.map { #""\#($0)":1"# }
        let forwards = try JSONValue(parsing: "{" + (members + members).joined(separator: ",") + "}")
        let backwards = try JSONValue(parsing: "{" + members.reversed().joined(separator: ",") + "}")
        #expect(forwards.object?.count == keys.count)
        #expect(forwards == backwards)
    }

    @Test func pointersNameValues() throws {
        let value = try JSONValue(parsing: #"{"a":[10,{"b/c":{"~d":1}}],"":2,"01":3}"#)
        #expect(value[pointer: ""] == value)
        #expect(value[pointer: "/a/0"] == 10)
        #expect(value[pointer: "/a/1/b~1c/~0d"] == 1)
        #expect(value[pointer: "/"] == 2)
        #expect(value[pointer: "/01"] == 3)
        for missing in ["/a/2", "/a/00", "/a/+0", "/a/-", "/b", "a", "/a/0/x", "/a/~2"] { #expect(value[pointer: missing] == nil) }
        #expect(JSONPointer.appending("x/~y", to: "/a") == "/a/x~1~0y")
    }

    @Test func prettyTextIsIndentedByTwo() {
        let value: JSONValue = ["a": [1, ["b": [:]]], "c": []]
        #expect(value.pretty() == "{\n  \"a\": [\n    1,\n    {\n      \"b\": {}\n    }\n  ],\n  \"c\": []\n}")
    }

    @Test(arguments: 1...20)
    func noiseNeverTrapsAndWhatIsReadRoundTrips(_ seed: Int) throws {
        var random = SeededNumbers(seed: UInt64(seed))
        let alphabet = Array("{}[]:,\"\\u0019aeE+-. \ntruefalsn\u{E9}".utf8)
        let document = Array(#"{"a":[1,-2.5e3,"x\u00e9\n"],"b":{"c":null,"d":true}}"#.utf8)
        for _ in 0..<500 {
            var bytes = Bool.random(using: &random) ? document : []
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: Int.random(in: 0...bytes.count, using: &random))
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            #expect(try JSONValue(parsing: value.utf8) == value, "seed \(seed)")
            #expect(value.compactBytes <= bytes.count, "seed \(seed)")
        }
    }
}

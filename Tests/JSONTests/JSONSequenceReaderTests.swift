import JSON
import Testing

@Suite("Sequences of JSON objects (scenario files)")
struct JSONSequenceReaderTests {
    private func read(_ text: String) throws -> [JSONValue] {
        var reader = JSONSequenceReader(text)
        var values: [JSONValue] = []
        while let (value, _) = try reader.next() { values.append(value) }
        return values
    }

    @Test func objectsAreSeparatedByWhiteSpaceAndComments() throws {
        let text = "# header {\n{\"a\":1} {\"b\":\n2}\n  # more\r\n\n#\n{\"c\":\"# not a comment\"}{}\n# end"
        #expect(try self.read(text) == [["a": 1], ["b": 2], ["c": "# not a comment"], [:]])
        #expect(try self.read("") == [])
        #expect(try self.read(" \n# only a comment") == [])
    }

    @Test(arguments: [
        ("{\"a\":1}\n[1]", "line 2, column 1: found '[', expected an object"),
        ("{\"a\":1} # same line", "line 1, column 9: found '#', expected an object"),
        ("{}\n# ok\n{\"a\":\n # no\n1}", "line 4, column 2: found '#', expected a value"),
        ("{}\n\n{\"é\":tru}", "line 3, column 9: found '}', expected a value"),
        ("{},{}", "line 1, column 3: found ',', expected an object"),
        ("{}\n{\"a\"", "line 2, column 5: the text ends where ':' should be"),
    ])
    func faultsHaveTheirPlaceInTheFile(_ text: String, _ message: String) throws {
        let error = try #require(throws: JSONError.self) { try self.read(text) }
        #expect(error.text == message)
    }

    @Test func afterAFaultThereIsNothingMore() throws {
        var reader = JSONSequenceReader("{\"a\":1}\n!\n{}")
        #expect(try reader.next()?.value == ["a": 1])
        #expect(throws: JSONError.self) { try reader.next() }
        #expect(try reader.next() == nil)
    }

    @Test func bytesThatAreNotUTF8AreFoundAtOnce() throws {
        var reader = JSONSequenceReader(Array("{}\n{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8))
        let error = try #require(throws: JSONError.self) { try reader.next() }
        #expect(error == JSONError(kind: .invalidUTF8, position: JSONPosition(offset: 9, line: 2, column: 7)))
    }

    @Test func limitsHoldForEachObject() throws {
        var reader = JSONSequenceReader("{} {} {\"a\":[[1]]}", limits: JSONLimits(maximumDepth: 2, maximumBytes: 4))
        #expect(try reader.next() != nil)
        #expect(try reader.next() != nil)
        let error = try #require(throws: JSONError.self) { try reader.next() }
        #expect(error.kind == .tooDeep(maximum: 2))
    }

    @Test func everyKeyAndValueHasAPosition() throws {
        var reader = JSONSequenceReader(
            "# x\n\n  {\"pub\": {\"topic\":\"é\",\n   \"qos\" : 1, \"a/b\":[true, {\"x\":null}]},\n  \"at\":\"1s\"}")
        let positions = try #require(try reader.next()).positions
        #expect(positions.object == JSONPosition(offset: 7, line: 3, column: 3))
        #expect(positions.value(at: "") == positions.object)
        #expect(positions.key(at: "/pub").map { [$0.line, $0.column] } == [3, 4])
        #expect(positions.value(at: "/pub").map { [$0.line, $0.column] } == [3, 11])
        #expect(positions.key(at: "/pub/qos").map { [$0.line, $0.column] } == [4, 4])
        #expect(positions.value(at: "/pub/qos").map { [$0.line, $0.column] } == [4, 12])
        #expect(positions.value(at: "/pub/a~1b/1/x").map { [$0.line, $0.column] } == [4, 33])
        #expect(positions.key(at: "/pub/a~1b/1") == nil)
        #expect(positions.key(at: "/at").map { [$0.line, $0.column] } == [5, 3])
        #expect(positions.value(at: "/nowhere") == nil)
        #expect(positions.nearest(to: "/pub/nowhere/deeper") == positions.key(at: "/pub"))
        #expect(positions.nearest(to: "/nowhere") == positions.object)
        #expect(
            positions.entries.map(\.pointer) == [
                "", "/pub", "/pub/topic", "/pub/qos", "/pub/a~1b", "/pub/a~1b/0", "/pub/a~1b/1", "/pub/a~1b/1/x", "/at",
            ])
        #expect(positions.duplicateKey == nil)
    }

    @Test func aDuplicateKeyIsFound() throws {
        var reader = JSONSequenceReader(#"{"a":{"b":1,"c":[{},{"d":1,"\u0064":2}]}}"#)
        let duplicate = try #require(try reader.next()).positions.duplicateKey
        #expect(duplicate?.pointer == "/a/c/1/d")
        #expect(duplicate?.position.column == 28)
    }
}

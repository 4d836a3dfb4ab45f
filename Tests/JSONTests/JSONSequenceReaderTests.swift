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

    @Test func bytesThatAreNotUTF8AreFoundWhereTheyStand() throws {
        var reader = JSONSequenceReader(Array("{}\n{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8))
        #expect(try reader.next() != nil)
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

    private static let long =
        "# héllo\n{\"a\":\"é\\ud83d\\ude00\",\"b\":[true,-12.5e3,null]}\n  # x\n\n{\"c\":\"𝄞\"} {\"d\":{}}\n# end"

    /// What a text gives, up to its fault.
    private func outcome(_ reader: JSONSequenceReader) -> String {
        var reader = reader
        var lines: [String] = []
        do {
            while let (value, positions) = try reader.next() {
                lines.append("\(positions.object) \(value.text) \(positions.entries)")
            }
        } catch {
            lines.append(error.text)
        }
        return lines.joined(separator: "\n")
    }

    private func pieces(_ bytes: [UInt8], of size: Int) -> JSONSequenceReader {
        JSONSequenceReader(pieces: { Array(bytes[$0..<min($0 + size, bytes.count)]) })
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64])
    func aTextInPiecesIsReadAsTheWhole(_ size: Int) {
        let bytes = Array(Self.long.utf8)
        #expect(self.outcome(self.pieces(bytes, of: size)) == self.outcome(JSONSequenceReader(bytes)))
    }

    /// Cut anywhere, and with every byte broken in turn, what comes out does not depend on the pieces.
    @Test func faultsOfATextInPiecesAreThoseOfTheWhole() {
        let bytes = Array(Self.long.utf8)
        for place in bytes.indices {
            let cut = Array(bytes[..<place])
            #expect(self.outcome(self.pieces(cut, of: 3)) == self.outcome(JSONSequenceReader(cut)))
            for broken in [UInt8(0xFF), 0xC3, 0x22, 0x5C] {
                var changed = bytes
                changed[place] = broken
                let whole = self.outcome(JSONSequenceReader(changed))
                #expect(self.outcome(self.pieces(changed, of: 3)) == whole, "byte \(place) as \(broken)")
            }
        }
    }

    @Test func aCopyReadsOnByItself() throws {
        var reader = self.pieces(Array("{\"a\":1}{\"b\":2}{\"c\":3}".utf8), of: 4)
        _ = try reader.next()
        var copy = reader
        #expect(try copy.next()?.value == ["b": 2])
        #expect(try copy.next()?.value == ["c": 3])
        #expect(try reader.next()?.value == ["b": 2])
    }

    @Test func anObjectWithoutEndIsNotHeldForever() throws {
        let piece = Array(repeating: UInt8(ascii: "["), count: 1000)
        let limits = JSONLimits(maximumDepth: 1_000_000, maximumBytes: 10_000)
        var reader = JSONSequenceReader(pieces: { $0 == 0 ? Array("{\"a\":\"".utf8) : piece }, limits: limits)
        let error = try #require(throws: JSONError.self) { try reader.next() }
        #expect(error.kind == .tooLong(bytes: 10_006, maximum: 10_000))
        var comment = JSONSequenceReader(
            pieces: { $0 == 0 ? Array("#".utf8) : $0 > 5_000_000 ? [] : Array(repeating: 0x20, count: 100_000) }, limits: limits)
        #expect(try comment.next() == nil)
    }

    @Test func whatCannotBeReadIsAFaultOfItsPlace() throws {
        var reader = JSONSequenceReader(pieces: { $0 == 0 ? Array("{}\n{\"a\"".utf8) : nil })
        #expect(try reader.next() != nil)
        let error = try #require(throws: JSONError.self) { try reader.next() }
        #expect(error.text == "line 2, column 5: the text cannot be read from here on")
        #expect(try reader.next() == nil)
    }

    @Test func positionsCanBeKeptWithoutTheRestOfTheText() throws {
        var reader = self.pieces(Array("{\"a\":1}\n {\"b\":{\"c\":2}}\n{}".utf8), of: 3)
        _ = try reader.next()
        let positions = try #require(try reader.next()).positions
        #expect(positions.alone.entries == positions.entries)
        #expect(positions.value(at: "/b/c") == JSONPosition(offset: 19, line: 2, column: 12))
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
        reader = JSONSequenceReader(#"{"a":1,"b":{"a":1}}{"a":1,"a":2}"#)
        #expect(try reader.next()?.positions.hasDuplicateKey == false)
        #expect(try reader.next()?.positions.hasDuplicateKey == true)
    }
}

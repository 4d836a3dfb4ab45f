import Testing
import Topics

@Suite("Names, filters and their text, MQTT 5 §4.7.3, §4.8.2, §1.5.4")
struct TopicTextTests {
    @Test(arguments: Golden.names)
    func namesAreAcceptedOrRefusedAsTheTableSays(row: NameRow) {
        let bytes = row.bytes
        do {
            let name = try bytes.withUnsafeBytes { try TopicName($0, limits: row.limits.limits) }
            #expect(row.error == nil)
            #expect(name.bytes == bytes)
            #expect(Array(name.string.utf8) == bytes)
            #expect(name.isReserved == (bytes.first == UInt8(ascii: "$")))
        } catch {
            #expect("\(error)" == row.error)
        }
    }

    @Test(arguments: Golden.names)
    func theTextCheckAgreesWithTheTableOfNames(row: NameRow) {
        let isText = row.bytes.withUnsafeBytes { UTF8Check.isValidMQTTString($0) }
        let isRefusedAsText = row.error.map { $0.hasPrefix("malformedUTF8") || $0.hasPrefix("nullCharacter") } ?? false
        #expect(isText == !isRefusedAsText)
    }

    @Test(arguments: Golden.filters)
    func filtersAreAcceptedOrRefusedAsTheTableSays(row: FilterRow) {
        do throws(TopicError) {
            let filter = try TopicFilter(row.filter.text, limits: row.limits.limits)
            #expect(row.error == nil)
            #expect(filter.string == row.filter.text)
            guard let rest = row.rest else { return }
            #expect(filter.shareName == row.shareName)
            #expect(filter.bytes == Array(rest.utf8))
            #expect(filter.hasWildcards == row.hasWildcards)
        } catch {
            #expect("\(error)" == row.error)
        }
    }

    @Test func filtersDifferByTheirShareName() throws {
        let plain = try TopicFilter("a")
        let shared = try TopicFilter("$share/g/a")
        #expect(plain != shared)
        #expect(try shared != TopicFilter("$share/h/a"))
        #expect(try shared == TopicFilter("$share/g/a"))
        #expect(plain.bytes == shared.bytes)
    }

    @Test func theBasicIngestPrefixIsMeasured() throws {
        #expect(try TopicName("$aws/rules/rule/a/b").basicIngestPrefixBytes == 16)
        #expect(try TopicName("$aws/rules/rule/").basicIngestPrefixBytes == 16)
        #expect(try TopicName("$aws/rules/rule").basicIngestPrefixBytes == 0)
        #expect(try TopicName("$aws/things/t").basicIngestPrefixBytes == 0)
    }

    @Test func errorsSayWhatIsWrongAndWhatToDo() {
        #expect(
            TopicError.tooManySlashes(slashes: 9, limit: 7).text == "the topic has 9 slashes and at most 7 are allowed; use fewer levels")
        let others: [TopicError] = [
            .empty, .tooLong(bytes: 300, limit: 256), .malformedUTF8(offset: 3), .nullCharacter(offset: 3), .wildcardInName(offset: 3),
            .misplacedHash(offset: 3), .misplacedPlus(offset: 3), .emptyShareName, .wildcardInShareName(offset: 3),
            .shareNameTooLong(characters: 129, limit: 128), .shareWithoutFilter,
        ]
        #expect(others.allSatisfy { $0.text.contains(";") && !$0.text.contains("Optional") })
        #expect(Set(others.map(\.text)).count == others.count)
    }

    /// Against the standard library's own validation, on bytes that are often nearly right.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func theTextCheckAgreesWithTheStandardLibrary(seed: UInt64) {
        let pieces: [[UInt8]] = [
            [0x61], [0x7F], [0xC3, 0xA9], [0xE2, 0x82, 0xAC], [0xF0, 0x9F, 0x98, 0x80], [0x80], [0xC0], [0xED, 0xA0], [0xE0, 0x9F],
            [0xF4, 0x90],
            [0xF0, 0x8F], [0xED, 0x9F, 0xBF], [0xEF, 0xBF, 0xBF], [0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61], [0xFF],
        ]
        var random = SeededRandom(seed: seed)
        var valid = 0
        for _ in 0..<5000 {
            var bytes: [UInt8] = []
            for _ in 0..<random.below(6) { bytes += pieces[random.below(random.below(3) == 0 ? pieces.count : 5)] }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            #expect(bytes.withUnsafeBytes { UTF8Check.isValidMQTTString($0) } == expected, "seed \(seed): \(bytes)")
            valid += expected ? 1 : 0
        }
        #expect((1000..<4800).contains(valid))
    }
}

import Foundation
import Sessions
import Testing

@Suite("The page of quotas")
struct QuotaPageTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/Sessions/Sessions.docc/Quotas.md")

    /// The cells of each row, and of those what stands in backquotes.
    private func rows(cellCount: Int) throws -> [String: [String]] {
        var rows: [String: [String]] = [:]
        for line in try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
            guard cells.count == cellCount else { continue }
            #expect(cells.allSatisfy { !$0.allSatisfy(\.isWhitespace) }, "\(line)")
            let codes = cells.map { cell in cell.split(separator: "`").dropFirst().first.map(String.init) ?? "" }
            #expect(rows[codes[0]] == nil, "\(codes[0]) is listed twice")
            rows[codes[0]] = Array(codes.dropFirst())
        }
        return rows
    }

    @Test func everyQuotaIsListedWithItsNumbersAndNothingElseIs() throws {
        let quotas = ServiceQuotas()
        let rows = try self.rows(cellCount: 6)
        #expect(Set(rows.keys) == Set(QuotaName.allCases.map(\.rawValue)))
        for name in QuotaName.allCases {
            #expect(rows[name.rawValue]?.prefix(2) == ["\(quotas[name].limit)", "\(quotas[name].enforcedLimit)"], "\(name)")
            #expect(quotas[name].mode == .warn)
        }
    }

    @Test func everySwitchIsListedWithItsDefaultAndNothingElseIs() throws {
        var expected: [String: String] = [:]
        for child in Mirror(reflecting: QuotaSwitches()).children {
            expected[try #require(child.label)] = String(describing: child.value)
        }
        #expect(expected.count == 6)
        #expect(try self.rows(cellCount: 4).mapValues { $0[0] } == expected)
    }

    @Test func everyExplanationNamesTheNumberInForceAndTheQuota() {
        for mode in [QuotaMode.warn, .enforce] {
            let quotas = ServiceQuotas(all: mode)
            for name in QuotaName.allCases {
                let text = quotas.explanation(of: name)
                #expect(text.hasPrefix("more than \(quotas[name].limitInForce) "), "\(text)")
                #expect(text.hasSuffix("(quota \(name.rawValue))"), "\(text)")
                #expect(text.contains("let through here") == (mode == .warn), "\(text)")
            }
        }
    }
}

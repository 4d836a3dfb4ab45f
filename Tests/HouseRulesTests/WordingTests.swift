import Foundation
import Testing

/// STYLE §2, §5, §7, §8: words that do not belong into `Sources`.
@Suite struct WordingTests {
    struct Rule: Sendable, CustomTestStringConvertible {
        /// What is looked for in code, without comments and texts; any one of these.
        var words: [String]
        var why: String
        /// Targets where it is allowed.
        var except: Set<String> = []
        /// Whether a method of this name counts too.
        var afterDot = true
        var testDescription: String { self.words.joined(separator: ", ") }
    }

    static let executables: Set = ["sundial", "Bench"]

    static let rules = [
        Rule(words: ["try!", "as!"], why: "STYLE §5: a check that cannot fail is a precondition with words"),
        Rule(words: ["fatalError("], why: "STYLE §3: preconditionFailure, naming state and event"),
        Rule(
            words: ["print(", "debugPrint(", "NSLog("], why: "only executables print", except: Self.executables,
            afterDot: false),
        Rule(words: ["@preconcurrency"], why: "STYLE §7"),
        Rule(words: ["Thread.sleep", "usleep("], why: "no library sleeps on a thread", except: Self.executables),
        Rule(
            words: ["sleep("], why: "no library sleeps on a thread", except: Self.executables.union(["Runner"]), afterDot: false),
        Rule(
            words: ["Task.sleep"], why: "time belongs to the core's deadline queue, or to a runner's real clock",
            except: ["sundial", "Bench", "Runner", "ControlPlane", "MQTTClient", "TestKit"]),
        Rule(words: ["XCTest"], why: "swift-testing only"),
    ]

    /// Also in comments.
    static let notes = ["TODO", "FIXME", "XXX", "HACK"]

    /// Time and chance are arguments of a pure target, and nothing waits there.
    static let impure = [
        "ContinuousClock", "SuspendingClock", "clock_gettime", "gettimeofday", "SystemRandomNumberGenerator", "RAND_bytes",
        "Int.random(", "UInt64.random(", "Double.random(", "Bool.random(", "randomElement()", "shuffled()", "Task {", "async",
        "await",
    ]

    @Test(arguments: Self.rules)
    func codeIsFreeOfIt(_ rule: Rule) {
        for file in SourceFile.all where !rule.except.contains(file.target) {
            for (number, text) in file.code where rule.words.contains(where: { text.holds($0, afterDot: rule.afterDot) }) {
                Issue.record("\(file.path):\(number): \(rule.testDescription) (\(rule.why)): \(text)")
            }
        }
    }

    @Test func notesToOneselfAreNotLeftBehind() {
        for file in SourceFile.all {
            for (index, line) in file.lines.enumerated() where Self.notes.contains(where: { line.holds($0) }) {
                Issue.record("\(file.path):\(index + 1): \(line)")
            }
        }
    }

    @Test func pureTargetsReadNoClockAndRollNoDice() {
        for file in SourceFile.all where ImportTests.pure.contains(file.target) {
            for (number, text) in file.code where Self.impure.contains(where: { text.holds($0) }) {
                Issue.record("\(file.path):\(number): \(text)")
            }
        }
    }

    @Test func everyUncheckedPromiseSaysWhoKeepsIt() {
        for file in SourceFile.all {
            for (number, text) in file.code {
                guard text.contains("@unchecked Sendable") || text.contains("nonisolated(unsafe)") else { continue }
                let around = file.lines[max(0, number - 4)..<min(file.lines.count, number + 1)]
                #expect(
                    around.contains { $0.contains("// SAFETY:") },
                    "\(file.path):\(number) needs a `// SAFETY:` line beside it: who guarantees what (STYLE §7)")
            }
        }
    }
}

/// A line of the test, for messages: `MyTests/LampTests.swift:12`.
struct SourceLine: Equatable, Sendable, CustomStringConvertible {
    /// Module and file.
    var fileID: String
    /// From 1.
    var line: Int

    var description: String { "\(self.fileID):\(self.line)" }
}

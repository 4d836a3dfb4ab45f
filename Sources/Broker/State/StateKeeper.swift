/// Where a broker's state outlives the process.
package protocol StateKeeper: Sendable {
    /// What was kept. Called once, before anything is journalled.
    ///
    /// - Throws: a ``StateProblem`` when it cannot be read.
    func load(_ clock: ClockReading) throws -> StateImage
    /// The journal of a core.
    ///
    /// - Parameter report: to be called, from any thread, when a group ended or failed.
    func makeJournal(report: @escaping @Sendable (JournalReport) -> Void) -> any Journal
    /// Gives the place up, after the last group has ended.
    func close()
}

/// What became of a group.
package enum JournalReport: Sendable {
    case committed(UInt64)
    /// It will be tried again.
    case failed(UInt64, String)
}

/// Why kept state cannot be used: one sentence that says what to do.
package struct StateProblem: Error, Equatable, Sendable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }
}

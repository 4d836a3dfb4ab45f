import JSON

/// Lets time pass: the next step happens so much later.
public struct Wait: PlanStep {
    /// What the step says.
    public var draft: StepDraft

    /// Counted from the time of the step before.
    public init(_ time: Duration, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft("wait", .value(.duration(time)), at: SourceLine(fileID: fileID, line: line))
    }
}

/// A named place.
public struct Mark: PlanStep {
    /// What the step says.
    public var draft: StepDraft

    /// The name of the place.
    public init(_ name: String, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft("mark", .value(.string(name)), at: SourceLine(fileID: fileID, line: line))
    }
}

/// A text for the report.
public struct Note: PlanStep {
    /// What the step says.
    public var draft: StepDraft

    /// Variables are filled in.
    public init(_ text: String, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft("note", .value(.string(text)), at: SourceLine(fileID: fileID, line: line))
    }
}

/// Moves the virtual clock; it has settled when all that set off is done.
public struct AdvanceClock: PlanStep {
    /// What the step says.
    public var draft: StepDraft

    /// Later steps are planned as if no time had passed.
    public init(by time: Duration, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft("clock", [("advance", .duration(time))], at: SourceLine(fileID: fileID, line: line))
    }
}

/// Lets the plan go on faster or slower than it is written, from here on.
public struct ChangeSpeed: PlanStep {
    /// What the step says.
    public var draft: StepDraft

    /// 2 is twice as fast.
    public init(to speed: Double, fileID: String = #fileID, line: Int = #line) {
        self.draft = StepDraft("clock", [("speed", JSON(speed).value)], at: SourceLine(fileID: fileID, line: line))
    }
}

import JSON

/// Does its steps again and again; each pass begins when the former's steps have settled. Their times count from its start.
public struct Repeat: PlanStep {
    /// What the step says.
    public var draft: StepDraft

    /// So many passes; `${i}` is their number, from 0.
    /// - Parameter overlap: a pass begins at the last planned time of the former, whether or not it has settled.
    public init(
        _ times: Int, overlap: Bool = false, fileID: String = #fileID, line: Int = #line, @PlanBuilder steps: () -> [StepDraft]
    ) {
        let members = JSONObject(present: [("times", .init(Int64(times))), ("overlap", overlap ? .bool(true) : nil)])
        self.draft = StepDraft("repeat", .block(members, key: "do", steps()), at: SourceLine(fileID: fileID, line: line))
    }

    /// Passes until none may begin any more, so long after the first.
    public init(
        for time: Duration, overlap: Bool = false, fileID: String = #fileID, line: Int = #line, @PlanBuilder steps: () -> [StepDraft]
    ) {
        let members = JSONObject(present: [("for", .duration(time)), ("overlap", overlap ? .bool(true) : nil)])
        self.draft = StepDraft("repeat", .block(members, key: "do", steps()), at: SourceLine(fileID: fileID, line: line))
    }
}

/// Branches that begin together; it ends when all have ended.
public struct Parallel: PlanStep {
    /// What the step says.
    public var draft: StepDraft

    /// ``Branch``es.
    public init(fileID: String = #fileID, line: Int = #line, @BranchBuilder branches: () -> [Branch]) {
        self.draft = StepDraft("par", .branches(branches().map(\.steps)), at: SourceLine(fileID: fileID, line: line))
    }
}

/// A branch of ``Parallel``. The times of its steps count from the start of all.
public struct Branch: Sendable {
    let steps: [StepDraft]

    /// The steps of one branch.
    public init(@PlanBuilder steps: () -> [StepDraft]) {
        self.steps = steps()
    }
}

/// Does its steps whenever such a message is seen, in a lane of their own.
public struct On: ObservingStep {
    /// What the step says.
    public var draft: StepDraft

    /// - Parameter times: how often; without it, every time.
    public init(
        _ match: Match, times: Int? = nil, fileID: String = #fileID, line: Int = #line, @PlanBuilder then steps: () -> [StepDraft]
    ) {
        let members = JSONObject(present: [("match", match.written), ("times", times.map { .init(Int64($0)) })])
        self.draft = StepDraft("on", .block(members, key: "then", steps()), at: SourceLine(fileID: fileID, line: line))
    }
}

/// A device that does as it is told: it reports each delta.
public struct Device: PlanStep {
    /// What the step says.
    public var draft: StepDraft

    /// - Parameters:
    ///   - shadow: `nil` is the classic one.
    ///   - delay: how long it takes to report.
    ///   - until: when it stops, counted from the start of the run.
    public init(
        _ thing: String, shadow: String? = nil, delay: Duration? = nil, until: Duration? = nil, fileID: String = #fileID, line: Int = #line
    ) {
        self.draft = StepDraft(
            "device",
            [
                ("thing", .string(thing)), ("shadow", shadow.map { .string($0) }), ("echo", .string("delta")),
                ("delay", delay.map { .duration($0) }), ("until", until.map { .duration($0) }),
            ], at: SourceLine(fileID: fileID, line: line))
    }
}

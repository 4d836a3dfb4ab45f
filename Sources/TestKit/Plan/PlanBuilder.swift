/// Puts the steps of a ``Plan`` together; `if`, `for` and `switch` work, and so do helper functions marked with it.
@resultBuilder
public enum PlanBuilder {
    /// One step.
    public static func buildExpression(_ step: some PlanStep) -> [StepDraft] { [step.draft] }

    /// Steps of a helper function.
    public static func buildExpression(_ steps: [StepDraft]) -> [StepDraft] { steps }

    /// The steps of another plan, without its settings.
    public static func buildExpression(_ plan: Plan) -> [StepDraft] { plan.steps }

    /// One after the other.
    public static func buildBlock(_ parts: [StepDraft]...) -> [StepDraft] { parts.flatMap { $0 } }

    /// An `if` without `else`.
    public static func buildOptional(_ part: [StepDraft]?) -> [StepDraft] { part ?? [] }

    /// The branch taken.
    public static func buildEither(first part: [StepDraft]) -> [StepDraft] { part }

    /// The branch taken.
    public static func buildEither(second part: [StepDraft]) -> [StepDraft] { part }

    /// A `for` loop.
    public static func buildArray(_ parts: [[StepDraft]]) -> [StepDraft] { parts.flatMap { $0 } }

    /// An `if #available`.
    public static func buildLimitedAvailability(_ part: [StepDraft]) -> [StepDraft] { part }
}

/// Puts the branches of ``Parallel`` together; `if` and `for` work.
@resultBuilder
public enum BranchBuilder {
    /// One branch.
    public static func buildExpression(_ branch: Branch) -> [Branch] { [branch] }

    /// Side by side.
    public static func buildBlock(_ parts: [Branch]...) -> [Branch] { parts.flatMap { $0 } }

    /// An `if` without `else`.
    public static func buildOptional(_ part: [Branch]?) -> [Branch] { part ?? [] }

    /// The branch taken.
    public static func buildEither(first part: [Branch]) -> [Branch] { part }

    /// The branch taken.
    public static func buildEither(second part: [Branch]) -> [Branch] { part }

    /// A `for` loop.
    public static func buildArray(_ parts: [[Branch]]) -> [Branch] { parts.flatMap { $0 } }
}

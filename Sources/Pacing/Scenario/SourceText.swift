import JSON

/// One object of a file with the places of what is in it.
struct SourceText: Sendable {
    var file: String
    var positions: JSONPositions

    /// With no more of the file than the object, to be kept.
    var alone: SourceText { SourceText(file: self.file, positions: self.positions.alone) }

    /// A fault with its line and column.
    func error(_ fault: StepFault) -> ScenarioError {
        if let located = fault.located { return located }
        let value = fault.atKey ? self.positions.key(at: fault.pointer) : self.positions.value(at: fault.pointer)
        let place = value ?? self.positions.nearest(to: fault.pointer)
        return ScenarioError(file: self.file, line: place.line, column: place.column, what: fault.what, cure: fault.cure)
    }
}

/// Where a step stands.
struct SourcePlace: Sendable {
    var file: String
    var line: Int

    /// `line 3`, with the file when it is another one.
    func text(from other: SourcePlace) -> String {
        self.file == other.file ? "line \(self.line)" : "line \(self.line) of \(self.file)"
    }
}

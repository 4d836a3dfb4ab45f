/// A step together with the object that it was read from, its variables not yet filled in.
struct WrittenStep {
    var step: Step
    var node: Node
    var text: SourceText
}
